//! Writes into the ledger what becomes of a generation, so that an interrupted cutover
//! is seen by the next run (ADR-053 D9 and D14; runbook step 11).

mod job;
mod names;
mod roles;
mod run;
mod way_back;

use action::{Context, Done, Effect, Failure, Primitive, Secret};

pub use crate::job::Job;

/// The primitive.
#[derive(Debug)]
pub struct CutoverRecord;

/// What becomes of the generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Mode {
    /// Its names are about to move
    Intent,
    /// It serves, and that was verified
    CutOver,
    /// A target that is published in place, such as a Pages project, has it
    Publish,
    /// Its names were put back
    RolledBack,
    /// Write nothing: refuse a deploy onto what stands by that comes too late
    MayDeploy,
    /// Write nothing: refuse a deploy in place that comes too late
    MayDeployInPlace,
    /// Write nothing: say how its names go back
    WayBack,
}

/// What a workflow passes.
#[derive(clap::Args, Debug)]
pub struct Inputs {
    /// What to record: `intent` before a name moves, `cut-over` once it is verified that it serves, `publish` for a target that is published in place, `rolled-back` once its names were put back; `may-deploy` and `may-deploy-in-place` write nothing and refuse, before a deploy, what newer came instead; `way-back` writes nothing and says how to put them back
    #[arg(long, value_enum, hide_possible_values = true)]
    mode: Mode,

    /// Generation that it is about: the number from generation-allocate
    #[arg(long)]
    generation: u64,

    /// Where the names point before the flip, one `host target` a line: needed for `intent`; for `way-back` the output `previous` of cname-flip, else the ledger is asked
    #[arg(long)]
    previous: Option<String>,

    /// Target that was published: needed for `publish`; for `may-deploy-in-place` the one that is to be deployed, all of the generation unless given
    #[arg(long)]
    target: Option<String>,

    /// For `may-deploy`: where the names pointed when this run took the service for the standby, one `host target` a line; the output `expect` of color-resolve. Unless given, only the ledger is asked
    #[arg(long)]
    expect: Option<String>,

    /// Zone of the names: for `may-deploy` with `expect`; for `way-back`, so that the command it prints is complete
    #[arg(long)]
    zone_id: Option<String>,

    /// For `way-back`: the input `nameserver` of the cname-flip that moved the names, so that the command it prints asks the same servers
    #[arg(long)]
    nameserver: Option<String>,
}

action::outputs! {
    /// What was recorded.
    pub struct Record {
        /// Where the names of the generation pointed before its flip, one `host target` a line, as `mode: restore` of cname-flip takes it; empty if no flip of it was announced.
        previous: "previous" => String,
    }
}

impl Primitive for CutoverRecord {
    const NAME: &'static str = "cutover-record";
    const ABOUT: &'static str =
        "Write into the ledger what becomes of a generation, or say how its names go back";
    const GUIDE: &'static str = "\
Write the intent before any name moves: a run that is killed in between is then seen by the next one
as an unfinished flip. Record the cutover only when it is verified that it serves; production's base
is counted from that row. A second run with the same inputs changes nothing and ends as unchanged.

It refuses, as stale, when the ledger has moved on: another flip is unfinished, a newer generation was
cut over meanwhile, the row was rolled back, or no intent was recorded. An earlier intent whose names
are where they were before it is no unfinished flip; a new intent closes it as rolled back.

`may-deploy` stands before each deploy onto what stands by. *Re-run failed jobs* of an old run keeps
what its successful jobs told: its generation is an old one, and the service that stood by then may
serve now. It refuses, as stale, a generation that was cut over or rolled back, and one of whose
targets a newer flip is open or served; with `expect` also when a name has moved since, as a rollback
moves it, unless this generation's own flip has begun. Where nothing flips, `may-deploy-in-place`
refuses when a newer generation names one of the targets; with `target`, only that one counts.

`way-back` is for the step that runs when the verification after a flip failed: class 2 of ADR-053
D14. It writes nothing and needs no ledger when it is given `previous`.

Example:
  cutover-record --mode intent --generation 42 --previous 'api.example.com api-blue.onrender.com'";
    const EXAMPLE: &'static [(&'static str, &'static str)] = &[
        ("mode", "intent"),
        ("generation", "${{ needs.generation.outputs.generation }}"),
        ("previous", "${{ needs.changes.outputs.expect }}"),
    ];
    const EFFECT: Effect = Effect::Changes;
    const SECRETS: &'static [Secret] = &[
        postgres::ledger::SECRET,
        Secret {
            variable: colours::TOKEN,
            input: "cloudflare-api-token",
            help: "Cloudflare API token with the permission DNS: Read for the zone, for `expect`.",
            required: false,
        },
    ];

    type Inputs = Inputs;
    type Job = Job;
    type Outputs = Record;

    async fn run(job: &Job, context: &Context, outputs: &mut Record) -> Result<Done, Failure> {
        run::run(job, context, outputs).await
    }
}
