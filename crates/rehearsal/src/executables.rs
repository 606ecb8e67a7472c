//! The one place that knows where the workspace's executables are.
//!
//! Tests and rehearsals run the real binaries. [`executables`] builds them once a process, or takes them from
//! the folder named by `GREENROOM_BIN_DIR`; nobody else looks into cargo's target folder, whose place and
//! layout are cargo's business.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The folder that holds ready-made executables; no build happens when it is set (and not empty).
pub const BIN_DIR: &str = "GREENROOM_BIN_DIR";

/// The workspace's root, as it was when this crate was compiled.
const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// What cargo sets for a program that it runs (The Cargo Book, "Environment variables Cargo sets for crates").
/// An inner cargo must not see it: build scripts that watch such a variable would run again at each turn.
const SET_BY_CARGO: &[&str] =
    &["CARGO_BIN_", "CARGO_CRATE_NAME", "CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_PRIMARY_PACKAGE", "OUT_DIR"];

/// Every executable of the workspace, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Executables {
    dir: PathBuf,
    paths: BTreeMap<String, PathBuf>,
}

/// Why there are no executables.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ExecutablesError {
    /// cargo did not start.
    #[error("run `{cargo} build`: {reason}")]
    Cargo {
        /// The program that was tried.
        cargo: String,
        /// What the system answered.
        reason: String,
    },
    /// cargo ran and failed; its own words went to stderr.
    #[error(
        "build the workspace's binaries: cargo ended with {0}\nhint: `cargo build --workspace --bins` shows why"
    )]
    Build(std::process::ExitStatus),
    /// cargo's messages were not what its book says.
    #[error("read cargo's messages: {0}")]
    Messages(String),
    /// The executables ended up in several folders, so no one folder can be a `bin-dir`.
    #[error("find one folder of binaries: {0} and {1} are apart")]
    Apart(PathBuf, PathBuf),
    /// `GREENROOM_BIN_DIR` cannot be listed.
    #[error("list {} ({BIN_DIR}): {reason}", dir.display())]
    Unreadable {
        /// The folder.
        dir: PathBuf,
        /// What the system answered.
        reason: String,
    },
    /// No executable has that name.
    #[error("find the executable {name} in {}; it has: {}", dir.display(), known.join(", "))]
    Unknown {
        /// The name that was asked for.
        name: String,
        /// Where it was looked for.
        dir: PathBuf,
        /// The names there are.
        known: Vec<String>,
    },
}

impl Executables {
    /// The path of one executable, for example `version-poll`.
    ///
    /// # Errors
    /// [`ExecutablesError::Unknown`], which lists the names there are.
    pub fn path(&self, name: &str) -> Result<&Path, ExecutablesError> {
        self.paths.get(name).map(PathBuf::as_path).ok_or_else(|| ExecutablesError::Unknown {
            name: name.to_owned(),
            dir: self.dir.clone(),
            known: self.paths.keys().cloned().collect(),
        })
    }

    /// The folder that holds all of them; an action's input `bin-dir` takes it.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Every name, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.paths.keys().map(String::as_str)
    }
}

/// The workspace's executables: those in `GREENROOM_BIN_DIR`, else freshly built in cargo's dev profile.
///
/// Builds at most once a process and blocks meanwhile; cargo's own lock orders several processes. cargo's
/// progress and compiler errors go to stderr. A build with nothing to do takes well under a second.
///
/// # Errors
/// When the folder cannot be listed or the build fails; the same error again for every later caller.
pub fn executables() -> Result<&'static Executables, ExecutablesError> {
    static FOUND: OnceLock<Result<Executables, ExecutablesError>> = OnceLock::new();
    let found = FOUND.get_or_init(|| match std::env::var_os(BIN_DIR).filter(|dir| !dir.is_empty()) {
        Some(dir) => list(Path::new(&dir)),
        None => build(),
    });
    found.as_ref().map_err(Clone::clone)
}

/// Takes every executable file of a folder.
fn list(dir: &Path) -> Result<Executables, ExecutablesError> {
    let unreadable =
        |e: std::io::Error| ExecutablesError::Unreadable { dir: dir.to_owned(), reason: e.to_string() };
    let dir = dir.canonicalize().map_err(unreadable)?;
    let mut paths = BTreeMap::new();
    for entry in std::fs::read_dir(&dir).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if let Some(name) = path.file_name().and_then(OsStr::to_str)
            && is_executable(&path)
        {
            paths.insert(name.to_owned(), path);
        }
    }
    Ok(Executables { dir, paths })
}

fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
}

fn build() -> Result<Executables, ExecutablesError> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(&cargo);
    command
        .args(["build", "--workspace", "--bins", "--message-format=json-render-diagnostics"])
        .current_dir(WORKSPACE)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit());
    for (name, _) in std::env::vars_os() {
        if is_set_by_cargo(&name) {
            command.env_remove(name);
        }
    }
    let output = command.output().map_err(|e| ExecutablesError::Cargo {
        cargo: cargo.to_string_lossy().into_owned(),
        reason: e.to_string(),
    })?;
    if !output.status.success() {
        return Err(ExecutablesError::Build(output.status));
    }
    from_messages(&String::from_utf8_lossy(&output.stdout))
}

fn is_set_by_cargo(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| SET_BY_CARGO.iter().any(|prefix| name.starts_with(prefix)))
}

/// The two fields that matter of cargo's artifact messages (The Cargo Book, "External tools, artifact
/// messages"); `executable` is null for everything that is no program.
#[derive(serde::Deserialize)]
struct Message {
    target: Option<Target>,
    executable: Option<PathBuf>,
}

#[derive(serde::Deserialize)]
struct Target {
    name: String,
}

fn from_messages(json_lines: &str) -> Result<Executables, ExecutablesError> {
    let mut paths = BTreeMap::new();
    for line in json_lines.lines().filter(|line| line.starts_with('{')) {
        let message: Message =
            serde_json::from_str(line).map_err(|e| ExecutablesError::Messages(e.to_string()))?;
        if let Message { target: Some(target), executable: Some(path) } = message {
            paths.insert(target.name, path);
        }
    }
    let dir = one_folder(&paths)?;
    Ok(Executables { dir, paths })
}

fn one_folder(paths: &BTreeMap<String, PathBuf>) -> Result<PathBuf, ExecutablesError> {
    let mut folders = paths.values().filter_map(|path| path.parent());
    let first =
        folders.next().ok_or_else(|| ExecutablesError::Messages("they name no executable".to_owned()))?;
    match folders.find(|folder| *folder != first) {
        Some(other) => Err(ExecutablesError::Apart(first.to_owned(), other.to_owned())),
        None => Ok(first.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARTIFACT: &str = r#"{"reason":"compiler-artifact","target":{"name":"version-poll","kind":["bin"]},"executable":"/t/debug/version-poll","fresh":true}"#;
    const LIBRARY: &str =
        r#"{"reason":"compiler-artifact","target":{"name":"wait","kind":["lib"]},"executable":null}"#;
    const FINISHED: &str = r#"{"reason":"build-finished","success":true}"#;

    #[test]
    fn programs_are_taken_from_cargo_s_messages_and_libraries_are_not() {
        let found = from_messages(&[LIBRARY, ARTIFACT, FINISHED].join("\n")).unwrap();
        assert_eq!(found.names().collect::<Vec<_>>(), ["version-poll"]);
        assert_eq!(found.path("version-poll").unwrap(), Path::new("/t/debug/version-poll"));
        assert_eq!(found.dir(), Path::new("/t/debug"));
    }

    #[test]
    fn an_unknown_name_says_which_are_known() {
        let found = from_messages(ARTIFACT).unwrap();
        let error = found.path("version-pol").unwrap_err().to_string();
        assert_eq!(error, "find the executable version-pol in /t/debug; it has: version-poll");
    }

    #[test]
    fn no_program_at_all_and_programs_in_two_folders_are_errors() {
        assert!(matches!(from_messages(LIBRARY), Err(ExecutablesError::Messages(_))));
        let apart = ARTIFACT.replace("version-poll", "kv-bind").replace("/debug/", "/other/");
        assert!(matches!(from_messages(&[ARTIFACT, &apart].join("\n")), Err(ExecutablesError::Apart(..))));
    }

    #[test]
    fn a_folder_gives_its_executable_files_only() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        for (name, mode) in [("kv-bind", 0o755), ("notes.txt", 0o644)] {
            let path = dir.path().join(name);
            std::fs::write(&path, "").unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        }
        std::fs::create_dir(dir.path().join("deps")).unwrap();
        assert_eq!(list(dir.path()).unwrap().names().collect::<Vec<_>>(), ["kv-bind"]);
        assert!(matches!(list(&dir.path().join("absent")), Err(ExecutablesError::Unreadable { .. })));
    }

    #[test]
    fn what_cargo_sets_for_a_program_is_hidden_and_what_a_person_sets_is_kept() {
        for hidden in ["CARGO_PKG_NAME", "CARGO_MANIFEST_DIR", "CARGO_BIN_EXE_kv-bind"] {
            assert!(is_set_by_cargo(OsStr::new(hidden)), "{hidden}");
        }
        for kept in ["CARGO_HOME", "CARGO_TARGET_DIR", "CARGO_NET_OFFLINE", "CARGO"] {
            assert!(!is_set_by_cargo(OsStr::new(kept)), "{kept}");
        }
    }
}
