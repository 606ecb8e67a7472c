//! The marker that lets a commit into production: a commit status that staging sets
//! on the commit that it has deployed (runbook, trigger model and step 2).

mod job;
mod last;
mod marker;
mod record;
mod revision;
mod verify;

use action::{Context, Done, Effect, Failure, Primitive, Secret};
use github::GitHub;

pub use crate::job::Job;

/// The primitive.
#[derive(Debug)]
pub struct StagingMarker;

/// What is done with the marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Mode {
    /// Set it
    Record,
    /// Refuse unless it is set
    Verify,
    /// Find the newest commit that has it
    Last,
}

/// What `record` says of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Verdict {
    /// It passed: the marker
    Success,
    /// It is being looked at: no marker counts meanwhile
    Pending,
    /// It did not pass: no marker counts any more
    Failure,
}

/// What a workflow passes.
#[derive(clap::Args, Debug)]
pub struct Inputs {
    /// `record` sets the marker, `verify` refuses a commit without it, `last` finds the newest commit that has it
    #[arg(long, value_enum, hide_possible_values = true)]
    mode: Mode,

    /// The commit: its full SHA, or the name of a tag such as `v1.2.0`; `last` looks from it backwards
    #[arg(long)]
    commit: String,

    /// What to record: `success` is the marker, `pending` and `failure` void it; `record` only, and `success` unless given
    #[arg(long, value_enum, hide_possible_values = true)]
    state: Option<Verdict>,

    /// Context of the commit status; letter case does not count
    #[arg(long, default_value = "staging-success")]
    context: String,

    /// Account whose status counts: that of a job's own token, unless you set it with another one
    #[arg(long, default_value = "github-actions[bot]")]
    creator: String,

    /// Branch that the commit must be on; `verify` only
    #[arg(long, default_value = "main")]
    branch: String,

    /// A few words beside the status, at most 140 characters; `record` only
    #[arg(long)]
    description: Option<String>,

    /// Where the status leads to; `record` only, and the page of this run unless given
    #[arg(long)]
    target_url: Option<String>,

    /// Repository as `owner/name`; the one that the workflow runs in unless given
    #[arg(long)]
    repository: Option<String>,

    /// How many commits `last` looks at before it gives up; two requests each
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=400))]
    depth: u16,
}

action::outputs! {
    /// The marker that was set, verified or found.
    pub struct MarkerOutputs {
        /// The commit's full SHA, with tags resolved; of `last` the commit that was found, empty when there is none.
        commit: "commit" => String,
        /// Whether the commit has the marker: true or false.
        found: "found" => bool,
        /// What the newest status of the context says: success, pending, failure or error.
        state: "state" => String,
        /// The account that set it.
        creator: "creator" => String,
        /// When it was set, by GitHub's clock.
        created_at: "created-at" => String,
        /// Where it leads to.
        target_url: "target-url" => String,
    }
}

impl Primitive for StagingMarker {
    const NAME: &'static str = "staging-marker";
    const ABOUT: &'static str =
        "Record, verify or find the commit status that says that a commit passed staging";
    const GUIDE: &'static str = "\
`record` sets the status `staging-success` on a commit, once: a second run ends as unchanged.
`verify` is the gate of production. It refuses a commit that is not on `branch` (the history of that
branch must hold it, as GitHub compares the two), and a commit whose newest status of the context is
missing, is no success, or was not set by `creator`. Only the newest counts: record `state: pending` when
a staging run begins, and `state: failure` when it failed, and a later run of a commit that passed before
closes the gate again. A marker on another commit never counts.
`last` walks the first parents from `commit` to the newest commit with a good marker: the base of the
next staging deploy. It finds none (`found` is false, `commit` is empty) at the root or after `depth`
commits; then everything counts as affected. A read that fails is an error, never \"none\".

It asks GitHub and never git, because a checkout may be shallow and would end too early. The job needs
`statuses: write` to record, and `contents: read` with `statuses: read` to verify and to find; to record
by a tag's name `contents: read` too.

What `verify` cannot tell: every workflow of the repository whose job has `statuses: write` sets
statuses as `github-actions[bot]`. So whoever can change a workflow on any branch can forge the marker.
Let rulesets and required reviews guard `.github/workflows` and the tags, give `statuses: write` to the
job that records and to no other, or let an app of its own set the status and name it in `creator`.

Example:
  staging-marker --mode verify --commit v1.2.0";
    const EXAMPLE: &'static [(&'static str, &'static str)] =
        &[("mode", "verify"), ("commit", "${{ github.sha }}")];
    const EFFECT: Effect = Effect::Changes;
    const SECRETS: &'static [Secret] = &[Secret {
        variable: "GITHUB_TOKEN",
        input: "github-token",
        help: "The job's own token, `github.token`, with statuses: write to record, contents: read and statuses: read otherwise.",
        required: true,
    }];

    type Inputs = Inputs;
    type Job = Job;
    type Outputs = MarkerOutputs;

    async fn run(job: &Job, context: &Context, outputs: &mut MarkerOutputs) -> Result<Done, Failure> {
        let github = GitHub::new(context, context.secret("GITHUB_TOKEN")?, job.repository(context)?)?;
        match job.mode {
            Mode::Record => record::run(job, context, &github, outputs).await,
            Mode::Verify => verify::run(job, context, &github, outputs).await,
            Mode::Last => last::run(job, context, &github, outputs).await,
        }
    }
}
