//! Where the manifest is.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use action::{Context, Failure};
use bstr::{BStr, BString};
use git::{CommitId, GitError, Repository};
use manifest::{MAX_BYTES, Manifest, ManifestError};

use crate::inputs::Job;

/// In words: the file on disk was read.
const ON_DISK: &str = "as it is on disk";

/// In words: the commit was read.
const IN_COMMIT: &str = "as it is in the commit";

/// The manifest that was asked for.
///
/// It must be the one that belongs to `head`. When `head` is what is checked
/// out, that is the file in the working tree, so that a change can be tried
/// before it is committed; otherwise it is the file in the commit.
#[derive(Debug)]
pub(crate) struct Source {
    /// As in the input.
    name: String,
    /// The file on disk, if there is a working tree.
    on_disk: Option<PathBuf>,
    /// Its path from the top of the repository, if it is in there.
    in_repository: Option<BString>,
    /// Whether the file on disk was asked for, whatever is checked out.
    as_it_is: bool,
}

impl Source {
    /// Finds the repository and the manifest in it.
    ///
    /// The repository is the one around the working directory; where that is in
    /// none, as when `actions/checkout` was given a `path`, the one around the
    /// manifest.
    pub(crate) async fn find(job: &Job, context: &Context) -> Result<(Repository, Self), Failure> {
        let here = context.directory();
        let on_disk = here.join(&job.manifest);
        let as_it_is = Path::new(&job.manifest).is_absolute();
        let (repository, from_top) = match Repository::open(here, context.environment()).await {
            Ok(repository) => (repository, !as_it_is),
            Err(GitError::NotARepository(_)) if on_disk.is_file() => {
                let folder = on_disk.parent().unwrap_or(here);
                (Repository::open(folder, context.environment()).await?, false)
            }
            Err(error) => return Err(error.into()),
        };
        let source = if from_top {
            Self {
                name: job.manifest.clone(),
                on_disk: repository.work_tree().map(|top| top.join(&job.manifest)),
                in_repository: Some(job.manifest.clone().into()),
                as_it_is,
            }
        } else {
            Self {
                name: job.manifest.clone(),
                in_repository: below(repository.work_tree(), &on_disk),
                on_disk: Some(on_disk),
                as_it_is,
            }
        };
        Ok((repository, source))
    }

    /// The path of the manifest in the repository: a change to it affects every target.
    pub(crate) fn path_in_repository(&self) -> Option<&BStr> {
        self.in_repository.as_ref().map(AsRef::as_ref)
    }

    /// Reads and judges the manifest of `head`; also says in words where it was read from.
    pub(crate) async fn read(
        &self,
        repository: &Repository,
        head: &CommitId,
        is_checked_out: bool,
    ) -> Result<(Manifest, &'static str), Failure> {
        if (self.as_it_is || is_checked_out)
            && let Some(found) = self.read_disk()?
        {
            return Ok((self.parse(&found)?, ON_DISK));
        }
        let Some(path) = self.in_repository.as_ref() else {
            return Err(Failure::invalid(format!("there is no file {}", self.name)));
        };
        let found = repository.file(head, path.as_ref(), MAX_BYTES).await?;
        let found = found.ok_or_else(|| {
            Failure::invalid(format!("there is no manifest at {} in commit {head}", self.name))
                .hint("commit one, or say in `manifest` where it is; an absolute path names a file as it is on disk")
        })?;
        Ok((self.parse(&found)?, IN_COMMIT))
    }

    /// The file's content; `None` if there is no such file.
    fn read_disk(&self) -> Result<Option<Vec<u8>>, Failure> {
        let Some(path) = &self.on_disk else { return Ok(None) };
        match read(path) {
            Ok(content) => Ok(Some(content)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => {
                Err(Failure::invalid(format!("the manifest {} cannot be read: {error}", self.name)))
            }
        }
    }

    fn parse(&self, content: &[u8]) -> Result<Manifest, Failure> {
        Manifest::parse(&self.name, content).map_err(refusal)
    }
}

/// Not more than it takes to see that it is too much, and nothing but a file.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    if !path.metadata()?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let mut content = Vec::new();
    File::open(path)?.take(MAX_BYTES as u64 + 1).read_to_end(&mut content)?;
    Ok(content)
}

/// `path` from `top` on, if it is below it.
fn below(top: Option<&Path>, path: &Path) -> Option<BString> {
    let (top, path) = (top?.canonicalize().ok()?, path.canonicalize().ok()?);
    Some(path.strip_prefix(top).ok()?.as_os_str().as_bytes().into())
}

fn refusal(error: ManifestError) -> Failure {
    let hints = error.hints();
    hints.into_iter().fold(Failure::invalid(error.to_string()), Failure::hint)
}
