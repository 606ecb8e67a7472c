//! Tells the class of a rollback, leads the names back, or prepares the tag that
//! deploys the code from before (ADR-053 D14).

mod code;
mod command_line;
mod estate;
mod flip_back;
mod job;
mod look;
mod report;
mod services;
mod steps;
mod tag;

use std::time::Duration;

use action::{Context, Done, Effect, Failure, Primitive, Secret};
use cutover::rollback::{Refusal, classify};

pub use crate::job::Job;
use crate::look::Found;

/// How long the way back is kept, unless told otherwise (ADR-053 D11): the default of the input `hold`.
const HOLD: Duration = Duration::from_secs(24 * 3600);

/// How long the job that flips may take, unless told otherwise: the default of the input `flip-limit`.
const FLIP_LIMIT: Duration = Duration::from_secs(15 * 60);

/// The primitive.
#[derive(Debug)]
pub struct Rollback;

/// What a run is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Mode {
    /// Tell the class and what to do
    Plan,
    /// Lead the names back
    FlipBack,
    /// Prepare the tag
    Tag,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Symptom {
    /// It behaves badly; what it has written is good
    Behaviour,
    /// What it has written, or left to be done, is bad
    Data,
    /// A migration did it
    Migration,
}

/// What a workflow passes.
#[derive(clap::Args, Debug)]
pub struct Inputs {
    /// `plan` tells the class and what to run, and changes nothing; `flip-back` leads the names back (class 2); `tag` names the tag that deploys the code from before (classes 3 and 4)
    #[arg(long, value_enum, hide_possible_values = true)]
    mode: Mode,

    /// What goes wrong: `behaviour` when what it has written is good, `data` when what it has written or left to be done is bad, `migration` when a migration did it
    #[arg(long, value_enum, hide_possible_values = true)]
    symptom: Symptom,

    /// Generation to take back: the output `generation` of a plan; unless given, the newest of the ledger, whatever became of it
    #[arg(long)]
    generation: Option<u64>,

    /// Id of the Cloudflare zone that holds the public names: 32 hexadecimal digits
    #[arg(long)]
    zone_id: String,

    /// Path of the deploy manifest, from the working directory on
    #[arg(long, default_value = manifest_file::USUAL)]
    manifest: String,

    /// Folder of the migrations, from the top of the repository on
    #[arg(long, default_value = migration_files::USUAL)]
    migrations: String,

    /// How long what served before is kept as the way back after a cutover, by the database's clock
    #[arg(long, default_value = "24h", value_parser = action::duration)]
    hold: Duration,

    /// How long a job that announced a flip may still be about to move its names: the `timeout-minutes` of that job. So long a flip that moved nothing is not recorded as undone
    #[arg(long, default_value = "15m", value_parser = action::duration)]
    flip_limit: Duration,

    /// Target whose workers do the work of core.outbox: what the generation that serves it has left is live work
    #[arg(long, default_value = "workers")]
    worker_target: String,

    /// Authoritative servers to ask instead of the zone's own once names went back, one `host` or `host:port` a line
    #[arg(long)]
    nameserver: Option<String>,
}

action::outputs! {
    /// What was found, and what is to be done.
    pub struct Plan {
        /// Generation that is taken back.
        generation: "generation" => u64,
        /// Class of the decision tree, 1 to 5; empty after a refusal.
        class: "class" => u64,
        /// What to run, one a line, in this order; a line that begins with `#` is for a person.
        commands: "commands" => String,
        /// Commit that serves once all of this is done; empty where nothing older does.
        commit: "commit" => String,
        /// Tag to push, in classes 3 and 4.
        tag: "tag" => String,
    }
}

impl Primitive for Rollback {
    const NAME: &'static str = "rollback";
    const ABOUT: &'static str = "Tell the class of a rollback and what to run, lead the names back, or prepare the tag of the code from before";
    const GUIDE: &'static str = "\
The decision tree of ADR-053 D14, for one generation of the ledger:
1. none of its names has moved: what served before serves; abort it and find out why;
2. it behaves badly, and what served before still runs as it did: the names go back (`flip-back`).
   It needs the hold to run, the former colour not to be synced, and every service of it to run the
   commit that it ran, with no deploy under way;
3. what it has written is bad, or class 2 is closed: the code from before is deployed again, as a new
   generation with a tag of its own, then the rows that this generation leaves behind are drained. Where
   a newer generation serves other targets, the plan says that the tag takes it back too;
4. a migration did it: migrations only go forward, so the code goes back as in class 3, and the schema is
   mended by a migration of its own;
5. the code from before cannot be deployed again, since the commit is in the repository no more or
   Render lists no deploy of it any more: declare disaster recovery.
Names that stand half way go back first, whatever the symptom. Each class ends with what to run or to do
next, in the summary and in the output `commands`.

Refused is a way back to code that does not run on the schema of today. A migration that is applied,
that the commit before does not have, and that bears the line `-- compat: breaking (reason: ...)` has
taken away what that code needs (ADR-053 D5). The way on is forward: a fix on today's code, or a
migration that brings back what was taken away. Stale are a symptom that does not fit the world, a
generation whose names or targets a newer one took over, and names that somebody led to a third place.
`flip-back` looks at everything again: give it the output `generation` of the plan, so that it undoes
what was planned, or ends as stale when the world has moved on meanwhile. It is stale, too, where leading
the names back is no part of what is to be done, and says what is. A flip that was announced and moved
no name is recorded as undone, and that ends as stale as well: no name was led anywhere, and what is
seen is of the generation that serves. Within `flip-limit` of the announcement nothing is recorded
either, since its job may be about to move the names: cancel that run or see it end, and ask again.

`tag` only prepares: a tag that is pushed with GITHUB_TOKEN starts no workflow, so a person pushes it,
or the token of an app. A tag stays in the lineage of the one that is deployed again:
v1.4.2-rollback, prod-7-rollback.

Check the repository out with `fetch-depth: 0`, at a commit that has the files of all applied
migrations. A commit that no branch and no tag has is asked of the remote: in a private repository that
takes credentials, those of the checkout or GITHUB_TOKEN. When the remote does not answer to that, the
run fails and says so: a commit is lost only when the remote says that it does not have it. The
variables that the manifest names must be in the environment.

Example:
  rollback --mode plan --symptom behaviour --zone-id 023e105f4ecef8ad9ca31a8372d0c353";
    const EXAMPLE: &'static [(&'static str, &'static str)] =
        &[("mode", "plan"), ("symptom", "${{ inputs.symptom }}"), ("zone-id", "${{ vars.ZONE_ID }}")];
    const EFFECT: Effect = Effect::Changes;
    const SECRETS: &'static [Secret] = &[
        Secret {
            variable: colours::TOKEN,
            input: "cloudflare-api-token",
            help: "Cloudflare API token with the permission DNS: Read for the zone; `flip-back` needs Zone: Read and DNS: Edit.",
            required: true,
        },
        Secret { input: "render-api-key", ..render::SECRET },
        postgres::ledger::SECRET,
        Secret {
            variable: code::TOKEN,
            input: "github-token",
            help: "Token with contents: read, such as `github.token`, to ask a private repository for a commit that no branch and no tag has any more.",
            required: false,
        },
    ];

    type Inputs = Inputs;
    type Job = Job;
    type Outputs = Plan;

    async fn run(job: &Job, context: &Context, outputs: &mut Plan) -> Result<Done, Failure> {
        let found = look::look(job, context).await?;
        outputs.generation = Some(found.world.generation);
        let decision = match classify(&found.world, job.symptom) {
            Ok(decision) => decision,
            Err(refusal) if job.mode == Mode::FlipBack && found.is_back() => {
                tracing::info!("{refusal}, and its names are where they were");
                return Ok(Done::Unchanged);
            }
            Err(refusal) => return Err(refuse(&refusal, &found, job)),
        };
        let tag = tag::choose(&decision, &found).await?;
        let steps = steps::Steps::new(&decision, &found, job, tag.as_deref());
        report::tell(context, &decision, &found, &steps);
        outputs.class = Some(decision.class.number().into());
        outputs.commands = Some(steps.commands().join("\n"));
        outputs.commit = steps::commit(&decision, &found);
        outputs.tag = tag;
        match job.mode {
            Mode::Plan => Ok(Done::Success),
            Mode::FlipBack if decision.flips_back() => flip_back::run(job, context, &found).await,
            Mode::FlipBack if decision.closes() => {
                flip_back::run(job, context, &found).await?;
                Err(steps.closed(found.world.generation))
            }
            Mode::Tag if decision.commit_to_tag().is_some() => Ok(Done::Success),
            Mode::FlipBack | Mode::Tag => Err(steps.other(&decision, job.mode)),
        }
    }
}

/// A way back that would break what runs is refused; any other refusal says that the
/// question does not fit the world.
fn refuse(refusal: &Refusal, found: &Found, job: &Job) -> Failure {
    let make = if refusal.is_of_the_schema() { Failure::refused } else { Failure::stale };
    let failure = make(refusal.to_string()).hint(refusal.hint());
    let failure = match elsewhere(refusal, found, job) {
        Some(line) => failure.hint(line),
        None => failure,
    };
    failure.hint("nothing was changed")
}

/// The line that asks about the generation that the trouble may be of.
fn elsewhere(refusal: &Refusal, found: &Found, job: &Job) -> Option<String> {
    let symptom = job.symptom;
    match refusal {
        // What stands half way goes back first, whatever the symptom.
        Refusal::Open { open, .. } => Some(steps::again(*open, symptom, true)),
        Refusal::RolledBack(_) | Refusal::NeverSeen { .. } => {
            let serving = found.serving()?.generation;
            Some(steps::again(serving, symptom, symptom == cutover::rollback::Symptom::Behaviour))
        }
        _ => None,
    }
}
