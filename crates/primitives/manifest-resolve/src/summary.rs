//! What a person reads: the job summary and one line in the log.

use std::collections::BTreeMap;

use action::markdown;
use bstr::{BString, ByteSlice as _};
use git::CommitId;
use manifest::{Manifest, Outcome, Paths, TargetName, Why};

use crate::base::{Base, Bases};

/// How many paths a row of the table shows.
const IN_A_ROW: usize = 3;

/// How many paths a message shows.
const IN_A_MESSAGE: usize = 5;

/// Everything that is told.
pub(crate) struct Report<'r> {
    pub(crate) manifest: &'r Manifest,
    /// The manifest's name, as in the input.
    pub(crate) file: &'r str,
    /// Where it was read from, in words.
    pub(crate) place: &'r str,
    pub(crate) bases: &'r Bases,
    pub(crate) head: &'r CommitId,
    pub(crate) outcome: &'r Outcome,
}

impl Report<'_> {
    /// The job summary.
    pub(crate) fn to_markdown(&self, warnings: &[String]) -> String {
        let mut text = format!("### Affected targets: {}\n\n{}\n\n", self.share(), self.compared());
        if self.outcome.targets.is_empty() {
            text.push_str("No target is affected.\n");
        } else {
            text.push_str(&self.table());
        }
        if let Bases::Own(bases) = self.bases {
            text.push_str(&format!("\n#### Compared with\n\n{}", compared_with(bases)));
        }
        text.push_str(&unowned(&self.outcome.unowned));
        if !warnings.is_empty() {
            text.push_str("\n#### Warnings\n\n");
            for warning in warnings {
                text.push_str(&format!("- {}\n", markdown::text(warning)));
            }
        }
        text
    }

    /// The answer for the log.
    pub(crate) fn in_one_line(&self) -> String {
        let names: Vec<&str> = self.outcome.targets.keys().map(TargetName::as_str).collect();
        let list = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        format!("affected targets, {}: {list}", self.share())
    }

    fn share(&self) -> String {
        format!("{} of {}", self.outcome.targets.len(), self.manifest.targets.len())
    }

    fn compared(&self) -> String {
        let head = short(self.head);
        let manifest = format!("Manifest: {}, {}.", markdown::code(self.file), self.place);
        let changed = counted(self.outcome.changed, "changed path", "changed paths");
        match self.bases {
            Bases::Common(Base::Commit(base)) => format!("{} to {head}: {changed}. {manifest}", short(base)),
            Bases::Common(Base::None) => format!("No base to compare {head} with. {manifest}"),
            Bases::Common(Base::Missing(_)) => {
                format!("The base to compare {head} with is missing. {manifest}")
            }
            Bases::Own(_) => format!("What is deployed of each target to {head}: {changed}. {manifest}"),
        }
    }

    fn table(&self) -> String {
        let rows = self.outcome.targets.iter().map(|(name, why)| {
            let (why, paths) = match why {
                Why::Unknown => ("nothing to compare with".to_owned(), None),
                Why::Own(paths) => (counted(paths.count, "file", "files"), Some(paths)),
                Why::Everything(paths) => {
                    (format!("{} for every target", counted(paths.count, "file", "files")), Some(paths))
                }
                Why::Coupled(to) => {
                    let to: Vec<String> = to.iter().map(|name| markdown::code(name.as_str())).collect();
                    (format!("coupled to {}", to.join(", ")), None)
                }
            };
            [
                markdown::code(name.as_str()),
                why,
                paths.map(|paths| first(paths, IN_A_ROW)).unwrap_or_default(),
            ]
        });
        markdown::table(["Target", "Why", "First files"], rows)
    }
}

/// Each target's own base.
fn compared_with(bases: &BTreeMap<TargetName, Base>) -> String {
    let rows = bases.iter().map(|(name, base)| {
        let base = match base {
            Base::Commit(id) => short(id),
            Base::None => "nothing: never deployed".to_owned(),
            Base::Missing(_) => "nothing: the base is missing".to_owned(),
        };
        [markdown::code(name.as_str()), base]
    });
    markdown::table(["Target", "Deployed now"], rows)
}

/// Unowned paths in one sentence, for an annotation or an error.
pub(crate) fn unowned_in_words(paths: &Paths) -> String {
    let subject = match paths.count {
        1 => "1 changed path belongs".to_owned(),
        count => format!("{count} changed paths belong"),
    };
    let shown: Vec<String> = paths.first.iter().take(IN_A_MESSAGE).map(|path| format!("{path:?}")).collect();
    let more = if paths.count > shown.len() { ", .." } else { "" };
    format!("{subject} to no target and not to `non_deployed`: {}{more}", shown.join(", "))
}

fn unowned(paths: &Paths) -> String {
    if paths.count == 0 {
        return String::new();
    }
    let mut text =
        format!("\n#### {} of no target\n\n", counted(paths.count, "changed path", "changed paths"));
    for path in &paths.first {
        text.push_str(&format!("- {}\n", code(path)));
    }
    if paths.count > paths.first.len() {
        text.push_str(&format!("- and {} more\n", paths.count - paths.first.len()));
    }
    text
}

fn first(paths: &Paths, limit: usize) -> String {
    let mut shown: Vec<String> = paths.first.iter().take(limit).map(code).collect();
    if paths.count > shown.len() {
        shown.push("..".to_owned());
    }
    shown.join(", ")
}

/// A path, whatever bytes it has.
fn code(path: &BString) -> String {
    markdown::code(&path.to_str_lossy())
}

fn short(commit: &CommitId) -> String {
    markdown::code(commit.as_str().get(..12).unwrap_or_default())
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
