//! Which paths differ between two commits.

use bstr::{BStr, ByteSlice};
use tokio::io::{AsyncBufRead, AsyncBufReadExt};

use crate::command::DIFF_TREE;
use crate::commit::CommitId;
use crate::error::GitError;
use crate::process::read;
use crate::repository::Repository;

/// The name under which errors speak of it.
const WHAT: &str = "diff-tree";

impl Repository {
    /// Calls `each` with every path that is not the same in both commits: added,
    /// deleted, changed in content, mode or type, or a submodule at another
    /// commit. A rename is two paths. Paths start at the top of the repository,
    /// are bytes, and come in git's order; the memory needed does not depend on
    /// their number.
    ///
    /// # Errors
    /// git fails or answers nonsense; `each` may have been called by then, so
    /// what it collected must be thrown away.
    pub async fn changed_paths(
        &self,
        base: &CommitId,
        head: &CommitId,
        mut each: impl FnMut(&BStr),
    ) -> Result<(), GitError> {
        let mut command = self.caller.command();
        command.args(DIFF_TREE).args([base.as_str(), head.as_str(), "--"]);
        let consume = async |stdout| records(stdout, &mut each).await;
        let ((), ended) = read(WHAT, &mut command, &[], consume).await?;
        ended.success()
    }
}

/// Reads the raw format under `-z` (git docs, `diff-format`): for each entry
/// `:modes ids status`, then one path, or two for a rename or a copy, each
/// ended by a NUL.
async fn records(
    mut stdout: impl AsyncBufRead + Unpin,
    each: &mut impl FnMut(&BStr),
) -> Result<(), GitError> {
    let mut field = Vec::new();
    while next_field(&mut stdout, &mut field).await? {
        let Some(paths) = paths_of_entry(&field) else {
            return Err(nonsense(&field));
        };
        for _ in 0..paths {
            if !next_field(&mut stdout, &mut field).await? || field.is_empty() {
                return Err(nonsense(&field));
            }
            each(field.as_bstr());
        }
    }
    Ok(())
}

/// Reads up to the next NUL; `false` at the end of the stream.
async fn next_field(stdout: &mut (impl AsyncBufRead + Unpin), field: &mut Vec<u8>) -> Result<bool, GitError> {
    field.clear();
    stdout.read_until(0, field).await?;
    match field.pop() {
        None => Ok(false),
        Some(0) => Ok(true),
        Some(cut_off) => {
            field.push(cut_off);
            Err(nonsense(field))
        }
    }
}

/// How many paths follow the head of an entry; `None` if it is no such head.
fn paths_of_entry(head: &[u8]) -> Option<usize> {
    let mut words = head.strip_prefix(b":")?.split(|&byte| byte == b' ');
    let status = words.nth(4)?;
    if words.next().is_some() {
        return None;
    }
    match status.first()? {
        b'A' | b'D' | b'M' | b'T' | b'U' | b'X' => Some(1),
        b'R' | b'C' => Some(2),
        _ => None,
    }
}

fn nonsense(field: &[u8]) -> GitError {
    let start = &field[..field.len().min(200)];
    GitError::Answer { what: WHAT, answer: start.to_str_lossy().into_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read from these bytes, or `None` where they are refused.
    fn paths(bytes: &[u8]) -> Option<Vec<String>> {
        let mut paths = Vec::new();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut each = |path: &BStr| paths.push(path.to_string());
        runtime.block_on(records(bytes, &mut each)).ok()?;
        Some(paths)
    }

    #[test]
    fn one_path_or_two_for_each_entry() {
        let bytes = b":100644 100644 aa bb M\0a b\0:000000 160000 00 cc A\0sub\0:1 1 a b R086\0old\0new\0";
        assert_eq!(paths(bytes).unwrap(), ["a b", "sub", "old", "new"]);
        assert_eq!(paths(b"").unwrap(), [""; 0]);
        assert_eq!(paths(b":1 1 a b T\0line\nfeed\0").unwrap(), ["line\nfeed"]);
    }

    #[test]
    fn anything_else_is_refused() {
        for bytes in [
            &b"M\0a\0"[..],
            b":1 1 a b M",
            b":1 1 a b M\0",
            b":1 1 a b M\0\0",
            b":1 1 a b M\0cut off",
            b":1 1 a b R100\0old\0",
            b":1 1 a b ?\0a\0",
            b":1 1 a b\0a\0",
            b":1 1 a b M extra\0a\0",
            b"::1 1 1 a b c MM\0a\0",
        ] {
            assert_eq!(paths(bytes), None, "{}", bytes.as_bstr());
        }
    }
}
