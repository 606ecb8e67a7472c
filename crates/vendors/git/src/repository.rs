//! A repository and the names in it.

use std::path::{Path, PathBuf};

use action::Environment;

use crate::command::Caller;
use crate::commit::CommitId;
use crate::error::GitError;
use crate::process::{Ended, answer};

/// The most that an answer of one line may hold, in bytes.
const LINE: usize = 64 * 1024;

/// A repository on this machine.
#[derive(Debug)]
pub struct Repository {
    pub(crate) caller: Caller,
    pub(crate) shallow: bool,
    work_tree: Option<PathBuf>,
}

impl Repository {
    /// The repository that `folder` is in. Of `environment`, what could make git
    /// look at another repository is left out.
    ///
    /// # Errors
    /// There is no git, no repository, or one that git does not trust.
    pub async fn open(folder: &Path, environment: &Environment) -> Result<Self, GitError> {
        if !folder.is_dir() {
            return Err(GitError::NotARepository(folder.to_owned()));
        }
        let caller = Caller::new(folder, environment)?;
        let mut command = caller.local_command();
        command.args(["rev-parse", "--is-shallow-repository", "--is-inside-work-tree", "--show-cdup"]);
        let (answer, ended) = answer("rev-parse", &mut command, &[], LINE).await?;
        if !ended.is_success() {
            return Err(not_opened(folder, ended));
        }
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let mut lines = answer.lines();
        let (shallow, inside, up) = (lines.next(), lines.next(), lines.next());
        let (Some(shallow), Some(inside)) = (truth(shallow), truth(inside)) else {
            return Err(GitError::Answer { what: "rev-parse", answer });
        };
        let work_tree = inside.then(|| folder.join(up.unwrap_or_default()));
        Ok(Self { caller, shallow, work_tree })
    }

    /// The top of the checked-out files; `None` in a bare repository.
    #[must_use]
    pub fn work_tree(&self) -> Option<&Path> {
        self.work_tree.as_deref()
    }

    /// Whether the history of this clone is cut off somewhere.
    #[must_use]
    pub const fn is_shallow(&self) -> bool {
        self.shallow
    }

    /// The commit that `revision` means here: an id, a tag, a branch, `HEAD~1`, ..
    ///
    /// `None` when this clone has no such commit. Nothing is fetched to find out.
    ///
    /// # Errors
    /// It means something that is no commit, or git fails.
    pub async fn commit(&self, revision: &str) -> Result<Option<CommitId>, GitError> {
        let mut command = self.caller.local_command();
        command.args(["rev-parse", "--verify", "--quiet", "--end-of-options"]);
        command.arg(format!("{revision}^{{commit}}"));
        let (answer, ended) = answer("rev-parse", &mut command, &[], LINE).await?;
        if ended.is_success() {
            let text = String::from_utf8_lossy(&answer).into_owned();
            let id = CommitId::parse(text.trim_end());
            return id.map(Some).ok_or(GitError::Answer { what: "rev-parse", answer: text });
        }
        if ended.stderr.contains("expected commit type") {
            return Err(GitError::NotACommit(revision.to_owned()));
        }
        // With `--quiet` git does not complain about a name that it does not know.
        if ended.stderr.contains("fatal:") { Err(ended.into_error()) } else { Ok(None) }
    }
}

fn truth(line: Option<&str>) -> Option<bool> {
    line?.parse().ok()
}

fn not_opened(folder: &Path, ended: Ended) -> GitError {
    let folder = folder.to_owned();
    if ended.stderr.contains("dubious ownership") {
        GitError::NotTrusted(folder)
    } else if ended.stderr.contains("not a git repository") {
        GitError::NotARepository(folder)
    } else {
        ended.into_error()
    }
}
