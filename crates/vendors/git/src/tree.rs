//! What a commit has at many paths.

use bstr::{BString, ByteSlice as _};

use crate::commit::CommitId;
use crate::error::GitError;
use crate::process::answer;
use crate::repository::Repository;

/// What stands at a path.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// A directory.
    Directory,
    /// A file, or a symbolic link.
    File,
}

impl Repository {
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
}

fn kind(line: &[u8]) -> Option<Kind> {
    match line {
        b"tree" => Some(Kind::Directory),
        b"blob" => Some(Kind::File),
        _ => None,
    }
}
