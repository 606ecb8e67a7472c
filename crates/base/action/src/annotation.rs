//! Annotations that point into a file.

use crate::commands::{Level, annotation_at, defuse};
use crate::context::Context;

/// How much an annotation matters.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Severity {
    /// Something is wrong.
    Error,
    /// Something deserves attention.
    Warning,
    /// Something is worth knowing.
    Notice,
}

/// A message about a place in a file; lines and columns count from 1 (GitHub docs, workflow commands).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Annotation {
    /// How much it matters.
    pub severity: Severity,
    /// The file, from the top of the repository.
    pub file: String,
    /// Its first line.
    pub line: usize,
    /// The column in it, in characters.
    pub column: usize,
    /// Its last line.
    pub end_line: usize,
    /// The column after its last character.
    pub end_column: usize,
    /// A few words above the message.
    pub title: String,
    /// What is to be said.
    pub message: String,
}

impl Context {
    /// Shows a message about a place in a file: on the runner as an annotation there, else as a line
    /// `file:line:column: error: message`.
    pub fn annotate(&self, annotation: &Annotation) {
        let level = match annotation.severity {
            Severity::Error => Level::Error,
            Severity::Warning => Level::Warning,
            Severity::Notice => Level::Notice,
        };
        let message = self.redact(&annotation.message);
        let message = defuse(&message);
        if self.reporter.on_runner() {
            self.reporter.command(&annotation_at(level, annotation, &message));
            return;
        }
        let Annotation { file, line, column, title, .. } = annotation;
        self.reporter.line(&format!("{file}:{line}:{column}: {}: {title}: {message}", level.word()));
    }

    /// Prints data on stdout, such as a page of documentation.
    pub fn print(&self, text: &str) {
        self.reporter.data(&defuse(&self.redact(text)));
    }
}
