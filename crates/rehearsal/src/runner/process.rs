//! One process of a step: started, listened to, signalled and waited for as the real runner does it.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// How long the runner waits, and for what (actions/runner, `ProcessInvoker.cs`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// From SIGINT to SIGTERM of a cancelled step: 7.5 s.
    pub interrupt: Duration,
    /// From SIGTERM to SIGKILL: 2.5 s.
    pub terminate: Duration,
    /// For the end of both streams once the process is gone, since a descendant may hold them open: 5 s.
    pub drain: Duration,
    /// Before a process that is still there counts as a survivor: half a second. The real runner has no such
    /// grace; it spares a test the race with a process that is just ending.
    pub grace: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            interrupt: Duration::from_millis(7500),
            terminate: Duration::from_millis(2500),
            drain: Duration::from_secs(5),
            grace: Duration::from_millis(500),
        }
    }
}

/// What a test, or a job that is cancelled, asks of a running step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Control {
    /// The ladder: SIGINT, SIGTERM, SIGKILL.
    Cancel,
    /// One signal and nothing more.
    Signal(Signal),
}

/// Which stream some bytes came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stream {
    Stdout,
    Stderr,
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ended {
    pub(super) status: ExitStatus,
    /// Whether the ladder had been begun before it ended.
    pub(super) cancelled: bool,
}

/// Runs a command to its end. `heard` gets every piece of output, and `None` when a stream ends.
///
/// Signals go to the command's own process id only, never to its group: what it started and did not become is
/// out of their reach.
pub(super) async fn run(
    mut command: Command,
    timing: Timing,
    control: &mut mpsc::UnboundedReceiver<Control>,
    mut heard: impl FnMut(Stream, Option<&[u8]>),
) -> std::io::Result<Ended> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let mut output = listen(&mut child);
    let mut process = Process { pid: child.id().map(pid), timing, ladder: Ladder::default() };
    let (mut status, mut drained) = (None, false);
    let mut give_up = far_away();
    while status.is_none() || !drained {
        tokio::select! {
            piece = output.recv(), if !drained => match piece {
                Some((stream, bytes)) => heard(stream, (!bytes.is_empty()).then_some(&bytes)),
                None => drained = true,
            },
            ended = child.wait(), if status.is_none() => {
                status = Some(ended?);
                process.pid = None;
                give_up = Instant::now() + timing.drain;
            }
            Some(asked) = control.recv(), if status.is_none() => process.obey(asked),
            () = sleep_until(process.ladder.next_at), if status.is_none() => process.climb(),
            () = sleep_until(give_up) => drained = true,
        }
    }
    let status = status.ok_or_else(|| std::io::Error::other("the process ended without a status"))?;
    Ok(Ended { status, cancelled: process.ladder.begun })
}

/// A process that has not been waited for yet, so its id cannot belong to another.
struct Process {
    pid: Option<Pid>,
    timing: Timing,
    ladder: Ladder,
}

struct Ladder {
    begun: bool,
    next: Signal,
    next_at: Instant,
}

impl Default for Ladder {
    fn default() -> Self {
        Self { begun: false, next: Signal::SIGINT, next_at: far_away() }
    }
}

impl Process {
    fn obey(&mut self, asked: Control) {
        match asked {
            Control::Signal(signal) => self.send(signal),
            Control::Cancel if self.ladder.begun => {}
            Control::Cancel => {
                self.ladder.begun = true;
                self.climb();
            }
        }
    }

    /// Sends the signal that is due and plans the next.
    fn climb(&mut self) {
        let signal = self.ladder.next;
        self.send(signal);
        let (next, after) = match signal {
            Signal::SIGINT => (Signal::SIGTERM, self.timing.interrupt),
            _ => (Signal::SIGKILL, self.timing.terminate),
        };
        self.ladder.next = next;
        self.ladder.next_at = if signal == Signal::SIGKILL { far_away() } else { Instant::now() + after };
    }

    fn send(&self, signal: Signal) {
        if let Some(pid) = self.pid
            && let Err(error) = kill(pid, signal)
        {
            tracing::debug!(%pid, %signal, %error, "the signal did not arrive");
        }
    }
}

/// Both streams, in one queue; an empty piece ends a stream, and the queue ends with the second.
fn listen(child: &mut Child) -> mpsc::Receiver<(Stream, Vec<u8>)> {
    let (pieces, queue) = mpsc::channel(64);
    if let Some(stdout) = child.stdout.take() {
        tokio::spawn(forward(stdout, Stream::Stdout, pieces.clone()));
    }
    if let Some(stderr) = child.stderr.take() {
        tokio::spawn(forward(stderr, Stream::Stderr, pieces));
    }
    queue
}

async fn forward(mut from: impl AsyncRead + Unpin, stream: Stream, to: mpsc::Sender<(Stream, Vec<u8>)>) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let size = from.read(&mut buffer).await.unwrap_or(0);
        // Nobody listens any more once the wait for the streams' end was given up.
        if to.send((stream, buffer[..size].to_vec())).await.is_err() || size == 0 {
            return;
        }
    }
}

fn pid(id: u32) -> Pid {
    Pid::from_raw(id.cast_signed())
}

/// Later than any test lasts; `Instant` has no maximum.
fn far_away() -> Instant {
    Instant::now() + Duration::from_secs(365 * 24 * 60 * 60)
}
