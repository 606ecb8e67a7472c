//! Class 2: the names go back through the operation that moved them, then the ledger
//! says so.

use action::{Context, Done, Failure, Plan};
use cutover::Pointing;
use cutover::rollback::Stage;
use flip::{Listener, Request};
use postgres::Ledger;
use postgres::ledger::Recorded;

use crate::job::Job;
use crate::look::Found;

/// Leads the names back and records it. Killed in between and run again, it finds the
/// names where they were, and records it.
pub(crate) async fn run(job: &Job, context: &Context, found: &Found) -> Result<Done, Failure> {
    let generation = found.world.generation;
    let request = request(job, found)?;
    let mut ledger = InTheLedger { found };
    flip::run(&request, context, &mut ledger).await?;
    context.leaves_behind(format!(
        "the names of generation {generation} are back, and the ledger may not say so yet; run again"
    ));
    let mut plan = Plan::new();
    ledger.plan(&mut plan);
    let permit = context.approve(&plan)?;
    let recorded = Ledger::open(context)?.record_rolled_back(&permit, generation).await.map_err(|error| {
        Failure::from(error)
            .hint(format!("the names of generation {generation} are back; run again, and it is recorded"))
    })?;
    context.leaves_behind("");
    if recorded == Recorded::New {
        tracing::info!("generation {generation} is recorded as rolled back");
    }
    Ok(Done::Success)
}

/// The restore: every name to where it was, and only from where the generation put it.
fn request(job: &Job, found: &Found) -> Result<Request, Failure> {
    let mut request = Request::restore(&job.zone_id, &lines(&found.before))?;
    request.expect = flip::pointings("expect", &lines(&expected(found)))?;
    request.servers = job.servers.clone();
    let origins = found
        .estate
        .moved
        .iter()
        .filter_map(|moved| Some(format!("{} {}", moved.former.host()?, moved.former.service)));
    request.services = flip::services("render-services", &origins.collect::<Vec<_>>().join("\n"))?;
    Ok(request)
}

/// Where the generation put its names.
fn expected(found: &Found) -> Pointing {
    let ours = found.estate.after.iter().filter(|(host, _)| found.before.contains_key(*host));
    ours.map(|(host, target)| (host.clone(), target.clone())).collect()
}

fn lines(pointing: &Pointing) -> String {
    pointing.iter().map(|(host, target)| format!("{host} {target}")).collect::<Vec<_>>().join("\n")
}

/// What is changed beside the names.
struct InTheLedger<'f> {
    found: &'f Found,
}

impl Listener for InTheLedger<'_> {
    fn plan(&mut self, plan: &mut Plan) {
        let now = match self.found.world.stage {
            Stage::CutOver { .. } => "cut over",
            Stage::RolledBack => "rolled back",
            Stage::Announced | Stage::Allocated => "intent",
        };
        plan.change(format!("generation {} in the ledger", self.found.world.generation), now, "rolled back");
    }
}
