//! A private repository over HTTP, with real git behind it: strangers are asked who they are.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

/// The token that opens it.
pub const GITHUB_TOKEN: &str = "canary-of-github-5e1f07";

/// `x-access-token:` and the token, in base64 (RFC 7617).
const AUTHORIZATION: &str = "Authorization: Basic eC1hY2Nlc3MtdG9rZW46Y2FuYXJ5LW9mLWdpdGh1Yi01ZTFmMDc=";

/// The server; it ends with its process.
pub struct Remote {
    pub url: String,
}

impl Remote {
    /// Serves the repository at `folder`, by this version of git's protocol: 2 gives out every commit that it has, 0 only
    /// those at the tip of a branch or a tag.
    pub fn start(folder: PathBuf, protocol: u8) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        thread::spawn(move || {
            for stream in listener.incoming() {
                let folder = folder.clone();
                thread::spawn(move || answer(stream.unwrap(), &folder, protocol));
            }
        });
        Self { url }
    }
}

/// One request, one answer (git docs, gitprotocol-http).
fn answer(mut stream: TcpStream, folder: &Path, protocol: u8) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = Vec::new();
    for line in reader.by_ref().lines() {
        let line = line.unwrap();
        if line.is_empty() {
            break;
        }
        head.push(line);
    }
    let (mut status, mut kind, mut body) = ("200 OK", "text/plain", Vec::new());
    if !head.iter().any(|line| line == AUTHORIZATION) {
        status = "401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"GitHub\"";
    } else if head[0].contains("/info/refs") {
        kind = "application/x-git-upload-pack-advertisement";
        body = b"001e# service=git-upload-pack\n0000".to_vec();
        body.extend(upload_pack(folder, protocol, &["--advertise-refs"], b""));
    } else {
        kind = "application/x-git-upload-pack-result";
        let length = head.iter().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap();
        let mut asked = vec![0; length.parse().unwrap()];
        reader.read_exact(&mut asked).unwrap();
        body = upload_pack(folder, protocol, &[], &asked);
    }
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&body).unwrap();
}

fn upload_pack(folder: &Path, protocol: u8, flags: &[&str], asked: &[u8]) -> Vec<u8> {
    let mut git = Command::new("git")
        .args(["-c", "safe.directory=*", "upload-pack", "--stateless-rpc"])
        .args(flags)
        .arg(folder)
        .env("GIT_PROTOCOL", format!("version={protocol}"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    git.stdin.take().unwrap().write_all(asked).unwrap();
    git.wait_with_output().unwrap().stdout
}
