//! The order of events: read, plan, check, approve, change, verify.

use std::time::Duration;

use action::{Context, Done, Failure};
use cloudflare::{Cloudflare, Record};
use render::Render;

use crate::flip::{Flip, Stopped};
use crate::plan::{self, Plan, Rules};
use crate::report::Report;
use crate::servers::{Question, Servers};
use crate::step::{Seen, Step};
use crate::way_back::WayBack;
use crate::zone::Facts;
use crate::{FlipOutputs, Job, Mode, VerifyDns, attachment, previous, probe};

/// Runs the job; whatever happens, the summary tells what was found.
pub(crate) async fn run(job: &Job, context: &Context, outputs: &mut FlipOutputs) -> Result<Done, Failure> {
    let mut report = Report::default();
    let ended = work(job, context, outputs, &mut report).await;
    report.write(context);
    ended
}

async fn work(
    job: &Job,
    context: &Context,
    outputs: &mut FlipOutputs,
    report: &mut Report,
) -> Result<Done, Failure> {
    let api = Cloudflare::new(context, context.secret("CLOUDFLARE_API_TOKEN")?)?;
    let zone = Facts::of(api.zone(&job.zone_id).await.map_err(|error| explain(error, "read the zone"))?)?;
    plan::check_hosts(&job.wishes, &zone)?;
    let plan = make_plan(job, context, &api, &zone).await?;
    *report = Report::of(&plan);
    for note in &plan.notes {
        context.notice(note);
    }
    for warning in &plan.warnings {
        report.warn(context, warning);
    }
    let servers = weigh(job, context, report, servers(job, &zone, &plan))?.flatten();
    check_targets(job, context, &plan, servers.as_ref(), report).await?;
    outputs.previous = Some(previous::text(&plan.previous()));
    outputs.changed = Some(false);
    let changes: Vec<&Step> = plan.changes().collect();
    if changes.is_empty() {
        verify(context, &plan, servers.as_ref(), report).await.map_err(unchanged_but_wrong)?;
        return Ok(Done::Unchanged);
    }
    if job.mode == Mode::Check {
        tracing::info!("a flip would change {}", crate::report::hosts(&changes));
        return Ok(Done::Success);
    }
    let permit = context.approve(&plan.to_approve())?;
    let way_back = WayBack::of(job);
    let flip = Flip {
        mode: job.mode,
        apex: &zone.name,
        context,
        api: &api,
        zone: &job.zone_id,
        changes: &changes,
        way_back: &way_back,
        permit: &permit,
        read_back: job.read_back,
    };
    flip.still_as_planned().await?;
    // Before anything moves: a killed step keeps what it wrote.
    outputs.changed = None;
    context.publish(outputs)?;
    if let Err(stopped) = carry_out(&flip, context, &plan, servers.as_ref(), report).await {
        outputs.changed = stopped.changed;
        return Err(stopped.failure);
    }
    report.moved(&way_back, &changes);
    outputs.changed = Some(true);
    Ok(Done::Success)
}

/// Moves the names and verifies them; what fails the verification is put back.
async fn carry_out(
    flip: &Flip<'_>,
    context: &Context,
    plan: &Plan,
    servers: Option<&Servers>,
    report: &mut Report,
) -> Result<(), Stopped> {
    flip.carry_out().await?;
    if let Err(problem) = verify(context, plan, servers, report).await {
        return Err(flip.give_up(format!("the name servers do not follow: {problem}")).await);
    }
    context.leaves_behind("");
    Ok(())
}

async fn make_plan(job: &Job, context: &Context, api: &Cloudflare, zone: &Facts) -> Result<Plan, Failure> {
    let mut found: Vec<Vec<Record>> = Vec::new();
    for wish in &job.wishes {
        let records = api.dns_records(&job.zone_id, wish.pointing.host.as_str()).await;
        found.push(records.map_err(|error| explain(error, "read the DNS records"))?);
    }
    let rules = Rules {
        zone,
        expect: &job.expect,
        ttl: job.ttl,
        min_ttl_age: job.min_ttl_age,
        now: context.clock().wall(),
    };
    plan::make(&job.wishes, &found, &rules)
}

/// The servers to ask; nothing when there is nothing that they could show.
fn servers(job: &Job, zone: &Facts, plan: &Plan) -> Result<Option<Servers>, Failure> {
    let shows = |step: &Step| step.seen.1 == Seen::Cname;
    match job.verify_dns {
        VerifyDns::For(patience) if plan.steps.iter().any(shows) => {
            Servers::choose(&job.servers, &zone.servers, patience).map(Some)
        }
        _ => Ok(None),
    }
}

/// Everything that is asked of the world before a name moves.
async fn check_targets(
    job: &Job,
    context: &Context,
    plan: &Plan,
    servers: Option<&Servers>,
    report: &mut Report,
) -> Result<(), Failure> {
    let moves: Vec<&Step> = plan.steps.iter().filter(|step| step.moves()).collect();
    let targets = moves.iter().map(|step| (&step.host, &step.to));
    // Only a restore comes here with one; anything else is refused as bad input.
    if let Some((host, target)) = attachment::unnamed(&job.services, targets) {
        report.warn(context, &format!("no line of `render-services` names {target}, so nobody asked Render whether {host} is attached there"));
    }
    if !job.services.is_empty() && !moves.is_empty() {
        let checked = check_attachment(job, context, &moves).await;
        weigh(job, context, report, checked)?;
    }
    if let Some(path) = &job.probe {
        for step in &moves {
            let patience = if job.mode == Mode::Restore { Duration::ZERO } else { probe::PATIENCE };
            let probed = probe::probe(context, &step.host, &step.to, path, patience).await;
            if let Some(status) = weigh(job, context, report, probed)? {
                report.probed(step, status);
            }
        }
    }
    let visible = |step: &&&Step| step.seen == (Seen::Cname, Seen::Cname);
    let visible: Vec<_> = moves.iter().filter(visible).map(|step| &step.host).collect();
    match servers {
        Some(servers) if !visible.is_empty() => {
            let answered = servers.answer_at_all(context, &visible).await;
            weigh(job, context, report, answered).map(drop)
        }
        _ => Ok(()),
    }
}

async fn check_attachment(job: &Job, context: &Context, moves: &[&Step]) -> Result<(), Failure> {
    let render = Render::new(context, context.secret(render::API_KEY)?)?;
    attachment::check(&render, &job.services, moves.iter().map(|step| (&step.host, &step.to))).await
}

/// What a check found. A restore is the emergency way back: what speaks against it
/// is told and does not stop it (ADR-053 D14.2).
fn weigh<T>(
    job: &Job,
    context: &Context,
    report: &mut Report,
    checked: Result<T, Failure>,
) -> Result<Option<T>, Failure> {
    match checked {
        Err(failure) if job.mode == Mode::Restore => {
            report.warn(context, &format!("{}; restoring all the same", failure.message()));
            Ok(None)
        }
        checked => checked.map(Some),
    }
}

/// Asks the servers for every name that they can show, moved or not: an earlier
/// run may have been killed before it did.
///
/// # Errors
/// What they answer instead.
async fn verify(
    context: &Context,
    plan: &Plan,
    servers: Option<&Servers>,
    report: &mut Report,
) -> Result<(), String> {
    let Some(servers) = servers else { return Ok(()) };
    let steps: Vec<&Step> = plan.steps.iter().filter(|step| step.seen.1 == Seen::Cname).collect();
    let questions = steps.iter().map(|step| Question::exactly(&step.host, &step.to)).collect();
    servers.answer_as_wanted(context, questions).await?;
    steps.iter().for_each(|step| report.seen_in_dns(step));
    Ok(())
}

fn unchanged_but_wrong(problem: String) -> Failure {
    Failure::failed(format!("the records hold the targets, but {problem}"))
        .hint("nothing was changed by this run")
        .hint("`nameserver` names the servers to ask; `verify-dns: false` trusts the records")
}

fn explain(error: http::Error, doing: &str) -> Failure {
    Failure::from(error).context(doing).hint("no name has been moved")
}
