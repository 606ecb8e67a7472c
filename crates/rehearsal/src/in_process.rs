//! A primitive run inside the caller's own process, on the caller's clock: 25
//! minutes pass in a moment, and everything it wrote is at hand.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use action::{Ending, Primitive, Process, SharedClock, Signal, Sink, markdown};
use tokio::sync::watch;

use crate::runner::outputs;

/// A run that has not begun.
#[derive(Debug)]
pub struct Invocation {
    words: Vec<String>,
    variables: BTreeMap<String, String>,
    directory: PathBuf,
    clock: SharedClock,
    canaries: Vec<String>,
    signals: watch::Sender<Option<Signal>>,
}

impl Invocation {
    /// A run as a step on a runner, without inputs.
    #[must_use]
    pub fn new(clock: SharedClock) -> Self {
        Self {
            words: Vec::new(),
            variables: BTreeMap::from([("GITHUB_ACTIONS".to_owned(), "true".to_owned())]),
            directory: PathBuf::from("/"),
            clock,
            canaries: Vec::new(),
            signals: watch::channel(None).0,
        }
    }

    /// One input.
    #[must_use]
    pub fn with(mut self, input: &str, value: impl AsRef<str>) -> Self {
        self.words.push(format!("--{input}={}", value.as_ref()));
        self
    }

    /// Words as they are given on a command line.
    #[must_use]
    pub fn words(mut self, words: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.words.extend(words.into_iter().map(Into::into));
        self
    }

    /// One environment variable; an empty one counts as absent.
    #[must_use]
    pub fn variable(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.insert(name.to_owned(), value.into());
        self
    }

    /// Several environment variables.
    #[must_use]
    pub fn variables(
        mut self,
        variables: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
    ) -> Self {
        self.variables.extend(variables.into_iter().map(|(name, value)| (name.into(), value.into())));
        self
    }

    /// The working directory.
    #[must_use]
    pub fn directory(mut self, directory: impl Into<PathBuf>) -> Self {
        self.directory = directory.into();
        self
    }

    /// A secret that must show up nowhere; see [`Run::leaks`].
    #[must_use]
    pub fn canary(mut self, secret: &str) -> Self {
        self.canaries.push(secret.to_owned());
        self
    }

    /// Where signals for this run are sent.
    #[must_use]
    pub fn signals(&self) -> watch::Sender<Option<Signal>> {
        self.signals.clone()
    }

    /// Runs to the end. Dropping the future is what SIGKILL is to a process.
    ///
    /// # Errors
    /// The runner's files cannot be made or read.
    pub async fn run<P: Primitive>(self) -> io::Result<Run> {
        let folder = tempfile::tempdir()?;
        let (output, summary) = (folder.path().join("output"), folder.path().join("summary"));
        let files = [("GITHUB_OUTPUT", &output), ("GITHUB_STEP_SUMMARY", &summary)];
        let files = files.map(|(name, file)| (name.to_owned(), file.display().to_string()));
        let (stdout, stderr) = (Buffer::default(), Buffer::default());
        let process = Process {
            words: self.words.into_iter().map(Into::into).collect(),
            environment: files.into_iter().chain(self.variables).collect(),
            directory: self.directory,
            clock: self.clock,
            signals: self.signals.subscribe(),
            stdout: Arc::clone(&stdout) as Sink,
            stderr: Arc::clone(&stderr) as Sink,
            owns_process: false,
        };
        let ending = action::run::<P>(process).await;
        let read = |file: &PathBuf| match std::fs::read_to_string(file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
            read => read,
        };
        Ok(Run {
            ending,
            outputs: outputs(&read(&output)?),
            summary: read(&summary)?,
            stdout: text(&stdout),
            stderr: text(&stderr),
            canaries: self.canaries,
        })
    }
}

type Buffer = Arc<Mutex<Vec<u8>>>;

fn text(buffer: &Buffer) -> String {
    String::from_utf8_lossy(&buffer.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
}

/// What a run came to.
#[derive(Clone, Debug)]
pub struct Run {
    /// How it ended.
    pub ending: Ending,
    /// Its outputs as the runner reads them; the last of one name counts.
    pub outputs: BTreeMap<String, String>,
    /// Its job summary.
    pub summary: String,
    /// What it printed as data.
    pub stdout: String,
    /// What it printed for people and for the runner.
    pub stderr: String,
    canaries: Vec<String>,
}

impl Run {
    /// One output, empty when it was not set.
    #[must_use]
    pub fn output(&self, name: &str) -> &str {
        self.outputs.get(name).map_or("", String::as_str)
    }

    /// Asserts the word that it ended with; fails with everything that it said.
    ///
    /// # Panics
    /// When it ended with another.
    #[track_caller]
    pub fn assert(&self, result: &str) -> &Self {
        assert_eq!(self.output("result"), result, "{}\n{}", self.error(), self.stderr);
        self
    }

    /// The message of its error annotation with its hints, one a line; empty when
    /// there is none.
    #[must_use]
    pub fn error(&self) -> String {
        let line = self.stderr.lines().find(|line| line.starts_with("::error "));
        let message = line.and_then(|line| Some(line.get(2..)?.split_once("::")?.1)).unwrap_or_default();
        message.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")
    }

    /// Every text that shows a canary, apart from the command that masks it.
    #[must_use]
    pub fn leaks(&self) -> Vec<String> {
        let log = self.stderr.lines().filter(|line| !line.starts_with("::add-mask::"));
        let texts = log.chain([self.summary.as_str(), self.stdout.as_str()]);
        let texts = texts.chain(self.outputs.values().map(String::as_str));
        // As it is, and as a summary shows it.
        let shows = |text: &str, canary: &str| {
            [canary.to_owned(), markdown::text(canary), markdown::code(canary)].iter().any(|form| {
                let form = form.trim_start_matches("<code>").trim_end_matches("</code>");
                text.contains(form)
            })
        };
        let leaking = texts.filter(|text| self.canaries.iter().any(|canary| shows(text, canary)));
        leaking.map(str::to_owned).collect()
    }
}
