//! The order of events: look at the row, approve, record; or tell the way back.

use action::{Context, Done, Failure, Plan, markdown};
use postgres::Ledger;
use postgres::ledger::{Deployment, FlipRefusal, Recorded};

use crate::Record;
use crate::job::{Event, Job, Onto, Work};
use crate::names::Names;
use crate::way_back;

/// Runs the job.
pub(crate) async fn run(job: &Job, context: &Context, outputs: &mut Record) -> Result<Done, Failure> {
    match &job.work {
        Work::Record(event) => record(event, job.generation, context, outputs).await,
        Work::MayDeploy(onto) => may_deploy(onto, job.generation, context).await,
        Work::WayBack { previous, zone, nameserver } => {
            let names = match previous {
                Some(names) => names.clone(),
                None => announced(job.generation, context).await?,
            };
            let place = way_back::Place { zone: zone.as_deref(), nameserver: nameserver.as_deref() };
            Ok(way_back::tell(context, job.generation, &names, place, outputs))
        }
    }
}

/// Asks before anything is deployed. Nothing is written.
async fn may_deploy(onto: &Onto, generation: u64, context: &Context) -> Result<Done, Failure> {
    let ledger = Ledger::open(context)?;
    match onto {
        Onto::Standby(roles) => {
            ledger.may_deploy(generation).await?;
            // Its own flip moves the names, and a re-run of it goes on.
            if let Some(roles) = roles
                && !row(&ledger, generation).await?.is_open()
            {
                roles.still_hold(context).await?;
            }
        }
        Onto::InPlace(target) => ledger.may_deploy_in_place(generation, target.as_deref()).await?,
    }
    tracing::info!("nothing came after generation {generation}: it may be deployed");
    Ok(Done::Success)
}

async fn record(
    event: &Event,
    generation: u64,
    context: &Context,
    outputs: &mut Record,
) -> Result<Done, Failure> {
    let ledger = Ledger::open(context)?;
    let row = row(&ledger, generation).await?;
    outputs.previous = previous(&row).as_ref().map(Names::lines);
    let permit = context.approve(&plan(event, &row))?;
    let recorded = match event {
        Event::Intent(names) => ledger.record_intent(&permit, generation, &names.to_ledger()).await?,
        Event::CutOver => ledger.record_cut_over(&permit, generation).await?,
        Event::Publish(target) => ledger.append_target(&permit, generation, target).await?,
        Event::RolledBack => ledger.record_rolled_back(&permit, generation).await?,
    };
    match (recorded, event) {
        (Recorded::New, Event::Intent(names)) => outputs.previous = Some(names.lines()),
        (Recorded::New, _) => {}
        (Recorded::Already, _) => {
            let now = self::row(&ledger, generation).await?;
            outputs.previous = previous(&now).as_ref().map(Names::lines);
            if is_same(&row, &now) {
                tracing::info!("generation {generation} is recorded as {} already", words(event));
                return Ok(Done::Unchanged);
            }
            // Not so a moment ago: an answer got lost, or another attempt of this run was faster.
        }
    }
    tell(event, context, &row);
    Ok(Done::Success)
}

/// Where the names of the generation pointed, by the ledger.
async fn announced(generation: u64, context: &Context) -> Result<Names, Failure> {
    let row = row(&Ledger::open(context)?, generation).await?;
    previous(&row).ok_or_else(|| {
        Failure::stale(format!(
            "the ledger holds no intent of generation {generation}, so no way back is known"
        ))
        .hint("no name was moved for it by this pipeline; look at the records in the zone")
    })
}

async fn row(ledger: &Ledger, generation: u64) -> Result<Deployment, Failure> {
    Ok(ledger.deployment(generation).await?.ok_or(FlipRefusal::Unknown(generation))?)
}

fn previous(row: &Deployment) -> Option<Names> {
    row.previous_cnames.as_ref().and_then(Names::from_ledger)
}

fn tell(event: &Event, context: &Context, row: &Deployment) {
    let (what, generation) = (words(event), row.generation);
    tracing::info!("generation {generation} is recorded as {what}");
    let cells = [
        generation.to_string(),
        markdown::text(row.tag.as_deref().unwrap_or(&row.reference)),
        markdown::code(&row.sha),
        markdown::text(&what),
    ];
    let table = markdown::table(["Generation", "Tag", "Commit", "Recorded as"], [cells]);
    context.summarise(&format!("### Ledger\n\n{table}"));
}

fn plan(event: &Event, row: &Deployment) -> Plan {
    let mut plan = Plan::new();
    plan.change(format!("generation {} in the ledger", row.generation), state(row), words(event));
    plan
}

/// Whether nothing that is recorded here became of a row in between.
fn is_same(before: &Deployment, now: &Deployment) -> bool {
    state(before) == state(now) && before.targets == now.targets
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

fn words(event: &Event) -> String {
    match event {
        Event::Intent(_) => "intent".to_owned(),
        Event::CutOver => "cut over".to_owned(),
        Event::Publish(target) => format!("published: {target}"),
        Event::RolledBack => "rolled back".to_owned(),
    }
}
