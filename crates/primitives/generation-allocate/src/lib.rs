//! Hands out the generation that the services of one deploy carry (ADR-053 D7,
//! runbook step 5).

use action::{BadInput, Context, Done, Effect, Failure, Plan, Primitive, Secret, markdown};
use postgres::Ledger;
use postgres::ledger::{Allocated, NewDeployment};

/// Where the runner says which run this is (GitHub docs, default environment variables).
const RUN_ID: &str = "GITHUB_RUN_ID";

/// The primitive.
#[derive(Debug)]
pub struct GenerationAllocate;

/// What a workflow passes.
#[derive(clap::Args, Debug)]
pub struct Inputs {
    /// Git reference that is deployed, such as `refs/tags/prod-7`: the expression github.ref
    #[arg(long)]
    reference: String,

    /// Tag that is deployed, if it is one; taken from the reference when that is a tag's
    #[arg(long)]
    tag: Option<String>,

    /// Commit that is deployed: the full SHA, 40 hexadecimal digits
    #[arg(long)]
    sha: String,

    /// Targets that the generation covers: a JSON list of names, such as `["api","workers"]`
    #[arg(long)]
    targets: String,

    /// Workflow run that asks, a whole number; the runner's own unless given
    #[arg(long)]
    run_id: Option<u64>,
}

action::outputs! {
    /// What the later jobs deploy with.
    pub struct GenerationOutputs {
        /// The generation: a whole number, the value of `SPECTRAL_GENERATION`.
        generation: "generation" => u64,
    }
}

/// Validated inputs.
#[derive(Debug)]
pub struct Job {
    reference: String,
    tag: Option<String>,
    sha: String,
    targets: Vec<String>,
    run_id: Option<u64>,
}

impl TryFrom<Inputs> for Job {
    type Error = BadInput;

    fn try_from(inputs: Inputs) -> Result<Self, BadInput> {
        let sha = inputs.sha.to_ascii_lowercase();
        if sha.len() != 40 || !sha.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let problem = format!("`{}` is not a full commit SHA of 40 hexadecimal digits", inputs.sha);
            return Err(BadInput::new("sha", problem)
                .hint("`${{ github.sha }}` is one; of an annotated tag it is the tag's commit"));
        }
        let reference = name("reference", inputs.reference)?;
        let given = inputs.tag.map(|tag| name("tag", tag)).transpose()?;
        let of_reference = reference.strip_prefix("refs/tags/").map(str::to_owned);
        if let (Some(given), Some(own)) = (&given, &of_reference)
            && given != own
        {
            let problem = format!("`{given}` is another tag than that of the reference `{reference}`");
            return Err(BadInput::new("tag", problem).hint("leave `tag` out: the reference names it"));
        }
        if inputs.run_id == Some(0) {
            return Err(BadInput::new("run-id", "must be at least 1"));
        }
        let tag = given.or(of_reference);
        let targets = manifest::target_list(&inputs.targets).map_err(|problem| {
            BadInput::new("targets", problem.to_string())
                .hint("pass the output `targets` of manifest-resolve, such as [\"api\",\"workers\"]")
        })?;
        Ok(Self { reference, tag, sha, targets, run_id: inputs.run_id })
    }
}

/// Git's own names hold no blank and no control character (git docs, `check-ref-format`).
fn name(input: &'static str, text: String) -> Result<String, BadInput> {
    if text.is_empty()
        || text.len() > 255
        || text.contains(|found: char| found.is_whitespace() || found.is_control())
    {
        return Err(BadInput::new(input, "must be a name of at most 255 bytes, without blanks"));
    }
    Ok(text)
}

impl Primitive for GenerationAllocate {
    const NAME: &'static str = "generation-allocate";
    const ABOUT: &'static str = "Hand out the generation that a deploy's services carry";
    const GUIDE: &'static str = "\
Inserts one row into core.deployments and gives its generation, a number that only grows. The same
run that asks again gets its own number back, until that row was cut over or rolled back; so a job
may run again. A run that asks again for another commit, reference or set of targets is stale and
is refused, and so is one that a newer flip of the same targets has overtaken. Two that ask at once
get one number if they are one run, and two if they are two.

Gaps are normal: an aborted transaction keeps its number. Do not alert on them.

Staging allocates from its own database. The tables are created by hand, once; when one is missing,
the error names the statement. Needs select and insert on core.deployments.

Example:
  generation-allocate --reference refs/tags/prod-7 --run-id 1234567890 \\
    --sha 3fc271e8a1b2c3d4e5f60718293a4b5c6d7e8f90 --targets '[\"api\",\"workers\"]'";
    const EXAMPLE: &'static [(&'static str, &'static str)] = &[
        ("reference", "${{ github.ref }}"),
        ("sha", "${{ github.sha }}"),
        ("targets", "${{ needs.changes.outputs.targets }}"),
    ];
    const EFFECT: Effect = Effect::Changes;
    const SECRETS: &'static [Secret] = &[postgres::ledger::SECRET];

    type Inputs = Inputs;
    type Job = Job;
    type Outputs = GenerationOutputs;

    async fn run(job: &Job, context: &Context, outputs: &mut GenerationOutputs) -> Result<Done, Failure> {
        let new = NewDeployment {
            reference: job.reference.clone(),
            tag: job.tag.clone(),
            sha: job.sha.clone(),
            targets: job.targets.clone(),
            run_id: run_id(job, context)?,
        };
        let ledger = Ledger::open(context)?;
        if let Some(generation) = ledger.allocated(&new).await?? {
            outputs.generation = Some(generation);
            tracing::info!("run {} holds generation {generation} already", new.run_id);
            context.summarise(&summary(&new, generation));
            return Ok(Done::Unchanged);
        }
        let mut plan = Plan::new();
        plan.change(
            format!("generation of run {}", new.run_id),
            "none",
            format!("the next, for {} at {}", list(&new.targets), new.sha),
        );
        let permit = context.approve(&plan)?;
        context.leaves_behind(
            "a generation may have been handed out; that is harmless, and this run gets it back",
        );
        let generation = match ledger.allocate(&permit, &new).await?? {
            Allocated::New(generation) => generation,
            // There was none a moment ago: an answer got lost, or another attempt of this run was faster.
            Allocated::Again(generation) => {
                tracing::info!("generation {generation} was handed out to run {} meanwhile", new.run_id);
                generation
            }
        };
        context.leaves_behind("");
        outputs.generation = Some(generation);
        tracing::info!("generation {generation} is run {}'s", new.run_id);
        context.summarise(&summary(&new, generation));
        Ok(Done::Success)
    }
}

fn run_id(job: &Job, context: &Context) -> Result<u64, Failure> {
    if let Some(given) = job.run_id {
        return Ok(given);
    }
    let of_runner = context.variable(RUN_ID);
    let number = of_runner.as_deref().and_then(|text| text.parse().ok()).filter(|&number| number > 0);
    number.ok_or_else(|| {
        let what = if of_runner.is_some() { "is no whole number" } else { "is not set" };
        Failure::invalid(format!("input `run-id`: not given, and {RUN_ID} {what}"))
            .hint("GitHub's runner sets it; by hand, give any number that is this deploy's own")
    })
}

fn list(targets: &[String]) -> String {
    if targets.is_empty() { "no target".to_owned() } else { targets.join(", ") }
}

fn summary(new: &NewDeployment, generation: u64) -> String {
    let rows = [
        ["Generation".to_owned(), markdown::code(&generation.to_string())],
        ["Reference".to_owned(), markdown::code(&new.reference)],
        ["Commit".to_owned(), markdown::code(&new.sha)],
        ["Targets".to_owned(), markdown::text(&list(&new.targets))],
        ["Run".to_owned(), markdown::code(&new.run_id.to_string())],
    ];
    format!("### Generation {generation}\n\n{}", markdown::table(["What", "Value"], rows))
}
