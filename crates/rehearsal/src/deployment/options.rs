//! The options of `rehearse staging`, `rehearse production`, and the others of their kind.

use std::path::PathBuf;

use clap::Parser;

use super::scenario::Place;

/// Rehearse a whole deployment, or what comes after it, on this machine: the repository's own workflow file,
/// real binaries, a real PostgreSQL, vendors' twins, and visitors
#[derive(Debug, Parser)]
#[command(name = "rehearse")]
pub(super) struct Options {
    /// What is rehearsed
    #[arg(value_enum)]
    pub(super) place: Place,

    /// Which rehearsal instead of the happy path; `--list` names them
    #[arg(long, value_name = "ROW", conflicts_with = "all")]
    pub(super) fault: Option<String>,

    /// Every rehearsal of this place, several at a time
    #[arg(long)]
    pub(super) all: bool,

    /// Name the rehearsals and say how each must end
    #[arg(long)]
    pub(super) list: bool,

    /// The folder for the reports, instead of `target/rehearsal`
    #[arg(long, value_name = "FOLDER")]
    pub(super) report: Option<PathBuf>,
}
