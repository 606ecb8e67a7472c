//! `workers-heartbeat`: see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    action::main::<workers_heartbeat::WorkersHeartbeat>()
}
