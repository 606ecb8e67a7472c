//! A list of patterns, some of which take away.

use crate::glob::{Glob, GlobError, Refusal};

/// A list of patterns, as it stands in the manifest.
///
/// A path belongs if any pattern matches it and no pattern with a `!` before it
/// does. The order means nothing: what a `!` takes away, no later line brings
/// back.
#[derive(Clone, Debug, Default)]
pub struct PatternList {
    entries: Vec<Entry>,
}

/// One pattern of a list.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Whether a `!` stood before it.
    pub negative: bool,
    /// What it matches.
    pub glob: Glob,
}

/// A list that is refused, and where in it the reason is.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{error}")]
pub struct ListError {
    /// The place of the pattern in the list, from 0; `None` when it is the list as a whole.
    pub index: Option<usize>,
    /// What is wrong.
    pub error: GlobError,
}

impl Entry {
    /// Parses one line of a list.
    ///
    /// # Errors
    /// A pattern outside the grammar of [`Glob`].
    pub fn parse(text: &str) -> Result<Self, GlobError> {
        let negated = text.strip_prefix('!').filter(|rest| !rest.starts_with('('));
        Ok(Self { negative: negated.is_some(), glob: Glob::parse(negated.unwrap_or(text))? })
    }
}

impl PatternList {
    /// Parses every pattern of a list; an empty list holds no path.
    ///
    /// # Errors
    /// Every pattern that is refused; else a list of `!` patterns alone, which no path could belong to.
    pub fn parse<T: AsRef<str>>(patterns: &[T]) -> Result<Self, Vec<ListError>> {
        let mut entries = Vec::with_capacity(patterns.len());
        let mut errors = Vec::new();
        for (index, pattern) in patterns.iter().enumerate() {
            match Entry::parse(pattern.as_ref()) {
                Ok(entry) => entries.push(entry),
                Err(error) => errors.push(ListError { index: Some(index), error }),
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        if !entries.is_empty() && entries.iter().all(|entry| entry.negative) {
            return Err(vec![only_negative(patterns)]);
        }
        Ok(Self { entries })
    }

    /// The patterns, in the order in which they were written.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
}

fn only_negative<T: AsRef<str>>(patterns: &[T]) -> ListError {
    let texts: Vec<&str> = patterns.iter().map(AsRef::as_ref).collect();
    let text = texts.join(", ");
    ListError {
        index: None,
        error: GlobError { pattern: text.clone(), offending: text, refusal: Refusal::OnlyNegative },
    }
}
