//! A repository in a sandbox, and runs of the executable in it.

use std::ops::Deref;

use rehearsal::own_process;
use rehearsal::sandbox::{REPOSITORY, Sandbox};

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

/// A sandbox with a manifest.
pub(crate) struct World(Sandbox);

/// What one run of the executable came to.
#[derive(Debug)]
pub(crate) struct Run(own_process::Run);

impl World {
    /// A repository without any commit.
    pub(crate) fn empty() -> Self {
        Self(Sandbox::new())
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

    /// Commits a change to one file; the commit's id.
    #[track_caller]
    pub(crate) fn change(&self, file: impl AsRef<[u8]>) -> String {
        self.write(file, "changed\n");
        self.commit()
    }

    /// Sets a variable for everything that runs from now on.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.0.set(name, value);
    }

    /// Runs the executable in `r`.
    #[track_caller]
    pub(crate) fn run(&self, words: &[&str]) -> Run {
        self.run_in(REPOSITORY, words)
    }

    /// Runs the executable, and asserts what holds for every run: there is a
    /// `result`, and `targets` is there exactly if it succeeded.
    #[track_caller]
    pub(crate) fn run_in(&self, folder: &str, words: &[&str]) -> Run {
        let mut command = self.command(env!("CARGO_BIN_EXE_manifest-resolve"), folder);
        let run = Run(own_process::run(command.args(words)));
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
        assert_eq!(self.written.len(), self.outputs.len(), "an output is written twice: {self:?}");
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

impl Deref for World {
    type Target = Sandbox;

    fn deref(&self) -> &Sandbox {
        &self.0
    }
}

impl Deref for Run {
    type Target = own_process::Run;

    fn deref(&self) -> &own_process::Run {
        &self.0
    }
}
