//! Rehearses a schema change: pending migrations are applied to a Supabase branch that
//! is made for it, a smoke command may look at it, and the branch is deleted (ADR-053
//! D4; deployment runbook, step 3).

mod branch;
mod history;
mod job;
mod report;
mod run;
mod smoke;
mod stale;

use std::time::Duration;

use action::{Context, Done, Effect, Failure, Primitive, Secret};

pub use crate::job::Job;

/// The primitive.
#[derive(Debug)]
pub struct SchemaRehearse;

/// What is to be done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Mode {
    /// Make a branch, try everything on it, delete it
    #[default]
    Rehearse,
    /// Delete what a killed rehearsal left
    CleanUp,
}

/// What a workflow passes.
#[derive(clap::Args, Debug)]
pub struct Inputs {
    /// `rehearse` makes a branch, tries the migrations on it and deletes it; `clean-up` deletes what a rehearsal of that name left, for a step with `if: always()`
    #[arg(long, value_enum, default_value = "rehearse", hide_possible_values = true)]
    mode: Mode,

    /// Reference of the production project: the 20 letters in its address
    #[arg(long)]
    project_ref: String,

    /// Name of the branch that is made and deleted. It begins with `greenroom-`, for one that is found under this name is deleted; `greenroom-` and the run's id unless given
    #[arg(long)]
    branch: Option<String>,

    /// Folder of the migration files, from the top of the repository
    #[arg(long, default_value = migration_files::USUAL)]
    migrations: String,

    /// Commit whose migrations are tried: the full SHA, 40 hexadecimal digits; the one that is checked out unless given
    #[arg(long)]
    commit: Option<String>,

    /// Command that tests the branch after its migrations, for bash; it gets the branch's address as `DATABASE_URL` and none of this step's secrets
    #[arg(long)]
    smoke: Option<String>,

    /// How long the smoke command may take; then it is stopped, with everything that it began
    #[arg(long, default_value = "10m", value_parser = action::duration)]
    smoke_timeout: Duration,

    /// When to give up waiting for the branch; deleting it has two minutes of its own
    #[arg(long, default_value = "15m", value_parser = action::duration)]
    timeout: Duration,
}

action::outputs! {
    /// What was tried.
    pub struct Rehearsed {
        /// Name of the branch; known before it is made.
        branch: "branch" => String,
        /// What was applied to the branch, one file name without `.sql` a line; empty when nothing is pending.
        applied: "applied" => String,
    }
}

impl Primitive for SchemaRehearse {
    const NAME: &'static str = "schema-rehearse";
    const ABOUT: &'static str = "Try pending migrations on a Supabase branch that is made for it and deleted";
    const GUIDE: &'static str = "\
The gate before schema-merge. Pending is what the commit's files have and production has not, by its
own table, read through the Management API: no password of production is needed. The branch is
made without data, must begin where production stands, and must have gained exactly the pending
migrations afterwards. Then the smoke command runs, if there is one. Nothing pending: `unchanged`,
and no branch is made.

The branch is deleted however it ends; a signal leaves 2 s for one attempt. Give the job a step
`mode: clean-up` with `if: always()` too. One that a killed run left is found by its name and deleted
first. One that is older than a day and that another run left is told in an annotation, for Supabase
bills it, and left alone. Production is only read.

Refused before a branch is made: a migration that was edited or renamed after it was applied, a
file older than what is applied (6), statements that cannot run as one migration (1).

Example:
  schema-rehearse --project-ref abcdefghijklmnopqrst --smoke 'psql \"$DATABASE_URL\" -f tests/smoke.sql'";
    const EXAMPLE: &'static [(&'static str, &'static str)] = &[
        ("project-ref", "${{ vars.SUPABASE_PROJECT_REF }}"),
        ("smoke", "psql \"$DATABASE_URL\" --file tests/smoke.sql"),
    ];
    const EFFECT: Effect = Effect::Changes;
    const SECRETS: &'static [Secret] = &[Secret {
        help: "Access token of the Management API (`sbp_...`) of a user who may see the project, query it and make branches",
        ..supabase::SECRET
    }];

    type Inputs = Inputs;
    type Job = Job;
    type Outputs = Rehearsed;

    async fn run(job: &Job, context: &Context, outputs: &mut Rehearsed) -> Result<Done, Failure> {
        run::run(job, context, outputs).await
    }

    async fn interrupted(job: &Job, context: &Context, _: &Rehearsed) -> Vec<String> {
        branch::interrupted(job, context).await
    }
}
