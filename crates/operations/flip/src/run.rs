//! The order of events: read, plan, check, approve, change, verify.

use std::time::Duration;

use action::{Context, Done, Failure};
use cloudflare::{Cloudflare, Record};
use render::Render;

use crate::change::{Flip, Stopped};
use crate::listener::Listener;
use crate::plan::{self, Plan, Rules};
use crate::report::Report;
use crate::servers::{Question, Servers};
use crate::step::{Seen, Step};
use crate::way_back::WayBack;
use crate::zone::Facts;
use crate::{Mode, Request, TOKEN, VerifyDns, attachment, previous, probe};

/// Carries the request out; whatever happens, the summary tells what was found.
///
/// # Errors
/// `invalid`, `refused` and `stale`: nothing has moved; `failed`: a flip that could not be
/// verified was put back, or a restore stays as it is; the listener's, and those of
/// Cloudflare and Render. Each says in its hints what stands where.
pub async fn run(
    request: &Request,
    context: &Context,
    listener: &mut impl Listener,
) -> Result<Done, Failure> {
    let mut report = Report::default();
    let ended = work(request, context, listener, &mut report).await;
    report.write(context);
    ended
}

async fn work(
    request: &Request,
    context: &Context,
    listener: &mut impl Listener,
    report: &mut Report,
) -> Result<Done, Failure> {
    let api = Cloudflare::new(context, context.secret(TOKEN)?)?;
    let zone = Facts::of(api.zone(&request.zone_id).await.map_err(|error| explain(error, "read the zone"))?)?;
    plan::check_hosts(&request.wishes, &zone)?;
    let plan = make_plan(request, context, &api, &zone).await?;
    *report = Report::of(&plan);
    for note in &plan.notes {
        context.notice(note);
    }
    for warning in &plan.warnings {
        report.warn(context, warning);
    }
    let servers = weigh(request, context, report, servers(request, &zone, &plan))?.flatten();
    check_targets(request, context, &plan, servers.as_ref(), report).await?;
    listener.planned(previous::text(&plan.previous()));
    let changes: Vec<&Step> = plan.changes().collect();
    if changes.is_empty() {
        verify(context, &plan, servers.as_ref(), report).await.map_err(unchanged_but_wrong)?;
        return Ok(Done::Unchanged);
    }
    if request.mode == Mode::Check {
        tracing::info!("a flip would change {}", crate::report::hosts(&changes));
        return Ok(Done::Success);
    }
    let mut to_approve = plan.to_approve();
    listener.plan(&mut to_approve);
    let permit = context.approve(&to_approve)?;
    let way_back = WayBack::of(request);
    let flip = Flip {
        mode: request.mode,
        apex: &zone.name,
        context,
        api: &api,
        zone: &request.zone_id,
        changes: &changes,
        way_back: &way_back,
        permit: &permit,
        read_back: request.read_back,
    };
    flip.still_as_planned().await?;
    // Before anything moves: a killed step keeps what it wrote.
    listener.begins()?;
    if let Err(stopped) = carry_out(&flip, context, &plan, servers.as_ref(), report).await {
        listener.ended(stopped.changed);
        return Err(stopped.failure);
    }
    report.moved(&way_back, &changes);
    listener.ended(Some(true));
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

async fn make_plan(
    request: &Request,
    context: &Context,
    api: &Cloudflare,
    zone: &Facts,
) -> Result<Plan, Failure> {
    let mut found: Vec<Vec<Record>> = Vec::new();
    for wish in &request.wishes {
        let records = api.dns_records(&request.zone_id, wish.pointing.host.as_str()).await;
        found.push(records.map_err(|error| explain(error, "read the DNS records"))?);
    }
    let rules = Rules {
        zone,
        expect: &request.expect,
        ttl: request.ttl,
        min_ttl_age: request.min_ttl_age,
        now: context.clock().wall(),
    };
    plan::make(&request.wishes, &found, &rules)
}

/// The servers to ask; nothing when there is nothing that they could show.
fn servers(request: &Request, zone: &Facts, plan: &Plan) -> Result<Option<Servers>, Failure> {
    let shows = |step: &Step| step.seen.1 == Seen::Cname;
    match request.verify_dns {
        VerifyDns::For(patience) if plan.steps.iter().any(shows) => {
            Servers::choose(&request.servers, &zone.servers, patience).map(Some)
        }
        _ => Ok(None),
    }
}

/// Everything that is asked of the world before a name moves.
async fn check_targets(
    request: &Request,
    context: &Context,
    plan: &Plan,
    servers: Option<&Servers>,
    report: &mut Report,
) -> Result<(), Failure> {
    let moves: Vec<&Step> = plan.steps.iter().filter(|step| step.moves()).collect();
    let targets = moves.iter().map(|step| (&step.host, &step.to));
    // Only a restore comes here with one; anything else is refused as bad input.
    if let Some((host, target)) = attachment::unnamed(&request.services, targets) {
        report.warn(context, &format!("no line of `render-services` names {target}, so nobody asked Render whether {host} is attached there"));
    }
    if !request.services.is_empty() && !moves.is_empty() {
        let checked = check_attachment(request, context, &moves).await;
        weigh(request, context, report, checked)?;
    }
    if let Some(path) = &request.probe {
        for step in &moves {
            let patience = if request.mode == Mode::Restore { Duration::ZERO } else { probe::PATIENCE };
            let probed = probe::probe(context, &step.host, &step.to, path, patience).await;
            if let Some(status) = weigh(request, context, report, probed)? {
                report.probed(step, status);
            }
        }
    }
    let visible = |step: &&&Step| step.seen == (Seen::Cname, Seen::Cname);
    let visible: Vec<_> = moves.iter().filter(visible).map(|step| &step.host).collect();
    match servers {
        Some(servers) if !visible.is_empty() => {
            let answered = servers.answer_at_all(context, &visible).await;
            weigh(request, context, report, answered).map(drop)
        }
        _ => Ok(()),
    }
}

async fn check_attachment(request: &Request, context: &Context, moves: &[&Step]) -> Result<(), Failure> {
    let render = Render::new(context, context.secret(render::API_KEY)?)?;
    attachment::check(&render, &request.services, moves.iter().map(|step| (&step.host, &step.to))).await
}

/// What a check found. A restore is the emergency way back: what speaks against it
/// is told and does not stop it (ADR-053 D14.2).
fn weigh<T>(
    request: &Request,
    context: &Context,
    report: &mut Report,
    checked: Result<T, Failure>,
) -> Result<Option<T>, Failure> {
    match checked {
        Err(failure) if request.mode == Mode::Restore => {
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
