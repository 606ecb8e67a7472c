//! `env-group-lint`: see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    action::main::<env_group_lint::EnvGroupLint>()
}
