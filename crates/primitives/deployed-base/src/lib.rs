//! Tells which commit each target runs, by the ledger of deployments (ADR-053 D3: the
//! base that changes are counted from).

use std::collections::BTreeMap;

use action::{BadInput, Context, Done, Effect, Failure, Primitive, Secret, markdown};
use postgres::Ledger;

/// The primitive.
#[derive(Debug)]
pub struct DeployedBase;

/// What a workflow passes: nothing but the secret.
#[derive(clap::Args, Debug)]
pub struct Inputs {}

action::outputs! {
    /// What runs where.
    pub struct Bases {
        /// One `target sha` a line: the commit that each target was last cut over to. A target that never was has no line, so a first deployment gives an empty text.
        bases: "bases" => String,
    }
}

/// Nothing to validate.
#[derive(Debug)]
pub struct Job;

impl TryFrom<Inputs> for Job {
    type Error = BadInput;

    fn try_from(_: Inputs) -> Result<Self, BadInput> {
        Ok(Self)
    }
}

impl Primitive for DeployedBase {
    const NAME: &'static str = "deployed-base";
    const ABOUT: &'static str =
        "Tell which commit each target runs in production, by the ledger of deployments";
    const GUIDE: &'static str = "\
For each target, the commit of the newest row of core.deployments that covers it, was cut over and was
not rolled back. Give the output `bases` to manifest-resolve: each target is then compared with what
it runs itself, which after a cutover of some targets only is not one commit for all. Reads only.

Example:
  DATABASE_URL=postgresql://... deployed-base";
    const EFFECT: Effect = Effect::Reads;
    const SECRETS: &'static [Secret] = &[postgres::ledger::SECRET];

    type Inputs = Inputs;
    type Job = Job;
    type Outputs = Bases;

    async fn run(_: &Job, context: &Context, outputs: &mut Bases) -> Result<Done, Failure> {
        let deployed = Ledger::open(context)?.deployed_bases().await?;
        for (target, sha) in &deployed {
            tracing::info!("{target} runs {sha}");
        }
        if deployed.is_empty() {
            context.notice("no target was ever cut over: every target counts as affected");
        }
        context.summarise(&summary(&deployed));
        outputs.bases = Some(lines(&deployed));
        Ok(Done::Success)
    }
}

fn lines(deployed: &BTreeMap<String, String>) -> String {
    deployed.iter().map(|(target, sha)| format!("{target} {sha}")).collect::<Vec<_>>().join("\n")
}

fn summary(deployed: &BTreeMap<String, String>) -> String {
    if deployed.is_empty() {
        return "### What runs in production\n\nNothing was ever cut over.\n".to_owned();
    }
    let rows = deployed.iter().map(|(target, sha)| [markdown::code(target), markdown::code(sha)]);
    format!("### What runs in production\n\n{}", markdown::table(["Target", "Commit"], rows))
}
