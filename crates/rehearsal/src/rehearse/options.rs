//! The options of `rehearse`.

use std::path::PathBuf;

use clap::Parser;

use super::fault::Fault;

/// Rehearse a blue/green cutover on this machine: real binaries, vendors' twins,
/// visitors who notice every failed request. `staging`, `production`, `sync`, `rollback` or
/// `drain` as the first word rehearses a whole workflow instead; each has its own `--help`
#[derive(Debug, Parser)]
#[command(name = "rehearse")]
pub(super) struct Options {
    /// What goes wrong; `--list` explains each
    #[arg(long, value_name = "NAME", hide_possible_values = true)]
    pub(super) fault: Option<Fault>,

    /// After a failure, do what the operator does next: run the job again
    #[arg(long)]
    pub(super) again: bool,

    /// Name the faults and say how each must end
    #[arg(long)]
    pub(super) list: bool,

    /// Where the report goes, instead of `target/rehearsal/<fault or cutover>.md`
    #[arg(long, value_name = "FILE")]
    pub(super) report: Option<PathBuf>,
}
