//! `ci`: everything that must hold before a change lands, in order, each step named and timed.

mod linters;

use anyhow::Result;

use crate::codegen;
use crate::mode::Mode;
use crate::steps::{self, Step};
use crate::tidy;
use crate::workspace::{self, Workspace};

/// The README's test command.
const TEST: [&str; 2] = ["test", "--workspace"];

/// Which steps run.
#[derive(clap::Args, Debug)]
pub(crate) struct Options {
    /// Only these steps instead of all; `--list` names them
    steps: Vec<String>,

    /// Name the steps, run none
    #[arg(long)]
    list: bool,
}

/// What takes seconds comes before what takes minutes.
pub(crate) const STEPS: &[Step<'static>] = &[
    Step { name: "fmt", about: "sources are formatted", run: &fmt },
    Step { name: "tidy", about: "the rules of the house hold", run: &tidy::run },
    Step { name: "linters", about: "workflows, actions and shell scripts are sound", run: &linters::run },
    Step { name: "clippy", about: "no warning of the compiler or clippy", run: &clippy },
    Step { name: "codegen", about: "generated files are fresh", run: &|w| codegen::run(w, Mode::Check) },
    Step { name: "test", about: "the README's test command passes", run: &test },
    Step { name: "doc", about: "the documentation builds without warnings", run: &doc },
];

/// Runs the steps and stops at the first that fails.
///
/// # Errors
/// The failing step's, with the command that repeats it.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let steps = steps::chosen(STEPS, &options.steps)?;
    if options.list {
        steps::list(&steps);
        return Ok(());
    }
    steps::run("ci", workspace, &steps)
}

fn fmt(workspace: &Workspace) -> Result<()> {
    cargo(workspace, &["fmt", "--all", "--check"], &[])
}

fn clippy(workspace: &Workspace) -> Result<()> {
    cargo(workspace, &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"], &[])
}

/// Where the vendors' documents are at hand, every exchange must be judged by them.
fn test(workspace: &Workspace) -> Result<()> {
    let judged = rehearsal::contract::from_environment()?.is_some();
    let named = std::env::var("GREENROOM_CONTRACTS").is_ok_and(|folder| !folder.is_empty());
    let required: &[(&str, &str)] =
        if judged && !named { &[("GREENROOM_CONTRACTS", "required")] } else { &[] };
    cargo(workspace, &TEST, required)
}

/// Nothing here is published, so the documentation is for people who work on it: private items are in it, and
/// links to them are welcome.
fn doc(workspace: &Workspace) -> Result<()> {
    let arguments = ["doc", "--workspace", "--no-deps", "--locked", "--document-private-items"];
    let flags = "-D warnings -A rustdoc::private_intra_doc_links";
    cargo(workspace, &arguments, &[("RUSTDOCFLAGS", flags)])
}

fn cargo(workspace: &Workspace, arguments: &[&str], variables: &[(&str, &str)]) -> Result<()> {
    let mut cargo = workspace.cargo();
    cargo.args(arguments).envs(variables.iter().copied());
    workspace::run(&mut cargo)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(wanted: &[&str]) -> Result<Vec<&'static str>> {
        let wanted: Vec<String> = wanted.iter().map(|&name| name.to_owned()).collect();
        Ok(steps::chosen(STEPS, &wanted)?.into_iter().map(|step| step.name).collect())
    }

    #[test]
    fn steps_run_in_order_whatever_the_order_of_the_words() {
        assert_eq!(names(&["tidy", "fmt"]).unwrap(), ["fmt", "tidy"]);
        assert_eq!(names(&[]).unwrap().len(), STEPS.len());
        assert!(names(&["lint"]).unwrap_err().to_string().contains("there are fmt, tidy,"));
    }

    #[test]
    fn the_test_step_is_the_readme_s_command() {
        let readme = std::fs::read_to_string(Workspace::own().root().join("README.md")).unwrap();
        let command = format!("cargo {}", TEST.join(" "));
        let typed = |line: &str| line.split('#').next().map(str::trim_end) == Some(&command);
        assert!(readme.lines().any(typed), "README.md lacks the line `{command}`");
    }

    #[test]
    fn the_first_failure_says_how_to_repeat_it() {
        let folder = tempfile::tempdir().unwrap();
        let workspace = Workspace::at(folder.path().to_owned());
        let options = Options { steps: vec!["fmt".to_owned(), "tidy".to_owned()], list: false };
        let error = run(&workspace, &options).unwrap_err().to_string();
        assert!(error.starts_with("step `fmt` failed after "), "{error}");
        assert!(error.ends_with("hint: `cargo xtask ci fmt` repeats it"), "{error}");
    }
}
