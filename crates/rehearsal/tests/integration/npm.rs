//! Runs scripts with npm packages: clients that this project did not write.
//!
//! The packages are installed once below the build folder, from the pinned lock
//! file; after that no network is needed.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use serde_json::Value;

/// Runs `tests/npm/SCRIPT` under node with these variables and nothing else of
/// note; returns the JSON that it prints. Panics with its errors when it fails.
pub(crate) fn run(script: &str, variables: &[(&str, &str)]) -> Value {
    let folder = installed();
    let copy = folder.join(script);
    fs::copy(sources().join(script), &copy).expect("the script is copied beside its packages");
    let output = program("node").arg(&copy).envs(variables.iter().copied()).output();
    let output =
        output.unwrap_or_else(|error| panic!("node could not be started: {error}; install Node.js 20+"));
    let (stdout, stderr) = texts(&output);
    assert!(output.status.success(), "{script} failed ({}):\n{stderr}", output.status);
    serde_json::from_str(&stdout)
        .unwrap_or_else(|error| panic!("{script} printed no JSON ({error}):\n{stdout}"))
}

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/npm")
}

/// The folder with the packages of the lock file, installed if they are not.
fn installed() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("npm");
        fs::create_dir_all(&folder).expect("the build folder is writable");
        // Another test run may be installing at the same moment.
        let lock = File::create(folder.join("lock")).expect("the build folder is writable");
        lock.lock().expect("the lock is granted");
        install(&folder);
        folder
    })
}

fn install(folder: &Path) {
    let wanted = fs::read(sources().join("package-lock.json")).expect("the lock file is there");
    let stamp = folder.join("installed-from");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return;
    }
    let _ = fs::remove_file(&stamp);
    for file in ["package.json", "package-lock.json"] {
        fs::copy(sources().join(file), folder.join(file)).expect("the build folder is writable");
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(folder);
    let output = npm
        .output()
        .unwrap_or_else(|error| panic!("npm could not be started: {error}; install Node.js 20+ with npm"));
    let (stdout, stderr) = texts(&output);
    assert!(output.status.success(), "npm ci failed ({}):\n{stdout}{stderr}", output.status);
    fs::write(stamp, wanted).expect("the build folder is writable");
}

/// A program with nothing of this process's environment but where to find things.
fn program(name: &str) -> Command {
    let mut command = Command::new(name);
    command.env_clear();
    for variable in ["PATH", "HOME"] {
        if let Some(value) = std::env::var_os(variable) {
            command.env(variable, value);
        }
    }
    command
}

fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}
