//! What every world can be asked.

use std::sync::Arc;
use std::time::Duration;

use action::{Primitive, SimClock};
use rehearsal::dns::DnsServer;
use rehearsal::in_process::Invocation;
use rehearsal::postgres::Relay;
use rehearsal::server::Entry;

use super::database::Database;
use super::patience::{Patience, TRANSACTION};
use super::place::Place;
use super::run::Run;
use super::secrets;
use super::statements::Statement;
use super::verdict::{Verdict, ensure, same};

/// A small world with one job in it, on a simulated clock.
pub(crate) trait World {
    /// What does the job.
    type Primitive: Primitive;

    /// The servers on which faults can strike.
    fn places(&self) -> Vec<Place>;

    /// The name server, where there is one.
    fn dns(&self) -> Option<&DnsServer> {
        None
    }

    /// The database, where there is one.
    fn database(&self) -> Option<&Database> {
        None
    }

    /// The way to a database on which statements can be struck, where there is one.
    fn relay(&self) -> Option<&Relay> {
        self.database().map(Database::relay)
    }

    /// The clock.
    fn clock(&self) -> &Arc<SimClock>;

    /// The secrets that the run is given.
    fn secrets(&self) -> &'static [&'static str];

    /// The job.
    fn job(&self) -> Invocation;

    /// What holds after every run, however many faults it met: nothing half done,
    /// nothing claimed that is not so, nothing lost that belongs to others.
    fn holds(&self, run: &Run) -> Verdict;

    /// What holds besides after a run that met one fault: it tells of whatever it
    /// began.
    fn tells_all(&self, _run: &Run) -> Verdict {
        Ok(())
    }

    /// The asked end is reached, once, and nothing is left over.
    fn is_reached(&self) -> Verdict;

    /// How a run ends once the end is reached.
    fn settled(&self) -> &'static str {
        "unchanged"
    }

    /// For a gate that must stay shut, whatever else goes wrong: how it says no.
    fn refusal(&self) -> Option<&'static str> {
        None
    }

    /// Whether nothing of it can be done when a vendor refuses one of its calls.
    fn needs_every_answer(&self) -> bool {
        false
    }

    /// Whether the job waits, so that what passes costs it no more than a look.
    fn waits(&self) -> bool {
        false
    }

    /// The same of one statement.
    fn waits_at(&self, _: &Statement) -> bool {
        self.waits()
    }

    /// How a run may end for which this statement went wrong, where that is unlike other statements.
    fn endings_at<'a>(&self, _: &Statement, _usual: &'a str) -> Option<Vec<&'a str>> {
        None
    }

    /// How long its run waits for a database that says nothing, or a little longer.
    fn silence(&self) -> Duration {
        TRANSACTION
    }

    /// Whether every run does the job from its beginning, however often it was done.
    fn does_it_anew(&self) -> bool {
        false
    }

    /// Whether this ending is as good as that of an undisturbed run.
    fn takes_for_usual(&self, _word: &str) -> bool {
        false
    }

    /// Whether the next run is going to fail whatever the client does, because the
    /// vendor has been told so.
    fn is_doomed(&self) -> bool {
        false
    }
}

/// How a run is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// To do the job.
    Real,
    /// To say what it would do.
    Dry,
}

/// Does the job once and checks what holds after every run.
pub(crate) async fn perform<W: World>(world: &W, mode: Mode) -> Result<Run, String> {
    let places = world.places();
    // What Supabase reads, it reads by a POST.
    let is_read = |entry: &Entry| entry.path.ends_with("/database/query/read-only");
    let of_place = |place: &Place| {
        place.journal.writes().into_iter().filter(|entry| !is_read(entry)).collect::<Vec<_>>()
    };
    let writes = || places.iter().flat_map(of_place).collect::<Vec<_>>();
    let before = writes().len();
    let rows = world.database().map(Database::rows);
    let patience = Patience::new(Arc::clone(world.clock()), world.places(), world.dns(), world.relay())
        .with_silence(world.silence());
    let job = match mode {
        Mode::Real => world.job(),
        Mode::Dry => world.job().with("dry-run", "true"),
    };
    let job = secrets::ALL.iter().fold(job, |job, secret| job.canary(secret));
    let told = tokio::select! {
        told = job.run::<W::Primitive>() => told.map_err(|error| error.to_string())?,
        never = patience.run_out() => match never {},
    };
    let mut all = writes();
    all.sort_by_key(|entry| entry.order);
    let run = Run { told, writes: all.split_off(before) };
    let mut problems = problems(world, &run, &places);
    if mode == Mode::Dry || run.word() == "unchanged" {
        let now = world.database().map(Database::rows);
        problems.extend(same("the rows of the database", now, rows).err());
    }
    ensure(problems.is_empty(), || {
        format!("{}\n  it said: {} {}", problems.join("\n  "), run.word(), run.error().replace('\n', "\n  "))
    })?;
    Ok(run)
}

/// Everything that does not hold.
fn problems<W: World>(world: &W, run: &Run, places: &[Place]) -> Vec<String> {
    let violations = places.iter().flat_map(Place::violations);
    let violations = violations.map(|violation| format!("the contract is broken: {violation}"));
    let wrote = run.word() == "unchanged" && !run.writes.is_empty();
    let verdicts = [
        run.is_in_order(),
        secrets::kept(run, places),
        ensure(!wrote, || "unchanged, but it wrote".to_owned()),
        world.holds(run),
    ];
    violations.chain(verdicts.into_iter().filter_map(Result::err)).collect()
}
