//! One thing that a lint found.

use action::Severity;

/// A rule of a lint.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rule {
    /// Its name, as `--explain` takes it.
    pub name: &'static str,
    /// One sentence, for tables and tooltips.
    pub summary: &'static str,
    /// Its page, in Markdown.
    pub page: &'static str,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Level {
    /// The lint's own word for it.
    pub word: &'static str,
    /// What that is to GitHub.
    pub severity: Severity,
}

/// A range of a file; lines and columns count from 1, columns in characters.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Place {
    /// Its first line.
    pub line: usize,
    /// The column in it.
    pub column: usize,
    /// Its last line.
    pub end_line: usize,
    /// The column after its last character.
    pub end_column: usize,
}

/// One thing found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// How much it matters.
    pub level: Level,
    /// The file, from the top of the repository; without a place also one that is missing, or a folder.
    pub file: String,
    /// Where in it; `None` where it is about no line that is there.
    pub place: Option<Place>,
    /// What is the matter; a whole statement, lower case, without a full stop.
    pub message: String,
    /// What to write there instead, where the finding knows that itself.
    pub instead: Option<String>,
    /// Why it is meant, if somebody said so.
    pub covered: Option<String>,
}

impl Finding {
    /// `file:line:column: level [rule] message`, in one line; `file: level [rule] message` without a place.
    #[must_use]
    pub fn line(&self) -> String {
        format!(
            "{}: {} [{}] {}{}",
            self.spot(),
            self.level.word,
            self.rule.name,
            self.message,
            self.because()
        )
    }

    /// `file:line:column`, or the file alone.
    pub(crate) fn spot(&self) -> String {
        let place = self.place.map(|Place { line, column, .. }| format!(":{line}:{column}"));
        format!("{}{}", self.file, place.unwrap_or_default())
    }

    /// Why it is meant, in brackets; nothing if nobody said so.
    pub(crate) fn because(&self) -> String {
        self.covered.as_ref().map(|reason| format!(" (covered: {reason})")).unwrap_or_default()
    }
}
