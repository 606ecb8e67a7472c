//! One sync: what is due, what is in the way, the deploys, the record.

use std::collections::BTreeMap;
use std::time::Duration;

use action::{Context, Done, Ending, Failure, Permit, Plan, Primitive as _};
use cloudflare::Cloudflare;
use colours::{Estate, TargetRoles};
use cutover::Pointing;
use deploy::{Line, Listener, Request, Seen, Target};
use manifest_file::{Origin, Resolved, Values};
use postgres::Ledger;
use postgres::ledger::Deployment;
use render::ServiceId;

use crate::job::Job;
use crate::premise::{self, Premise};
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
    let began = colours::pointing(&cloudflare, &job.zone_id, estate.hosts()).await?;
    let steps = steps(job, &groups, &due, &estate.roles(&began, None)?, &began)?;
    let premise = Premise { cloudflare: &cloudflare, ledger: &ledger, job, groups: &groups, began: &began };
    Sync { steps, due, premise, context }.carry_out(outputs).await
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

/// What stands by in the groups whose newest flip is due, each with that flip's commit and generation.
fn steps<'g>(
    job: &Job,
    groups: &'g [Group],
    due: &BTreeMap<u64, &Deployment>,
    roles: &[TargetRoles],
    now: &Pointing,
) -> Result<Vec<Step<'g>>, Failure> {
    let mut steps = Vec::new();
    for target in roles {
        let group = groups.iter().find(|group| group.targets.contains(&target.name));
        let flip = group.and_then(|group| group.standing.due());
        let Some(flip) = flip.filter(|flip| due.contains_key(&flip.generation)) else { continue };
        premise::refuse_if_put_back(&target.hostnames, flip, now)
            .map_err(|failure| failure.hint("nothing has been changed"))?;
        let (target, request) = (target.clone(), request(job, target, flip)?);
        steps.push(Step { target, flip, request });
    }
    Ok(steps)
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

/// One service to be brought to what serves.
struct Step<'a> {
    target: TargetRoles,
    flip: &'a Deployment,
    request: Request,
}

/// A sync of what is due.
struct Sync<'a> {
    steps: Vec<Step<'a>>,
    due: BTreeMap<u64, &'a Deployment>,
    premise: Premise<'a>,
    context: &'a Context,
}

impl Sync<'_> {
    async fn carry_out(&self, outputs: &mut Synced) -> Result<Done, Failure> {
        let permit = self.approve().await?;
        let mut synced = Vec::new();
        for step in &self.steps {
            tracing::info!("syncing {}", step.target.name);
            // The deploy of the one before took minutes: look again, at the service and at what all this relies on.
            let prepared = deploy::prepare(&step.request, self.context).await.map_err(unrecorded)?;
            self.premise_holds(synced.len()).await?;
            prepared.carry_out(&permit, &mut Unheard).await.map_err(unrecorded)?;
            synced.push(step.target.name.as_str());
            outputs.synced =
                Some(serde_json::to_string(&synced).map_err(|error| Failure::bug(error.to_string()))?);
            self.context.publish(outputs)?;
        }
        self.clear_marks(&permit).await?;
        self.premise_holds(synced.len()).await?;
        self.record(&permit, outputs).await?;
        self.context.summarise(&format!(
            "Synced: {}. From here on the way back is a redeploy (class 3).\n",
            action::markdown::text(&synced.join(", "))
        ));
        Ok(Done::Success)
    }

    async fn approve(&self) -> Result<Permit, Failure> {
        let mut plan = Plan::new();
        // All of them before any is changed: a refusal of one must leave all as they are.
        for step in &self.steps {
            deploy::prepare(&step.request, self.context).await?.plan(&mut plan);
        }
        for flip in self.due.values() {
            plan.change(name(flip), "not synced", "synced");
        }
        self.context.approve(&plan)
    }

    /// Looks again at names and ledger, when the first `synced` services run what serves.
    async fn premise_holds(&self, synced: usize) -> Result<(), Failure> {
        for step in &self.steps {
            self.premise.holds(&step.target, step.flip).await.map_err(|failure| match failure.ending() {
                Ending::Stale => self.stopped(failure, synced),
                _ => unrecorded(failure),
            })?;
        }
        Ok(())
    }

    fn stopped(&self, failure: Failure, synced: usize) -> Failure {
        let done = self.steps[..synced].iter().map(|step| {
            let service = &step.target.standby.service;
            format!("{} ({service}) runs generation {} already", step.target.name, step.flip.generation)
        });
        let done: Vec<String> = done.collect();
        if done.is_empty() {
            return failure.hint("nothing has been changed");
        }
        failure
            .hint(format!("{}; nothing else is deployed, and nothing is recorded", done.join(", ")))
            .hint("what served before the flip is gone from there: if names lead there now, and it must be what serves, redeploy its commit (`rollback`, class 3)")
    }

    /// What is recorded is never looked at again: so marks that could not be removed get one more attempt.
    async fn clear_marks(&self, permit: &Permit) -> Result<(), Failure> {
        for step in &self.steps {
            let prepared = deploy::prepare(&step.request, self.context).await.map_err(unrecorded)?;
            if prepared.is_only_marked() {
                prepared.carry_out(permit, &mut Unheard).await.map_err(unrecorded)?;
            }
        }
        Ok(())
    }

    async fn record(&self, permit: &Permit, outputs: &mut Synced) -> Result<(), Failure> {
        let context = self.context;
        context.leaves_behind("everything is deployed, and not recorded as synced; run again to record it");
        for generation in self.due.keys() {
            self.premise.ledger.record_synced(permit, *generation).await?;
        }
        context.leaves_behind("");
        let generations: Vec<String> = self.due.keys().map(ToString::to_string).collect();
        outputs.generations = Some(generations.join("\n"));
        Ok(())
    }
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
