//! Messages that point into a file.

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

impl Severity {
    /// The name of the runner's command, which is also the prefix of a line on a terminal.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }
}

/// A message about a place in a file, or about none that a file has.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Annotation {
    /// How much it matters.
    pub severity: Severity,
    /// What it is about; `None` where no file has it, such as a file that is missing.
    pub place: Option<AnnotatedPlace>,
    /// A few words above the message.
    pub title: String,
    /// What is to be said.
    pub message: String,
}

/// A place in a file; lines and columns count from 1 (GitHub docs, workflow commands).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AnnotatedPlace {
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
}
