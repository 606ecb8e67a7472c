//! The content of one file of a commit.

use bstr::{BStr, ByteSlice as _};
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _};

use crate::commit::CommitId;
use crate::error::GitError;
use crate::process::read;
use crate::repository::Repository;

/// The name under which errors speak of it.
const WHAT: &str = "cat-file";

/// The most that the first line of an answer can take, in bytes: it repeats the question.
const HEAD: u64 = 64 * 1024;

impl Repository {
    /// The content of a file as it is in the commit; `None` if there is nothing
    /// at that path. A symbolic link within the repository is followed.
    ///
    /// # Errors
    /// Something else than a file is there, or one larger than `limit` bytes;
    /// or the path has a line feed in it, with which nothing can be asked for.
    pub async fn file(
        &self,
        commit: &CommitId,
        path: &BStr,
        limit: usize,
    ) -> Result<Option<Vec<u8>>, GitError> {
        let wanted = Wanted { commit, path, limit };
        if path.contains(&b'\n') {
            return Err(wanted.is("a path with a line feed"));
        }
        let mut question = format!("{commit}:").into_bytes();
        question.extend_from_slice(path);
        question.push(b'\n');
        let mut command = self.caller.command();
        command.args(["cat-file", "--batch", "--follow-symlinks"]);
        let consume = async |stdout| wanted.read(stdout).await;
        let (content, ended) = read(WHAT, &mut command, &question, consume).await?;
        ended.success()?;
        Ok(content)
    }
}

/// The file that is asked for.
struct Wanted<'a> {
    commit: &'a CommitId,
    path: &'a BStr,
    limit: usize,
}

impl Wanted<'_> {
    /// Reads the answer (git docs, `cat-file`, "batch output").
    async fn read(&self, mut stdout: impl AsyncBufRead + Unpin) -> Result<Option<Vec<u8>>, GitError> {
        let mut head = Vec::new();
        (&mut stdout).take(HEAD).read_until(b'\n', &mut head).await?;
        let head = head.to_str_lossy();
        let words: Vec<&str> = head.trim_end().split(' ').collect();
        match words[..] {
            // First, for it repeats the question, whatever words that has.
            [.., "missing"] => Ok(None),
            [_, "blob", size] => self.content(size, stdout).await.map(Some),
            [_, "tree", _] => Err(self.is("a directory")),
            [_, "commit", _] => Err(self.is("a submodule")),
            ["symlink", _] => Err(self.is("a symbolic link that leads out of the repository")),
            ["dangling" | "loop" | "notdir", _] => Err(self.is("a symbolic link that leads nowhere")),
            _ => Err(GitError::Answer { what: WHAT, answer: head.into_owned() }),
        }
    }

    async fn content(&self, size: &str, mut stdout: impl AsyncBufRead + Unpin) -> Result<Vec<u8>, GitError> {
        let nonsense = |_| GitError::Answer { what: WHAT, answer: size.to_owned() };
        let size: usize = size.parse().map_err(nonsense)?;
        if size > self.limit {
            let (path, commit) = (self.path.to_string(), self.commit.to_string());
            return Err(GitError::TooLarge { path, commit, limit: self.limit });
        }
        let mut content = vec![0; size];
        stdout.read_exact(&mut content).await?;
        // One line feed is left; git wants to be rid of it.
        tokio::io::copy_buf(&mut stdout, &mut tokio::io::sink()).await?;
        Ok(content)
    }

    fn is(&self, what: &'static str) -> GitError {
        let (path, commit) = (self.path.to_string(), self.commit.to_string());
        GitError::NotAFile { path, what, commit }
    }
}
