//! One cell of the matrix: a disturbed run, a run that repairs, a run that finds
//! nothing to do.

use rehearsal::postgres::Relay;

use super::call::{self, Call};
use super::disturbance::Disturbance;
use super::harness::course::converge;
use super::harness::run::Run;
use super::harness::verdict::{Verdict, ensure};
use super::harness::world::{Mode, World, perform};

/// What an undisturbed run does.
#[derive(Clone, Debug)]
pub(crate) struct Recording {
    pub(crate) calls: Vec<Call>,
    /// What it asks a database, in the words of the relay.
    pub(crate) statements: Vec<String>,
    /// How it ends.
    pub(crate) word: String,
    /// Every question to the name server: the name, and which question about it.
    pub(crate) questions: Vec<Question>,
}

/// A question to the name server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) name: String,
    pub(crate) nth: u64,
    /// Whether anything had been written before it.
    pub(crate) after_the_change: bool,
}

/// Runs once without faults and tells what was called, after it has been seen that
/// runs without faults end where they should.
pub(crate) async fn record<W: World>(world: &W) -> Result<Recording, String> {
    let run = perform(world, Mode::Real).await.map_err(|why| format!("without faults: {why}"))?;
    let places = world.places();
    let recording = Recording {
        calls: call::recorded(&places),
        statements: statements(world),
        word: run.word().to_owned(),
        questions: questions(world, &run),
    };
    world.tells_all(&run).map_err(|why| format!("without faults: {why}"))?;
    converge(world).await.map_err(|why| format!("without faults: {why}"))?;
    Ok(recording)
}

fn statements<W: World>(world: &W) -> Vec<String> {
    world.relay().map(Relay::statements).unwrap_or_default()
}

fn questions<W: World>(world: &W, run: &Run) -> Vec<Question> {
    let first_write = run.writes.first().map_or(u64::MAX, |entry| entry.order);
    let queries = world.dns().map(|dns| dns.journal().queries()).unwrap_or_default();
    let question = |(position, query): (usize, &rehearsal::dns::Query)| Question {
        name: query.name.clone(),
        nth: queries[..=position].iter().filter(|earlier| earlier.name == query.name).count() as u64,
        after_the_change: query.order > first_write,
    };
    queries.iter().enumerate().map(question).collect()
}

/// One cell: `disturbance` strikes the first run.
pub(crate) async fn single<W: World>(world: &W, disturbance: &Disturbance, recording: &Recording) -> Verdict {
    let places = world.places();
    disturbance.arm(world, &places);
    let run = perform(world, Mode::Real).await?;
    ensure(disturbance.missed(world, &places) == 0, || "the fault missed".to_owned())?;
    let endings = disturbance.endings(world, &places, &recording.word);
    let word = if world.takes_for_usual(run.word()) { &recording.word } else { run.word() };
    ensure(endings.contains(&word), || {
        format!("it ended as {}, which does not fit: {endings:?}\n  {}", run.word(), run.error())
    })?;
    world.tells_all(&run).map_err(|why| format!("{why}\n  it said: {}", run.error()))?;
    converge(world).await
}

/// A cell in which several disturbances strike the first run, as far as it comes to
/// them. Says how many did.
pub(crate) async fn several<W: World>(world: &W, disturbances: &[&Disturbance]) -> Result<usize, String> {
    let places = world.places();
    for disturbance in disturbances {
        disturbance.arm(world, &places);
    }
    perform(world, Mode::Real).await?;
    let missed = disturbances.first().map_or(0, |first| first.missed(world, &places));
    converge(world).await?;
    Ok(disturbances.len() - missed)
}

/// A dry run under a disturbance: nothing is written, and what it says fits.
pub(crate) async fn dry<W: World>(
    world: &W,
    disturbance: Option<&Disturbance>,
) -> Result<(Vec<Call>, Vec<String>), String> {
    let places = world.places();
    if let Some(disturbance) = disturbance {
        disturbance.arm(world, &places);
    }
    let run = perform(world, Mode::Dry).await?;
    let lines: Vec<String> =
        run.writes.iter().map(|entry| format!("{} {}", entry.method, entry.path)).collect();
    ensure(lines.is_empty(), || format!("a dry run wrote: {}", lines.join(", ")))?;
    let endings = match disturbance {
        Some(disturbance) => disturbance.endings(world, &places, "planned"),
        None => vec!["planned"],
    };
    let word = if world.takes_for_usual(run.word()) { "planned" } else { run.word() };
    ensure(endings.contains(&word), || {
        format!(
            "it ended as {}: {endings:?}
  {}",
            run.word(),
            run.error()
        )
    })?;
    Ok((call::recorded(&places), statements(world)))
}
