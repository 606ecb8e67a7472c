//! The migrations: which are deployed, which are pending.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use action::{Context, Failure};
use bstr::{BStr, ByteSlice as _};
use git::{CommitId, GitError, Repository};
use migrations::{Migration, naming};

use crate::inputs::{Lint, fits};

/// The most that all files may hold, in bytes: migrations are written by people.
const LIMIT: usize = 64 * 1024 * 1024;

/// A file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct File {
    /// From the top of the repository.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// The migrations, each group in the order in which they run.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    pub(crate) history: Vec<File>,
    pub(crate) pending: Vec<File>,
    /// Deployed ones that are not what they were.
    pub(crate) edited: Vec<String>,
    /// Deployed ones that are not in the working tree.
    pub(crate) absent: Vec<String>,
    /// The versions that are deployed.
    pub(crate) deployed: BTreeSet<String>,
    /// What they were compared with, in words.
    pub(crate) base: String,
}

/// What `base` names.
enum Base {
    Versions(BTreeSet<String>),
    Commit(CommitId),
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
        let base = base(&job.base, here, repository.as_ref()).await?;
        let now = on_disk(job, &top)?;
        match (base, &repository) {
            (Base::Commit(commit), Some(repository)) => {
                let then = at_commit(job, repository, &commit).await?;
                Ok(Self::since(now, then, format!("commit {commit}")))
            }
            (Base::Versions(versions), _) => Ok(Self::beyond(now, versions)),
            (Base::Commit(_), None) => Err(Failure::bug("a commit outside any repository")),
        }
    }

    /// What the working tree has beyond a commit.
    fn since(now: BTreeMap<String, File>, then: BTreeMap<String, File>, base: String) -> Self {
        let edited =
            then.iter().filter(|(name, file)| now.get(*name).is_some_and(|now| now.text != file.text));
        let edited = edited.map(|(_, file)| file.path.clone()).collect();
        let absent = then.iter().filter(|(name, _)| !now.contains_key(*name));
        let absent = absent.map(|(_, file)| file.path.clone()).collect();
        let deployed = then.keys().filter_map(|name| naming::digits(name)).map(ToOwned::to_owned).collect();
        let pending =
            now.into_iter().filter(|(name, _)| !then.contains_key(name)).map(|(_, file)| file).collect();
        Self { history: then.into_values().collect(), pending, edited, absent, deployed, base }
    }

    /// What the working tree has beyond a list of versions. A version is one file: a second one of it never ran.
    fn beyond(now: BTreeMap<String, File>, deployed: BTreeSet<String>) -> Self {
        let mut left = deployed.clone();
        let mut is_applied = |name: &str| naming::digits(name).is_some_and(|version| left.remove(version));
        let (history, pending): (Vec<_>, Vec<_>) = now.into_iter().partition(|(name, _)| is_applied(name));
        let files = |some: Vec<(String, File)>| some.into_iter().map(|(_, file)| file).collect();
        let base = format!("{} applied versions", deployed.len());
        Self { history: files(history), pending: files(pending), deployed, base, ..Self::default() }
    }

    /// The paths of all of them.
    pub(crate) fn paths(&self) -> Vec<&str> {
        self.history.iter().chain(&self.pending).map(|file| file.path.as_str()).collect()
    }
}

/// Files as the rules take them.
pub(crate) fn borrowed(files: &[File]) -> Vec<Migration<'_>> {
    files.iter().map(|file| Migration { path: &file.path, text: &file.text }).collect()
}

async fn base(text: &str, here: &Path, repository: Option<&Repository>) -> Result<Base, Failure> {
    let is_version = |line: &&str| line.len() == 14 && line.bytes().all(|byte| byte.is_ascii_digit());
    let listed = |text: &str| {
        let lines: Vec<&str> =
            text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
        lines
            .iter()
            .all(is_version)
            .then(|| lines.into_iter().map(ToOwned::to_owned).collect::<BTreeSet<String>>())
    };
    if text.lines().count() < 2 && here.join(text).is_file() {
        let content =
            fs::read_to_string(here.join(text)).map_err(|error| unreadable(&here.join(text), &error))?;
        return listed(&content).map(Base::Versions).ok_or_else(|| {
            Failure::invalid(format!("input `base`: the file {text} is no list of versions"))
                .hint("it holds one version of 14 digits a line; an empty file says that nothing is deployed")
        });
    }
    // Only an empty file says that nothing is deployed: an empty text is what a slip leaves.
    if let Some(versions) = listed(text).filter(|versions| !versions.is_empty()) {
        return Ok(Base::Versions(versions));
    }
    let Some(repository) = repository else {
        return Err(Failure::invalid(format!(
            "input `base`: {text:?} is no list of versions, and this is no repository"
        )));
    };
    let doubtful =
        text.contains(char::is_whitespace) || text.contains("..") || text.starts_with(['-', '^', ':']);
    let commit = if doubtful { None } else { repository.commit(text).await? };
    commit.map(Base::Commit).ok_or_else(|| {
        Failure::invalid(format!(
            "input `base`: this clone has no commit {text:?}, and it is no list of versions"
        ))
        .hint("let `actions/checkout` take more history (`fetch-depth: 0`)")
    })
}

/// The files of the working tree by name.
fn on_disk(job: &Lint, top: &Path) -> Result<BTreeMap<String, File>, Failure> {
    let folder = top.join(&job.folder);
    if !folder.is_dir() {
        return Err(Failure::invalid(format!("there is no folder {}", job.folder))
            .hint("name it from the top of the repository, such as supabase/migrations"));
    }
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(&folder).map_err(|error| unreadable(&folder, &error))? {
        let path = entry.map_err(|error| unreadable(&folder, &error))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if fits(&job.files, &name) && path.is_file() {
            let content = fs::read(&path).map_err(|error| unreadable(&path, &error))?;
            files.insert(name.clone(), file(job, &name, content)?);
        }
    }
    Ok(files)
}

/// The files of a commit by name; one that has no such folder has none.
async fn at_commit(
    job: &Lint,
    repository: &Repository,
    commit: &CommitId,
) -> Result<BTreeMap<String, File>, Failure> {
    let wanted = |name: &BStr| fits(&job.files, &name.to_str_lossy());
    let found = repository.folder(commit, BStr::new(&job.folder), LIMIT, wanted).await?.unwrap_or_default();
    let files = found.into_iter().map(|(name, content)| {
        let name = name.to_str_lossy().into_owned();
        Ok((name.clone(), file(job, &name, content)?))
    });
    files.collect()
}

fn file(job: &Lint, name: &str, content: Vec<u8>) -> Result<File, Failure> {
    let path = format!("{}/{name}", job.folder);
    match String::from_utf8(content) {
        Ok(text) => Ok(File { path, text }),
        Err(_) => Err(Failure::invalid(format!("{path} is not UTF-8 text")).hint("save it as UTF-8")),
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::invalid(format!("{} cannot be read: {error}", path.display()))
}
