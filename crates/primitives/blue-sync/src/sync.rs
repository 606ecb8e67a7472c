//! One sync: what is due, what is in the way, the deploys, the record.

use std::collections::BTreeMap;
use std::time::Duration;

use action::{Context, Done, Failure, Plan, Primitive as _};
use cloudflare::Cloudflare;
use colours::{Estate, TargetRoles};
use cutover::{Pointing, same_host};
use deploy::{Line, Listener, Request, Seen, Target};
use manifest_file::{Origin, Resolved, Values};
use postgres::Ledger;
use postgres::ledger::Deployment;
use render::ServiceId;

use crate::job::Job;
use crate::standing::{self, Group, name};
use crate::{BlueSync, Synced, report};

/// The variable that holds the generation (ADR-053 D7).
const GENERATION: &str = "SPECTRAL_GENERATION";

/// Syncs what is due.
///
/// # Errors
/// `invalid`, `stale`, `refused`; and those of the ledger, of Cloudflare, and of deploying.
pub(crate) async fn run(job: &Job, context: &Context, outputs: &mut Synced) -> Result<Done, Failure> {
    let manifest = manifest_file::read(context, &job.manifest)?;
    let all: Vec<String> = manifest.targets.keys().map(ToString::to_string).collect();
    let named = job.targets.as_deref();
    if let Some(unknown) = named.and_then(|named| named.iter().find(|name| !all.contains(name))) {
        return Err(Failure::invalid(format!("input `targets`: the manifest has no target {unknown:?}"))
            .hint("name targets of the manifest that is checked out"));
    }
    let mut values = Values::new(context);
    let estate = Estate::new(&manifest, &all, |service| {
        let Resolved { service, origin } = values.service(service)?;
        Some((service, origin.map(|Origin { host, url }| colours::Origin { host, url })))
    })?;
    values.finish()?;
    let ledger = Ledger::open(context)?;
    let groups = standing::of_all(estate.groups(), &ledger, job.hold).await?;
    report::standings(context, &groups);
    if let Some(named) = named {
        standing::refuse_what_is_not_due(named, &groups)?;
    }
    let due = due(&groups, named);
    outputs.synced = Some("[]".to_owned());
    outputs.generations = Some(String::new());
    if due.is_empty() {
        tracing::info!("nothing is due");
        return Ok(Done::Unchanged);
    }
    for flip in due.values() {
        refuse_while_older_work_is_left(flip, &ledger, &job.worker_target).await?;
    }
    let cloudflare = Cloudflare::new(context, context.secret(colours::TOKEN)?)?;
    let now = colours::pointing(&cloudflare, &job.zone_id, estate.hosts()).await?;
    let steps = steps(job, &groups, &due, &estate.roles(&now, None)?, &now)?;
    carry_out(&steps, &due, &ledger, context, outputs).await
}

/// The flips that are due: of the groups that were named, or of all. By generation.
fn due<'g>(groups: &'g [Group], named: Option<&[String]>) -> BTreeMap<u64, &'g Deployment> {
    let is_meant =
        |group: &&Group| named.is_none_or(|named| group.targets.iter().any(|target| named.contains(target)));
    let due = groups.iter().filter(is_meant).filter_map(|group| group.standing.due());
    due.map(|flip| (flip.generation, flip)).collect()
}

/// With the former colour its workers go, which alone do the older generations' work. What the workers that serve
/// have left is live work.
async fn refuse_while_older_work_is_left(
    flip: &Deployment,
    ledger: &Ledger,
    worker_target: &str,
) -> Result<(), Failure> {
    let left = ledger.outbox_below(flip.generation, worker_target).await?;
    if left.is_empty() {
        return Ok(());
    }
    let mut work = vec![format!("{} pending", left.pending), format!("{} in flight", left.in_flight)];
    if left.unknown > 0 {
        work.push(format!("{} with an unknown status", left.unknown));
    }
    Err(Failure::stale(format!("generations below {} still have work: {}", name(flip), work.join(", ")))
        .hint(
            "wait until core.outbox has no pending or in-flight rows below it, or drain them (legacy-drain)",
        )
        .hint("nothing has been changed"))
}

/// One service to be brought to what serves.
struct Step {
    target: String,
    request: Request,
}

/// What stands by in the groups whose newest flip is due, each with that flip's commit and generation.
fn steps(
    job: &Job,
    groups: &[Group],
    due: &BTreeMap<u64, &Deployment>,
    roles: &[TargetRoles],
    now: &Pointing,
) -> Result<Vec<Step>, Failure> {
    let mut steps = Vec::new();
    for target in roles {
        let group = groups.iter().find(|group| group.targets.contains(&target.name));
        let flip = group.and_then(|group| group.standing.due());
        let Some(flip) = flip.filter(|flip| due.contains_key(&flip.generation)) else { continue };
        refuse_if_put_back(target, flip, now)?;
        steps.push(Step { target: target.name.clone(), request: request(job, target, flip)? });
    }
    Ok(steps)
}

/// A name that is where it was before the flip was put back behind the ledger's back: then what stands by is what
/// the flip brought, and what serves is not its commit.
fn refuse_if_put_back(target: &TargetRoles, flip: &Deployment, now: &Pointing) -> Result<(), Failure> {
    let before = |host: &str| {
        let names = flip.previous_cnames.as_ref()?.as_object()?;
        names.iter().find(|(name, _)| same_host(name, host))?.1.as_str()
    };
    let is = |host: &str| now.iter().find(|(name, _)| same_host(name, host)).map(|(_, is)| is.as_str());
    let is_back = |host: &&String| before(host).zip(is(host)).is_some_and(|(was, is)| same_host(was, is));
    match target.hostnames.iter().find(is_back) {
        None => Ok(()),
        Some(host) => Err(Failure::stale(format!(
            "{host} is where it was before the flip of {}, which the ledger says serves",
            name(flip)
        ))
        .hint(format!(
            "if it was put back on purpose: cutover-record --mode rolled-back --generation {}",
            flip.generation
        ))
        .hint("nothing has been changed")),
    }
}

fn request(job: &Job, target: &TargetRoles, flip: &Deployment) -> Result<Request, Failure> {
    let service = target.standby.service.parse::<ServiceId>().map_err(|problem| {
        Failure::invalid(format!("target {}: {problem}", target.name))
            .hint("check the manifest, and the variables that it names")
    })?;
    let commit = Target::Commit(flip.sha.to_ascii_lowercase());
    let generation = Line::literal(GENERATION, flip.generation.to_string());
    let mut request = Request::new(BlueSync::NAME, service, commit, vec![generation]);
    request.timeout = job.timeout;
    Ok(request)
}

async fn carry_out(
    steps: &[Step],
    due: &BTreeMap<u64, &Deployment>,
    ledger: &Ledger,
    context: &Context,
    outputs: &mut Synced,
) -> Result<Done, Failure> {
    let mut plan = Plan::new();
    // All of them before any is changed: a refusal of one must leave all as they are.
    for step in steps {
        deploy::prepare(&step.request, context).await?.plan(&mut plan);
    }
    for flip in due.values() {
        plan.change(name(flip), "not synced", "synced");
    }
    let permit = context.approve(&plan)?;
    let mut synced = Vec::new();
    for step in steps {
        tracing::info!("syncing {}", step.target);
        // The deploy of the one before took minutes: look again.
        deploy::prepare(&step.request, context)
            .await
            .map_err(unrecorded)?
            .carry_out(&permit, &mut Unheard)
            .await
            .map_err(unrecorded)?;
        synced.push(step.target.as_str());
        outputs.synced =
            Some(serde_json::to_string(&synced).map_err(|error| Failure::bug(error.to_string()))?);
        context.publish(outputs)?;
    }
    // What is recorded is never looked at again: so marks that could not be removed get one more attempt.
    for step in steps {
        let prepared = deploy::prepare(&step.request, context).await.map_err(unrecorded)?;
        if prepared.is_only_marked() {
            prepared.carry_out(&permit, &mut Unheard).await.map_err(unrecorded)?;
        }
    }
    context.leaves_behind("everything is deployed, and not recorded as synced; run again to record it");
    for generation in due.keys() {
        ledger.record_synced(&permit, *generation).await?;
    }
    context.leaves_behind("");
    let generations: Vec<String> = due.keys().map(ToString::to_string).collect();
    outputs.generations = Some(generations.join("\n"));
    context.summarise(&format!(
        "Synced: {}. From here on the way back is a redeploy (class 3).\n",
        action::markdown::text(&synced.join(", "))
    ));
    Ok(Done::Success)
}

fn unrecorded(failure: Failure) -> Failure {
    failure.hint("nothing is recorded yet: run again, and what is synced already is passed over")
}

/// The summary of each deploy says all that there is to say.
struct Unheard;

impl Listener for Unheard {
    fn identified(&mut self, _: Seen<'_>) -> Result<(), Failure> {
        Ok(())
    }

    fn seen(&mut self, _: Seen<'_>) {}

    fn took(&mut self, _: Duration) {}
}
