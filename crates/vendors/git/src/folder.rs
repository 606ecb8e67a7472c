//! The files directly in one folder of a commit.

use bstr::{BStr, BString, ByteSlice as _};

use crate::commit::CommitId;
use crate::error::GitError;
use crate::process::answer;
use crate::repository::Repository;
use crate::tree::Kind;

/// The most that the list of a folder can take, in bytes.
const LIST: usize = 16 * 1024 * 1024;

/// What one blob adds to an answer besides its content, at most: id, kind, size.
const HEAD: usize = 128;

/// One line of the list of a folder.
pub(crate) struct Entry {
    pub(crate) mode: String,
    pub(crate) id: String,
    pub(crate) name: BString,
}

impl Repository {
    /// Name and content of every file directly in a folder, in git's order; what is in
    /// folders below it is left out. `None` if the commit has no such folder.
    ///
    /// `wanted` picks by name, before any content is read.
    ///
    /// # Errors
    /// A wanted one is a symbolic link or a submodule, all of them together have more
    /// than `limit` bytes, or git fails.
    pub async fn folder(
        &self,
        commit: &CommitId,
        path: &BStr,
        limit: usize,
        wanted: impl Fn(&BStr) -> bool,
    ) -> Result<Option<Vec<(BString, Vec<u8>)>>, GitError> {
        let kinds = self.kinds(commit, &[BString::from(path)]).await?;
        if kinds != [Some(Kind::Directory)] {
            return Ok(None);
        }
        let mut entries = self.entries(commit, path).await?;
        entries.retain(|entry| entry.mode != "040000" && wanted(entry.name.as_bstr()));
        if let Some(odd) = entries.iter().find(|entry| !entry.mode.starts_with("100")) {
            let what = if odd.mode == "120000" { "a symbolic link" } else { "a submodule" };
            let path = format!("{path}/{}", odd.name);
            return Err(GitError::NotAFile { path, what, commit: commit.to_string() });
        }
        self.contents(commit, path, entries, limit).await.map(Some)
    }

    async fn entries(&self, commit: &CommitId, path: &BStr) -> Result<Vec<Entry>, GitError> {
        let mut command = self.caller.command();
        command.args(["ls-tree", "-z", "--full-tree"]).arg(format!("{commit}:{path}"));
        let (list, ended) = answer("ls-tree", &mut command, &[], LIST).await?;
        ended.success()?;
        let records = list.split_str(b"\0").filter(|record| !record.is_empty());
        records.map(|record| entry(record).ok_or_else(|| nonsense("ls-tree", record))).collect()
    }

    pub(crate) async fn contents(
        &self,
        commit: &CommitId,
        path: &BStr,
        entries: Vec<Entry>,
        limit: usize,
    ) -> Result<Vec<(BString, Vec<u8>)>, GitError> {
        if entries.is_empty() {
            return Ok(Vec::new());
        }
        let question: String = entries.iter().map(|entry| format!("{}\n", entry.id)).collect();
        let mut command = self.caller.command();
        command.args(["cat-file", "--batch"]);
        let most = limit + entries.len() * HEAD;
        let too_large = || GitError::TooLarge { path: path.to_string(), commit: commit.to_string(), limit };
        let found = answer("cat-file", &mut command, question.as_bytes(), most).await;
        let (blobs, ended) = match found {
            // The only answer that is refused for its length.
            Err(GitError::Answer { .. }) => return Err(too_large()),
            other => other?,
        };
        ended.success()?;
        let mut rest = &blobs[..];
        let mut files = Vec::new();
        for entry in entries {
            let (content, after) = blob(rest).ok_or_else(|| nonsense("cat-file", rest))?;
            files.push((entry.name, content.to_vec()));
            rest = after;
        }
        let total: usize = files.iter().map(|(_, content)| content.len()).sum();
        if total > limit { Err(too_large()) } else { Ok(files) }
    }
}

/// `MODE SP TYPE SP ID TAB NAME` (git docs, `ls-tree`, output format).
pub(crate) fn entry(record: &[u8]) -> Option<Entry> {
    let (head, name) = record.split_once_str(b"\t")?;
    let words: Vec<&str> = head.to_str().ok()?.split(' ').collect();
    let [mode, _, id] = words[..] else { return None };
    Some(Entry { mode: mode.to_owned(), id: id.to_owned(), name: BString::from(name) })
}

/// `ID SP blob SP SIZE LF CONTENT LF` (git docs, `cat-file`, batch output), and what
/// comes after it.
fn blob(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (head, rest) = text.split_once_str(b"\n")?;
    let words: Vec<&str> = head.to_str().ok()?.split(' ').collect();
    let [_, "blob", size] = words[..] else { return None };
    let size: usize = size.parse().ok()?;
    let content = rest.get(..size)?;
    Some((content, rest.get(size..)?.strip_prefix(b"\n")?))
}

pub(crate) fn nonsense(what: &'static str, answer: &[u8]) -> GitError {
    let start = answer.get(..answer.len().min(80)).unwrap_or_default();
    GitError::Answer { what, answer: start.to_str_lossy().into_owned() }
}
