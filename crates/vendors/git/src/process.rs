//! One run of git: its streams, its end, its limits.

use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};

use crate::error::GitError;

/// How long one run may take; only a fetch over a slow line comes near it.
const LIMIT: Duration = Duration::from_secs(600);

/// How much of what git says on stderr is kept: the end.
const STDERR_LIMIT: usize = 4096;

/// How much is read at once. A pipe of Linux holds 64 KiB.
const CHUNK: usize = 64 * 1024;

/// How a run ended, and what it said.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) what: &'static str,
    status: ExitStatus,
    pub(crate) stderr: String,
}

impl Ended {
    pub(crate) fn is_success(&self) -> bool {
        self.status.success()
    }

    /// What its caller makes of an end that it has no better word for.
    pub(crate) fn into_error(self) -> GitError {
        GitError::Failed { what: self.what, status: self.status.to_string(), stderr: self.stderr }
    }

    /// Nothing, or that error.
    pub(crate) fn success(self) -> Result<(), GitError> {
        if self.is_success() { Ok(()) } else { Err(self.into_error()) }
    }
}

/// Runs a command, gives it `input`, and collects what it answers, at most `limit` bytes.
///
/// # Errors
/// It does not start, does not end in time, or answers more. A bad end is none.
pub(crate) async fn answer(
    what: &'static str,
    command: &mut Command,
    input: &[u8],
    limit: usize,
) -> Result<(Vec<u8>, Ended), GitError> {
    read(what, command, input, async |stdout| {
        let mut answer = Vec::new();
        stdout.take(limit as u64 + 1).read_to_end(&mut answer).await?;
        if answer.len() > limit {
            let start = String::from_utf8_lossy(&answer[..limit.min(80)]).into_owned();
            return Err(GitError::Answer { what, answer: start });
        }
        Ok(answer)
    })
    .await
}

/// Runs a command, gives it `input`, and lets `consume` read what it answers.
///
/// # Errors
/// Those of `consume`, which end the run; it does not start, or not end in time.
pub(crate) async fn read<T>(
    what: &'static str,
    command: &mut Command,
    input: &[u8],
    consume: impl AsyncFnOnce(BufReader<ChildStdout>) -> Result<T, GitError>,
) -> Result<(T, Ended), GitError> {
    if !input.is_empty() {
        command.stdin(std::process::Stdio::piped());
    }
    let mut running = Running::spawn(command)?;
    let work = async {
        let child = &mut running.child;
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let stdout = stdout.ok_or_else(|| io::Error::other("no stdout"))?;
        let write = async {
            if let Some(mut stdin) = stdin {
                // A child that ends early closes its end; its status says why.
                let _ = stdin.write_all(input).await;
            }
            Ok::<(), GitError>(())
        };
        let consumed = consume(BufReader::with_capacity(CHUNK, stdout));
        let (consumed, stderr, ()) = tokio::try_join!(consumed, tail(stderr), write)?;
        let status = child.wait().await?;
        Ok((consumed, Ended { what, status, stderr }))
    };
    tokio::time::timeout(LIMIT, work).await.unwrap_or(Err(GitError::TimedOut { what, limit: LIMIT }))
}

/// A child that ends when its owner is dropped.
struct Running {
    child: Child,
}

impl Running {
    fn spawn(command: &mut Command) -> Result<Self, GitError> {
        tracing::debug!("{:?}", command.as_std().get_args().collect::<Vec<_>>());
        Ok(Self { child: command.spawn()? })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // SIGTERM, for git removes its lock files then. No id means that it has
        // ended and was waited for.
        let group = self.child.id().and_then(|id| i32::try_from(id).ok());
        if let Some(group) = group {
            let _ = killpg(Pid::from_raw(group), Signal::SIGTERM);
        }
    }
}

/// Reads a stream to its end and keeps the last few kilobytes as text, without credentials.
async fn tail(stream: Option<impl AsyncRead + Unpin>) -> Result<String, GitError> {
    let Some(mut stream) = stream else { return Ok(String::new()) };
    let mut kept = Vec::new();
    let mut chunk = [0; 1024];
    loop {
        let read = stream.read(&mut chunk).await?;
        if read == 0 {
            break;
        }
        kept.extend_from_slice(&chunk[..read]);
        let excess = kept.len().saturating_sub(STDERR_LIMIT);
        kept.drain(..excess);
    }
    Ok(without_credentials(String::from_utf8_lossy(&kept).trim()))
}

/// `https://user:token@host` -> `https://***@host`.
fn without_credentials(text: &str) -> String {
    let mut parts = text.split("://");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let authority_end =
            part.find(|c: char| c == '/' || c.is_whitespace() || c == '\'').unwrap_or(part.len());
        let host = part[..authority_end].rfind('@').map(|at| &part[at..]);
        out.push_str("://");
        out.push_str(if host.is_some() { "***" } else { "" });
        out.push_str(host.unwrap_or(part));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_taken_out_of_addresses() {
        for (text, wanted) in [
            ("fatal: 'https://u:p@h/x' failed", "fatal: 'https://***@h/x' failed"),
            ("https://token@h and ssh://git@h:22/a@b", "https://***@h and ssh://***@h:22/a@b"),
            ("http://h/a@b", "http://h/a@b"),
            ("a://", "a://"),
            ("nothing", "nothing"),
        ] {
            assert_eq!(without_credentials(text), wanted);
        }
    }
}
