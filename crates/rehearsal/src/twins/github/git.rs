//! Takes over what a real git repository holds: what a push does.

use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result};

use super::history::{Commit, History, Tag};
use crate::repository::Repository;

/// Commits, branches and tags of `repository`, without its files.
pub(super) fn read(repository: &Repository) -> Result<History> {
    let mut history = History { commits: commits(repository)?, ..History::default() };
    let format = "--format=%(refname) %(objecttype) %(objectname)";
    let references = repository.git(&["for-each-ref", format, "refs/heads", "refs/tags"])?;
    for line in references.lines() {
        let mut words = line.split(' ');
        let (Some(name), Some(kind), Some(sha)) = (words.next(), words.next(), words.next()) else {
            continue;
        };
        history.references.insert(name.to_owned(), sha.to_owned());
        if kind == "tag" {
            read_tags(repository, sha, &mut history)?;
        }
    }
    Ok(history)
}

fn commits(repository: &Repository) -> Result<std::collections::BTreeMap<String, Commit>> {
    let log = repository.git(&["log", "--all", "-z", "--format=%H%n%T%n%P%n%an%n%ae%n%ct%n%s"])?;
    let mut commits = std::collections::BTreeMap::new();
    for entry in log.split('\0').filter(|entry| !entry.is_empty()) {
        let mut lines = entry.lines();
        let mut line = || lines.next().unwrap_or_default().to_owned();
        let commit = Commit {
            sha: line(),
            tree: line(),
            parents: line().split_whitespace().map(str::to_owned).collect(),
            author: line(),
            email: line(),
            time: SystemTime::UNIX_EPOCH + Duration::from_secs(line().parse().context("a commit's time")?),
            message: line(),
        };
        commits.insert(commit.sha.clone(), commit);
    }
    Ok(commits)
}

/// An annotated tag, and those that lie within it.
fn read_tags(repository: &Repository, sha: &str, history: &mut History) -> Result<()> {
    let mut sha = sha.to_owned();
    loop {
        let text = repository.git(&["cat-file", "tag", &sha])?;
        let (head, message) = text.split_once("\n\n").unwrap_or((&text, ""));
        let field = |name: &str| {
            let line = head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            line.unwrap_or_default().to_owned()
        };
        let seconds = field("tagger").rsplit(' ').nth(1).and_then(|seconds| seconds.parse().ok());
        let tag = Tag {
            sha: sha.clone(),
            name: field("tag"),
            kind: field("type"),
            target: field("object"),
            message: message.trim_end().to_owned(),
            time: SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.unwrap_or_default()),
        };
        let (is_nested, target) = (tag.kind == "tag", tag.target.clone());
        history.tags.insert(sha, tag);
        if !is_nested {
            return Ok(());
        }
        sha = target;
    }
}
