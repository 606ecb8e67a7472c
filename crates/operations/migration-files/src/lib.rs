//! Reads the migration files of a commit, or of a folder.
//!
//! A gate judges what a tag has, not what happens to lie in the working tree, so
//! primitives read [`at_commit`]; [`in_folder`] is for what is not committed yet.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use action::{BadInput, Failure};
use bstr::{BStr, ByteSlice as _};
use git::{CommitId, GitError, Repository};
use migration_history::{FolderProblem, Migrations};

/// Where migrations are unless told otherwise, from the top of the repository
/// (Supabase docs, CLI project layout).
pub const USUAL: &str = "supabase/migrations";

/// The most that all files of a folder may hold, in bytes: migrations are written by
/// people.
const LIMIT: usize = 64 * 1024 * 1024;

/// Why there are no migrations to be had.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such folder.
    #[error("there is no folder {folder} {place}")]
    NoFolder {
        /// The folder.
        folder: String,
        /// In which commit, or where else.
        place: String,
    },
    /// A file that is no text.
    #[error("{file} is not UTF-8 text")]
    NotText {
        /// The file.
        file: String,
    },
    /// Its files are no migrations.
    #[error("{folder}: {problem}")]
    Folder {
        /// The folder.
        folder: String,
        /// What is wrong.
        problem: FolderProblem,
    },
    /// git said no.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The system said no.
    #[error("{} cannot be read: {cause}", file.display())]
    Unreadable {
        /// File or folder.
        file: PathBuf,
        /// Why.
        cause: io::Error,
    },
}

impl From<Error> for Failure {
    /// Maps to `invalid`: nothing was asked of anybody yet.
    fn from(error: Error) -> Self {
        let text = error.to_string();
        match error {
            Error::NoFolder { .. } => Self::invalid(text)
                .hint("name it from the top of the repository, such as supabase/migrations")
                .hint("a commit without migrations needs no gate for them: leave the step out"),
            Error::NotText { .. } => Self::invalid(text).hint("save it as UTF-8"),
            Error::Folder { .. } => Self::invalid(text).hint(
                "files are called <14 digits>_<name>.sql, each version once; keep other SQL in another folder",
            ),
            Error::Git(error) => error.into(),
            Error::Unreadable { .. } => Self::invalid(text),
        }
    }
}

/// Checks an input that names the folder: from the top of the repository, without `..`.
///
/// # Errors
/// It is empty, absolute, or leads out of the repository.
pub fn folder(input: &'static str, text: &str) -> Result<String, BadInput> {
    let trimmed = text.trim_end_matches('/');
    let odd = |part: &str| part.is_empty() || part == "." || part == "..";
    if trimmed.chars().any(char::is_control) || trimmed.split('/').any(odd) {
        let problem = format!("{text:?} is not a folder of the repository");
        return Err(
            BadInput::new(input, problem).hint(format!("write it from the top on, such as `{USUAL}`"))
        );
    }
    Ok(trimmed.to_owned())
}

/// The migrations that a commit has directly in `folder`, which begins at the top of
/// the repository.
///
/// # Errors
/// See [`Error`].
pub async fn at_commit(
    repository: &Repository,
    commit: &CommitId,
    folder: &str,
) -> Result<Migrations, Error> {
    let sql = |name: &BStr| name.ends_with(b".sql");
    let found = repository.folder(commit, BStr::new(folder), LIMIT, sql).await?;
    let found = found
        .ok_or_else(|| Error::NoFolder { folder: folder.to_owned(), place: format!("in commit {commit}") })?;
    let files = found.into_iter().map(|(name, content)| {
        let name = name.to_str_lossy().into_owned();
        text(folder, name, content)
    });
    migrations(folder, files)
}

/// The migrations directly in a folder of this machine.
///
/// # Errors
/// See [`Error`].
pub fn in_folder(folder: &Path) -> Result<Migrations, Error> {
    let shown = folder.display().to_string();
    let unreadable = |file: &Path| {
        let file = file.to_owned();
        |cause| Error::Unreadable { file, cause }
    };
    if !folder.is_dir() {
        return Err(Error::NoFolder { folder: shown, place: "here".to_owned() });
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable(folder))? {
        let path = entry.map_err(unreadable(folder))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".sql") && path.is_file() {
            let content = fs::read(&path).map_err(unreadable(&path))?;
            files.push(text(&shown, name, content));
        }
    }
    migrations(&shown, files)
}

fn text(folder: &str, name: String, content: Vec<u8>) -> Result<(String, String), Error> {
    match String::from_utf8(content) {
        Ok(text) => Ok((name, text)),
        Err(_) => Err(Error::NotText { file: format!("{folder}/{name}") }),
    }
}

fn migrations(
    folder: &str,
    files: impl IntoIterator<Item = Result<(String, String), Error>>,
) -> Result<Migrations, Error> {
    let files = files.into_iter().collect::<Result<Vec<_>, _>>()?;
    Migrations::new(files).map_err(|problem| Error::Folder { folder: folder.to_owned(), problem })
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use action::Environment;

    use super::*;

    const NAME: &str = "20260101000000_a.sql";

    fn stems(found: &Migrations) -> Vec<String> {
        found.iter().map(migration_history::Migration::stem).collect()
    }

    #[test]
    fn a_folder_is_read_as_it_lies_there() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, content: &[u8]| fs::write(folder.path().join(name), content).unwrap();
        write(NAME, b"select 1;");
        write("README.md", b"\xff");
        fs::create_dir(folder.path().join("20260102000000_folder.sql")).unwrap();
        assert_eq!(stems(&in_folder(folder.path()).unwrap()), ["20260101000000_a"]);
        write("20260103000000_latin1.sql", b"-- \xe9");
        let error = in_folder(folder.path()).unwrap_err().to_string();
        assert!(error.ends_with("20260103000000_latin1.sql is not UTF-8 text"), "{error}");
        assert!(matches!(in_folder(&folder.path().join("gone")), Err(Error::NoFolder { .. })));
        write("20260103000000_latin1.sql", b"");
        write("fix.sql", b"");
        assert!(matches!(in_folder(folder.path()), Err(Error::Folder { .. })));
    }

    #[tokio::test]
    async fn a_commit_has_what_was_committed() {
        let folder = tempfile::tempdir().unwrap();
        let git = |words: &[&str]| {
            let who = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"];
            let done = Command::new("git").args(who).args(words).current_dir(folder.path()).output().unwrap();
            assert!(done.status.success(), "{done:?}");
        };
        let migrations = folder.path().join(USUAL);
        fs::create_dir_all(&migrations).unwrap();
        fs::write(migrations.join(NAME), "select 1;").unwrap();
        git(&["init", "--quiet"]);
        git(&["add", "."]);
        git(&["commit", "--quiet", "--message", "one"]);
        fs::write(migrations.join("20260102000000_b.sql"), "").unwrap();
        let repository = Repository::open(
            folder.path(),
            &Environment::from_iter([("PATH", std::env::var("PATH").unwrap())]),
        )
        .await;
        let repository = repository.unwrap();
        let head = repository.commit("HEAD").await.unwrap().unwrap();
        let found = at_commit(&repository, &head, USUAL).await.unwrap();
        assert_eq!(stems(&found), ["20260101000000_a"]);
        assert_eq!(found.newest().unwrap().text(), "select 1;");
        let error = at_commit(&repository, &head, "db/migrations").await.unwrap_err().to_string();
        assert_eq!(error, format!("there is no folder db/migrations in commit {head}"));
    }

    #[test]
    fn the_folder_s_name_stays_within_the_repository() {
        assert_eq!(folder("migrations", "supabase/migrations/").unwrap(), "supabase/migrations");
        for bad in ["", "/", "/etc", "../x", "a/../b", "a//b", "./a", "a\nb"] {
            assert!(folder("migrations", bad).is_err(), "{bad:?}");
        }
    }
}
