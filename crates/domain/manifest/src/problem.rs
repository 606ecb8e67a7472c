//! What can be wrong with a manifest.

use std::fmt;

use yaml::Position;

use crate::glob::GlobError;
use crate::schema::MAX_BYTES;
use crate::variables::ValueError;

/// A manifest that is refused: every problem found, with its place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ManifestError {
    /// The file, as the caller named it.
    pub file: String,
    /// At least one, in the order of the file.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    /// Where.
    pub position: Position,
    /// What.
    pub kind: ProblemKind,
}

/// What is wrong, in the words of the manifest.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ProblemKind {
    /// More than [`MAX_BYTES`].
    #[error("the file is larger than {MAX_BYTES} bytes")]
    TooLarge,
    /// Bytes that are no text.
    #[error("the file is not UTF-8 text")]
    NotText,
    /// A character that YAML does not take as it is.
    #[error("the character {0:?} is not allowed in YAML")]
    Unprintable(char),
    /// Not YAML, or not of the manifest's shape; in the parser's words.
    #[error("{message}")]
    Shape {
        /// The message.
        message: String,
        /// Whether the line has something that YAML reads as a mark of its own.
        unquoted: bool,
    },
    /// A tab where YAML takes spaces only.
    #[error("a tab stands here, where YAML takes only spaces")]
    Tab,
    /// Of two equal keys one would be lost.
    #[error("duplicate key `{0}`")]
    DuplicateKey(String),
    /// `- !docs/**` without quotes.
    #[error("`{0}` is a YAML tag here, not text")]
    Tag(String),
    /// No `version`.
    #[error("`version` is missing")]
    NoVersion,
    /// A version that this program does not know.
    #[error("version {0} is not supported, only version 1 is")]
    Version(u64),
    /// Nothing to deploy.
    #[error("`targets` has no target")]
    NoTargets,
    /// A name outside `[a-z][a-z0-9-]*`.
    #[error("target name {0:?} does not match [a-z][a-z0-9-]*")]
    TargetName(String),
    /// A target without paths.
    #[error("target `{0}` has no paths, so nothing could ever affect it")]
    EmptyTarget(String),
    /// A pattern or a list of them.
    #[error(transparent)]
    Pattern(#[from] GlobError),
    /// All patterns together.
    #[error("the patterns of this manifest take too much room once their braces are written out")]
    TooManyPatterns,
    /// A name in `coupling` that is no target.
    #[error("unknown target {0:?} in `coupling`")]
    UnknownTarget(String),
    /// A group that couples nothing.
    #[error("a coupling group needs two targets or more")]
    LonelyCoupling,
    /// A name twice in one list.
    #[error("{0:?} stands twice in this list")]
    Repeated(String),
    /// A name in two classes of `env`.
    #[error("{name:?} is in `env.{first}` already")]
    TwoClasses {
        /// The name.
        name: String,
        /// The class that has it already.
        first: &'static str,
    },
    /// A name in `env` that is none.
    #[error("{0:?} is not the name of a variable: letters, digits and `_`, no digit first")]
    VariableName(String),
    /// An entry of `hostnames` that is no host name.
    #[error("{0:?} is not a host name")]
    Hostname(String),
    /// An entry of `roots` that is no directory of the repository.
    #[error("{0:?} is not a directory path from the top of the repository")]
    Root(String),
    /// A service or an origin.
    #[error("{text:?} is not a usable value: {error}")]
    Value {
        /// As written.
        text: String,
        /// Why not.
        error: ValueError,
    },
}

impl ProblemKind {
    /// What to do about it, as one sentence without a period.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Pattern(error) => Some(error.refusal.hint()),
            Self::Shape { unquoted: true, .. } => {
                Some("quote patterns that begin with `*`, `!`, `{`, `[` or `&`: YAML gives these a meaning")
            }
            Self::Tab => Some("indent with spaces"),
            Self::Tag(_) => Some("put the pattern in quotes: \"!docs/**\""),
            Self::NoVersion => Some("begin the file with `version: 1`"),
            Self::Version(_) => Some("write `version: 1`, or use a release that knows this version"),
            Self::EmptyTarget(_) => Some("list the paths it is built from under `paths:`"),
            Self::Value { .. } => Some("write the value itself, or ${{ vars.NAME }}"),
            Self::UnknownTarget(_) => Some("name the targets as they stand under `targets:`"),
            Self::TooLarge | Self::TooManyPatterns => {
                Some("use fewer patterns: `dir/**` covers a whole directory")
            }
            Self::Root(_) => Some(
                "write it like `apps`, or like `apps/*` or `src/*/*`; it can have no `**` and no brackets",
            ),
            _ => None,
        }
    }
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            let line_break = if index == 0 { "" } else { "\n" };
            let Problem { position, kind } = problem;
            write!(f, "{line_break}{}:{position}: {kind}", self.file)?;
        }
        Ok(())
    }
}

impl std::error::Error for ManifestError {}

impl ManifestError {
    /// What to do about it: the hints of its problems, each once.
    #[must_use]
    pub fn hints(&self) -> Vec<&'static str> {
        let mut hints = Vec::new();
        for hint in self.problems.iter().filter_map(|p| p.kind.hint()) {
            if !hints.contains(&hint) {
                hints.push(hint);
            }
        }
        hints
    }
}
