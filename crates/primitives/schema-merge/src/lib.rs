//! Merges the schema of a Supabase branch into production, and proves by production's
//! own table what that added (ADR-053 D9 step 4; deployment runbook, step 4 and its
//! recovery).

mod decision;
mod job;
mod look;
mod quiet;
mod refusal;
mod report;
mod run;
mod unfit;

use std::time::Duration;

use action::{Context, Done, Effect, Failure, Primitive, Secret};

pub use crate::job::Job;

/// The primitive.
#[derive(Debug)]
pub struct SchemaMerge;

/// What a workflow passes.
#[derive(clap::Args, Debug)]
pub struct Inputs {
    /// Reference of the production project: the 20 letters in its address
    #[arg(long)]
    project_ref: String,

    /// Reference of the branch whose schema is merged, staging's: 20 letters of its own, not its name
    #[arg(long)]
    branch_ref: String,

    /// Folder of the migration files, from the top of the repository
    #[arg(long, default_value = migration_files::USUAL)]
    migrations: String,

    /// Commit whose migrations production is to have: the full SHA, 40 hexadecimal digits, which this clone must hold
    #[arg(long)]
    commit: String,

    /// After a merge that added something else than expected: what it added, versions or file names, one a line or with commas or blanks between, exactly as the failed run lists it. It says that a person has looked and that this may stay
    #[arg(long)]
    acknowledge: Option<String>,

    /// When to give up waiting; a merge that was asked for goes on at Supabase, and the next run waits for it
    #[arg(long, default_value = "15m", value_parser = action::duration)]
    timeout: Duration,

    /// How long a merge that was asked for may take to show among Supabase's runs, by the database's clock, and its next step to show after those that ended. One whose answer was lost, whose asker was killed, or that shows no migrations, is not taken to be over before
    #[arg(long, default_value = "2m", value_parser = action::duration)]
    shows_within: Duration,

    /// Workflow run that asks, a whole number; the runner's own unless given
    #[arg(long)]
    run_id: Option<u64>,
}

action::outputs! {
    /// What production has afterwards.
    pub struct Merged {
        /// The newest migration file of the commit, without `.sql`: what `/version` reports as `schema_version` and version-poll expects. Known before anything is merged.
        schema_version: "schema-version" => String,
        /// What was merged, one file name without `.sql` a line; empty when nothing was pending.
        applied: "applied" => String,
    }
}

impl Primitive for SchemaMerge {
    const NAME: &'static str = "schema-merge";
    const ABOUT: &'static str = "Merge a Supabase branch's schema into production, and prove what it added";
    const GUIDE: &'static str = "\
Goes on only if the branch would add to production exactly the migrations that the commit's files
would add. What production has beyond the commit is no obstacle: the tag of a rollback is older.
Nothing pending: `unchanged`, and nothing is asked for.

The merge goes on after its answer and is no transaction, so it is written into core.schema_merges
before it is asked for, and production's own table says what came of it. Killed at any moment and run
again, it waits for the merge that its earlier self asked for; it never asks on top of one. A merge
that added something else than expected fails (1), says what is applied, what is not and how to
recover, and every later run is refused (6) until `acknowledge` lists exactly what was applied.

Refused (6): a branch ahead of the commit or behind it, a migration that was edited or renamed after
it was applied, a file older than what is applied, an address that leads to another database.

Refused (1): a pending file that cannot run inside one transaction, such as CREATE INDEX CONCURRENTLY,
with or without other statements beside it: the merge would stop at it or apply it by halves. Run it
by hand and record it; it is not pending any more then.

DATABASE_URL is production's, through the session pooler: it needs select on
supabase_migrations.schema_migrations, and select, insert and update on core.schema_merges.

Example:
  schema-merge --project-ref abcdefghijklmnopqrst --branch-ref bcdefghijklmnopqrstu \\
    --commit 3fc271e8a1b2c3d4e5f60718293a4b5c6d7e8f90";
    const EXAMPLE: &'static [(&'static str, &'static str)] = &[
        ("project-ref", "${{ vars.SUPABASE_PROJECT_REF }}"),
        ("branch-ref", "${{ vars.SUPABASE_STAGING_REF }}"),
        ("commit", "${{ github.sha }}"),
    ];
    const EFFECT: Effect = Effect::Changes;
    const SECRETS: &'static [Secret] = &[
        Secret {
            help: "Access token of the Management API (`sbp_...`) of a user who may see the project and merge its branches",
            ..supabase::SECRET
        },
        postgres::ledger::SECRET,
    ];

    type Inputs = Inputs;
    type Job = Job;
    type Outputs = Merged;

    async fn run(job: &Job, context: &Context, outputs: &mut Merged) -> Result<Done, Failure> {
        run::run(job, context, outputs).await
    }
}
