//! Fetching one commit that this clone does not have.

use crate::command::FETCH;
use crate::commit::CommitId;
use crate::error::GitError;
use crate::process::answer;
use crate::repository::Repository;

/// The remote that `actions/checkout` sets up.
const REMOTE: &str = "origin";

/// A quiet fetch says next to nothing on stdout.
const ANSWER: usize = 64 * 1024;

impl Repository {
    /// Fetches one commit from the remote `origin`, by its id. GitHub gives out
    /// every commit that it still has this way, also those that a force push
    /// took off their branch.
    ///
    /// A shallow clone gets this commit alone. A full clone gets what it lacks
    /// of its history, since a cut in it would make the clone shallow and
    /// surprise later steps. No branch, tag or `FETCH_HEAD` is written.
    ///
    /// # Errors
    /// There is no such remote, it does not give the commit out, or it cannot
    /// be reached.
    pub async fn fetch(&self, commit: &CommitId) -> Result<(), GitError> {
        let mut command = self.caller.command();
        command.args(FETCH);
        if self.shallow {
            command.arg("--depth=1");
        }
        command.args([REMOTE, commit.as_str()]);
        let (_, ended) = answer("fetch", &mut command, &[], ANSWER).await?;
        if ended.is_success() {
            return Ok(());
        }
        if ["not our ref", "unadvertised object", "couldn't find remote ref"]
            .iter()
            .any(|words| ended.stderr.contains(words))
        {
            return Err(GitError::NotOnRemote { commit: commit.to_string(), stderr: ended.stderr });
        }
        if ended.stderr.contains(&format!("'{REMOTE}' does not appear to be a git repository")) {
            return Err(GitError::NoRemote(REMOTE));
        }
        Err(ended.into_error())
    }
}
