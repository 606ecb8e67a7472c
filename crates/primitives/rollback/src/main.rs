//! `rollback`: see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    action::main::<rollback::Rollback>()
}
