//! The files of a commit at any depth.

use bstr::{BStr, BString, ByteSlice as _};
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _};

use crate::commit::CommitId;
use crate::error::GitError;
use crate::folder::{Entry, entry, nonsense};
use crate::process::{answer, read};
use crate::repository::Repository;

impl Repository {
    /// Path and content of every file below a folder, at any depth; an empty folder means the top. Paths begin at the
    /// top of the repository and come in git's order. `None` if the commit has no such folder.
    ///
    /// Symbolic links are followed, the folder's own and those of files, as far as they stay in the repository.
    /// `wanted` picks by path, before any content is read.
    ///
    /// # Errors
    /// A wanted one is a submodule or a link that leads to no file, all of them together have more than `limit` bytes,
    /// or git fails.
    pub async fn files_below(
        &self,
        commit: &CommitId,
        folder: &BStr,
        limit: usize,
        wanted: impl Fn(&BStr) -> bool,
    ) -> Result<Option<Vec<(BString, Vec<u8>)>>, GitError> {
        let Some(tree) = self.tree(commit, folder).await? else { return Ok(None) };
        let entries = self.entries_below(&tree, folder, wanted).await?;
        if let Some(odd) = entries.iter().find(|entry| entry.mode == "160000") {
            let (path, commit) = (odd.name.to_string(), commit.to_string());
            return Err(GitError::NotAFile { path, what: "a submodule", commit });
        }
        let (links, entries): (Vec<_>, Vec<_>) =
            entries.into_iter().partition(|entry| entry.mode == "120000");
        let mut files = self.contents(commit, folder, entries, limit).await?;
        for link in links {
            if let Some(content) = self.file(commit, link.name.as_bstr(), limit).await? {
                files.push((link.name, content));
            }
        }
        files.sort();
        let total: usize = files.iter().map(|(_, content)| content.len()).sum();
        if total > limit {
            let (path, commit) = (folder.to_string(), commit.to_string());
            return Err(GitError::TooLarge { path, commit, limit });
        }
        Ok(Some(files))
    }

    /// Those paths of a commit that are wanted, at any depth, in git's order.
    ///
    /// # Errors
    /// git fails, also where this clone lacks a part of the commit.
    pub async fn paths(
        &self,
        commit: &CommitId,
        wanted: impl Fn(&BStr) -> bool,
    ) -> Result<Vec<BString>, GitError> {
        let entries = self.entries_below(&commit.to_string(), BStr::new(""), wanted).await?;
        Ok(entries.into_iter().map(|entry| entry.name).collect())
    }

    /// The id of the tree that a folder is, if it is one.
    async fn tree(&self, commit: &CommitId, folder: &BStr) -> Result<Option<String>, GitError> {
        if folder.contains(&b'\n') {
            return Ok(None);
        }
        let mut command = self.caller.command();
        command.args(["cat-file", "--batch-check", "--follow-symlinks"]);
        let mut question = format!("{commit}:").into_bytes();
        question.extend_from_slice(folder);
        question.push(b'\n');
        // An absent one, and a link that leads nowhere, are answered with the question or its target.
        let limit = question.len() + 16 * 1024;
        let (answer, ended) = answer("cat-file", &mut command, &question, limit).await?;
        ended.success()?;
        let answer = answer.to_str_lossy();
        let words: Vec<&str> = answer.trim_end().split(' ').collect();
        Ok(match words[..] {
            [id, "tree", _] => Some(id.to_owned()),
            _ => None,
        })
    }

    async fn entries_below(
        &self,
        tree: &str,
        folder: &BStr,
        wanted: impl Fn(&BStr) -> bool,
    ) -> Result<Vec<Entry>, GitError> {
        let mut command = self.caller.command();
        command.args(["ls-tree", "-r", "-z", "--full-tree", tree]);
        let consume = async |stdout| entries(stdout, folder, &wanted).await;
        let (entries, ended) = read("ls-tree", &mut command, &[], consume).await?;
        ended.success()?;
        Ok(entries)
    }
}

/// Reads records as they come: a large repository has many that nobody wants.
async fn entries(
    mut stdout: impl AsyncBufRead + Unpin,
    folder: &BStr,
    wanted: &impl Fn(&BStr) -> bool,
) -> Result<Vec<Entry>, GitError> {
    let (mut record, mut found) = (Vec::new(), Vec::new());
    loop {
        record.clear();
        stdout.read_until(0, &mut record).await?;
        if record.is_empty() {
            return Ok(found);
        }
        let mut entry =
            record.strip_suffix(b"\0").and_then(entry).ok_or_else(|| nonsense("ls-tree", &record))?;
        if !folder.is_empty() {
            entry.name = [folder.as_bytes(), entry.name.as_slice()].join(&b'/').into();
        }
        if wanted(entry.name.as_bstr()) {
            found.push(entry);
        }
    }
}
