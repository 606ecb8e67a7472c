//! The order of events: look at the row, approve, record.

use action::{Context, Done, Failure, Plan, markdown};
use postgres::Ledger;
use postgres::ledger::{Deployment, FlipRefusal, Recorded};

use crate::Record;
use crate::job::{Job, Work};
use crate::names::Names;
use crate::way_back;

/// Runs the job.
pub(crate) async fn run(job: &Job, context: &Context, outputs: &mut Record) -> Result<Done, Failure> {
    if let Work::WayBack { previous: Some(names), zone } = &job.work {
        return Ok(way_back::tell(context, job.generation, names, zone.as_deref(), outputs));
    }
    let ledger = Ledger::open(context)?;
    let row = ledger.deployment(job.generation).await?;
    let row = row.ok_or(FlipRefusal::Unknown(job.generation))?;
    let announced = row.previous_cnames.as_ref().and_then(Names::from_ledger);
    if let Work::WayBack { zone, .. } = &job.work {
        let names = announced.ok_or_else(|| nothing_announced(job.generation))?;
        return Ok(way_back::tell(context, job.generation, &names, zone.as_deref(), outputs));
    }
    outputs.previous = announced.as_ref().map(Names::lines);
    let permit = context.approve(&plan(job, &row))?;
    let generation = job.generation;
    let recorded = match &job.work {
        Work::Intent(names) => {
            let recorded = ledger.record_intent(&permit, generation, &names.to_ledger()).await?;
            if recorded == Recorded::New {
                outputs.previous = Some(names.lines());
            }
            recorded
        }
        Work::CutOver => ledger.record_cut_over(&permit, generation).await?,
        Work::Publish(target) => ledger.append_target(&permit, generation, target).await?,
        Work::RolledBack => ledger.record_rolled_back(&permit, generation).await?,
        Work::WayBack { .. } => Recorded::Already,
    };
    Ok(tell(job, context, &row, recorded))
}

fn tell(job: &Job, context: &Context, row: &Deployment, recorded: Recorded) -> Done {
    let what = event(&job.work);
    let generation = job.generation;
    if recorded == Recorded::Already {
        tracing::info!("generation {generation} is recorded as {what} already");
        return Done::Unchanged;
    }
    tracing::info!("generation {generation} is recorded as {what}");
    let cells = [
        generation.to_string(),
        markdown::text(row.tag.as_deref().unwrap_or(&row.reference)),
        markdown::code(&row.sha),
        markdown::text(&what),
    ];
    let table = markdown::table(["Generation", "Tag", "Commit", "Recorded as"], [cells]);
    context.summarise(&format!("### Ledger\n\n{table}"));
    Done::Success
}

fn plan(job: &Job, row: &Deployment) -> Plan {
    let mut plan = Plan::new();
    plan.change(format!("generation {} in the ledger", job.generation), state(row), event(&job.work));
    plan
}

/// What a row says now.
fn state(row: &Deployment) -> &'static str {
    match row {
        row if row.rolled_back_at.is_some() => "rolled back",
        row if row.cut_over_at.is_some() => "cut over",
        row if row.intent_at.is_some() => "intent",
        _ => "allocated",
    }
}

fn event(work: &Work) -> String {
    match work {
        Work::Intent(_) => "intent".to_owned(),
        Work::CutOver => "cut over".to_owned(),
        Work::Publish(target) => format!("published: {target}"),
        Work::RolledBack => "rolled back".to_owned(),
        Work::WayBack { .. } => "read".to_owned(),
    }
}

fn nothing_announced(generation: u64) -> Failure {
    Failure::stale(format!("the ledger holds no intent of generation {generation}, so no way back is known"))
        .hint("no name was moved for it by this pipeline; look at the records in the zone")
}
