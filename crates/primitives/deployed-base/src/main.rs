//! `deployed-base`: see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    action::main::<deployed_base::DeployedBase>()
}
