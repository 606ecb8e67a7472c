//! `migration-lint`: see the library.

use std::process::ExitCode;

/// A syntax tree is many small things, made by several threads: with the C library's allocator a lint takes a fifth
/// more time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    action::main::<migration_lint::MigrationLint>()
}
