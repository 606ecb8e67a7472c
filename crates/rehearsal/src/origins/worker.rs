//! Background workers: what runs when a deploy of one is live.
//!
//! A worker has no address. It says in the database that it is there, again and again, and takes pieces of work of
//! its own generation only, so that two generations never touch each other's (ADR-053 D7, runbook step 9).

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio_postgres::{Client, Error, NoTls};

use crate::twins::render::Render;

/// The variable that says which work is a worker's (ADR-053 D7).
const GENERATION: &str = "SPECTRAL_GENERATION";

/// How often a worker does something. Real ones take seconds; a rehearsal has no time.
const TURN: Duration = Duration::from_millis(100);

/// What a service's worker is like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Behaviour {
    /// It reports itself and works.
    #[default]
    Works,
    /// It never gets as far as to report itself.
    Silent,
    /// It reports that it starts, and never that it runs.
    NeverReady,
    /// It reports itself until there is work, and dies with it in its hands.
    Crashes,
}

/// The workers of some services; they stop when this is dropped.
#[derive(Debug)]
pub struct Workers {
    behaviours: Arc<Mutex<BTreeMap<String, Behaviour>>>,
    stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Workers {
    /// Lets the workers of `services` (ids of the Render twin) work on the database at `dsn`, whose tables exist.
    /// From now on a deploy that goes live starts one, and the deploy that follows it stops it.
    ///
    /// # Errors
    /// The system grants no thread.
    pub fn start(
        render: Render,
        dsn: &str,
        services: impl IntoIterator<Item = impl Into<String>>,
    ) -> io::Result<Self> {
        let behaviours = Arc::new(Mutex::new(BTreeMap::new()));
        let stopping = Arc::new(AtomicBool::new(false));
        let mut floor = Floor {
            render,
            dsn: dsn.to_owned(),
            behaviours: Arc::clone(&behaviours),
            workers: services.into_iter().map(|service| (service.into(), None)).collect(),
            client: None,
        };
        let stop = Arc::clone(&stopping);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = std::thread::Builder::new().name("workers".to_owned()).spawn(move || {
            runtime.block_on(async {
                while !stop.load(Ordering::Relaxed) {
                    floor.turn().await;
                    tokio::time::sleep(TURN).await;
                }
            });
        })?;
        Ok(Self { behaviours, stopping, thread: Some(thread) })
    }

    /// Sets what the worker of a service is like from its next turn on.
    pub fn set_behaviour(&self, service: &str, behaviour: Behaviour) {
        self.behaviours.lock().unwrap_or_else(PoisonError::into_inner).insert(service.to_owned(), behaviour);
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the workers' thread panicked");
        }
    }
}

/// All workers, and the connection that they share.
struct Floor {
    render: Render,
    dsn: String,
    behaviours: Arc<Mutex<BTreeMap<String, Behaviour>>>,
    workers: BTreeMap<String, Option<Worker>>,
    client: Option<Client>,
}

/// One process.
#[derive(Clone, Debug)]
struct Worker {
    id: String,
    deploy: String,
    generation: i64,
    started: bool,
    crashed: bool,
    in_hand: Option<i64>,
}

impl Floor {
    async fn turn(&mut self) {
        if self.client.as_ref().is_none_or(Client::is_closed) {
            self.client = connect(&self.dsn).await;
        }
        let Some(client) = &self.client else { return };
        for (service, worker) in &mut self.workers {
            let now = process_of(&self.render, service);
            let behaviour = behaviour_of(&self.behaviours, service);
            if let Err(error) = take_turn(client, worker, now, behaviour).await {
                tracing::debug!(service, %error, "a worker's turn came to nothing");
            }
        }
    }
}

fn behaviour_of(behaviours: &Mutex<BTreeMap<String, Behaviour>>, service: &str) -> Behaviour {
    behaviours.lock().unwrap_or_else(PoisonError::into_inner).get(service).copied().unwrap_or_default()
}

/// Connects; a database that is away is asked again at the next turn.
async fn connect(dsn: &str) -> Option<Client> {
    let (client, connection) = tokio_postgres::connect(dsn, NoTls).await.ok()?;
    tokio::spawn(connection);
    Some(client)
}

/// The process that a service's live deploy stands for; none without a generation, which real workers refuse too.
fn process_of(render: &Render, service: &str) -> Option<Worker> {
    let current = render.running(service).ok().flatten()?.current;
    let generation = current.variables.get(GENERATION)?.parse().ok()?;
    let (name, _) = render.name_and_suspension(service).ok()?;
    let (id, deploy) = (format!("{name}-{}", current.deploy.id), current.deploy.id.clone());
    Some(Worker { id, deploy, generation, started: false, crashed: false, in_hand: None })
}

async fn take_turn(
    client: &Client,
    worker: &mut Option<Worker>,
    now: Option<Worker>,
    behaviour: Behaviour,
) -> Result<(), Error> {
    let same = worker.as_ref().map(|worker| &worker.deploy) == now.as_ref().map(|now| &now.deploy);
    if !same {
        if let Some(old) = worker.take() {
            stop(client, &old).await?;
        }
        *worker = now;
    }
    let Some(worker) = worker else { return Ok(()) };
    match behaviour {
        Behaviour::Silent => Ok(()),
        Behaviour::NeverReady => report(client, worker, "starting").await,
        Behaviour::Crashes if worker.crashed => Ok(()),
        Behaviour::Crashes => {
            report(client, worker, "running").await?;
            if worker.in_hand.is_none() {
                worker.in_hand = claim(client, worker.generation).await?;
            }
            worker.crashed = worker.in_hand.is_some();
            Ok(())
        }
        Behaviour::Works if !worker.started => {
            worker.started = true;
            report(client, worker, "starting").await
        }
        Behaviour::Works => {
            worker.crashed = false;
            report(client, worker, "running").await?;
            if let Some(done) = worker.in_hand.take() {
                finish(client, done).await?;
            }
            worker.in_hand = claim(client, worker.generation).await?;
            Ok(())
        }
    }
}

async fn report(client: &Client, worker: &Worker, state: &str) -> Result<(), Error> {
    let sql = "insert into core.workers (worker_id, generation, state, last_heartbeat) values ($1, $2, $3, now())
        on conflict (worker_id) do update set state = excluded.state, last_heartbeat = excluded.last_heartbeat";
    client.execute(sql, &[&worker.id, &worker.generation, &state]).await.map(drop)
}

/// Takes one piece of work of its own generation, and nobody else's.
async fn claim(client: &Client, generation: i64) -> Result<Option<i64>, Error> {
    let sql = "update core.outbox set status = 'in_flight' where id = (
            select id from core.outbox where generation = $1 and status = 'pending' order by id
            for update skip locked limit 1
        ) returning id";
    Ok(client.query_opt(sql, &[&generation]).await?.map(|row| row.get(0)))
}

async fn finish(client: &Client, id: i64) -> Result<(), Error> {
    client.execute("update core.outbox set status = 'done' where id = $1", &[&id]).await.map(drop)
}

/// Render asks a process to stop when the next deploy is live; it finishes what it has in hand. One that died
/// before says nothing any more.
async fn stop(client: &Client, worker: &Worker) -> Result<(), Error> {
    if worker.crashed {
        return Ok(());
    }
    if let Some(id) = worker.in_hand {
        finish(client, id).await?;
    }
    let sql = "update core.workers set state = 'stopped', last_heartbeat = now() where worker_id = $1";
    client.execute(sql, &[&worker.id]).await.map(drop)
}

#[cfg(test)]
mod tests {
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
        let new =
            NewService::new("workers-green", ServiceType::Worker).variable(GENERATION, "41").live(COMMIT);
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
}
