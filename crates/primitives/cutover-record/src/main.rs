//! `cutover-record`: see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    action::main::<cutover_record::CutoverRecord>()
}
