//! A server that says what a test tells it to, byte for byte.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use action::{Context, Permit, Plan, SecretString, SimClock};
use http::{Builder, Client, VendorError};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

pub const CANARY: &str = "canary-5b1e77";

/// What happens to one connection.
#[derive(Clone, Debug)]
pub enum Act {
    /// Write this and close.
    Say(Vec<u8>),
    /// Read the request and close without a word.
    Close,
    /// Read the request and stay silent.
    Hang,
    /// Write a head, then body bytes without end.
    Flood,
}

/// An answer with a status, headers and a body.
pub fn say(status: u16, headers: &str, body: &str) -> Act {
    let length = body.len();
    Act::Say(
        format!(
            "HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
        )
        .into_bytes(),
    )
}

/// A running server; the last act is repeated.
pub struct Server {
    pub address: String,
    pub requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub async fn start(acts: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (seen, turn) = (Arc::clone(&requests), AtomicUsize::new(0));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let act = acts[turn.fetch_add(1, Ordering::SeqCst).min(acts.len() - 1)].clone();
                let seen = Arc::clone(&seen);
                tokio::spawn(async move {
                    let mut head = vec![0; 16 * 1024];
                    let length = stream.read(&mut head).await.unwrap_or(0);
                    seen.lock().unwrap().push(String::from_utf8_lossy(&head[..length]).into_owned());
                    match act {
                        Act::Say(bytes) => stream.write_all(&bytes).await.unwrap_or_default(),
                        Act::Close => {}
                        Act::Hang => tokio::time::sleep(Duration::from_secs(600)).await,
                        Act::Flood => {
                            let head = b"HTTP/1.1 200 X\r\ncontent-type: text/html\r\ntransfer-encoding: chunked\r\n\r\n";
                            let chunk = [b"10000\r\n".as_slice(), &[b'x'; 0x10000], b"\r\n"].concat();
                            let mut going = stream.write_all(head).await;
                            while going.is_ok() {
                                going = stream.write_all(&chunk).await;
                            }
                        }
                    }
                });
            }
        });
        Self { address, requests }
    }

    pub fn count(&self) -> usize {
        self.requests.lock().unwrap().len()
    }
}

/// A client of `address` with a canary for a key, and the clock it waits on.
pub fn client(address: &str) -> (Client, Arc<SimClock>, Permit) {
    client_with(address, |builder| builder)
}

pub fn client_with(
    address: &str,
    change: impl FnOnce(Builder) -> Builder,
) -> (Client, Arc<SimClock>, Permit) {
    let clock = Arc::new(SimClock::default());
    let context = Context::detached(std::iter::empty::<(&str, &str)>().collect(), clock.clone());
    let permit = context.approve(&Plan::new()).unwrap();
    let builder = Builder::new(address)
        .bearer(SecretString::from(CANARY))
        .timeout(Duration::from_secs(5))
        .body_limit(1024 * 1024)
        .errors(|body| {
            let value: serde_json::Value = serde_json::from_slice(body).ok()?;
            Some(VendorError {
                code: value["code"].as_i64(),
                message: value["message"].as_str()?.to_owned(),
                ..VendorError::default()
            })
        });
    (change(builder).build(&context).unwrap(), clock, permit)
}
