//! What is deployed, as the input `base` says it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use action::Failure;
use git::{CommitId, Repository};
use migrations::Level;

use crate::file::unreadable;

/// What `base` names.
#[derive(Debug)]
pub(crate) enum Base {
    /// The versions that a database has applied.
    Versions(BTreeSet<String>),
    /// A commit.
    Commit(CommitId),
}

/// What is to be said about the base as a whole.
#[derive(Debug)]
pub(crate) struct Note {
    pub(crate) level: Level,
    pub(crate) message: String,
}

/// Reads the input: a list of versions, a file with one, or a commit.
pub(crate) async fn read(text: &str, here: &Path, repository: Option<&Repository>) -> Result<Base, Failure> {
    if text.lines().count() < 2 && here.join(text).is_file() {
        return from_file(text, &here.join(text));
    }
    // Only an empty file says that nothing is deployed: an empty text is what a slip leaves.
    if let Some(versions) = listed(text).filter(|versions| !versions.is_empty()) {
        return Ok(Base::Versions(versions));
    }
    let digits = text.split([',', ' ', '\n']).all(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
    let Some(repository) = repository else {
        let problem = format!("input `base`: {text:?} is no list of versions, and this is no repository");
        return Err(Failure::invalid(problem).hint(VERSIONS));
    };
    let doubtful =
        text.contains(char::is_whitespace) || text.contains("..") || text.starts_with(['-', '^', ':']);
    let commit = if doubtful { None } else { repository.commit(text).await? };
    commit.map(Base::Commit).ok_or_else(|| {
        Failure::invalid(format!(
            "input `base`: this clone has no commit {text:?}, and it is neither a list of versions nor a file"
        ))
        .hint(if digits {
            VERSIONS
        } else {
            "see how it is spelt, or let `actions/checkout` take more history (`fetch-depth: 0`)"
        })
    })
}

/// What a list is.
const VERSIONS: &str = "a version has 14 digits, and each stands on a line of its own";

fn from_file(name: &str, path: &Path) -> Result<Base, Failure> {
    let content = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
    listed(&content).map(Base::Versions).ok_or_else(|| {
        Failure::invalid(format!("input `base`: the file {name} is no list of versions"))
            .hint("it holds one version of 14 digits a line; an empty file says that nothing is deployed")
    })
}

/// The versions of a list, one a line; lines that begin with `#` are comments. `None` if it is anything else.
fn listed(text: &str) -> Option<BTreeSet<String>> {
    let is_version = |line: &str| line.len() == 14 && line.bytes().all(|byte| byte.is_ascii_digit());
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| is_version(line).then(|| line.to_owned())).collect()
}
