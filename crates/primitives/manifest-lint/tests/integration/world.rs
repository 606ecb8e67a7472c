//! A repository in a sandbox, and runs of the executable in it.

use std::ops::Deref;

use rehearsal::own_process;
use rehearsal::sandbox::{REPOSITORY, Sandbox};

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

/// A sandbox with a manifest.
pub(crate) struct World(Sandbox);

/// What one run of the executable came to.
#[derive(Debug)]
pub(crate) struct Run(own_process::Run);

impl World {
    /// A repository that tracks nothing.
    pub(crate) fn empty() -> Self {
        Self(Sandbox::new())
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

    /// Sets a variable for everything that runs from now on.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.0.set(name, value);
    }

    /// Runs the executable in `r`.
    #[track_caller]
    pub(crate) fn run(&self, words: &[&str]) -> Run {
        self.run_in(REPOSITORY, words)
    }

    /// Runs the executable, and asserts what holds for every run.
    #[track_caller]
    pub(crate) fn run_in(&self, folder: &str, words: &[&str]) -> Run {
        let mut command = self.command(env!("CARGO_BIN_EXE_manifest-lint"), folder);
        let run = Run(own_process::run(command.args(words)));
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
