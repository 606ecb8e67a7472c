//! Steps of a chore, each named and timed; the first that fails ends it.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::table::Table;
use crate::workspace::Workspace;

/// One step.
#[derive(Clone, Copy)]
pub(crate) struct Step<'s> {
    pub(crate) name: &'static str,
    /// What holds when it passes.
    pub(crate) about: &'static str,
    pub(crate) run: &'s dyn Fn(&Workspace) -> Result<()>,
}

/// Runs the steps of a chore, in order, and says at the end what it ran.
///
/// # Errors
/// The failing step's, with the command that repeats it.
pub(crate) fn run<'s>(chore: &str, workspace: &Workspace, steps: &[Step<'s>]) -> Result<()> {
    let mut took = Table::new(&["step", "took", "so that"]);
    for step in steps {
        println!("\n== {}: {}", step.name, step.about);
        let start = Instant::now();
        let done = (step.run)(workspace);
        let time = seconds(start.elapsed());
        if let Err(error) = done {
            let name = step.name;
            bail!(
                "step `{name}` failed after {time}: {error:#}\nhint: `cargo xtask {chore} {name}` repeats it"
            );
        }
        println!("== {} took {time}", step.name);
        took.row([step.name.to_owned(), time, step.about.to_owned()]);
    }
    println!("\n{}", took.plain());
    Ok(())
}

/// Names the steps, runs none.
pub(crate) fn list(steps: &[Step<'_>]) {
    steps.iter().for_each(|step| println!("{:<14}  {}", step.name, step.about));
}

/// Those of `all` that were asked for, in their order, which is all of them when none was.
///
/// # Errors
/// When a name is none of theirs.
pub(crate) fn chosen<'s>(all: &[Step<'s>], names: &[String]) -> Result<Vec<Step<'s>>> {
    let unknown = names.iter().find(|name| !all.iter().any(|step| step.name == name.as_str()));
    if let Some(name) = unknown {
        let known: Vec<&str> = all.iter().map(|step| step.name).collect();
        bail!("find the step `{name}`: there are {}", known.join(", "));
    }
    let wanted = |step: &&Step<'s>| names.is_empty() || names.iter().any(|name| name == step.name);
    Ok(all.iter().filter(wanted).copied().collect())
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
