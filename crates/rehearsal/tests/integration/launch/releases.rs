//! A loopback server in place of GitHub's release downloads.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// How it answers a request.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// 200 with these bytes.
    Body(Vec<u8>),
    /// 200, but the connection ends half way.
    Cut(Vec<u8>),
    /// 200 and a first byte, then nothing, and the connection stays open.
    Hang,
    /// Another status, with an empty body.
    Status(u16),
    /// 302 to another address.
    Redirect(String),
}

/// The server; it ends with the test's runtime.
pub(crate) struct Releases {
    /// Its address, without a slash at the end.
    pub(crate) url: String,
    paths: Arc<Mutex<Vec<String>>>,
}

impl Releases {
    /// Serves the answers in turn; the last one stays.
    pub(crate) async fn start(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let paths = Arc::<Mutex<Vec<String>>>::default();
        let asked = Arc::clone(&paths);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(stream, answers.clone(), Arc::clone(&asked)));
            }
        });
        Self { url, paths }
    }

    /// The paths that were asked for, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.paths.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, answers: Vec<Answer>, asked: Arc<Mutex<Vec<String>>>) {
    let mut lines = BufReader::new(&mut stream).lines();
    let request = lines.next_line().await.unwrap().unwrap_or_default();
    while lines.next_line().await.is_ok_and(|line| line.is_some_and(|line| !line.is_empty())) {}
    let count = {
        let mut asked = asked.lock().unwrap();
        asked.push(request.split(' ').nth(1).unwrap_or_default().to_owned());
        asked.len()
    };
    let (head, body) = match &answers[(count - 1).min(answers.len() - 1)] {
        Answer::Body(bytes) => (ok(bytes.len()), bytes.clone()),
        Answer::Cut(bytes) => (ok(bytes.len()), bytes[..bytes.len() / 2].to_vec()),
        Answer::Hang => (ok(100_000), vec![b'#']),
        Answer::Status(status) => {
            (format!("HTTP/1.1 {status} Said So\r\nContent-Length: 0\r\n\r\n"), Vec::new())
        }
        Answer::Redirect(to) => {
            (format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n"), Vec::new())
        }
    };
    // The other side may have gone away; its test says whether that is right.
    let _ = stream.write_all(&[head.as_bytes(), &body].concat()).await;
    if matches!(answers[(count - 1).min(answers.len() - 1)], Answer::Hang) {
        std::future::pending::<()>().await;
    }
}

fn ok(length: usize) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n")
}
