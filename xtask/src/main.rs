//! The chores of the workspace: `cargo xtask TASK`, one file a task.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a chore talks to a person")]

mod bench;
mod beside;
mod ci;
mod codegen;
mod contracts;
mod definition;
mod dist;
mod mode;
mod new_primitive;
mod precheck;
mod rehearse;
mod steps;
mod table;
mod tidy;
mod wheels;
mod workspace;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::mode::Mode;
use crate::workspace::Workspace;

/// The chores of the workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Xtask {
    /// The workspace to work on, instead of the one that this program was built in
    #[arg(long, global = true, value_name = "DIR")]
    root: Option<PathBuf>,

    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Write the actions' action.yml and README.md, and the README's tables, from each binary's `--describe`
    Codegen {
        /// Change nothing; fail when a file is out of date
        #[arg(long)]
        check: bool,
    },
    /// Check the rules of the house
    Tidy,
    /// Start a primitive: its crate, its action and its row in the README
    NewPrimitive {
        /// Its name in kebab-case, such as `version-poll`
        name: String,
    },
    /// Build the size-optimised binaries of all primitives and hold them against their budgets
    Dist(dist::Options),
    /// Measure the binaries beside a floor measured in the same run; asserts nothing
    Bench(bench::Options),
    /// Say where the vendors' API documents come from that rehearsals are judged by
    Contracts,
    /// Run a whole cutover on loopback with the real binaries
    #[command(disable_help_flag = true)]
    Rehearse {
        /// The rehearsal's own options; `--help` is one of them
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Everything that must hold before a change lands, in order
    Ci(ci::Options),
    /// What takes seconds of it, and the lints of this repository's own files: before a push, without a network
    Precheck(precheck::Options),
}

fn main() -> ExitCode {
    let xtask = Xtask::parse();
    let workspace = xtask.root.map_or_else(Workspace::own, Workspace::at);
    let done = match xtask.task {
        Task::Codegen { check } => codegen::run(&workspace, if check { Mode::Check } else { Mode::Write }),
        Task::Tidy => tidy::run(&workspace),
        Task::NewPrimitive { name } => new_primitive::run(&workspace, &name),
        Task::Dist(options) => dist::run(&workspace, &options),
        Task::Bench(options) => bench::run(&workspace, &options),
        Task::Contracts => {
            print!("{}", contracts::TEXT);
            Ok(())
        }
        Task::Rehearse { arguments } => return rehearse::run(arguments),
        Task::Precheck(options) => precheck::run(&workspace, &options),
        Task::Ci(options) => ci::run(&workspace, &options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
