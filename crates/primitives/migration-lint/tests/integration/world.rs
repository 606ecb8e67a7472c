//! A repository in a folder that vanishes, and runs of the executable in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

/// Where migrations are.
pub(crate) const FOLDER: &str = "supabase/migrations";

/// A deployed migration.
pub(crate) const FIRST: &str =
    "create table public.customers (id bigint primary key, email text, nick text);\n";

/// A repository, and the environment of everything that runs.
pub(crate) struct World {
    folder: TempDir,
}

/// What one run came to.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) outputs: BTreeMap<String, String>,
    pub(crate) summary: String,
}

impl World {
    /// A repository whose one commit has the first migration.
    pub(crate) fn new() -> Self {
        let world = Self { folder: tempfile::tempdir().unwrap() };
        world.git(&["init", "--quiet", "--initial-branch=main"]);
        world.add("20260101000000_first.sql", FIRST);
        world.commit();
        world
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a migration.
    pub(crate) fn add(&self, name: &str, sql: &str) {
        self.write(&format!("{FOLDER}/{name}"), sql);
    }

    pub(crate) fn write(&self, name: &str, content: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message=x"]);
    }

    /// Runs git; gives what it printed, without the end of the line.
    pub(crate) fn git(&self, words: &[&str]) -> String {
        let who = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"];
        let done =
            Command::new("git").args(who).args(words).current_dir(self.folder.path()).output().unwrap();
        assert!(done.status.success(), "{done:?}");
        String::from_utf8(done.stdout).unwrap().trim_end().to_owned()
    }

    /// Runs the executable against `HEAD`, on a terminal.
    pub(crate) fn lint(&self, words: &[&str]) -> Run {
        self.run(&[&["--base=HEAD"], words].concat(), &[])
    }

    /// Runs the executable with nothing but these words and variables.
    pub(crate) fn run(&self, words: &[&str], variables: &[(&str, &str)]) -> Run {
        let files = tempfile::tempdir().unwrap();
        let file = |name: &str| files.path().join(name);
        let output = Command::new(env!("CARGO_BIN_EXE_migration-lint"))
            .args(words)
            .env_clear()
            .env("PATH", std::env::var("PATH").unwrap())
            .env("HOME", files.path())
            .env("GITHUB_OUTPUT", file("outputs"))
            .env("GITHUB_STEP_SUMMARY", file("summary"))
            .envs(variables.iter().copied())
            .current_dir(self.folder.path())
            .output()
            .unwrap();
        let text = |name: &str| fs::read_to_string(file(name)).unwrap_or_default();
        Run {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            outputs: heredocs(&text("outputs")),
            summary: text("summary"),
        }
    }
}

/// The outputs of a step, as the runner reads them: each is one line here.
fn heredocs(text: &str) -> BTreeMap<String, String> {
    let mut lines = text.lines();
    let mut found = BTreeMap::new();
    while let Some((name, end)) = lines.next().and_then(|line| line.split_once("<<")) {
        let value: Vec<&str> = lines.by_ref().take_while(|line| *line != end).collect();
        found.insert(name.to_owned(), value.join("\n"));
    }
    found
}
