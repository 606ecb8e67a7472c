//! One migration file: `<14 digits>_<name>.sql`.

use std::fmt;

use crate::script::{Script, ScriptProblem};

/// How a file's name ends.
const SUFFIX: &str = ".sql";

/// How many digits a version has: a moment in UTC to the second (Supabase CLI,
/// `migration new`).
const DIGITS: usize = 14;

/// The digits that a file's name begins with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(String);

impl Version {
    /// The digits as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A migration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    version: Version,
    name: String,
    text: String,
}

/// A file's name that is no migration's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameProblem {
    /// Another ending.
    #[error("`{0}` does not end in .sql")]
    NoSql(String),
    /// No 14 digits and `_` at its beginning.
    #[error("`{0}` does not begin with 14 digits and `_`, such as 20260422170300_core_event_handled.sql")]
    NoVersion(String),
    /// Nothing, or something odd, between `_` and `.sql`.
    #[error("`{0}` needs a name of letters, digits, `_` and `-` between its digits and .sql")]
    NoName(String),
}

impl Migration {
    /// Reads a file's name, without its folder, and keeps its text.
    ///
    /// # Errors
    /// The first [`NameProblem`].
    pub fn new(file_name: &str, text: String) -> Result<Self, NameProblem> {
        let short = || file_name.chars().filter(|found| !found.is_control()).take(120).collect();
        let stem = file_name.strip_suffix(SUFFIX).ok_or_else(|| NameProblem::NoSql(short()))?;
        let (version, name) = stem.split_once('_').ok_or_else(|| NameProblem::NoVersion(short()))?;
        if version.len() != DIGITS || !version.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NameProblem::NoVersion(short()));
        }
        let plain = |found: char| found.is_ascii_alphanumeric() || found == '_' || found == '-';
        if name.is_empty() || !name.chars().all(plain) {
            return Err(NameProblem::NoName(short()));
        }
        Ok(Self { version: Version(version.to_owned()), name: name.to_owned(), text })
    }

    /// Its digits.
    #[must_use]
    pub const fn version(&self) -> &Version {
        &self.version
    }

    /// The rest of its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its SQL.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its name without `.sql`: what `/version` calls the schema version (deployment
    /// runbook, `/version` contract).
    #[must_use]
    pub fn stem(&self) -> String {
        format!("{}_{}", self.version, self.name)
    }

    /// Its name.
    #[must_use]
    pub fn file_name(&self) -> String {
        format!("{}{SUFFIX}", self.stem())
    }

    /// Its statements, with where they may run.
    ///
    /// # Errors
    /// It cannot be cut into statements, or they cannot be run together.
    pub fn script(&self) -> Result<Script, ScriptProblem> {
        Script::read(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str) -> Result<Migration, NameProblem> {
        Migration::new(name, String::new())
    }

    #[test]
    fn names_are_strict() {
        let good = read("20260422170300_core_event-handled2.sql").unwrap();
        assert_eq!((good.version().as_str(), good.name()), ("20260422170300", "core_event-handled2"));
        assert_eq!(good.stem(), "20260422170300_core_event-handled2");
        assert_eq!(good.file_name(), "20260422170300_core_event-handled2.sql");
        for bad in ["20260422170300_a.SQL", "20260422170300_a", "notes.md", ""] {
            assert!(matches!(read(bad), Err(NameProblem::NoSql(_))), "{bad}");
        }
        for bad in [
            "2026042217030_a.sql",
            "202604221703000_a.sql",
            "a.sql",
            "2026042217030x_a.sql",
            ".sql",
            "_a.sql",
        ] {
            assert!(matches!(read(bad), Err(NameProblem::NoVersion(_))), "{bad}");
        }
        for bad in [
            "20260422170300_.sql",
            "20260422170300_a b.sql",
            "20260422170300_a.b.sql",
            "20260422170300_\u{e9}.sql",
        ] {
            assert!(matches!(read(bad), Err(NameProblem::NoName(_))), "{bad}");
        }
    }
}
