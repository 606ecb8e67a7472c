//! Plays a scenario: the world, the visitors, the runs, and the end.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use crate::estate::{Estate, Release, Source};
use crate::timeline::Rehearsal;
use crate::visitors::{Counts, Visitors};
use crate::workflow_run::{Service, Settings, Wrangler};

use super::names::Watch;
use super::progress::{Progress, Troubles, Voice};
use super::reading;
use super::scenario::Scenario;
use super::stage::Stage;
use super::tell::{self, Seen};
use super::verdict::Verdict;

/// How long the beginning is watched.
const BEFORE: Duration = Duration::from_secs(1);

/// How long the end is watched: the TTL of the public names in the visitors' caches,
/// and then a while longer.
const AFTER: Duration = Duration::from_millis(4_500);

/// How long the colours are counted at the very end, and how many times as long when visitors are slow.
const LAST_LOOK: Duration = Duration::from_secs(1);
const LAST_LOOKS: u32 = 20;

/// So many visits of a name show where its visitors are.
const ENOUGH: u64 = 5;

/// Plays it and tells what happened.
pub(super) async fn play(scenario: &Scenario, release: &Release, voice: Voice) -> Result<Rehearsal> {
    let mut source = Source::with(release).context("make a repository to deploy from")?;
    let estate = Arc::new(Estate::start(&source).context("start the world")?);
    voice.say(&format!("\n{}\n{}", scenario.title, scenario.about));
    let troubles = Troubles::default();
    let start = Instant::now();
    let visitors = estate.let_visitors_in()?;
    let before = estate.cnames();
    let watch = Watch::begin(&estate, start);
    tokio::time::sleep(BEFORE).await;
    (scenario.arm)(&estate).context("prepare the scenario")?;
    let progress = Progress::new(&estate, scenario, voice, &troubles);
    let service = service(progress, &estate, &source, release)?;
    let mut verdict = Verdict::default();
    let mut stage = Stage { service: &service, source: &mut source, estate: &estate };
    let runs = stage.play(scenario, &mut verdict).await?;
    let last = settle(&visitors).await;
    let seen = Seen { start, before, runs, marks: watch.end(), last };
    if let Some(act) = scenario.acts.last() {
        verdict.visits(&act.promise, &estate, &seen.last);
    }
    for objection in (scenario.also)(&estate, &seen.runs)? {
        verdict.object(objection);
    }
    verdict.faults(&estate);
    for trouble in troubles.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
        verdict.object(trouble);
    }
    let report = visitors.stop();
    verdict.visitors(&report);
    let told = tell::rehearsal(scenario, &estate, &seen, &report)?;
    drop(service);
    close(scenario, estate, verdict, told)
}

/// The servers stop, and with them the judges of the vendors' contracts; then the
/// verdict is complete.
fn close(
    scenario: &Scenario,
    estate: Arc<Estate>,
    mut verdict: Verdict,
    mut told: Rehearsal,
) -> Result<Rehearsal> {
    let estate = Arc::into_inner(estate).context("stop the world while somebody uses it")?;
    if let Err(violation) = estate.stop() {
        verdict.object(format!("an exchange broke a vendor's contract: {violation:#}"));
    }
    told.objections = verdict.into_objections();
    // What an operator does after the promised end says nothing of any other.
    let next = if told.passed() { scenario.next } else { "Look into what was not as promised." };
    told.next.insert(0, next.to_owned());
    let unsaid = reading::missing(scenario, &told);
    told.objections.extend(unsaid);
    Ok(told)
}

fn service(progress: Progress, estate: &Arc<Estate>, source: &Source, release: &Release) -> Result<Service> {
    let settings = Settings { tool_cache: Some(release.tool_cache()), ..estate.settings()? };
    let builder = Service::builder(settings, source.path())?;
    let wrangler = Arc::new(Wrangler::new(estate.pages.clone()));
    Ok(builder
        .tokens(Arc::new(estate.github.clone()))
        .hooks(Arc::new(progress))
        .stand_in("cloudflare/wrangler-action", wrangler)
        .build())
}

/// Waits until caches have run out, then looks where visitors are: until every name has been asked for a few times,
/// since a busy machine lets them ask seldom.
async fn settle(visitors: &Visitors) -> Counts {
    tokio::time::sleep(AFTER).await;
    let before = visitors.counts();
    let mut since = before.clone();
    for _ in 0..LAST_LOOKS {
        tokio::time::sleep(LAST_LOOK).await;
        since = counted_since(&before, visitors.counts());
        if since.by_host.values().all(|counts| counts.total.visits() >= ENOUGH) {
            break;
        }
    }
    since
}

/// What came after `before`.
fn counted_since(before: &Counts, mut counts: Counts) -> Counts {
    for (host, counts) in &mut counts.by_host {
        if let Some(before) = before.by_host.get(host) {
            counts.total = counts.total.since(before.total);
        }
    }
    counts
}
