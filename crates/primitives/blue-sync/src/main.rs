//! `blue-sync`: see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    action::main::<blue_sync::BlueSync>()
}
