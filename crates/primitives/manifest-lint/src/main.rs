//! `manifest-lint`: see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    action::main::<manifest_lint::ManifestLint>()
}
