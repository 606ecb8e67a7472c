//! The migrations: which are deployed, which are pending.

use std::collections::{BTreeMap, BTreeSet};

use action::{Context, Failure};
use bstr::ByteSlice as _;
use git::{CommitId, GitError, Repository};
use migrations::{Level, Migration, naming};

use crate::base::{self, Base, Note};
use crate::elsewhere::{Elsewhere, elsewhere};
use crate::file::{self, File, name, on_disk};
use crate::inputs::Lint;
use crate::pattern::Pattern;

/// The migrations, each group in the order in which they run.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    pub(crate) history: Vec<File>,
    pub(crate) pending: Vec<File>,
    /// Deployed ones that are not what they were.
    pub(crate) edited: Vec<String>,
    /// Deployed ones that are not in the working tree.
    pub(crate) absent: BTreeSet<String>,
    /// The versions that are deployed.
    pub(crate) deployed: BTreeSet<String>,
    /// What they were compared with, in words.
    pub(crate) base: String,
    /// What is odd about that.
    pub(crate) notes: Vec<Note>,
    /// The paths of the working tree.
    here: BTreeSet<String>,
    /// The folder that they are in, for what is about no file.
    pub(crate) folder: String,
}

impl Sources {
    /// Reads what is in the working tree, and what is deployed of it.
    pub(crate) async fn read(job: &Lint, context: &Context) -> Result<Self, Failure> {
        let here = context.directory();
        let repository = match Repository::open(here, context.environment()).await {
            Ok(repository) => Some(repository),
            Err(GitError::NotARepository(_)) => None,
            Err(error) => return Err(error.into()),
        };
        let top = repository.as_ref().and_then(Repository::work_tree).unwrap_or(here).to_owned();
        let base = base::read(&job.base, here, repository.as_ref()).await?;
        let now = on_disk(&job.migrations, &top)?;
        let here = now.keys().cloned().collect();
        let sources = match (base, &repository) {
            (Base::Commit(commit), Some(repository)) => {
                Self::since_commit(&job.migrations, now, repository, &commit).await?
            }
            (Base::Versions(versions), _) => Self::beyond(now, versions),
            (Base::Commit(_), None) => return Err(Failure::bug("a commit outside any repository")),
        };
        Self { folder: shown(&job.migrations), here, ..sources }.checked(&job.migrations)
    }

    /// What the working tree has beyond a commit.
    async fn since_commit(
        pattern: &Pattern,
        now: BTreeMap<String, File>,
        repository: &Repository,
        commit: &CommitId,
    ) -> Result<Self, Failure> {
        let base = format!("commit {commit}");
        let then = at_commit(pattern, repository, commit).await?;
        if !then.is_empty() {
            return Ok(Self::since(now, then, base));
        }
        let Elsewhere { files, note } = elsewhere(pattern, &now, repository, commit).await?;
        Ok(Self { notes: vec![note], ..Self::since(now, files, base) })
    }

    fn since(now: BTreeMap<String, File>, then: Vec<File>, base: String) -> Self {
        let then = moved(then, &now);
        let edited = then
            .iter()
            .filter(|file| now.get(&file.path).is_some_and(|now| now.text != file.text))
            .map(|file| file.path.clone())
            .collect();
        let then: Vec<File> = then.into_iter().map(|file| readable(file, &now)).collect();
        let paths: BTreeSet<String> = then.iter().map(|file| file.path.clone()).collect();
        let absent = paths.iter().filter(|path| !now.contains_key(*path)).cloned().collect();
        let deployed = paths.iter().filter_map(|path| naming::digits(path)).map(ToOwned::to_owned).collect();
        let pending = now.into_values().filter(|file| !paths.contains(&file.path));
        Self {
            history: in_order(then),
            pending: in_order(pending),
            edited,
            absent,
            deployed,
            base,
            ..Self::default()
        }
    }

    /// What the working tree has beyond a list of versions. A version is one file: a second one of it never ran.
    fn beyond(now: BTreeMap<String, File>, deployed: BTreeSet<String>) -> Self {
        let mut left = deployed.clone();
        let mut is_applied =
            |file: &File| naming::digits(&file.path).is_some_and(|version| left.remove(version));
        let (history, pending) = in_order(now.into_values()).into_iter().partition(|file| is_applied(file));
        let (base, notes) = match deployed.len() {
            0 => {
                let message =
                    String::from("the list of applied versions is empty: nothing is taken as deployed");
                (String::from("an empty list of versions"), vec![Note { level: Level::Advisory, message }])
            }
            1 => (String::from("1 applied version"), Vec::new()),
            count => (format!("{count} applied versions"), Vec::new()),
        };
        Self { history, pending, deployed, base, notes, ..Self::default() }
    }

    /// Refuses a glob that finds nothing anywhere, and tells of a folder that has nothing.
    fn checked(mut self, pattern: &Pattern) -> Result<Self, Failure> {
        if !self.history.is_empty() || !self.pending.is_empty() || !self.deployed.is_empty() {
            return Ok(self);
        }
        let problem = format!("no file fits {}, here or in what is deployed", pattern.text());
        if pattern.names_files() {
            return Err(Failure::invalid(problem)
                .hint("they end in `.sql`; to judge a folder that is still empty, name it alone"));
        }
        self.notes = vec![Note { level: Level::Advisory, message: format!("{problem}: nothing is judged") }];
        Ok(self)
    }

    /// Whether a path is that of a file in the working tree.
    pub(crate) fn is_here(&self, path: &str) -> bool {
        self.here.contains(path)
    }

    /// The paths of all of them.
    pub(crate) fn paths(&self) -> Vec<&str> {
        self.history.iter().chain(&self.pending).map(|file| file.path.as_str()).collect()
    }
}

/// The folder of a pattern, which may be the top.
fn shown(pattern: &Pattern) -> String {
    let folder = pattern.folder();
    if folder.is_empty() { String::from(".") } else { folder }
}

/// Files as the rules take them.
pub(crate) fn borrowed(files: &[File]) -> Vec<Migration<'_>> {
    files.iter().map(|file| Migration { path: &file.path, text: &file.text }).collect()
}

/// By the version in their names, whatever the folder.
fn in_order(files: impl IntoIterator<Item = File>) -> Vec<File> {
    let mut files: Vec<File> = files.into_iter().collect();
    files.sort_by(|one, other| (one.name(), &one.path).cmp(&(other.name(), &other.path)));
    files
}

/// Gives each file of a commit the path that it has now, if it is in another folder: it is the one file of its name,
/// and its name has a version.
fn moved(mut then: Vec<File>, now: &BTreeMap<String, File>) -> Vec<File> {
    let paths: BTreeSet<String> = then.iter().map(|file| file.path.clone()).collect();
    let mut came: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for path in now.keys().filter(|path| !paths.contains(*path) && naming::digits(path).is_some()) {
        came.entry(name(path)).or_default().push(path);
    }
    for file in then.iter_mut().filter(|file| !now.contains_key(&file.path)) {
        if let Some([path]) = came.remove(file.name()).as_deref() {
            file.path = (*path).to_owned();
        }
    }
    then
}

/// A deployed file that does not parse, in words that do: what it did may be written anew under its name, which is told
/// as what it is, a deployed file that was edited.
fn readable(file: File, now: &BTreeMap<String, File>) -> File {
    match now.get(&file.path) {
        Some(anew) if anew.text != file.text && !migrations::parses(&file.text) => {
            File { text: anew.text.clone(), ..file }
        }
        _ => file,
    }
}

/// The files of a commit.
async fn at_commit(
    pattern: &Pattern,
    repository: &Repository,
    commit: &CommitId,
) -> Result<Vec<File>, Failure> {
    file::at_commit(repository, commit, &pattern.folder(), |path| {
        path.to_str().is_ok_and(|path| pattern.takes(path))
    })
    .await
}
