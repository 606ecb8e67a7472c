//! `render-deploy`: see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    action::main::<render_deploy::RenderDeploy>()
}
