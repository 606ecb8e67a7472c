//! `.ci/run` on machines that have more or less installed, with stand-ins that note how they were called.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use super::own_root;

/// A folder of commands: those that are there, and a note of every call of `apt-get` and `cargo`.
struct Machine(tempfile::TempDir);

impl Machine {
    fn with(commands: &[&str], python_has_venv: bool) -> Self {
        let machine = Self(tempfile::tempdir().unwrap());
        for tool in ["bash", "dirname", "env"] {
            let found =
                ["/usr/bin", "/bin"].iter().map(|folder| Path::new(folder).join(tool)).find(|p| p.exists());
            symlink(found.unwrap(), machine.0.path().join(tool)).unwrap();
        }
        for command in commands {
            machine.script(command, "exit 0");
        }
        if commands.contains(&"python3") && !python_has_venv {
            machine.script("python3", "exit 1");
        }
        for noted in ["apt-get", "cargo"] {
            machine.script(noted, "echo \"${0##*/} $* [$CARGO_LLVM_COV_SETUP]\" >>\"${0%/*}/calls\"");
        }
        machine.script("sudo", "exec \"$@\"");
        machine
    }

    fn script(&self, name: &str, body: &str) {
        let place = self.0.path().join(name);
        fs::write(&place, format!("#!/bin/bash\n{body}\n")).unwrap();
        fs::set_permissions(place, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// The calls of `apt-get` and `cargo`, in order.
    fn calls(&self, words: &[&str]) -> Vec<String> {
        let run = own_root().join(".ci/run");
        let status = Command::new("/bin/bash")
            .arg(run)
            .args(words)
            .env_clear()
            .env("PATH", self.0.path())
            .env("CARGO_LLVM_COV_SETUP", "yes")
            .status()
            .unwrap();
        assert!(status.success());
        let calls = fs::read_to_string(self.0.path().join("calls")).unwrap();
        calls.lines().map(str::to_owned).collect()
    }
}

const ALL: [&str; 6] = ["cc", "curl", "git", "node", "npm", "python3"];

#[test]
fn nothing_is_installed_where_nothing_is_missing() {
    assert_eq!(
        Machine::with(&ALL, true).calls(&["fmt"]),
        ["cargo run --locked --quiet --package xtask -- ci fmt [no]"]
    );
}

#[test]
fn a_bare_machine_gets_what_is_missing_after_an_update() {
    assert_eq!(
        Machine::with(&["git", "python3"], false).calls(&[]),
        [
            "apt-get update -qq [yes]",
            "apt-get install -y -qq --no-install-recommends build-essential curl nodejs npm python3-venv [yes]",
            "cargo run --locked --quiet --package xtask -- ci [no]",
        ]
    );
}
