//! A primitive's executable in a process of its own, as a step starts it: with the runner's files, and with what it
//! wrote at hand afterwards. What a whole runner adds to that is [`crate::runner`]'s.

#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::runner::written_outputs;

/// Far longer than anything takes that a test waits for.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a run came to.
#[derive(Debug)]
pub struct Run {
    /// The exit code; of a process that a signal killed, the signal's number with a minus before it.
    pub code: i32,
    /// What it printed as data.
    pub stdout: String,
    /// What it printed for people and for the runner.
    pub stderr: String,
    /// Its outputs as it wrote them, one after the other.
    pub written: Vec<(String, String)>,
    /// Its outputs as the runner reads them; the last of one name counts.
    pub outputs: BTreeMap<String, String>,
    /// Its job summary.
    pub summary: String,
}

/// Runs a command to its end.
///
/// # Panics
/// When it cannot be started, or prints or writes what a runner cannot read.
#[must_use]
#[track_caller]
pub fn run(command: &mut Command) -> Run {
    Running::start(command).finish()
}

/// What an executable prints when it gets one word, such as `--help`, and nothing else.
///
/// # Panics
/// When it fails.
#[must_use]
#[track_caller]
pub fn printed(program: &str, word: &str) -> String {
    let output = Command::new(program).arg(word).env_clear().output().unwrap();
    assert!(output.status.success(), "{word}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The names of the `inputs` or `outputs` that an executable declares, in their order.
///
/// # Panics
/// When it declares none of that kind.
#[must_use]
#[track_caller]
pub fn declared(program: &str, kind: &str) -> Vec<String> {
    let definition: serde_json::Value = serde_json::from_str(&printed(program, "--describe")).unwrap();
    let rows = definition[kind].as_array().unwrap().iter();
    rows.map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

impl Run {
    /// One output, empty when it was not set.
    #[must_use]
    pub fn output(&self, name: &str) -> &str {
        self.outputs.get(name).map_or("", String::as_str)
    }

    /// What it printed for people: the commands that mask a secret are left out.
    #[must_use]
    pub fn log(&self) -> String {
        let shown = self.stderr.lines().filter(|line| !line.starts_with("::add-mask::"));
        shown.map(|line| format!("{line}\n")).collect()
    }

    /// Asserts that none of these secrets shows anywhere, apart from the commands that mask them.
    ///
    /// # Panics
    /// When one shows.
    #[track_caller]
    pub fn hides(&self, secrets: &[&str]) {
        let log = self.log();
        let texts = [log.as_str(), &self.stdout, &self.summary].into_iter();
        for text in texts.chain(self.outputs.values().map(String::as_str)) {
            assert!(!secrets.iter().any(|secret| text.contains(secret)), "a secret shows: {text}");
        }
    }

    /// Whether it told the runner to mask this.
    #[must_use]
    pub fn masks(&self, secret: &str) -> bool {
        self.stderr.lines().any(|line| line.strip_prefix("::add-mask::") == Some(secret))
    }
}

/// A run on its way.
#[derive(Debug)]
pub struct Running {
    child: Child,
    files: TempDir,
}

impl Running {
    /// Starts a command with the runner's files added to its environment.
    ///
    /// # Panics
    /// When it cannot be started.
    #[track_caller]
    pub fn start(command: &mut Command) -> Self {
        let files = tempfile::tempdir().unwrap();
        let child = command
            .env("GITHUB_OUTPUT", files.path().join("output"))
            .env("GITHUB_STEP_SUMMARY", files.path().join("summary"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self { child, files }
    }

    /// Waits until something is so.
    ///
    /// # Panics
    /// When that takes a minute, or the run ends before.
    #[track_caller]
    pub fn until(&mut self, mut is_so: impl FnMut() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !is_so() {
            assert!(Instant::now() < deadline, "it never came to that");
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("it ended before, with {status}");
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Sends a signal by its name, such as `INT`.
    ///
    /// # Panics
    /// When there is no such signal, or nobody to get it.
    #[track_caller]
    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// Kills it at once; what it came to by then.
    ///
    /// # Panics
    /// When it cannot be killed.
    #[must_use]
    #[track_caller]
    pub fn kill(self) -> Run {
        self.signal("KILL");
        self.finish()
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When it prints or writes what a runner cannot read.
    #[must_use]
    #[track_caller]
    pub fn finish(self) -> Run {
        let Self { child, files } = self;
        let ended = child.wait_with_output().unwrap();
        let file = |name: &str| fs::read_to_string(files.path().join(name)).unwrap_or_default();
        let (written, malformed) = written_outputs(&file("output"));
        // Whoever is killed may be in the middle of a line.
        assert!(malformed.is_none() || ended.status.signal().is_some(), "outputs: {malformed:?}");
        Run {
            code: ended.status.code().or_else(|| ended.status.signal().map(|signal| -signal)).unwrap(),
            stdout: String::from_utf8(ended.stdout).unwrap(),
            stderr: String::from_utf8(ended.stderr).unwrap(),
            outputs: written.iter().cloned().collect(),
            written,
            summary: file("summary"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn everything_that_it_wrote_is_at_hand() {
        let script = "echo out; echo log >&2; echo sum >$GITHUB_STEP_SUMMARY; \
            printf 'a=1\\na<<E\\n2\\n3\\nE\\n' >$GITHUB_OUTPUT; exit 6";
        let run = run(&mut shell(script));
        assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (6, "out\n", "log\n"));
        assert_eq!((run.summary.as_str(), run.output("a"), run.output("b")), ("sum\n", "2\n3", ""));
        assert_eq!(run.written.len(), 2);
    }

    #[test]
    fn a_secret_may_show_only_where_it_is_masked() {
        let told = |script: &str| {
            let run = run(&mut shell(script));
            std::panic::catch_unwind(|| run.hides(&["hush"])).is_err()
        };
        assert!(!told("echo ::add-mask::hush >&2; echo hus"));
        for script in [
            "echo a hush >&2",
            "echo hush",
            "echo ' ::add-mask::hush' >&2",
            "echo a=hush >$GITHUB_OUTPUT",
            "echo hush >$GITHUB_STEP_SUMMARY",
        ] {
            assert!(told(script), "{script}");
        }
        assert!(run(&mut shell("echo ::add-mask::hush >&2")).masks("hush"));
        assert!(!run(&mut shell("echo ::add-mask::hush2 >&2")).masks("hush"));
    }

    #[test]
    fn outputs_that_no_runner_reads_fail_the_test() {
        let fails = || run(&mut shell("echo nonsense >$GITHUB_OUTPUT"));
        assert!(std::panic::catch_unwind(fails).is_err());
    }

    #[test]
    fn a_run_is_stopped_in_its_middle() {
        let script = "echo a=1 >$GITHUB_OUTPUT; printf b >>$GITHUB_OUTPUT; echo x >$GITHUB_STEP_SUMMARY; exec sleep 60";
        let mut running = Running::start(&mut shell(script));
        let summary = running.files.path().join("summary");
        running.until(|| fs::read_to_string(&summary).is_ok_and(|text| text == "x\n"));
        let run = running.kill();
        assert_eq!((run.code, run.output("a")), (-9, "1"));
        let mut ended = Running::start(&mut shell("exit 3"));
        let waits = std::panic::AssertUnwindSafe(|| ended.until(|| false));
        assert!(std::panic::catch_unwind(waits).is_err());
    }
}
