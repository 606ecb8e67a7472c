//! Why a pattern is refused.

use std::fmt;

/// A pattern that is not taken, with the reason and the text at fault.
///
/// A pattern whose meaning is doubtful is refused rather than guessed at: a
/// guess that is too narrow is a deploy that silently does not happen.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("pattern {pattern:?}: {refusal}{}", at(.offending, .pattern))]
pub struct GlobError {
    /// The pattern as it was written.
    pub pattern: String,
    /// The part of it that is at fault.
    pub offending: String,
    /// What is wrong with that part.
    pub refusal: Refusal,
}

/// The offending text, unless it is the whole pattern, which was shown already.
fn at(offending: &str, pattern: &str) -> String {
    if offending == pattern { String::new() } else { format!(", in {offending:?}") }
}

/// The reason and the offending text.
pub(crate) type Refused = (Refusal, String);

/// The reasons for refusing a pattern or a list of them.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Refusal {
    /// Nothing is left to match.
    Empty,
    /// Longer than [`super::MAX_LENGTH`] bytes.
    TooLong,
    /// A blank at either end that is not escaped.
    SurroundingBlanks,
    /// No path holds a NUL.
    Nul,
    /// `?(..)`, `*(..)`, `+(..)`, `@(..)` or `!(..)`.
    Extglob,
    /// `**` beside anything but a `/`, or three and more stars.
    GlobstarInSegment,
    /// `${{ .. }}`, which nobody evaluates here.
    Expression,
    /// `{1..3}`.
    Range,
    /// `[[:alpha:]]`.
    PosixClass,
    /// `[z-a]`, which no character is in.
    BackwardsRange,
    /// A leading `/`.
    Absolute,
    /// `//`.
    EmptySegment,
    /// A `.` or `..` segment; one leading `./` is fine.
    DotSegment,
    /// `{a,b` without its `}`.
    UnclosedBrace,
    /// A backslash with nothing after it.
    TrailingBackslash,
    /// A `!` at the start of what is already negated, or of a pattern that stands alone.
    Negation,
    /// Braces nested deeper than [`super::MAX_NESTING`].
    NestedTooDeep,
    /// Braces that stand for more than [`super::MAX_ALTERNATIVES`] patterns, or for very long ones.
    TooManyAlternatives,
    /// A list in which every pattern starts with `!`.
    OnlyNegative,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "it is empty",
            Self::TooLong => "it is longer than 4096 bytes",
            Self::SurroundingBlanks => "surrounding blanks",
            Self::Nul => "a NUL character",
            Self::Extglob => "extglobs are not supported",
            Self::GlobstarInSegment => "`**` inside a segment",
            Self::Expression => "an expression in a pattern, which nothing evaluates",
            Self::Range => "brace ranges are not supported",
            Self::PosixClass => "POSIX classes are not supported",
            Self::BackwardsRange => "a range whose end comes before its start",
            Self::Absolute => "a leading `/`",
            Self::EmptySegment => "an empty segment (`//`)",
            Self::DotSegment => "a `.` or `..` segment",
            Self::UnclosedBrace => "a list in braces that is not closed",
            Self::TrailingBackslash => "a backslash with nothing after it",
            Self::Negation => "a `!` that negates nothing",
            Self::NestedTooDeep => "braces nested more than 16 deep",
            Self::TooManyAlternatives => {
                "braces that stand for more than 1000 patterns, or for too long ones"
            }
            Self::OnlyNegative => "a list of `!` patterns only, which nothing can match",
        })
    }
}

impl Refusal {
    /// What to write instead, as one sentence without a period.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            Self::Empty => "remove the entry, or write `**` for every path",
            Self::TooLong | Self::TooManyAlternatives | Self::NestedTooDeep => "write it as several patterns",
            Self::SurroundingBlanks => {
                "remove the blanks; where a name really has one there, escape it: `\\ `"
            }
            Self::Nul => "remove the character",
            Self::Extglob => {
                "list the patterns one by one, with `!pattern` for exceptions; escape `\\(` where the name has a parenthesis"
            }
            Self::GlobstarInSegment => {
                "`**` stands alone between slashes: `dir/**/*.md`, or one `*` within a name"
            }
            Self::Expression => {
                "write the path itself: GitHub evaluates no expression in a file; `$\\{{` means the characters"
            }
            Self::Range => "write the items out: `{1,2,3}`, or a class such as `[1-3]`",
            Self::PosixClass => "write the characters out: `[a-zA-Z]`",
            Self::BackwardsRange => "put the smaller character first",
            Self::Absolute => "paths start at the top of the repository: drop the leading slash",
            Self::EmptySegment => "use single slashes",
            Self::DotSegment => "write the path from the top of the repository",
            Self::UnclosedBrace => "close the brace, or write `\\{` for the character",
            Self::TrailingBackslash => "paths have forward slashes; write `\\\\` for a backslash",
            Self::Negation => {
                "put one `!` before an entry of a list; write `\\!` for a name that starts with it"
            }
            Self::OnlyNegative => "add a pattern that says what belongs, such as `**`",
        }
    }
}
