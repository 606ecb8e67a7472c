//! `staging-marker`: see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    action::main::<staging_marker::StagingMarker>()
}
