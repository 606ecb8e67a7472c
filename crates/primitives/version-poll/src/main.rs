//! `version-poll`: see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    action::main::<version_poll::VersionPoll>()
}
