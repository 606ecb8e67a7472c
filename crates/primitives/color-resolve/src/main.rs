//! `color-resolve`: see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    action::main::<color_resolve::ColorResolve>()
}
