//! A repository in a folder that vanishes, and runs of the executable in it.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

/// Two targets, and what is deployed nowhere.
pub(crate) const MANIFEST: &str = r#"version: 1
targets:
  api: { paths: ["apps/api/**", "!**/*.md"] }
  worker:
    paths:
      - apps/worker/**
non_deployed: ["docs/**", .github/**]
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
    /// A repository that tracks nothing.
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
        fs::create_dir(world.path("r")).unwrap();
        world.git(&["init", "--quiet", "--initial-branch=main"]);
        world
    }

    /// A repository whose one commit has the manifest and these files.
    pub(crate) fn with(manifest: &str, files: &[&str]) -> Self {
        let world = Self::empty();
        world.write(AT, manifest);
        for file in files {
            world.write(file, "1\n");
        }
        world.commit();
        world
    }

    /// The usual manifest, to which nothing is wrong.
    pub(crate) fn usual() -> Self {
        Self::with(MANIFEST, &["apps/api/a", "apps/api/b.md", "apps/worker/a", "docs/a"])
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Sets a variable for everything that runs from now on.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), value.to_owned());
    }

    #[track_caller]
    pub(crate) fn write(&self, file: impl AsRef<[u8]>, content: &str) {
        let path = self.path("r").join(OsStr::from_bytes(file.as_ref()));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Commits everything there is.
    #[track_caller]
    pub(crate) fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message=x"]);
    }

    /// Runs git in `r`.
    #[track_caller]
    pub(crate) fn git(&self, arguments: &[&str]) {
        self.git_in("r", arguments);
    }

    #[track_caller]
    pub(crate) fn git_in(&self, folder: &str, arguments: &[&str]) {
        let output = Command::new("git")
            .env_clear()
            .envs(&self.variables)
            .current_dir(self.path(folder))
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Runs the executable in `r`.
    #[track_caller]
    pub(crate) fn run(&self, words: &[&str]) -> Run {
        self.run_in("r", words)
    }

    /// Runs the executable, and asserts what holds for every run.
    #[track_caller]
    pub(crate) fn run_in(&self, folder: &str, words: &[&str]) -> Run {
        let (outputs, summary) = (self.path("outputs"), self.path("summary"));
        let _ = (fs::remove_file(&outputs), fs::remove_file(&summary));
        let ended = Command::new(env!("CARGO_BIN_EXE_manifest-lint"))
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
            outputs: read_outputs(&fs::read_to_string(&outputs).unwrap_or_default()),
            summary: fs::read_to_string(&summary).unwrap_or_default(),
        };
        assert!(run.outputs.contains_key("result") && !run.stderr.contains("panicked"), "{run:?}");
        assert_eq!(run.code == 0, run.outputs["result"] == "success", "{run:?}");
        run
    }
}

impl Run {
    /// It ended with this code, this word and this verdict.
    #[track_caller]
    pub(crate) fn ended(&self, code: i32, result: &str, verdict: Option<&str>) {
        let found = (self.outputs["result"].as_str(), self.outputs.get("verdict").map(String::as_str));
        assert_eq!((self.code, found), (code, (result, verdict)), "{self:?}");
    }

    /// The rules that found something, in the order of the log.
    pub(crate) fn rules(&self) -> Vec<&str> {
        let told = self.stderr.lines().filter(|line| line.starts_with(AT));
        told.filter_map(|line| line.split_once(" [")?.1.split_once(']')).map(|(rule, _)| rule).collect()
    }
}

/// The outputs of a step, as the runner reads them.
fn read_outputs(text: &str) -> BTreeMap<String, String> {
    let mut outputs = BTreeMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let (name, delimiter) = line.split_once("<<").expect("a heredoc");
        let value: Vec<&str> = lines.by_ref().take_while(|line| *line != delimiter).collect();
        outputs.insert(name.to_owned(), value.join("\n"));
    }
    outputs
}
