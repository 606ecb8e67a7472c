//! `rehearse`: forwards to the rehearsal, which owns its options and its exit code.

use std::ffi::OsString;
use std::process::ExitCode;

/// Runs the rehearsal with these arguments.
pub(crate) fn run(arguments: Vec<OsString>) -> ExitCode {
    rehearsal::rehearse::main(arguments)
}
