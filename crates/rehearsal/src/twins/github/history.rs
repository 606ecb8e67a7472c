//! The graph of commits, and the names in it. Pure: no files, no time, no network.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::SystemTime;

/// One commit.
#[derive(Clone, Debug)]
pub(super) struct Commit {
    pub(super) sha: String,
    pub(super) tree: String,
    pub(super) parents: Vec<String>,
    pub(super) message: String,
    pub(super) author: String,
    pub(super) email: String,
    pub(super) time: SystemTime,
}

/// An annotated tag.
#[derive(Clone, Debug)]
pub(super) struct Tag {
    pub(super) sha: String,
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) target: String,
    pub(super) message: String,
    pub(super) time: SystemTime,
}

/// Everything that git knows of a repository but its files.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    pub(super) commits: BTreeMap<String, Commit>,
    /// By SHA.
    pub(super) tags: BTreeMap<String, Tag>,
    /// Full names, such as `refs/heads/main`, and the objects that they name.
    pub(super) references: BTreeMap<String, String>,
}

/// How a head lies to a base.
#[derive(Debug)]
pub(super) struct Comparison {
    pub(super) merge_base: String,
    /// What only the head has, parents first.
    pub(super) ahead: Vec<String>,
    pub(super) behind_by: usize,
}

impl History {
    /// `commit`, `tag`, or nothing for an object that is not known.
    pub(super) fn kind(&self, sha: &str) -> Option<&'static str> {
        if self.commits.contains_key(sha) {
            return Some("commit");
        }
        self.tags.contains_key(sha).then_some("tag")
    }

    /// The commit that a reference means: a full SHA, `heads/NAME`, `tags/NAME`, or a
    /// bare name of either; tags are peeled.
    pub(super) fn resolve(&self, reference: &str) -> Option<&Commit> {
        // Tags before branches, as git reads a bare name (its documentation,
        // gitrevisions); that GitHub does so everywhere is unverified.
        let named = ["refs/", "refs/tags/", "refs/heads/"]
            .into_iter()
            .find_map(|prefix| self.references.get(&format!("{prefix}{reference}")));
        self.peel(named.map_or(reference, String::as_str))
    }

    fn peel(&self, sha: &str) -> Option<&Commit> {
        let mut sha = sha;
        while let Some(tag) = self.tags.get(sha) {
            sha = &tag.target;
        }
        self.commits.get(sha)
    }

    /// Compares two commits that are known; nothing when they have no ancestor in
    /// common.
    pub(super) fn compare(&self, base: &str, head: &str) -> Option<Comparison> {
        let (of_base, of_head) = (self.ancestors(base), self.ancestors(head));
        let merge_base = self.nearest(head, &of_base)?;
        let ahead: BTreeSet<&String> = of_head.difference(&of_base).collect();
        Some(Comparison {
            merge_base,
            ahead: self.parents_first(head, &ahead),
            behind_by: of_base.difference(&of_head).count(),
        })
    }

    /// The commit itself and everything before it.
    fn ancestors(&self, sha: &str) -> BTreeSet<String> {
        let (mut seen, mut open) = (BTreeSet::new(), vec![sha.to_owned()]);
        while let Some(sha) = open.pop() {
            let parents = self.commits.get(&sha).map(|commit| commit.parents.clone());
            if seen.insert(sha) {
                open.extend(parents.unwrap_or_default());
            }
        }
        seen
    }

    /// The first of these commits on the way back from `head`.
    fn nearest(&self, head: &str, wanted: &BTreeSet<String>) -> Option<String> {
        let (mut seen, mut open) = (BTreeSet::new(), VecDeque::from([head.to_owned()]));
        while let Some(sha) = open.pop_front() {
            if wanted.contains(&sha) {
                return Some(sha);
            }
            let parents = self.commits.get(&sha).map(|commit| commit.parents.clone());
            if seen.insert(sha) {
                open.extend(parents.unwrap_or_default());
            }
        }
        None
    }

    fn parents_first(&self, head: &str, among: &BTreeSet<&String>) -> Vec<String> {
        let (mut order, mut open) = (Vec::new(), vec![(head.to_owned(), false)]);
        let mut seen = BTreeSet::new();
        while let Some((sha, is_done)) = open.pop() {
            if is_done {
                order.push(sha);
            } else if among.contains(&sha) && seen.insert(sha.clone()) {
                let parents = self.commits.get(&sha).map(|commit| commit.parents.clone());
                open.push((sha, true));
                open.extend(parents.unwrap_or_default().into_iter().map(|parent| (parent, false)));
            }
        }
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a <- b <- d` and `a <- c <- d`, where `d` merges; `x` stands apart.
    fn history() -> History {
        let commits = [("a", ""), ("b", "a"), ("c", "a"), ("d", "b c"), ("x", "")];
        let commit = |(sha, parents): (&str, &str)| Commit {
            sha: sha.to_owned(),
            tree: String::new(),
            parents: parents.split_whitespace().map(str::to_owned).collect(),
            message: String::new(),
            author: String::new(),
            email: String::new(),
            time: SystemTime::UNIX_EPOCH,
        };
        let commits = commits.map(commit).map(|commit| (commit.sha.clone(), commit));
        History { commits: commits.into(), ..History::default() }
    }

    #[test]
    fn comparisons_count_what_only_one_side_has() {
        let history = history();
        let told = |base, head| {
            let told = history.compare(base, head)?;
            Some((told.merge_base, told.ahead.join(""), told.behind_by))
        };
        assert_eq!(told("a", "a"), Some(("a".into(), String::new(), 0)));
        assert_eq!(told("b", "a"), Some(("a".into(), String::new(), 1)));
        assert_eq!(told("b", "c"), Some(("a".into(), "c".into(), 1)));
        let (base, ahead, behind) = told("a", "d").unwrap();
        assert_eq!((base.as_str(), ahead.len(), ahead.ends_with('d'), behind), ("a", 3, true, 0));
        assert_eq!(told("b", "d").unwrap().2, 0, "a merge holds both sides");
        assert_eq!(told("a", "x"), None);
    }

    #[test]
    fn names_are_found_in_full_and_in_short_and_tags_are_peeled() {
        let mut history = history();
        let tag = |sha: &str, target: &str| Tag {
            sha: sha.to_owned(),
            name: sha.to_owned(),
            kind: "commit".to_owned(),
            target: target.to_owned(),
            message: String::new(),
            time: SystemTime::UNIX_EPOCH,
        };
        history.tags = [("t1", "b"), ("t2", "t1")].map(|(sha, to)| (sha.to_owned(), tag(sha, to))).into();
        history.references = [("refs/heads/main", "d"), ("refs/tags/v1", "t2")]
            .map(|(name, sha)| (name.to_owned(), sha.to_owned()))
            .into();
        let found = |name| history.resolve(name).map(|commit| commit.sha.as_str());
        assert_eq!((found("main"), found("heads/main"), found("d")), (Some("d"), Some("d"), Some("d")));
        assert_eq!((found("v1"), found("tags/v1"), found("t2")), (Some("b"), Some("b"), Some("b")));
        assert_eq!((found("v2"), found("heads/v1")), (None, None));
    }
}
