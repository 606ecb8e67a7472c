//! What a commit has at a path.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use bstr::{BStr, BString, ByteSlice};

use crate::commit::CommitId;
use crate::error::GitError;
use crate::process::answer;
use crate::repository::Repository;

/// The most that the entry of one path can take, in bytes.
const ENTRY: usize = 64 * 1024;

/// What stands at a path.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// A directory.
    Directory,
    /// A file, or a symbolic link.
    File,
}

impl Repository {
    /// The content of a file as it is in the commit; `None` if there is nothing
    /// at that path.
    ///
    /// # Errors
    /// Something else than a file is there, or one larger than `limit` bytes.
    pub async fn file(
        &self,
        commit: &CommitId,
        path: &BStr,
        limit: usize,
    ) -> Result<Option<Vec<u8>>, GitError> {
        let Some(object) = self.file_object(commit, path).await? else {
            return Ok(None);
        };
        if self.size(&object).await? > limit {
            let (path, commit) = (path.to_string(), commit.to_string());
            return Err(GitError::TooLarge { path, commit, limit });
        }
        let mut command = self.caller.command();
        command.args(["cat-file", "blob", &object]);
        let (content, ended) = answer("cat-file", &mut command, &[], limit).await?;
        ended.success()?;
        Ok(Some(content))
    }

    /// What the commit has at each of these paths, in their order. Nothing is
    /// fetched to find out: what a partial clone does not have counts as absent.
    ///
    /// # Errors
    /// git fails.
    pub async fn kinds(&self, commit: &CommitId, paths: &[BString]) -> Result<Vec<Option<Kind>>, GitError> {
        // One line a question: a path with a line feed in it cannot be asked for.
        let can_ask = |path: &&BString| !path.contains(&b'\n');
        let mut questions = Vec::new();
        for path in paths.iter().filter(can_ask) {
            questions.extend_from_slice(format!("{commit}:").as_bytes());
            questions.extend_from_slice(path);
            questions.push(b'\n');
        }
        if questions.is_empty() {
            return Ok(vec![None; paths.len()]);
        }
        let mut command = self.caller.local_command();
        command.args(["cat-file", "--batch-check=%(objecttype)"]);
        // An absent path is answered with the question and a word.
        let limit = questions.len() + paths.len() * 64;
        let (answer, ended) = answer("cat-file", &mut command, &questions, limit).await?;
        ended.success()?;
        let mut lines = answer.lines();
        Ok(paths.iter().map(|path| can_ask(&path).then(|| lines.next()).flatten().and_then(kind)).collect())
    }

    /// The object of the file at `path`.
    async fn file_object(&self, commit: &CommitId, path: &BStr) -> Result<Option<String>, GitError> {
        let mut command = self.caller.command();
        command.args(["ls-tree", "-z", "--full-tree", commit.as_str(), "--"]);
        command.arg(OsStr::from_bytes(path));
        let (answer, ended) = answer("ls-tree", &mut command, &[], ENTRY).await?;
        ended.success()?;
        let entry = answer.split_str("\0").next().unwrap_or_default();
        if entry.is_empty() {
            return Ok(None);
        }
        let head = entry.split_str("\t").next().unwrap_or_default().to_str_lossy();
        let words: Vec<&str> = head.split(' ').collect();
        let what = match words[..] {
            ["100644" | "100755" | "100664", "blob", object] => return Ok(Some(object.to_owned())),
            ["120000", ..] => "a symbolic link",
            ["160000", ..] => "a submodule",
            ["040000", ..] => "a directory",
            _ => return Err(GitError::Answer { what: "ls-tree", answer: head.into_owned() }),
        };
        Err(GitError::NotAFile { path: path.to_string(), what, commit: commit.to_string() })
    }

    async fn size(&self, object: &str) -> Result<usize, GitError> {
        let mut command = self.caller.command();
        command.args(["cat-file", "-s", object]);
        let (answer, ended) = answer("cat-file", &mut command, &[], ENTRY).await?;
        ended.success()?;
        let text = answer.to_str_lossy();
        text.trim_end().parse().map_err(|_| GitError::Answer { what: "cat-file", answer: text.into_owned() })
    }
}

fn kind(line: &[u8]) -> Option<Kind> {
    match line {
        b"tree" => Some(Kind::Directory),
        b"blob" => Some(Kind::File),
        _ => None,
    }
}
