//! `kv-bind`: see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    action::main::<kv_bind::KvBind>()
}
