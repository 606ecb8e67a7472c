//! What git tracks.

use bstr::{BStr, ByteSlice as _};
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _};

use crate::error::GitError;
use crate::process::read;
use crate::repository::Repository;
use crate::tree::Kind;

/// The name under which errors speak of it.
const WHAT: &str = "ls-files";

impl Repository {
    /// Calls `each` with every path that git tracks, whatever folder the repository was opened in, and what it is: a
    /// submodule counts as a directory. Paths start at the top of the repository, are bytes, and come in git's order,
    /// each once. A bare repository tracks nothing.
    ///
    /// They are those of the index and not of a commit: a file that was just added belongs to them, no commit needs
    /// to be here, and a sparse checkout has them all.
    ///
    /// # Errors
    /// git fails or answers nonsense; `each` may have been called by then, so what it collected must be thrown away.
    pub async fn tracked_paths(&self, mut each: impl FnMut(&BStr, Kind)) -> Result<(), GitError> {
        let mut command = self.caller.command();
        // Nothing else is asked of the index, so elsewhere it is not read.
        command.env_remove("GIT_INDEX_FILE").args(["ls-files", "-z", "--stage", "--full-name", "--", ":/"]);
        let consume = async |stdout| records(stdout, &mut each).await;
        let ((), ended) = read(WHAT, &mut command, &[], consume).await?;
        ended.success()
    }
}

/// Reads `MODE SP ID SP STAGE TAB PATH NUL` (git docs, `ls-files`, output).
async fn records(
    mut stdout: impl AsyncBufRead + Unpin,
    each: &mut impl FnMut(&BStr, Kind),
) -> Result<(), GitError> {
    let (mut record, mut last) = (Vec::new(), Vec::new());
    loop {
        record.clear();
        stdout.read_until(0, &mut record).await?;
        if record.is_empty() {
            return Ok(());
        }
        let (kind, path) = entry(&record).ok_or_else(|| nonsense(&record))?;
        // A conflict has a path in several stages.
        if last != path {
            each(path, kind);
            last.clear();
            last.extend_from_slice(path);
        }
    }
}

fn entry(record: &[u8]) -> Option<(Kind, &BStr)> {
    let (head, path) = record.strip_suffix(b"\0")?.split_once_str(b"\t")?;
    let kind = if head.starts_with(b"160000 ") { Kind::Directory } else { Kind::File };
    let is_head = head.split_str(b" ").count() == 3 && !path.is_empty();
    is_head.then_some((kind, path.as_bstr()))
}

fn nonsense(record: &[u8]) -> GitError {
    let start = &record[..record.len().min(200)];
    GitError::Answer { what: WHAT, answer: start.to_str_lossy().into_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read from these bytes, or `None` where they are refused.
    fn paths(bytes: &[u8]) -> Option<Vec<(String, Kind)>> {
        let mut paths = Vec::new();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut each = |path: &BStr, kind| paths.push((path.to_string(), kind));
        runtime.block_on(records(bytes, &mut each)).ok()?;
        Some(paths)
    }

    #[test]
    fn each_path_once_and_what_it_is() {
        let bytes =
            b"100644 aa 0\ta\tb\n\x00120000 aa 0\tl\x00160000 bb 0\tsub\x00100644 c 1\tx\x00100644 d 2\tx\0";
        let wanted = [
            ("a\tb\n".to_owned(), Kind::File),
            ("l".to_owned(), Kind::File),
            ("sub".to_owned(), Kind::Directory),
            ("x".to_owned(), Kind::File),
        ];
        assert_eq!(paths(bytes).unwrap(), wanted);
        assert_eq!(paths(b"").unwrap(), []);
    }

    #[test]
    fn anything_else_is_refused() {
        for bytes in [&b"100644 aa 0\ta"[..], b"a\0", b"100644 aa 0\t\0", b"100644 0\ta\0", b"\0"] {
            assert_eq!(paths(bytes), None, "{}", bytes.as_bstr());
        }
    }
}
