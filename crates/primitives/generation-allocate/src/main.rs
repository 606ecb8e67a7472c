//! `generation-allocate`: see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    action::main::<generation_allocate::GenerationAllocate>()
}
