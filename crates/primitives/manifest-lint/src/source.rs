//! The repository, and the manifest in it.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use action::{Context, Failure};
use git::{GitError, Repository};
use manifest::MAX_BYTES;

use crate::inputs::Lint;

/// The manifest as it is on disk, so that a change can be judged before it is committed, in its repository.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) repository: Repository,
    /// From the top of the repository where it is in there, else as in the input.
    pub(crate) name: String,
    /// Whether it is in the repository.
    pub(crate) is_inside: bool,
    pub(crate) content: Vec<u8>,
}

impl Source {
    /// Finds and reads both. The repository is the one around the working directory; where that is in none, as when
    /// `actions/checkout` was given a `path`, the one around the manifest.
    ///
    /// # Errors
    /// There is no manifest, no repository, or one that is not checked out.
    pub(crate) async fn read(lint: &Lint, context: &Context) -> Result<Self, Failure> {
        let (here, environment) = (context.directory(), context.environment());
        let as_it_is = Path::new(&lint.manifest).is_absolute();
        let (repository, from_top) = match Repository::open(here, environment).await {
            Ok(repository) => (repository, !as_it_is),
            Err(GitError::NotARepository(_)) if here.join(&lint.manifest).is_file() => {
                let file = here.join(&lint.manifest);
                (Repository::open(file.parent().unwrap_or(here), environment).await?, false)
            }
            Err(error) => return Err(error.into()),
        };
        let top = repository.work_tree().ok_or_else(bare)?;
        let file = if from_top { top.join(&lint.manifest) } else { here.join(&lint.manifest) };
        let content = read(&file).map_err(|error| unreadable(&lint.manifest, &error))?;
        let below = below(top, &file);
        let is_inside = below.is_some();
        let name = if from_top { None } else { below }.unwrap_or_else(|| lint.manifest.clone());
        Ok(Self { repository, name, is_inside, content })
    }
}

fn bare() -> Failure {
    Failure::invalid("this repository has no checked-out files")
        .hint("put an `actions/checkout` step before this one")
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

fn unreadable(name: &str, error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::NotFound {
        return Failure::invalid(format!("there is no manifest at {name}"))
            .hint("write one, or say in `manifest` where it is, from the top of the repository");
    }
    Failure::invalid(format!("the manifest {name} cannot be read: {error}"))
}

/// `path` from `top` on, if it is below it.
fn below(top: &Path, path: &Path) -> Option<String> {
    let (top, path) = (top.canonicalize().ok()?, path.canonicalize().ok()?);
    Some(path.strip_prefix(top).ok()?.to_str()?.to_owned())
}
