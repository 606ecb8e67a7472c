//! A small server on a loopback port that answers as a test tells it to.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};
use tokio::task::JoinSet;

/// How a question came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Over {
    Udp,
    Tcp,
}

/// The messages to send back, in order, for one question.
pub(crate) type Script = dyn Fn(Over, &[u8]) -> Vec<Vec<u8>> + Send + Sync;

/// Every question so far.
type Asked = Arc<Mutex<Vec<(Over, Vec<u8>)>>>;

pub(crate) struct Responder {
    pub(crate) address: SocketAddr,
    asked: Asked,
    /// Ends the server with the test.
    _tasks: JoinSet<()>,
}

impl Responder {
    pub(crate) async fn start(script: impl Fn(Over, &[u8]) -> Vec<Vec<u8>> + Send + Sync + 'static) -> Self {
        let (udp, tcp) = sockets().await;
        let address = udp.local_addr().unwrap();
        let asked = Asked::default();
        let script: Arc<Script> = Arc::new(script);
        let mut tasks = JoinSet::new();
        tasks.spawn(serve_udp(udp, script.clone(), asked.clone()));
        tasks.spawn(serve_tcp(tcp, script, asked.clone()));
        Self { address, asked, _tasks: tasks }
    }

    pub(crate) fn asked(&self) -> Vec<(Over, Vec<u8>)> {
        self.asked.lock().unwrap().clone()
    }

    pub(crate) fn transports(&self) -> Vec<Over> {
        self.asked().into_iter().map(|(over, _)| over).collect()
    }
}

/// Both on one port, which may take a few tries.
async fn sockets() -> (UdpSocket, TcpListener) {
    for _ in 0..100 {
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        if let Ok(udp) = UdpSocket::bind(tcp.local_addr().unwrap()).await {
            return (udp, tcp);
        }
    }
    panic!("no port is free for both UDP and TCP");
}

async fn serve_udp(socket: UdpSocket, script: Arc<Script>, asked: Asked) {
    let mut buffer = [0; 2048];
    while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
        let question = buffer[..length].to_vec();
        let replies = script(Over::Udp, &question);
        asked.lock().unwrap().push((Over::Udp, question));
        for reply in replies {
            socket.send_to(&reply, from).await.unwrap();
        }
    }
}

async fn serve_tcp(listener: TcpListener, script: Arc<Script>, asked: Asked) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let length = stream.read_u16().await.unwrap();
        let mut question = vec![0; usize::from(length)];
        stream.read_exact(&mut question).await.unwrap();
        let replies = script(Over::Tcp, &question);
        asked.lock().unwrap().push((Over::Tcp, question));
        for reply in replies {
            // The client may have hung up: that is for the test to judge.
            let _ = stream.write_all(&framed(&reply)).await;
        }
    }
}

fn framed(reply: &[u8]) -> Vec<u8> {
    let mut bytes = u16::try_from(reply.len()).unwrap().to_be_bytes().to_vec();
    bytes.extend_from_slice(reply);
    bytes
}

/// `flags` and `rcode` are the two bytes of the header after the id.
pub(crate) fn reply(question: &[u8], flags: u8, rcode: u8, answers: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = question[..2].to_vec();
    bytes.extend_from_slice(&[flags, rcode, 0, 1, 0]);
    bytes.push(u8::try_from(answers.len()).unwrap());
    bytes.extend_from_slice(&[0; 4]);
    bytes.extend_from_slice(&question[12..]);
    bytes.extend(answers.concat());
    bytes
}

/// A CNAME of the name that was asked for.
pub(crate) fn cname(target: &str, ttl: u32) -> Vec<u8> {
    let mut data = Vec::new();
    for label in target.split('.') {
        data.push(u8::try_from(label.len()).unwrap());
        data.extend_from_slice(label.as_bytes());
    }
    data.push(0);
    let mut bytes = vec![0xc0, 12, 0, 5, 0, 1];
    bytes.extend_from_slice(&ttl.to_be_bytes());
    bytes.extend_from_slice(&u16::try_from(data.len()).unwrap().to_be_bytes());
    bytes.extend(data);
    bytes
}
