//! A copy of what a consumer's runner has of this repository: the launcher, a manifest, and one action.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rehearsal::runner::{Action, Runner};

/// The launcher of this checkout.
pub(crate) const LAUNCHER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../actions/launch/launch.sh");
/// The `run` line of every action.
pub(crate) const RUN_LINE: &str =
    r#"exec bash --noprofile --norc -p "${GITHUB_ACTION_PATH:?}/../launch/launch.sh" sample"#;
/// The version that the manifest names.
pub(crate) const VERSION: &str = "9.9.9";
/// The target of the machine that runs the tests.
pub(crate) const TARGET: &str = match (cfg!(target_os = "macos"), cfg!(target_arch = "aarch64")) {
    (true, _) => "aarch64-apple-darwin",
    (false, true) => "aarch64-unknown-linux-gnu",
    (false, false) => "x86_64-unknown-linux-gnu",
};

/// A primitive as far as the launcher is concerned: it answers signals, sets outputs and, with `wait`, stays.
/// It waits inside one builtin of bash, so that no process of its own can be left over.
pub(crate) const SAMPLE: &str = r#"#!/bin/bash
end() { printf 'result=cancelled\n' >>"$GITHUB_OUTPUT"; echo "sample ends by $1"; exit "$2"; }
trap 'end INT 130' INT
trap 'end TERM 143' TERM
printf 'text<<E-O-T\n%s\nE-O-T\n' "${INPUT_TEXT-}" >>"$GITHUB_OUTPUT"
printf 'arguments=%s\n' "$#" >>"$GITHUB_OUTPUT"
if [ -n "${INPUT_WAIT-}" ]; then
  mkfifo "$RUNNER_TEMP/never-$$" && exec 9<>"$RUNNER_TEMP/never-$$"
  echo "sample waits"
  while :; do read -r -t 60 -u 9; done
fi
printf 'result=success\n' >>"$GITHUB_OUTPUT"
echo "sample ran"
"#;

/// The folder; its name holds a blank and a quote, which every path through the launcher must survive.
pub(crate) struct Checkout(tempfile::TempDir);

impl Checkout {
    /// With this repository's launcher, and a manifest without binaries.
    pub(crate) fn new() -> Self {
        let checkout = Self(tempfile::Builder::new().prefix("a user's ").tempdir().unwrap());
        fs::create_dir_all(checkout.path("actions/launch")).unwrap();
        fs::create_dir_all(checkout.path("actions/sample")).unwrap();
        fs::copy(LAUNCHER, checkout.launcher()).unwrap();
        checkout.manifest("https://example.invalid", &[]);
        checkout
    }

    /// With one released binary for this machine, served from `base`.
    pub(crate) fn releasing(binary: &[u8], base: &str) -> Self {
        let checkout = Self::new();
        checkout.manifest(base, &[("sample", TARGET, &sha256(binary))]);
        checkout
    }

    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }

    pub(crate) fn launcher(&self) -> PathBuf {
        self.path("actions/launch/launch.sh")
    }

    /// Writes the manifest anew.
    pub(crate) fn manifest(&self, base: &str, rows: &[(&str, &str, &str)]) {
        let rows: String =
            rows.iter().map(|(name, target, sha)| format!("bin {name} {target} {sha}\n")).collect();
        let text = format!("# a comment\nversion {VERSION}\nbase-url {base}\n{rows}");
        fs::write(self.path("actions/launch/manifest.txt"), text).unwrap();
    }

    /// The action `sample`, of the same shape as the generated ones.
    pub(crate) fn action(&self) -> Action {
        self.action_with(RUN_LINE)
    }

    /// The same with another `run` line.
    pub(crate) fn action_with(&self, run: &str) -> Action {
        let dir = self.path("actions/sample");
        let text = format!(
            "name: sample\ndescription: A sample.\n\
             inputs:\n  text: {{description: Some text.}}\n  wait: {{description: Whether to wait.}}\n  \
             bin-dir: {{description: Local binaries., default: ''}}\n\
             outputs:\n  text: {{description: It., value: '${{{{ steps.main.outputs.text }}}}'}}\n  \
             arguments: {{description: How many., value: '${{{{ steps.main.outputs.arguments }}}}'}}\n  \
             result: {{description: Result., value: '${{{{ steps.main.outputs.result }}}}'}}\n\
             runs:\n  using: composite\n  steps:\n    - id: main\n      shell: bash\n      run: {run}\n      env:\n        \
             INPUT_TEXT: ${{{{ inputs.text }}}}\n        INPUT_WAIT: ${{{{ inputs.wait }}}}\n        \
             GREENROOM_BIN_DIR: ${{{{ inputs.bin-dir }}}}\n"
        );
        fs::write(dir.join("action.yml"), text).unwrap();
        Action::load(&dir).unwrap()
    }

    /// Puts an executable into the checkout and returns its folder.
    pub(crate) fn executable(&self, below: &str, text: &str) -> PathBuf {
        write_executable(&self.path(below), text.as_bytes());
        self.path(below).parent().unwrap().to_owned()
    }

    /// Puts a `uname` before the real one, for a step of this runner.
    pub(crate) fn fake_uname(&self, runner: &mut Runner, system: &str, machine: &str) {
        let text = format!(
            "#!/bin/sh\ncase $1 in -s) echo '{system}' ;; -m) echo '{machine}' ;; *) exit 1 ;; esac\n"
        );
        let folder = self.executable("fakes/uname", &text);
        let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
        runner.env("PATH", path);
    }
}

/// Where the launcher keeps a binary.
pub(crate) fn cached(runner: &Runner, target: &str, binary: &[u8]) -> PathBuf {
    runner.tool_cache().join(format!("greenroom/{VERSION}/{target}/sample-{}", sha256(binary)))
}

/// Every file below a folder.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

pub(crate) fn write_executable(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// By the system's own tool, so that the launcher is not judged by itself.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    let mut tool = Command::new("shasum");
    tool.args(["-a", "256"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = tool.spawn().unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    let output = child.wait_with_output().unwrap();
    String::from_utf8(output.stdout).unwrap().split(' ').next().unwrap().to_owned()
}
