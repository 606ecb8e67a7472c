//! `hold-check`: see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    action::main::<hold_check::HoldCheck>()
}
