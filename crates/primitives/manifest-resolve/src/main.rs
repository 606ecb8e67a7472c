//! `manifest-resolve`: see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    action::main::<manifest_resolve::ManifestResolve>()
}
