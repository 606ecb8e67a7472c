//! What is wrong with a database for good: how each primitive of the ledger ends, what its hint says, and that
//! nothing was written.

use rehearsal::postgres::{PASSWORD, Strike};

use super::crew;
use super::harness::color_resolve::ColorWorld;
use super::harness::cutover_record::RecordWorld;
use super::harness::database::{Database, Databases};
use super::harness::generation_allocate::GenerationWorld;
use super::harness::ledger_readers::ReaderWorld;
use super::harness::patience::Patience;
use super::harness::run::Run;
use super::harness::secrets;
use super::harness::verdict::{Verdict, ensure, same};
use super::harness::world::World;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    /// Nobody is let in.
    Refused,
    /// Nobody ever hears anything.
    Silent,
    /// The role may do nothing.
    Blind,
    /// The role may read.
    Reader,
    /// The role may do everything, and the server takes no writes from it.
    ReadOnly,
    /// There are no tables.
    Empty,
    /// There is no such role.
    Nobody,
    /// There is no such database.
    Nowhere,
}

const ALL: [Wrong; 8] = [
    Wrong::Refused,
    Wrong::Silent,
    Wrong::Blind,
    Wrong::Reader,
    Wrong::ReadOnly,
    Wrong::Empty,
    Wrong::Nobody,
    Wrong::Nowhere,
];

/// Roles and databases stay; what is there already is left as it is.
const ROLES: &str = "do $$ begin
    create role blind login;
    create role reader login;
    create role frozen login superuser;
    alter role frozen set default_transaction_read_only = on;
    grant usage on schema core to blind, reader;
    grant select on all tables in schema core to reader;
exception when duplicate_object then null; end $$";

impl Wrong {
    /// How to get to a database that is so.
    fn dsn(self, database: &Database) -> String {
        let postgres = database.postgres();
        let at =
            |name: &str| format!("postgresql://postgres:{PASSWORD}@127.0.0.1:{}/{name}", postgres.port());
        match self {
            Self::Refused => {
                database.relay().refuse(true);
                database.dsn()
            }
            Self::Silent => {
                (1..=60).for_each(|nth| database.relay().strike_at(nth, Strike::Silence));
                database.dsn()
            }
            Self::Blind => postgres.dsn_of("blind"),
            Self::Reader => postgres.dsn_of("reader"),
            Self::ReadOnly => postgres.dsn_of("frozen"),
            Self::Empty => at("template1"),
            Self::Nobody => postgres.dsn_of("nobody_at_all"),
            Self::Nowhere => at("nowhere"),
        }
    }

    /// How a run ends, and a piece of the hint; nothing when it is no hindrance.
    fn end(self, writes: bool) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Refused | Self::Silent => Some(("unreachable", "run the job again")),
            Self::Blind => Some(("denied", "hint: grant the role of DATABASE_URL what it needs")),
            Self::Reader => {
                writes.then_some(("denied", "hint: grant the role of DATABASE_URL what it needs"))
            }
            Self::ReadOnly => writes
                .then_some(("denied", "hint: DATABASE_URL leads to a replica, or the role is read-only")),
            Self::Empty => {
                Some(("denied", "hint: create it: create schema if not exists core; create table"))
            }
            Self::Nobody => Some(("denied", "hint: check the user in DATABASE_URL")),
            Self::Nowhere => Some(("denied", "hint: check the name after the last slash in DATABASE_URL")),
        }
    }
}

async fn cell<W: World>(world: &W, wrong: Wrong, writes: bool) -> Verdict {
    let database = world.database().ok_or("the world has no database")?;
    database.postgres().execute(ROLES).map_err(|error| error.to_string())?;
    let before = database.rows();
    let job = secrets::ALL.iter().fold(world.job(), |job, secret| job.canary(secret));
    let job = job.variable("DATABASE_URL", wrong.dsn(database));
    let patience = Patience::new(world.clock().clone(), world.places(), None, Some(database.relay()));
    let told = tokio::select! {
        told = job.run::<W::Primitive>() => told.map_err(|error| error.to_string())?,
        never = patience.run_out() => match never {},
    };
    let run = Run { told, writes: Vec::new() };
    run.is_in_order()?;
    secrets::kept(&run, &world.places())?;
    let Some((word, hint)) = wrong.end(writes) else {
        let usual = world.refusal().unwrap_or("success");
        return same("the end", run.word(), usual);
    };
    same("the end", run.word(), word).map_err(|why| format!("{why}\n  {}", run.error()))?;
    ensure(run.error().contains(hint), || format!("{hint} is not in {}", run.error()))?;
    same("the rows", database.rows(), before)?;
    world.holds(&run)
}

fn standing<W: World>(name: &str, world: impl Fn(&Databases) -> W + Sync, writes: bool) {
    let databases = Databases::default();
    let describe = |wrong: &Wrong| format!("{name}, {wrong:?}");
    crew::run(&ALL, describe, async |wrong| cell(&world(&databases), *wrong, writes).await);
}

#[test]
fn writers() {
    standing("generation-allocate", GenerationWorld::new, true);
    standing("cutover-record, intent", RecordWorld::intent, true);
    standing("cutover-record, cut-over", RecordWorld::cut_over, true);
    standing("cutover-record, publish", RecordWorld::publish, true);
    standing("cutover-record, rolled-back", RecordWorld::rolled_back, true);
}

#[test]
fn readers() {
    standing("deployed-base", ReaderWorld::bases, false);
    standing("hold-check", ReaderWorld::hold, false);
    standing("hold-check, held", ReaderWorld::held, false);
    standing("workers-heartbeat", ReaderWorld::heartbeat, false);
    standing("color-resolve", ColorWorld::own, false);
    standing("color-resolve, unfinished", ColorWorld::unfinished, false);
}
