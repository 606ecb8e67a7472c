//! A step that runs: listening to it, signalling it, waiting for its end.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use nix::sys::signal::Signal;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::RunnerError;
use super::process::Control;
use super::step::Step;

/// No step of a test is silent for longer, so waiting on would only hide what is wrong.
const PATIENCE: Duration = Duration::from_secs(60);

/// A step that has been started. Dropping it kills its process.
#[derive(Debug)]
pub struct Running {
    remote: Remote,
    overtime: Overtime,
    task: JoinHandle<Result<Step, RunnerError>>,
}

/// What somebody beside the one who waits for a step can do with it. Once the step has ended it does nothing.
#[derive(Debug, Clone)]
pub struct Remote {
    control: mpsc::UnboundedSender<Control>,
    said: Said,
    lines: watch::Receiver<usize>,
}

/// What the runner says of a step whose time was up; empty while it is not.
pub(super) type Overtime = Arc<OnceLock<String>>;

/// Every line so far, unmasked.
pub(super) type Said = Arc<Mutex<Vec<String>>>;

impl Running {
    /// Starts what `run` makes of the step's two ends: what is asked of it, and what is heard of it.
    pub(super) fn start<S>(
        run: impl FnOnce(mpsc::UnboundedReceiver<Control>, Heard) -> S,
        overtime: Overtime,
    ) -> Result<Self, RunnerError>
    where
        S: Future<Output = Result<Step, RunnerError>> + Send + 'static,
    {
        interruptible::children()?;
        let (control, asked) = mpsc::unbounded_channel();
        let (count, lines) = watch::channel(0);
        let said = Said::default();
        let heard = Heard { said: Arc::clone(&said), count };
        let task = tokio::spawn(run(asked, heard));
        Ok(Self { remote: Remote { control, said, lines }, overtime, task })
    }

    /// A handle on the step for somebody else.
    #[must_use]
    pub fn remote(&self) -> Remote {
        self.remote.clone()
    }

    /// As [`Remote::said`].
    ///
    /// # Errors
    /// As there.
    pub async fn said(&self, text: &str) -> Result<String, RunnerError> {
        self.remote.said(text).await
    }

    /// As [`Remote::heard`].
    #[must_use]
    pub fn heard(&self) -> Vec<String> {
        self.remote.heard()
    }

    /// Whether the step has ended.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.task.is_finished()
    }

    /// Waits until the step says something more or ends, at most this long.
    pub async fn wait(&mut self, at_most: Duration) {
        let _ = tokio::time::timeout(at_most, self.remote.lines.changed()).await;
    }

    /// As [`Remote::cancel`].
    pub fn cancel(&self) {
        self.remote.cancel();
    }

    /// As [`Remote::signal`].
    pub fn signal(&self, signal: Signal) {
        self.remote.signal(signal);
    }

    /// Ends the step as [`Self::cancel`] does, because its time is up: it counts as failed, and `words` say why.
    pub(crate) fn expire(&self, words: String) {
        // The first reason stands.
        let _ = self.overtime.set(words);
        self.cancel();
    }

    /// Waits for the end.
    ///
    /// # Errors
    /// When a process cannot be started or waited for.
    pub async fn finish(mut self) -> Result<Step, RunnerError> {
        self.ended().await
    }

    /// As [`Self::finish`], for one who waits for something else too; to be asked until it answers once.
    pub(crate) async fn ended(&mut self) -> Result<Step, RunnerError> {
        (&mut self.task).await.map_err(|e| RunnerError::Broken(e.to_string()))?
    }
}

impl Remote {
    /// Waits until a line that contains this text has come, on either stream, and returns it.
    ///
    /// # Errors
    /// When the step ends first, or says no such thing within a minute; the error holds what it said.
    pub async fn said(&self, text: &str) -> Result<String, RunnerError> {
        let mut lines = self.lines.clone();
        let heard = async {
            loop {
                if let Some(line) = self.find(text) {
                    return Some(line);
                }
                if lines.changed().await.is_err() {
                    return self.find(text);
                }
            }
        };
        let found = tokio::time::timeout(PATIENCE, heard).await.ok().flatten();
        found.ok_or_else(|| RunnerError::Unheard { wanted: text.to_owned(), said: self.all().join("\n") })
    }

    /// Every line so far, on either stream, unmasked.
    #[must_use]
    pub fn heard(&self) -> Vec<String> {
        self.all()
    }

    /// Cancels the step as a cancelled job does: SIGINT, then SIGTERM, then SIGKILL, to one process id.
    pub fn cancel(&self) {
        self.ask(Control::Cancel);
    }

    /// Sends one signal to that same process id, and does not count the step as cancelled.
    pub fn signal(&self, signal: Signal) {
        self.ask(Control::Signal(signal));
    }

    /// A step that has ended meanwhile is past being asked anything.
    fn ask(&self, control: Control) {
        let _ = self.control.send(control);
    }

    fn find(&self, text: &str) -> Option<String> {
        self.all().into_iter().find(|line| line.contains(text))
    }

    fn all(&self) -> Vec<String> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The other end of [`Running::said`].
pub(super) struct Heard {
    said: Said,
    count: watch::Sender<usize>,
}

impl Heard {
    pub(super) fn line(&self, line: &str) {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).push(line.to_owned());
        self.count.send_modify(|count| *count += 1);
    }
}

/// Signals that this very process ignores would stay ignored in what it starts, and no shell can undo that:
/// so a test run in a shell's background (where SIGINT is ignored) could interrupt nothing. A signal that is
/// *caught* here is back at its default there (POSIX, `exec`), so catching it helps, without a line of unsafe
/// code and without taking anything away: it had no effect on this process before either.
mod interruptible {
    use nix::sys::signal::Signal;
    use tokio::signal::unix::{SignalKind, signal};

    use super::RunnerError;

    pub(super) fn children() -> Result<(), RunnerError> {
        let failed = RunnerError::io("catch an ignored signal");
        for number in [Signal::SIGINT, Signal::SIGTERM] {
            if is_ignored(number) {
                // The handler stays when its stream is dropped, which is what this is about.
                drop(signal(SignalKind::from_raw(number as i32)).map_err(failed)?);
            }
        }
        Ok(())
    }

    /// From the mask in `/proc/self/status` (proc_pid_status(5), `SigIgn`); unknown where there is none.
    fn is_ignored(signal: Signal) -> bool {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
        mask >> (signal as i32 - 1) & 1 == 1
    }
}
