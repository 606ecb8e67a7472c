//! Where a run writes: two streams, the outputs file, the summary file.

use std::fmt;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::annotation::{Annotation, Severity};
use crate::commands;
use crate::defuse::defuse;
use crate::environment::Environment;
use crate::redactor::Redactor;
use crate::status::Status;
use crate::{outputs, summary};

/// A stream that several owners write to.
pub type Sink = Arc<Mutex<dyn Write + Send>>;

/// What the program knows of its surroundings when it prints.
pub(crate) struct Reporter {
    name: &'static str,
    on_runner: bool,
    stdout: Sink,
    stderr: Sink,
    output_file: Option<PathBuf>,
    summary_file: Option<PathBuf>,
    redactor: Arc<Redactor>,
    summary: Mutex<String>,
    /// The errors that were told.
    errors: Mutex<Vec<String>>,
    status: Status,
}

impl Reporter {
    /// Reads `GITHUB_ACTIONS`, `GITHUB_OUTPUT` and `GITHUB_STEP_SUMMARY`.
    pub(crate) fn new(name: &'static str, environment: &Environment, stdout: Sink, stderr: Sink) -> Self {
        Self {
            name,
            on_runner: environment.is("GITHUB_ACTIONS", "true"),
            stdout,
            stderr,
            output_file: environment.get_os("GITHUB_OUTPUT").map(PathBuf::from),
            summary_file: environment.get_os("GITHUB_STEP_SUMMARY").map(PathBuf::from),
            redactor: Arc::default(),
            summary: Mutex::default(),
            errors: Mutex::default(),
            status: Status::default(),
        }
    }

    pub(crate) fn redactor(&self) -> &Arc<Redactor> {
        &self.redactor
    }

    /// Hides `secret` from here on, in the runner's log too.
    pub(crate) fn mask(&self, secret: &str) {
        if self.on_runner && !secret.trim().is_empty() {
            self.raw_line(&commands::add_mask(secret));
        }
        self.redactor.add(secret);
    }

    /// A line for a person, on stderr.
    pub(crate) fn line(&self, text: &str) {
        self.raw_line(&defuse(&self.redactor.redact(text)));
    }

    /// Tells an error, unless it was told: a file that cannot be written is met more than once.
    /// Says whether it was told now.
    pub(crate) fn error(&self, message: &str) -> bool {
        let mut errors = self.errors.lock().unwrap_or_else(PoisonError::into_inner);
        if errors.iter().any(|told| told == message) {
            return false;
        }
        errors.push(message.to_owned());
        drop(errors);
        self.annotate(Severity::Error, message);
        true
    }

    /// An annotation on the runner, else a line that starts with its severity.
    pub(crate) fn annotate(&self, severity: Severity, message: &str) {
        let message = self.redactor.redact(message);
        let message = defuse(&message);
        if self.on_runner {
            self.raw_line(&commands::annotation(severity, self.name, &message));
        } else {
            self.raw_line(&format!("{}: {message}", severity.word()));
        }
    }

    /// The same about a place in a file.
    pub(crate) fn annotate_at(&self, at: &Annotation) {
        let message = self.redactor.redact(&at.message);
        let message = defuse(&message);
        if self.on_runner {
            self.raw_line(&commands::annotation_at(at, &message));
            return;
        }
        let Annotation { severity, place, title, .. } = at;
        let place = place.as_ref().map(|at| format!("{}:{}:{}: ", at.file, at.line, at.column));
        self.line(&format!("{}{}: {title}: {message}", place.unwrap_or_default(), severity.word()));
    }

    /// Appends Markdown to the summary, which is written at the end.
    pub(crate) fn summarise(&self, markdown: &str) {
        let mut summary = self.summary.lock().unwrap_or_else(PoisonError::into_inner);
        summary.push_str(&self.redactor.redact(markdown));
        if !summary.ends_with('\n') {
            summary.push('\n');
        }
    }

    /// Writes the summary, once, in one append.
    pub(crate) fn flush_summary(&self) -> Result<(), WriteError> {
        let Some(path) = &self.summary_file else {
            return Ok(());
        };
        let text = std::mem::take(&mut *self.summary.lock().unwrap_or_else(PoisonError::into_inner));
        let used = std::fs::metadata(path).map_or(0, |found| found.len());
        let room = summary::LIMIT.saturating_sub(usize::try_from(used).unwrap_or(usize::MAX));
        append(path, &summary::fit(&text, room))
            .map_err(|source| WriteError::new("GITHUB_STEP_SUMMARY", source))
    }

    /// Writes outputs in one append; without a runner they go to stdout as `name=value`, as far as anybody reads
    /// them: a closed pipe is not an error.
    pub(crate) fn write_outputs(&self, pairs: &[(&'static str, String)]) -> Result<(), WriteError> {
        if pairs.is_empty() {
            return Ok(());
        }
        let pairs = pairs.iter().map(|(name, value)| (*name, self.redactor.redact(value)));
        match &self.output_file {
            Some(path) => {
                let text: String =
                    pairs.map(|(name, value)| outputs::heredoc(name, &value, random)).collect();
                append(path, &text).map_err(|source| WriteError::new("GITHUB_OUTPUT", source))
            }
            None => {
                let text: String =
                    pairs.map(|(name, value)| format!("{}\n", defuse(&format!("{name}={value}")))).collect();
                match write_all(&self.stdout, &text) {
                    Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
                    written => written.map_err(|source| WriteError::new("stdout", source)),
                }
            }
        }
    }

    /// What a terminal's last line says; drawn by [`Self::draw_status`].
    pub(crate) fn set_status(&self, text: &str) {
        self.status.set(&defuse(&self.redactor.redact(text)).replace('\n', " "));
    }

    /// Draws the next frame of the last line. Only for a terminal.
    pub(crate) fn draw_status(&self) {
        if let Some(frame) = self.status.next_frame() {
            let _ = write_all(&self.stderr, &frame);
        }
    }

    /// Data on stdout, such as `--help`. A closed pipe is not an error.
    pub(crate) fn data(&self, text: &str) {
        let _ = write_all(&self.stdout, text);
    }

    fn raw_line(&self, line: &str) {
        // There is nobody left to tell that stderr is closed.
        let _ = write_all(&self.stderr, &format!("{}{line}\n", self.status.make_room()));
    }
}

impl fmt::Debug for Reporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reporter")
            .field("name", &self.name)
            .field("on_runner", &self.on_runner)
            .finish_non_exhaustive()
    }
}

/// A file of the runner's, or stdout, cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("write to {target}: {source}")]
pub(crate) struct WriteError {
    target: &'static str,
    source: io::Error,
}

impl WriteError {
    const fn new(target: &'static str, source: io::Error) -> Self {
        Self { target, source }
    }
}

fn append(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).create(true).open(path)?;
    file.write_all(text.as_bytes())
}

fn write_all(sink: &Sink, text: &str) -> io::Result<()> {
    let mut sink = sink.lock().unwrap_or_else(PoisonError::into_inner);
    sink.write_all(text.as_bytes())?;
    sink.flush()
}

/// Sixteen bytes from the operating system, or from a seeded generator on the
/// few systems that have none to give.
fn random() -> u128 {
    let mut bytes = [0; 16];
    if getrandom::fill(&mut bytes).is_err() {
        fastrand::fill(&mut bytes);
    }
    u128::from_ne_bytes(bytes)
}
