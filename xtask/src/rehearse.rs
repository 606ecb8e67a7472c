//! `rehearse`: forwards to the rehearsal, which owns its options.

use std::ffi::OsString;

use anyhow::{Result, bail};

/// Runs the rehearsal with these arguments.
pub(crate) fn run(_arguments: Vec<OsString>) -> Result<()> {
    bail!("run the rehearsal: it is not there yet")
}
