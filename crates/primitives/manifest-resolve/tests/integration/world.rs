//! A repository in a folder that vanishes, and runs of the executable in it.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// Three targets, two of them coupled.
pub(crate) const MANIFEST: &str = r#"version: 1
targets:
  api: { paths: ["api/**", "!**/*.md"] }
  web: { paths: ["web/**"] }
  workers: { paths: ["workers/**"] }
coupling: [[api, workers]]
everything: [lock]
non_deployed: ["docs/**", "*.md"]
"#;

/// Where the manifest is.
pub(crate) const AT: &str = ".github/deploy-manifest.yml";

/// A folder with a repository `r`, and the environment of everything that runs.
pub(crate) struct World {
    folder: TempDir,
    variables: BTreeMap<String, String>,
}

/// What one run of the executable came to.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) outputs: BTreeMap<String, String>,
    pub(crate) summary: String,
}

impl World {
    /// A repository without any commit.
    pub(crate) fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("home")).unwrap();
        let mut world = Self { folder, variables: BTreeMap::new() };
        let home = world.path("home");
        world.set("HOME", home.to_str().unwrap());
        world.set("PATH", &std::env::var("PATH").unwrap());
        for (name, value) in [
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_AUTHOR_NAME", "a"),
            ("GIT_AUTHOR_EMAIL", "a@example.com"),
            ("GIT_COMMITTER_NAME", "a"),
            ("GIT_COMMITTER_EMAIL", "a@example.com"),
        ] {
            world.set(name, value);
        }
        world.init("r");
        world
    }

    /// A repository whose first commit has the manifest and these files.
    pub(crate) fn with(manifest: &str, files: &[&str]) -> Self {
        let world = Self::empty();
        world.write(AT, manifest);
        for file in files {
            world.write(file, "1\n");
        }
        world.commit();
        world
    }

    /// The usual manifest, a file for each target, and two beside them.
    pub(crate) fn usual() -> Self {
        Self::with(MANIFEST, &["api/a", "web/a", "workers/a", "docs/a", "lock"])
    }

    pub(crate) fn init(&self, name: &str) {
        fs::create_dir_all(self.path(name)).unwrap();
        self.git_in(name, &["init", "--quiet", "--initial-branch=main"]);
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Sets a variable for everything that runs from now on.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), value.to_owned());
    }

    pub(crate) fn variable(&self, name: &str) -> &str {
        &self.variables[name]
    }

    #[track_caller]
    pub(crate) fn write(&self, file: impl AsRef<[u8]>, content: &str) {
        let path = self.path("r").join(OsStr::from_bytes(file.as_ref()));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    #[track_caller]
    pub(crate) fn remove(&self, file: &str) {
        fs::remove_file(self.path("r").join(file)).unwrap();
    }

    /// Commits everything there is; the commit's id.
    #[track_caller]
    pub(crate) fn commit(&self) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message=x"]);
        self.head()
    }

    /// Commits a change to one file; the commit's id.
    #[track_caller]
    pub(crate) fn change(&self, file: impl AsRef<[u8]>) -> String {
        self.write(file, "changed\n");
        self.commit()
    }

    #[track_caller]
    pub(crate) fn head(&self) -> String {
        self.git(&["rev-parse", "HEAD"])
    }

    /// Runs git in `r`; what it printed, without the last line end.
    #[track_caller]
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        self.git_in("r", arguments)
    }

    #[track_caller]
    pub(crate) fn git_in(&self, folder: &str, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .env_clear()
            .envs(&self.variables)
            .current_dir(self.path(folder))
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// A clone `s` of `r` as `actions/checkout` makes it: one commit, no history.
    pub(crate) fn shallow_clone(&self) {
        let from = format!("file://{}", self.path("r").display());
        self.git_in(".", &["clone", "--quiet", "--depth=1", &from, "s"]);
    }

    pub(crate) fn script(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// Runs the executable in `r`.
    #[track_caller]
    pub(crate) fn run(&self, words: &[&str]) -> Run {
        self.run_in("r", words)
    }

    /// Runs the executable, and asserts what holds for every run: there is a
    /// `result`, and `targets` is there exactly if it succeeded.
    #[track_caller]
    pub(crate) fn run_in(&self, folder: &str, words: &[&str]) -> Run {
        let (outputs, summary) = (self.path("outputs"), self.path("summary"));
        let _ = (fs::remove_file(&outputs), fs::remove_file(&summary));
        let ended = Command::new(env!("CARGO_BIN_EXE_manifest-resolve"))
            .env_clear()
            .envs(&self.variables)
            .env("GITHUB_OUTPUT", &outputs)
            .env("GITHUB_STEP_SUMMARY", &summary)
            .current_dir(self.path(folder))
            .args(words)
            .output()
            .unwrap();
        let run = Run {
            code: ended.status.code().unwrap(),
            stdout: String::from_utf8(ended.stdout).unwrap(),
            stderr: String::from_utf8(ended.stderr).unwrap(),
            outputs: read_outputs(&outputs),
            summary: fs::read_to_string(&summary).unwrap_or_default(),
        };
        run.check();
        run
    }

    /// The affected targets between two commits.
    #[track_caller]
    pub(crate) fn affected(&self, base: &str) -> Vec<String> {
        let run = self.run(&["--base", base]);
        assert_eq!(run.code, 0, "{run:?}");
        run.targets()
    }
}

impl Run {
    #[track_caller]
    fn check(&self) {
        let result = self.outputs.get("result").unwrap_or_else(|| panic!("no result: {self:?}"));
        if self.code == 0 {
            assert_eq!(result, "success");
            assert_eq!(self.outputs["any"], (!self.targets().is_empty()).to_string());
            assert!(self.outputs["head"].len() >= 40, "{self:?}");
        } else {
            assert_ne!(result, "success");
            assert!(!self.outputs.contains_key("targets"), "{self:?}");
            assert!(!self.outputs.contains_key("any"), "{self:?}");
            assert!(self.stderr.contains("error"), "{self:?}");
        }
        assert!(!self.stderr.contains("panicked"), "{self:?}");
    }

    #[track_caller]
    pub(crate) fn targets(&self) -> Vec<String> {
        let list = self.outputs.get("targets").unwrap_or_else(|| panic!("no targets: {self:?}"));
        serde_json::from_str(list).unwrap()
    }

    /// The run failed with this code and word, and said this.
    #[track_caller]
    pub(crate) fn failed(&self, code: i32, result: &str, message: &str) {
        assert_eq!((self.code, self.outputs["result"].as_str()), (code, result), "{self:?}");
        assert!(self.stderr.contains(message), "{self:?}");
    }
}

/// The file in which outputs go to the runner.
fn read_outputs(file: &Path) -> BTreeMap<String, String> {
    let text = fs::read_to_string(file).unwrap_or_default();
    let mut outputs = BTreeMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let (name, delimiter) = line.split_once("<<").expect("a heredoc");
        let value: Vec<&str> = lines.by_ref().take_while(|line| *line != delimiter).collect();
        let before = outputs.insert(name.to_owned(), value.join("\n"));
        assert_eq!(before, None, "{name} twice");
    }
    outputs
}
