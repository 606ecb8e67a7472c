//! The variables that a runner gives to every process.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use super::{Runner, RunnerError};

/// What every process gets unless the job or the step says otherwise.
pub(super) fn base(runner: &Runner) -> BTreeMap<String, OsString> {
    let kept = ["PATH", "TMPDIR"].into_iter();
    let kept = kept.filter_map(|name| Some((name.to_owned(), std::env::var_os(name)?)));
    let own = [("HOME", runner.folders.path().join("home").into_os_string()), ("CI", "true".into())];
    let machine = runner.machine.iter().map(|(name, value)| (name.clone(), OsString::from(value)));
    kept.chain(own.map(|(name, value)| (name.to_owned(), value))).chain(machine).collect()
}

/// `GITHUB_*` and `RUNNER_*`, which nothing overrides: the runner sets them last.
/// A step that `uses:` an action is told the action's folder.
pub(super) fn fixed(runner: &Runner, action: Option<&Path>) -> BTreeMap<String, String> {
    let shown = |path: &Path| path.display().to_string();
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    let own = [
        ("GITHUB_ACTIONS", "true".to_owned()),
        // Both are empty in a `run` step, whatever the action was called by (actions/runner, issue 2473).
        ("GITHUB_ACTION_REF", String::new()),
        ("GITHUB_ACTION_REPOSITORY", String::new()),
        ("GITHUB_WORKSPACE", shown(&runner.workspace)),
        ("RUNNER_ARCH", if arch == "aarch64" { "ARM64" } else { "X64" }.to_owned()),
        ("RUNNER_ENVIRONMENT", "self-hosted".to_owned()),
        ("RUNNER_NAME", "rehearsal".to_owned()),
        ("RUNNER_OS", if os == "macos" { "macOS" } else { "Linux" }.to_owned()),
        ("RUNNER_TEMP", shown(&runner.temp())),
        ("RUNNER_TOOL_CACHE", shown(&runner.tool_cache)),
        ("RUNNER_TRACKING_ID", runner.tracking.clone()),
    ];
    let github = runner.github.iter().map(|(name, value)| (format!("GITHUB_{name}"), value.clone()));
    let path = action.map(|dir| ("GITHUB_ACTION_PATH".to_owned(), shown(dir)));
    github.chain(own.map(|(name, value)| (name.to_owned(), value))).chain(path).collect()
}

/// A program on the runner's own `PATH`; what a step does to its `PATH` does not choose its shell.
pub(super) fn which(name: &str) -> Result<PathBuf, RunnerError> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file());
    found.ok_or_else(|| RunnerError::io("find the shell on PATH")(io::ErrorKind::NotFound.into()))
}

/// The variables every step finds (GitHub docs, "Default environment variables"), for a push to `main`.
pub(super) fn github_context() -> BTreeMap<String, String> {
    let pairs = [
        ("ACTOR", "octocat"),
        ("API_URL", "https://api.github.com"),
        ("BASE_REF", ""),
        ("EVENT_NAME", "push"),
        ("GRAPHQL_URL", "https://api.github.com/graphql"),
        ("HEAD_REF", ""),
        ("JOB", "rehearsal"),
        ("REF", "refs/heads/main"),
        ("REF_NAME", "main"),
        ("REF_TYPE", "branch"),
        ("REPOSITORY", "octo-org/octo-repo"),
        ("REPOSITORY_OWNER", "octo-org"),
        ("RUN_ATTEMPT", "1"),
        ("RUN_ID", "1"),
        ("RUN_NUMBER", "1"),
        ("SERVER_URL", "https://github.com"),
        ("SHA", "0123456789abcdef0123456789abcdef01234567"),
        ("TRIGGERING_ACTOR", "octocat"),
        ("WORKFLOW", "rehearsal"),
    ];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
