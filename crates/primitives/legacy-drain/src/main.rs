//! `legacy-drain`: see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    action::main::<legacy_drain::LegacyDrain>()
}
