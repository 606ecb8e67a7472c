//! `cname-flip`: see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    action::main::<cname_flip::CnameFlip>()
}
