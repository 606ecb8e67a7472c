//! `version-contract`: see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    action::main::<version_contract::VersionContract>()
}
