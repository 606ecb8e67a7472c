//! Migration files of the working tree, and what is in them.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use action::Failure;
use bstr::{BStr, ByteSlice as _};
use git::{CommitId, Repository};

use crate::pattern::Pattern;

/// The most that all files may hold, in bytes: migrations are written by people.
const LIMIT: usize = 64 * 1024 * 1024;

/// A file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct File {
    /// From the top of the repository.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    /// Its name, without the folders.
    pub(crate) fn name(&self) -> &str {
        name(&self.path)
    }
}

/// The last part of a path.
pub(crate) fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// All of a path but its last part.
pub(crate) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// The files of the working tree by path.
///
/// # Errors
/// There is no such folder; a migration is no file, cannot be read, or is no text.
pub(crate) fn on_disk(pattern: &Pattern, top: &Path) -> Result<BTreeMap<String, File>, Failure> {
    let folder = pattern.folder();
    if !top.join(&folder).is_dir() {
        let what = if top.join(&folder).exists() { "is no folder" } else { "is not there" };
        return Err(Failure::invalid(format!("the folder {folder} {what}"))
            .hint("name it in `migrations` from the top of the repository, such as supabase/migrations"));
    }
    let mut reader = Reader { pattern, top, real: real(top)?, files: BTreeMap::new(), bytes: 0 };
    reader.folder(&folder, pattern.depth())?;
    Ok(reader.files)
}

/// Those of a commit below a folder that are wanted. They are deployed, so what is no text in them is nobody's to mend: it is read
/// as far as it goes.
pub(crate) async fn at_commit(
    repository: &Repository,
    commit: &CommitId,
    folder: &str,
    wanted: impl Fn(&BStr) -> bool,
) -> Result<Vec<File>, Failure> {
    let found = repository.files_below(commit, BStr::new(folder), LIMIT, wanted).await?.unwrap_or_default();
    let files = found.into_iter().map(|(path, content)| File {
        path: path.to_str_lossy().into_owned(),
        text: content.to_str_lossy().into_owned(),
    });
    Ok(files.collect())
}

/// Reads one folder after the other.
struct Reader<'p> {
    pattern: &'p Pattern,
    top: &'p Path,
    /// The top without symbolic links.
    real: PathBuf,
    files: BTreeMap<String, File>,
    bytes: usize,
}

impl Reader<'_> {
    fn folder(&mut self, folder: &str, depth: usize) -> Result<(), Failure> {
        let place = self.top.join(folder);
        for entry in fs::read_dir(&place).map_err(|error| unreadable(&place, &error))? {
            let entry = entry.map_err(|error| unreadable(&place, &error))?;
            let kind = entry.file_type().map_err(|error| unreadable(&entry.path(), &error))?;
            let name = entry.file_name();
            let joined =
                |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
            let path = joined(&name.to_string_lossy());
            if self.pattern.takes(&path) {
                if name.to_str().is_none() {
                    return Err(Failure::invalid(format!("the name of {path:?} is not UTF-8 text")));
                }
                self.file(&path)?;
            } else if kind.is_dir() && depth > 0 && name != ".git" {
                self.folder(&path, depth - 1)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &str) -> Result<(), Failure> {
        let place = self.top.join(path);
        let content = self.check(path, &place).and_then(|()| {
            fs::read(&place).map_err(|error| Failure::invalid(format!("{path} cannot be read: {error}")))
        })?;
        self.bytes += content.len();
        if self.bytes > LIMIT {
            return Err(Failure::invalid(format!(
                "the migrations up to {path} have more than {} MB together",
                LIMIT / (1024 * 1024)
            ))
            .hint("dumps of data belong elsewhere"));
        }
        let text = text(path, content)?;
        self.files.insert(path.to_owned(), File { path: path.to_owned(), text });
        Ok(())
    }

    /// Whether it is a file of this repository: a commit has no other.
    fn check(&self, path: &str, place: &Path) -> Result<(), Failure> {
        let refuse = |what: &str| Err(Failure::invalid(format!("{path} is {what}, not a migration")));
        match fs::metadata(place) {
            Ok(found) if found.is_dir() => refuse("a folder"),
            Ok(found) if !found.is_file() => refuse("no regular file"),
            Ok(_) if !real(place)?.starts_with(&self.real) => {
                refuse("a symbolic link that leads out of the repository")
            }
            Ok(found) if found.len() > LIMIT as u64 => refuse("larger than any migration"),
            Ok(_) => Ok(()),
            Err(_) if place.is_symlink() => refuse("a symbolic link that leads nowhere"),
            Err(error) => Err(unreadable(place, &error)),
        }
    }
}

fn real(path: &Path) -> Result<PathBuf, Failure> {
    path.canonicalize().map_err(|error| unreadable(path, &error))
}

/// A file's text, as PostgreSQL would take it.
fn text(path: &str, content: Vec<u8>) -> Result<String, Failure> {
    let utf8 = "save it as UTF-8 without such bytes";
    if content.starts_with(b"\xff\xfe") || content.starts_with(b"\xfe\xff") {
        return Err(Failure::invalid(format!("{path} is UTF-16 text")).hint("save it as UTF-8"));
    }
    let nul = content.iter().position(|byte| *byte == 0);
    match (nul, String::from_utf8(content)) {
        (None, Ok(text)) => Ok(text),
        (Some(at), Ok(text)) => {
            let line = line(text.as_bytes(), at);
            let problem = format!("{path} has a NUL byte on line {line}, which PostgreSQL takes in no text");
            Err(Failure::invalid(problem).hint(utf8))
        }
        (_, Err(error)) => {
            let line = line(error.as_bytes(), error.utf8_error().valid_up_to());
            Err(Failure::invalid(format!("{path} is not UTF-8 text (line {line})")).hint(utf8))
        }
    }
}

/// The line of a byte.
fn line(text: &[u8], at: usize) -> usize {
    text.iter().take(at).filter(|byte| **byte == b'\n').count() + 1
}

/// A file or folder that the system does not give out.
pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::invalid(format!("{} cannot be read: {error}", path.display()))
}
