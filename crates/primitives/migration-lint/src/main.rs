//! `migration-lint`: see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    action::main::<migration_lint::MigrationLint>()
}
