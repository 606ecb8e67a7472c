//! The smoke command: a child with an address, a time limit, and no secrets of ours.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::pin::pin;
use std::process::Stdio;
use std::time::Duration;

use action::{Context, ExposeSecret as _, Failure, SecretString, markdown};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// How much of what it prints is kept for the summary, and how long a line may be.
const KEPT: usize = 40;
const LONGEST_LINE: usize = 500;

/// How long its last lines may take to arrive after its end: something that it began
/// and that goes on may hold its streams open.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How long it has after SIGTERM.
const GRACE: Duration = Duration::from_secs(1);

/// The variables that are this step's own: inputs, secrets, and the runner's files.
fn is_ours(name: &str) -> bool {
    let ours = [
        "SUPABASE_ACCESS_TOKEN",
        "GITHUB_OUTPUT",
        "GITHUB_STEP_SUMMARY",
        "GITHUB_ENV",
        "GITHUB_PATH",
        "GITHUB_STATE",
    ];
    name.starts_with("INPUT_") || ours.contains(&name)
}

/// Runs it to its end.
///
/// # Errors
/// `failed` when it ends badly, `timed-out` when it does not end, `invalid` when it
/// cannot be started.
pub(crate) async fn run(
    context: &Context,
    command: &str,
    address: &SecretString,
    limit: Duration,
) -> Result<(), Failure> {
    let shown = first_line(command);
    tracing::info!("smoke command: {shown}");
    let child = spawn(context, command, address).map_err(|error| {
        Failure::invalid(format!("input `smoke`: bash could not be started: {error}"))
            .hint("the smoke command runs in bash; install it on the runner")
    })?;
    let mut running = Running::new(child);
    let said = RefCell::new(VecDeque::new());
    // Real time: it is outside.
    let ended = timeout(limit, running.attend(context, &said)).await;
    let failure = match ended {
        Ok(Ok(status)) if status.success() => return Ok(()),
        Ok(Ok(status)) => Failure::failed(format!("the smoke command ended with {status}: {shown}")),
        Ok(Err(error)) => Failure::failed(format!("the smoke command was lost sight of ({error}): {shown}")),
        Err(_) => {
            running.stop().await;
            Failure::timed_out(format!("the smoke command took longer than {}s: {shown}", limit.as_secs()))
                .hint("it was stopped, with everything that it began")
        }
    };
    let said: Vec<String> = said.take().into();
    if said.is_empty() {
        return Err(failure.hint("it printed nothing"));
    }
    context
        .summarise(&format!("### Smoke command\n\n{}\n", markdown::block(&context.redact(&said.join("\n")))));
    Err(failure.hint("what it printed last is in the job summary"))
}

fn spawn(context: &Context, command: &str, address: &SecretString) -> std::io::Result<Child> {
    let mut child = Command::new("bash");
    child.args(["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", command]).env_clear();
    let kept = context.environment().iter().filter(|(name, _)| !name.to_str().is_some_and(is_ours));
    child.envs(kept).env("DATABASE_URL", address.expose_secret());
    child.current_dir(context.directory()).process_group(0);
    child.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()
}

/// The child and everything that it began: they end when this is dropped.
struct Running {
    child: Child,
    /// The number of its group, which is its own.
    group: Option<Pid>,
}

impl Running {
    fn new(child: Child) -> Self {
        let group = child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw);
        Self { child, group }
    }

    async fn attend(
        &mut self,
        context: &Context,
        said: &RefCell<VecDeque<String>>,
    ) -> std::io::Result<std::process::ExitStatus> {
        let (stdout, stderr) = (self.child.stdout.take(), self.child.stderr.take());
        let mut reading =
            pin!(async { tokio::join!(listen(stdout, context, said), listen(stderr, context, said)) });
        let mut heard = false;
        let status = loop {
            tokio::select! {
                status = self.child.wait() => break status?,
                _ = &mut reading, if !heard => heard = true,
            }
        };
        if !heard {
            let _ = timeout(LAST_WORDS, reading).await;
        }
        Ok(status)
    }

    /// Asks it to end, then ends it.
    async fn stop(&mut self) {
        self.signal(Signal::SIGTERM);
        let _ = timeout(GRACE, self.child.wait()).await;
        self.signal(Signal::SIGKILL);
    }

    /// To the whole group: what it began may outlive it.
    fn signal(&self, signal: Signal) {
        if let Some(group) = self.group {
            // Nobody left is what is wanted.
            let _ = killpg(group, signal);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.signal(Signal::SIGKILL);
    }
}

/// Passes lines on to the log, and keeps the last.
async fn listen(stream: Option<impl AsyncRead + Unpin>, context: &Context, said: &RefCell<VecDeque<String>>) {
    let Some(stream) = stream else { return };
    let mut stream = BufReader::new(stream);
    let mut line = Vec::new();
    // What cannot be read any more has ended.
    while stream.read_until(b'\n', &mut line).await.is_ok_and(|read| read > 0) {
        let text: String =
            context.redact(String::from_utf8_lossy(&line).trim_end()).chars().take(LONGEST_LINE).collect();
        tracing::info!("| {text}");
        let mut said = said.borrow_mut();
        if said.len() == KEPT {
            said.pop_front();
        }
        said.push_back(text);
        line.clear();
    }
}

fn first_line(command: &str) -> String {
    let line = command.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    let cut: String = line.chars().take(120).collect();
    if cut.len() < command.trim().len() { format!("{cut} ...") } else { cut }
}
