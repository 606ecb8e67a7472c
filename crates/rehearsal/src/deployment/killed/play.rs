//! One play: a cutover, a kill in it or none, and the failed jobs once more.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use crate::effects::{Effect, Effects};
use crate::estate::{Estate, Release, Source};
use crate::origins::App;
use crate::platform::ZONE;
use crate::postgres::Relay;
use crate::runner::Level;
use crate::twins::render::Plan;
use crate::workflow_run::{Conclusion, Job, Reference, Run, Service, Settings, Wrangler};

use super::super::names::Watch;
use super::end::End;

/// The tag that starts the cutover: api, workers and dashboard move, a migration is pending, a site is published.
const TAG: &str = "prod-2";

/// What moves beside the api, whose migration is pending, and the workers, which share its library.
const CHANGES: [&str; 2] = ["dashboard", "docs-user"];

/// How long the live services are watched before the flip. The runbook has 30 s, the other rehearsals 3 s: there it
/// is tried whether somebody notices what happens meanwhile, here nothing does.
const QUIET: &str = "1s";

/// How long visitors go on when everything is over: names are cached for three seconds, and both colours serve.
const AFTER: Duration = Duration::from_millis(500);

/// The exit code of a process that SIGKILL ended, as a shell tells it.
const KILLED: i32 = 128 + 9;

/// What became of a play.
pub(super) struct Played {
    /// What was changed, in order.
    pub(super) effects: Vec<Effect>,
    /// How it ended.
    pub(super) end: End,
    /// What did not go as a play must go, one sentence each.
    pub(super) objections: Vec<String>,
}

/// Plays a cutover on a thread pool of its own; with `deadly` the process behind that effect is killed.
///
/// # Errors
/// The world cannot be set up, or nothing can be run again.
pub(super) fn play(release: &Release, deadly: Option<&str>) -> Result<Played> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(played(release, deadly))
}

async fn played(release: &Release, deadly: Option<&str>) -> Result<Played> {
    let mut source = Source::with(release).context("make a repository to deploy from")?;
    let estate = Arc::new(Estate::start(&source).context("start the world")?);
    quick(&estate)?;
    prepare(&mut source, &estate)?;
    let effects = Effects::new(words(&estate)?);
    let relay = listen(&estate, &effects)?;
    let service = service(&estate, &source, release, &relay)?;
    let (visitors, watch) = (estate.let_visitors_in()?, Watch::begin(&estate, Instant::now()));
    if let Some(deadly) = deadly {
        effects.kill_after(deadly);
    }
    let mut runs = vec![first(&service).await?];
    if let (Some(_), [run]) = (deadly, runs.as_slice())
        && run.conclusion == Conclusion::Failure
    {
        runs.push(service.rerun_failed(run.id)?.finish().await?);
    }
    tokio::time::sleep(AFTER).await;
    let moves = watch.end().into_iter().map(|mark| mark.label).collect();
    let report = visitors.stop();
    let mut objections = objections(deadly, &effects, &runs);
    for host in report.hosts.iter().filter(|(_, seen)| seen.counts.total.visits() == 0) {
        objections.push(format!("nobody ever asked for {}", host.0));
    }
    let run = runs.last().context("find a run")?;
    let end = End::of(&estate, run, moves, report.total.failed)?;
    drop(service);
    let estate = Arc::into_inner(estate).context("stop the world while somebody uses it")?;
    if let Err(violation) = estate.stop() {
        objections.push(format!("an exchange broke a vendor's contract: {violation:#}"));
    }
    Ok(Played { effects: effects.list(), end, objections })
}

/// Deploys take moments: nothing here depends on how long they take.
fn quick(estate: &Estate) -> Result<()> {
    for target in &estate.targets {
        let plan = || Plan::live().build(Duration::from_millis(400)).update(Duration::from_millis(100));
        estate.platform.render.plan_deploys(&target.green, [plan(), plan()])?;
        estate.platform.origins.set_app(&target.green, App::default().boot(Duration::from_millis(100)));
    }
    Ok(())
}

/// The commit is on main, has passed staging, and is tagged; its migration is on staging's branch of the schema.
fn prepare(source: &mut Source, estate: &Estate) -> Result<()> {
    let (_, migration) = source.migrate()?;
    source.change(&CHANGES)?;
    let commit = source.change_library()?;
    source.tag(TAG, &commit)?;
    estate.schema.push(&migration)?;
    estate.push(source, &commit)?;
    estate.mark(&commit)
}

/// What the ids of this world are called in the names of effects.
fn words(estate: &Estate) -> Result<Vec<(String, String)>> {
    let render = &estate.platform.render;
    let services = render.services().into_iter().map(|id| {
        let (name, _) = render.name_and_suspension(&id)?;
        Ok((id, name))
    });
    let mut words = services.collect::<Result<Vec<_>>>()?;
    words.push((estate.platform.zone.clone(), ZONE.to_owned()));
    words.push((estate.schema.project.clone(), "production".to_owned()));
    words.push((estate.schema.branch.clone(), "staging".to_owned()));
    Ok(words)
}

/// Everything that a run can change reports it: the vendors, and the ledger through the relay.
fn listen(estate: &Estate, effects: &Effects) -> Result<Relay> {
    let platform = &estate.platform;
    for server in [&platform.render_api, &platform.cloudflare_api, &estate.github_api, &estate.schema.api] {
        server.report_to(effects);
    }
    let relay = estate.production.postgres.relay()?;
    relay.report_to(effects);
    Ok(relay)
}

fn service(estate: &Arc<Estate>, source: &Source, release: &Release, relay: &Relay) -> Result<Service> {
    let mut settings = Settings { tool_cache: Some(release.tool_cache()), ..estate.settings()? };
    let production = settings.environments.get_mut("production").context("find production's environment")?;
    production.variables.insert("BLUE_QUIET_WINDOW".to_owned(), QUIET.to_owned());
    production.secrets.insert("DATABASE_URL".to_owned(), relay.dsn());
    let wrangler = Arc::new(Wrangler::new(estate.pages.clone()));
    let builder = Service::builder(settings, source.path())?;
    let builder = builder.tokens(Arc::new(estate.github.clone()));
    Ok(builder.stand_in("cloudflare/wrangler-action", wrangler).build())
}

async fn first(service: &Service) -> Result<Run> {
    let mut started = service.push(&Reference::Tag(TAG.to_owned())).await?;
    ensure!(started.len() == 1, "{} runs were started by {TAG}, not one", started.len());
    Ok(started.remove(0).finish().await?)
}

/// The kill was a kill, it ended the first attempt, and the last attempt went through.
fn objections(deadly: Option<&str>, effects: &Effects, runs: &[Run]) -> Vec<String> {
    let mut objections = Vec::new();
    if let Some(deadly) = deadly {
        match effects.killed() {
            None => objections.push(format!("it never came to {deadly:?}")),
            Some(Err(why)) => objections.push(format!("nobody was killed: {why}")),
            Some(Ok(_)) => objections.extend(unlike_a_kill(runs)),
        }
    }
    if let Some(run) = runs.last().filter(|run| run.conclusion != Conclusion::Success) {
        objections.push(format!("attempt {} ended with {}: {}", run.attempt, run.conclusion, errors(run)));
    }
    for leak in runs.iter().flat_map(|run| &run.jobs).flat_map(|job| &job.leaks) {
        objections.push(format!("a secret is shown: {leak}"));
    }
    objections
}

/// Exactly one step failed in the first attempt, and by the signal.
fn unlike_a_kill(runs: &[Run]) -> Option<String> {
    let run = runs.first()?;
    let steps = run.jobs.iter().flat_map(|job| &job.steps);
    let failed: Vec<_> = steps.filter(|step| step.outcome == Conclusion::Failure).collect();
    let codes: Vec<_> = failed.iter().map(|step| step.exit_code).collect();
    (codes != [Some(KILLED)])
        .then(|| format!("the first attempt's steps failed with {codes:?}: {}", errors(run)))
}

/// What its jobs say went wrong.
fn errors(run: &Run) -> String {
    let failed = run.jobs.iter().filter(|job| job.conclusion == Conclusion::Failure);
    let said = |job: &Job| {
        let steps = job.steps.iter().flat_map(|step| &step.annotations);
        let errors = steps.chain(&job.annotations).filter(|one| one.level == Level::Error);
        format!("{}: {}", job.id, errors.map(|one| one.message.clone()).collect::<Vec<_>>().join(" / "))
    };
    failed.map(said).collect::<Vec<_>>().join("; ")
}
