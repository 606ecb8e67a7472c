//! Patterns that are right by the grammar and probably not what was meant.

use bstr::{BStr, BString};

use crate::glob::Glob;
use crate::manifest::Manifest;

/// A doubt about one pattern of the manifest.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Warning {
    /// It names a directory, and so matches nothing in it.
    #[error("pattern {pattern:?} in {list} names a directory and matches nothing in it; write \"{}/**\"", pattern.trim_end_matches('/'))]
    NamesDirectory {
        /// The list it stands in.
        list: String,
        /// As written, without a `!`.
        pattern: String,
    },
    /// It ends in a slash, which no path of a file does.
    #[error("pattern {pattern:?} in {list} ends in a slash and matches no file; write \"{pattern}**\"")]
    EndsInSlash {
        /// The list it stands in.
        list: String,
        /// As written, without a `!`.
        pattern: String,
    },
    /// Its bracket expression is the name of something that exists.
    #[error(
        "pattern {pattern:?} in {list} has a bracket expression, and {path:?} exists; write \"\\[\" and \"\\]\" to mean that name"
    )]
    BracketIsName {
        /// The list it stands in.
        list: String,
        /// As written, without a `!`.
        pattern: String,
        /// What exists.
        path: BString,
    },
    /// A letter or digit has a backslash before it.
    #[error(
        "pattern {pattern:?} in {list}: \"\\{escaped}\" means just {escaped:?}; paths have forward slashes, and patterns are no regular expressions"
    )]
    NeedlessEscape {
        /// The list it stands in.
        list: String,
        /// As written, without a `!`.
        pattern: String,
        /// The letter or digit.
        escaped: char,
    },
}

/// What would make a warning true: whether the tree has this path.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Question {
    /// The path to look up, from the top of the repository.
    pub path: BString,
    /// Whether only a directory of that name counts.
    pub only_directory: bool,
    /// What to say if it is there.
    pub warning: Warning,
}

/// What a tree has at a path.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TreeEntry {
    /// A directory.
    Directory,
    /// Anything else: a file, a symbolic link, a submodule.
    Other,
}

impl Question {
    /// The warning, given what the tree has at the path.
    #[must_use]
    pub fn answer(self, found: Option<TreeEntry>) -> Option<Warning> {
        let counts = match found {
            None => false,
            Some(TreeEntry::Directory) => true,
            Some(TreeEntry::Other) => !self.only_directory,
        };
        counts.then_some(self.warning)
    }
}

impl Manifest {
    /// The warnings that need no look at the tree.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        let mut warnings = Vec::new();
        self.each_glob(|list, glob| {
            let pattern = || glob.text().to_owned();
            if glob.text().ends_with('/') {
                warnings.push(Warning::EndsInSlash { list: list.to_owned(), pattern: pattern() });
            }
            warnings.extend(glob.needless_escapes().first().map(|&escaped| Warning::NeedlessEscape {
                list: list.to_owned(),
                pattern: pattern(),
                escaped,
            }));
        });
        warnings
    }

    /// What to look up in the tree for the other warnings.
    #[must_use]
    pub fn questions(&self) -> Vec<Question> {
        let mut questions = Vec::new();
        self.each_glob(|list, glob| {
            if !glob.text().ends_with('/') {
                questions.extend(glob.named_paths().map(|path| names_directory(list, glob, path)));
            }
            questions.extend(glob.bracket_paths().map(|path| Question {
                path: path.clone(),
                only_directory: false,
                warning: bracket_is_name(list, glob.text(), path.as_ref()),
            }));
        });
        questions
    }

    fn each_glob(&self, mut look: impl FnMut(&str, &Glob)) {
        for (name, list) in self.lists() {
            for entry in list.entries() {
                look(&name, &entry.glob);
            }
        }
    }
}

fn names_directory(list: &str, glob: &Glob, path: BString) -> Question {
    Question {
        path,
        only_directory: true,
        warning: Warning::NamesDirectory { list: list.to_owned(), pattern: glob.text().to_owned() },
    }
}

/// The warning that the bracket expression of `pattern` is a name in `path`.
pub(crate) fn bracket_is_name(list: &str, pattern: &str, path: &BStr) -> Warning {
    Warning::BracketIsName { list: list.to_owned(), pattern: pattern.to_owned(), path: path.to_owned() }
}
