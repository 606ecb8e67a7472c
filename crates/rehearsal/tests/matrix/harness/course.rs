//! What follows a first run.

use super::verdict::{Verdict, ensure, same};
use super::world::{Mode, World, perform};

/// Without faults a second run reaches the end, and a third one finds it so and
/// writes nothing.
pub(crate) async fn converge<W: World>(world: &W) -> Verdict {
    world.places().iter().for_each(|place| place.faults.clear());
    if let Some(dns) = world.dns() {
        dns.faults().clear();
    }
    if let Some(relay) = world.relay() {
        relay.clear();
    }
    if let Some(refusal) = world.refusal() {
        return stays_shut(world, refusal).await;
    }
    if world.is_doomed() {
        let doomed = perform(world, Mode::Real).await.map_err(|why| format!("the doomed run: {why}"))?;
        same("the doomed run", doomed.word(), "failed")?;
    }
    let second = perform(world, Mode::Real).await.map_err(|why| format!("the second run: {why}"))?;
    ensure(second.is_good(), || format!("the second run ended as {}: {}", second.word(), second.error()))?;
    world.is_reached().map_err(|why| format!("after the second run: {why}"))?;
    if world.does_it_anew() {
        return Ok(());
    }
    let third = perform(world, Mode::Real).await.map_err(|why| format!("the third run: {why}"))?;
    same("the third run", third.word(), world.settled())?;
    ensure(third.writes.is_empty(), || "the third run wrote".to_owned())?;
    world.is_reached().map_err(|why| format!("after the third run: {why}"))
}

/// Without faults the gate says no, again and again, and leaves everything as it is.
async fn stays_shut<W: World>(world: &W, refusal: &str) -> Verdict {
    for _ in 0..2 {
        let run = perform(world, Mode::Real).await.map_err(|why| format!("a later run: {why}"))?;
        same("a later run", run.word(), refusal)?;
        ensure(run.writes.is_empty(), || "a gate wrote".to_owned())?;
    }
    world.is_reached()
}
