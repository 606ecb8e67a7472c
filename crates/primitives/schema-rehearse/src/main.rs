//! `schema-rehearse`: see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    action::main::<schema_rehearse::SchemaRehearse>()
}
