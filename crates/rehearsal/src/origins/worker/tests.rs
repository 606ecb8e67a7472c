//! Workers of a Render twin on a real PostgreSQL.

use std::time::Instant;

use super::*;
use crate::postgres::Postgres;
use crate::twins::render::{NewService, ServiceType, Trigger};

const COMMIT: &str = "3fc271e8a1b2c3d4e5f60718293a4b5c6d7e8f90";

struct World {
    clock: Arc<action::SimClock>,
    render: Render,
    postgres: Postgres,
    service: String,
    workers: Workers,
}

fn world() -> World {
    let clock = Arc::new(action::SimClock::default());
    let render = Render::new(clock.clone());
    let postgres = Postgres::with_ledger().unwrap();
    let new = NewService::new("workers-green", ServiceType::Worker).variable(GENERATION, "41").live(COMMIT);
    let service = render.add_service(&new);
    let workers = Workers::start(render.clone(), &postgres.dsn(), [&service]).unwrap();
    World { clock, render, postgres, service, workers }
}

impl World {
    /// Waits until `sql` says `wanted`; panics when it never does.
    fn until(&self, sql: &str, wanted: &str) {
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            let found = self.postgres.value(sql).unwrap();
            if found == wanted {
                return;
            }
            assert!(Instant::now() < end, "{sql}: {found} instead of {wanted}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What the process of a service has written.
    fn lines(&self, service: &str) -> Vec<String> {
        self.render.process_log(service).unwrap()
    }

    fn work(&self, generation: u64, pieces: u32) {
        let sql = format!(
            "insert into core.outbox (generation) select {generation} from generate_series(1, {pieces})"
        );
        self.postgres.execute(&sql).unwrap();
    }
}

#[test]
fn a_live_worker_reports_itself_and_works_on_its_own_generation_only() {
    let world = world();
    world.work(41, 3);
    world.work(42, 2);
    world.until("select string_agg(state || generation, ',') from core.workers", "running41");
    world.until("select count(*) from core.outbox where status = 'done' and generation = 41", "3");
    assert_eq!(
        world
            .postgres
            .value("select count(*) from core.outbox where generation = 42 and status <> 'pending'")
            .unwrap(),
        "0"
    );
}

#[test]
fn the_next_deploy_stops_it_and_starts_another() {
    let world = world();
    world.until("select count(*) from core.workers where state = 'running'", "1");
    world.work(42, 2);
    world.render.set_env(&world.service, GENERATION, "42").unwrap();
    world.render.push(&world.service, COMMIT).unwrap();
    let _ = world.render.trigger(&world.service, Trigger::Manual, COMMIT).unwrap();
    world.clock.advance(Duration::from_secs(3600));
    world.until(
        "select string_agg(state || generation, ',' order by generation) from core.workers",
        "stopped41,running42",
    );
    world.until("select count(*) from core.outbox where status = 'done'", "2");
}

#[test]
fn it_can_crash_or_stay_silent_and_recover() {
    let world = world();
    world.workers.set_behaviour(&world.service, Behaviour::Crashes);
    world.work(41, 2);
    world.until("select count(*) from core.outbox where status = 'in_flight'", "1");
    let beat = "select last_heartbeat from core.workers";
    let last = world.postgres.value(beat).unwrap();
    std::thread::sleep(4 * TURN);
    assert_eq!(world.postgres.value(beat).unwrap(), last, "the dead have no pulse");
    world.workers.set_behaviour(&world.service, Behaviour::Works);
    world.until("select count(*) from core.outbox where status = 'done'", "2");
}

#[test]
fn a_silent_one_is_never_seen() {
    let world = world();
    world.workers.set_behaviour(&world.service, Behaviour::Silent);
    world.postgres.execute("delete from core.workers").unwrap();
    std::thread::sleep(4 * TURN);
    world.workers.set_behaviour(&world.service, Behaviour::NeverReady);
    world.until("select string_agg(state, ',') from core.workers", "starting");
}

/// Every time that a piece of work is finished leaves a row.
const FINISHES: &str = "create table finishes (outbox bigint);
    create function note_finish() returns trigger language plpgsql as
        $$ begin insert into finishes values (new.id); return new; end $$;
    create trigger finish before update on core.outbox for each row when (new.status = 'done')
        execute function note_finish();";

#[test]
fn one_that_was_told_to_drain_works_off_its_own_generation_says_so_and_ends() {
    let world = world();
    world.workers.set_behaviour(&world.service, Behaviour::Silent);
    world.postgres.execute(FINISHES).unwrap();
    world.work(40, 3);
    world.work(41, 2);
    // Its claimer is long dead.
    world
        .postgres
        .execute(
            "insert into core.outbox (generation, status) values (40, 'in_flight'), (40, 'done');
             insert into core.workers values ('blue', 40, 'running', now() - interval '1 minute')",
        )
        .unwrap();
    // Nobody named this one: its variable leads to the same database.
    let new = NewService::new("workers-drain-gen-40", ServiceType::Worker)
        .variable(GENERATION, "40")
        .variable(DATABASE, &world.postgres.dsn())
        .variable("SPECTRAL_DRAIN_AND_EXIT", "true")
        .live(COMMIT);
    let elsewhere = new.clone().variable(DATABASE, "postgresql://elsewhere/");
    let (drain, elsewhere) = (world.render.add_service(&new), world.render.add_service(&elsewhere));
    world.until(
        "select string_agg(state, ',') from core.workers where worker_id like 'workers-drain%'",
        "stopped",
    );
    assert_eq!(world.lines(&drain), ["drain complete, exiting"]);
    assert_eq!(world.lines(&elsewhere), [""; 0]);
    let left = "select count(*) from core.outbox where generation = 40 and status <> 'done'";
    assert_eq!(world.postgres.value(left).unwrap(), "0");
    assert_eq!(
        world.postgres.value("select count(*) || '/' || count(distinct outbox) from finishes").unwrap(),
        "4/4",
        "each that was not done is finished once"
    );
    assert_eq!(
        world
            .postgres
            .value("select count(*) from core.outbox where generation = 41 and status <> 'pending'")
            .unwrap(),
        "0"
    );
    world.work(40, 1);
    std::thread::sleep(4 * TURN);
    assert_eq!(world.postgres.value(left).unwrap(), "1", "it has ended");
}

#[test]
fn one_that_drains_leaves_alone_what_another_one_has_in_hand_and_may_write_no_log() {
    let world = world();
    world.workers.set_behaviour(&world.service, Behaviour::Silent);
    world
        .postgres
        .execute(
            "insert into core.outbox (generation, status) values (40, 'in_flight');
             insert into core.workers values ('blue', 40, 'draining', now() + interval '1 minute')",
        )
        .unwrap();
    let new = NewService::new("workers-drain-gen-40", ServiceType::Worker)
        .variable(GENERATION, "40")
        .variable(DATABASE, &world.postgres.dsn())
        .variable("SPECTRAL_DRAIN_AND_EXIT", "true");
    let drain = world.render.add_service(&new);
    world.workers.set_behaviour(&drain, Behaviour::WritesNoLog);
    world.render.push(&drain, COMMIT).unwrap();
    let _ = world.render.trigger(&drain, Trigger::Manual, COMMIT).unwrap();
    world.clock.advance(Duration::from_secs(3600));
    let state = "select string_agg(state, ',') from core.workers where worker_id like 'workers-drain%'";
    world.until(state, "draining");
    std::thread::sleep(4 * TURN);
    assert_eq!(world.postgres.value("select string_agg(status, ',') from core.outbox").unwrap(), "in_flight");
    assert_eq!(world.postgres.value(state).unwrap(), "draining", "it waits for the other one");
    world.postgres.execute("update core.outbox set status = 'done'").unwrap();
    world.until(state, "stopped");
    assert_eq!(world.lines(&drain), [""; 0]);
}
