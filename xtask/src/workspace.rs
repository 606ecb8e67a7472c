//! The workspace on disk: where it is, which primitives it has, how to call cargo in it.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use anyhow::{Context as _, Result, bail};

/// What cargo sets for a program that it runs (The Cargo Book, "Environment variables Cargo sets for crates").
/// An inner cargo must not see it: build scripts that watch such a variable would run again at each turn.
const SET_BY_CARGO: &[&str] =
    &["CARGO_BIN_", "CARGO_CRATE_NAME", "CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_PRIMARY_PACKAGE", "OUT_DIR"];

/// A workspace of this layout.
#[derive(Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// The one that this program was built in.
    pub(crate) fn own() -> Self {
        let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
        Self::at(xtask.parent().unwrap_or(xtask).to_owned())
    }

    /// Another one, such as a copy that a test made.
    pub(crate) fn at(root: PathBuf) -> Self {
        Self { root }
    }

    /// Its top folder.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of chores' by-products; git ignores it.
    pub(crate) fn scratch(&self) -> PathBuf {
        self.root.join("target/xtask")
    }

    /// The names of all primitives, sorted: the folders of `crates/primitives`.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub(crate) fn primitives(&self) -> Result<Vec<String>> {
        let folder = self.root.join("crates/primitives");
        let mut names = Vec::new();
        for entry in fs::read_dir(&folder).with_context(|| format!("list {}", folder.display()))? {
            let entry = entry?;
            if entry.path().join("Cargo.toml").is_file() {
                names.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    /// The files that git knows or would add, as paths with `/` from the top folder; links are left out.
    ///
    /// # Errors
    /// When this is no git repository.
    pub(crate) fn files(&self) -> Result<Vec<String>> {
        let list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
        let paths = read(Command::new("git").current_dir(&self.root).args(list))?;
        // One may be deleted and the deletion not yet committed.
        let there = |path: &&str| self.root.join(path).symlink_metadata().is_ok_and(|found| found.is_file());
        Ok(paths.split_terminator('\0').filter(there).map(str::to_owned).collect())
    }

    /// The cargo that runs this program, in the workspace's top folder.
    pub(crate) fn cargo(&self) -> Command {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.current_dir(&self.root);
        for (name, _) in std::env::vars_os() {
            if is_set_by_cargo(&name) {
                cargo.env_remove(name);
            }
        }
        cargo
    }
}

fn is_set_by_cargo(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| SET_BY_CARGO.iter().any(|prefix| name.starts_with(prefix)))
}

/// Runs a command whose output a person reads.
///
/// # Errors
/// When it cannot be started or ends with anything but success; the message is the command.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("run `{}`", shown(command)))?;
    succeeded(command, status)
}

/// Runs a command and gives its stdout; stderr goes where ours goes.
///
/// # Errors
/// As [`run`], and when stdout is no UTF-8.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(std::process::Stdio::inherit())
        .output()
        .with_context(|| format!("run `{}`", shown(command)))?;
    succeeded(command, output.status)?;
    String::from_utf8(output.stdout).with_context(|| format!("read the output of `{}`", shown(command)))
}

fn succeeded(command: &Command, status: ExitStatus) -> Result<()> {
    if !status.success() {
        bail!("`{}` ended with {status}", shown(command));
    }
    Ok(())
}

/// A command as a person would type it in the workspace's top folder.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let set = command.get_envs().filter_map(|(name, value)| {
        Some(format!("{}={}", name.to_string_lossy(), quoted(&value?.to_string_lossy())))
    });
    let words = [program].into_iter().chain(command.get_args()).map(|word| quoted(&word.to_string_lossy()));
    set.chain(words).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_=./:,@+*%".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_a_person_would_type_it() {
        let mut command = Command::new("/usr/local/bin/cargo");
        command
            .args(["doc", "--no-deps", ""])
            .env("RUSTDOCFLAGS", "-D warnings")
            .env_remove("CARGO_PKG_NAME");
        assert_eq!(shown(&command), "RUSTDOCFLAGS='-D warnings' cargo doc --no-deps ''");
    }

    #[test]
    fn a_failure_names_its_command() {
        let error = run(Command::new("false").arg("it's")).unwrap_err().to_string();
        assert_eq!(error, r"`false 'it'\''s'` ended with exit status: 1");
        assert!(read(&mut Command::new("/no/such/program")).is_err());
    }

    #[test]
    fn the_own_workspace_has_primitives() {
        assert!(Workspace::own().primitives().unwrap().contains(&"version-poll".to_owned()));
    }
}
