//! What a primitive may know of the world outside its inputs.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use secrecy::SecretString;

use crate::annotation::{Annotation, Severity};
use crate::clock::{Clock, SharedClock};
use crate::defuse::defuse;
use crate::ending::Ending;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::outputs::Outputs;
use crate::plan::{Permit, Plan};
use crate::reporter::Reporter;
use crate::secret::Secret;

/// The clock, the environment, the working directory and the streams of one run.
///
/// Only `action::main` reads them from the process; everything below takes
/// `&Context`, so a primitive runs inside a test on a simulated clock.
#[derive(Debug)]
pub struct Context {
    pub(crate) secrets: &'static [Secret],
    pub(crate) environment: Environment,
    pub(crate) clock: SharedClock,
    pub(crate) directory: PathBuf,
    pub(crate) dry_run: bool,
    pub(crate) reporter: Arc<Reporter>,
    pub(crate) published: Mutex<Vec<Option<String>>>,
    pub(crate) leaves_behind: Mutex<Option<String>>,
}

impl Context {
    /// A context outside any run: it prints nothing, knows no secrets and allows
    /// every plan. For tests of what takes a `&Context`.
    #[must_use]
    pub fn detached(environment: Environment, clock: SharedClock) -> Self {
        let nowhere = || Arc::new(Mutex::new(std::io::sink()));
        let reporter = Reporter::new("detached", &Environment::default(), nowhere(), nowhere());
        Self {
            secrets: &[],
            environment,
            clock,
            directory: PathBuf::new(),
            dry_run: false,
            reporter: Arc::new(reporter),
            published: Mutex::default(),
            leaves_behind: Mutex::default(),
        }
    }

    /// The clock that everything of this run waits on.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// The same clock, for an owner of its own.
    #[must_use]
    pub fn shared_clock(&self) -> SharedClock {
        Arc::clone(&self.clock)
    }

    /// The working directory; relative paths of inputs start here.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The whole environment, for a child process.
    #[must_use]
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// An environment variable that is no secret; empty means absent.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<String> {
        self.environment.get(name)
    }

    /// A declared secret, masked before anybody sees it.
    ///
    /// # Errors
    /// `invalid` when it is absent; the hint says where to set it.
    pub fn secret(&self, variable: &str) -> Result<SecretString, Failure> {
        self.optional_secret(variable).ok_or_else(|| {
            let input = self
                .secrets
                .iter()
                .find(|secret| secret.variable == variable)
                .map_or("", |secret| secret.input);
            Failure::invalid(format!("no secret: `{variable}` is not set"))
                .hint(format!("pass `{input}: ${{{{ secrets.{variable} }}}}` to the action, or set {variable} in the job's env"))
                .hint("a job without `environment:` does not see an environment's secrets")
        })
    }

    /// The same, when the primitive can do without it.
    #[must_use]
    pub fn optional_secret(&self, variable: &str) -> Option<SecretString> {
        let value = self.environment.get(variable)?;
        // A pasted key often ends in a line feed, which no header can carry.
        let value = value.trim();
        (!value.is_empty()).then(|| self.hide(value))
    }

    /// Any other variable that a user named as holding a secret, such as the
    /// `NAME` of a line `KEY=$NAME`: its exact value, masked like a declared one.
    #[must_use]
    pub fn secret_variable(&self, name: &str) -> Option<SecretString> {
        self.environment.get(name).map(|value| self.hide(&value))
    }

    /// Masks a value that turned out to be secret, such as one a vendor sent.
    #[must_use]
    pub fn hide(&self, value: &str) -> SecretString {
        self.reporter.mask(value);
        SecretString::from(value)
    }

    /// `text` with every secret of this run replaced by `***`.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        self.reporter.redactor().redact(text).into_owned()
    }

    /// An annotation that something deserves attention.
    pub fn warn(&self, message: &str) {
        self.reporter.annotate(Severity::Warning, message);
    }

    /// An annotation that something is worth knowing.
    pub fn notice(&self, message: &str) {
        self.reporter.annotate(Severity::Notice, message);
    }

    /// Shows a message about a place in a file, if it has one: on the runner as an annotation there, else as a line
    /// `file:line:column: error: title: message`.
    pub fn annotate(&self, annotation: &Annotation) {
        self.reporter.annotate_at(annotation);
    }

    /// Prints data on stdout, such as a page of documentation.
    pub fn print(&self, text: &str) {
        self.reporter.data(&defuse(&self.redact(text)));
    }

    /// Appends Markdown to the job summary; see [`crate::markdown`].
    pub fn summarise(&self, markdown: &str) {
        self.reporter.summarise(markdown);
    }

    /// Writes the outputs that are new since the last call, in one append. Call
    /// it as soon as an output is learnt: a killed step keeps what it wrote.
    ///
    /// # Errors
    /// `bug` when the runner's file cannot be written.
    pub fn publish<O: Outputs>(&self, outputs: &O) -> Result<(), Failure> {
        let mut published = self.published.lock().unwrap_or_else(PoisonError::into_inner);
        let values = outputs.values();
        published.resize(values.len(), None);
        let news: Vec<_> = O::SPECS
            .iter()
            .zip(values.iter().zip(published.iter()))
            .filter(|(_, (now, before))| now != before)
            .filter_map(|(spec, (now, _))| Some((spec.name, now.clone()?)))
            .collect();
        self.reporter.write_outputs(&news).map_err(|error| Failure::bug(error.to_string()))?;
        *published = values;
        Ok(())
    }

    /// Says what stays as it is if a signal stops the run from here on, such as
    /// "deploy dep-1 goes on at Render"; an empty text takes it back.
    pub fn leaves_behind(&self, what: impl Into<String>) {
        let what = Some(what.into()).filter(|what| !what.is_empty());
        *self.leaves_behind.lock().unwrap_or_else(PoisonError::into_inner) = what;
    }

    /// Shows the plan and gives leave to carry it out: the only way to a [`Permit`].
    ///
    /// # Errors
    /// In a dry run the plan goes to the summary and the run ends as `planned`.
    pub fn approve(&self, plan: &Plan) -> Result<Permit, Failure> {
        for line in plan.lines() {
            tracing::info!("{line}");
        }
        if !self.dry_run {
            return Ok(Permit::new());
        }
        self.summarise(&format!("### Dry run: nothing was changed\n\n{}", plan.table()));
        Err(Failure::new(Ending::Planned, "a dry run changes nothing"))
    }
}
