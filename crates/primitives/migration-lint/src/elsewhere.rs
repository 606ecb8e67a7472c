//! A commit that has no migration where they are now. That is true of a project's first one, and of a wrong input or
//! of a folder that was moved, where taking nothing as deployed would let every break pass.

use std::collections::{BTreeMap, BTreeSet};

use action::Failure;
use bstr::{BStr, ByteSlice as _};
use git::{CommitId, Repository};
use migrations::{Level, naming};

use crate::base::Note;
use crate::file::{self, File, name, parent};
use crate::pattern::Pattern;

/// What such a commit has after all.
#[derive(Debug)]
pub(crate) struct Elsewhere {
    /// What stood in other folders under the same names.
    pub(crate) files: Vec<File>,
    pub(crate) note: Note,
}

/// Looks for files in the whole commit: those that have the same names are deployed, and so is what stood beside them.
///
/// # Errors
/// A file stood in two folders under its name.
pub(crate) async fn elsewhere(
    pattern: &Pattern,
    now: &BTreeMap<String, File>,
    repository: &Repository,
    commit: &CommitId,
) -> Result<Elsewhere, Failure> {
    let dated = |path: &BStr| {
        path.to_str().is_ok_and(|path| path.ends_with(".sql") && naming::digits(path).is_some())
    };
    let paths = repository.paths(commit, dated).await?;
    let paths: Vec<&str> = paths.iter().filter_map(|path| path.to_str().ok()).collect();
    let names: BTreeSet<&str> = now.values().map(File::name).collect();
    let mut same: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for path in paths.iter().filter(|path| names.contains(name(path))) {
        same.entry(name(path)).or_default().push(path);
    }
    if let Some((name, [one, other, ..])) =
        same.iter().map(|(name, paths)| (name, paths.as_slice())).find(|(_, paths)| paths.len() > 1)
    {
        return Err(Failure::invalid(format!(
            "commit {commit} has no {}, and {name} stood in two folders there: {} and {}",
            pattern.text(),
            parent(one),
            parent(other)
        ))
        .hint("give the versions that are deployed as `base`, for this change only"));
    }
    let folders: BTreeSet<&str> = same.values().flatten().map(|path| parent(path)).collect();
    if folders.is_empty() {
        let others = paths.iter().map(|path| parent(path)).collect();
        return Ok(Elsewhere { files: Vec::new(), note: nothing(pattern, commit, &others) });
    }
    let beside = |path: &BStr| {
        path.to_str().is_ok_and(|path| folders.contains(parent(path)) && pattern.takes_name(name(path)))
    };
    let files = file::at_commit(repository, commit, "", beside).await?;
    let message = format!(
        "commit {commit} has no {}; {} of the files stood in {} there, and what stood there is taken as deployed",
        pattern.text(),
        same.len(),
        listed(&folders)
    );
    Ok(Elsewhere { files, note: Note { level: Level::Advisory, message } })
}

/// That nothing is deployed, which is doubtful if there were migrations of other names.
fn nothing(pattern: &Pattern, commit: &CommitId, others: &BTreeSet<&str>) -> Note {
    let message = format!("commit {commit} has no {}: nothing is taken as deployed", pattern.text());
    if others.is_empty() {
        return Note { level: Level::Advisory, message };
    }
    let message = format!(
        "{message}, though it has files named like migrations in {}; check `migrations`, or give the applied versions as `base`",
        listed(others)
    );
    Note { level: Level::NeedsReview, message }
}

/// The first few of some folders.
fn listed(folders: &BTreeSet<&str>) -> String {
    let shown =
        |folder: &&str| if folder.is_empty() { "the top folder".to_owned() } else { (*folder).to_owned() };
    let mut some: Vec<String> = folders.iter().take(3).map(shown).collect();
    if folders.len() > some.len() {
        some.push(format!("{} more", folders.len() - some.len()));
    }
    some.join(", ")
}
