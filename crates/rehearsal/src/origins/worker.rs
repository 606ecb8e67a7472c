//! Background workers: what runs when a deploy of one is live.
//!
//! A worker has no address. It says in the database that it is there, again and again, and takes pieces of work of
//! its own generation only, so that two generations never touch each other's (ADR-053 D7, runbook step 9).
//!
//! One whose variables tell it to drain works its generation off and ends; see [`drain`].

mod drain;

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio_postgres::{Client, Error, NoTls};

use drain::Drain;

use crate::twins::render::Render;

/// The variable that says which work is a worker's (ADR-053 D7).
const GENERATION: &str = "SPECTRAL_GENERATION";

/// The variable that says on which database a worker works, as far as it was not named here.
const DATABASE: &str = "DATABASE_URL";

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
    /// It works, and writes nothing into its log.
    WritesNoLog,
}

/// The workers of some services; they stop when this is dropped.
#[derive(Debug)]
pub struct Workers {
    behaviours: Arc<Mutex<BTreeMap<String, Behaviour>>>,
    stopping: Arc<AtomicBool>,
    /// Where a turn is asked for; whoever asks hears of its end.
    calls: Option<Sender<Sender<()>>>,
    thread: Option<JoinHandle<()>>,
}

impl Workers {
    /// Lets the workers of `services` (ids of the Render twin) work on the database at `dsn`, whose tables exist.
    /// From now on a deploy that goes live starts one, and the deploy that follows it stops it. So does one of any
    /// other background worker whose variable `DATABASE_URL` is `dsn`, such as one that a workflow creates.
    ///
    /// # Errors
    /// The system grants no thread.
    pub fn start(
        render: Render,
        dsn: &str,
        services: impl IntoIterator<Item = impl Into<String>>,
    ) -> io::Result<Self> {
        let stopping = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&stopping);
        Self::begin(Floor::new(render, dsn, services), stopping, None, async move |floor| {
            while !stop.load(Ordering::Relaxed) {
                floor.turn().await;
                tokio::time::sleep(TURN).await;
            }
        })
    }

    /// The same, but they do something only when [`Self::turn`] says so: what they do does not depend on how quick
    /// the machine is.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn on_call(
        render: Render,
        dsn: &str,
        services: impl IntoIterator<Item = impl Into<String>>,
    ) -> io::Result<Self> {
        let (calls, called): (_, Receiver<Sender<()>>) = mpsc::channel();
        let floor = Floor::new(render, dsn, services);
        Self::begin(floor, Arc::default(), Some(calls), async move |floor| {
            while let Ok(done) = called.recv() {
                floor.turn().await;
                // Whoever does not wait for it does not need to know.
                let _ = done.send(());
            }
        })
    }

    fn begin(
        mut floor: Floor,
        stopping: Arc<AtomicBool>,
        calls: Option<Sender<Sender<()>>>,
        work: impl AsyncFnOnce(&mut Floor) + Send + 'static,
    ) -> io::Result<Self> {
        let behaviours = Arc::clone(&floor.behaviours);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = std::thread::Builder::new().name("workers".to_owned());
        let thread = Some(thread.spawn(move || runtime.block_on(work(&mut floor)))?);
        Ok(Self { behaviours, stopping, calls, thread })
    }

    /// Lets those that work [on call](Self::on_call) do something once, and waits until they have.
    pub fn turn(&self) {
        let (done, ended) = mpsc::channel();
        if self.calls.as_ref().is_some_and(|calls| calls.send(done).is_ok()) {
            // Its thread is gone when nothing comes, which its end tells.
            let _ = ended.recv();
        }
    }

    /// Sets what the worker of a service is like from its next turn on.
    pub fn set_behaviour(&self, service: &str, behaviour: Behaviour) {
        self.behaviours.lock().unwrap_or_else(PoisonError::into_inner).insert(service.to_owned(), behaviour);
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::Relaxed);
        drop(self.calls.take());
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
    drain: Option<Drain>,
}

impl Floor {
    fn new(render: Render, dsn: &str, services: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            render,
            dsn: dsn.to_owned(),
            behaviours: Arc::default(),
            workers: services.into_iter().map(|service| (service.into(), None)).collect(),
            client: None,
        }
    }

    async fn turn(&mut self) {
        if self.client.as_ref().is_none_or(Client::is_closed) {
            self.client = connect(&self.dsn).await;
        }
        self.adopt();
        let Some(client) = &self.client else { return };
        for (service, worker) in &mut self.workers {
            let now = process_of(&self.render, service);
            let behaviour = behaviour_of(&self.behaviours, service);
            let log = |line: &str| {
                let written = behaviour == Behaviour::WritesNoLog || self.render.log(service, line).is_ok();
                tracing::debug!(service, line, written, "a worker wrote into its log");
            };
            if let Err(error) = take_turn(client, worker, now, behaviour, &log).await {
                tracing::debug!(service, %error, "a worker's turn came to nothing");
            }
        }
    }

    /// Takes in background workers that came into being since, if they work on this database.
    fn adopt(&mut self) {
        for service in self.render.background_workers() {
            let is_ours = || {
                let running = self.render.running(&service).ok().flatten();
                running.is_some_and(|running| running.current.variables.get(DATABASE) == Some(&self.dsn))
            };
            if !self.workers.contains_key(&service) && is_ours() {
                self.workers.insert(service, None);
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
    let drain = Drain::of(&current.variables);
    Some(Worker { id, deploy, generation, started: false, crashed: false, in_hand: None, drain })
}

async fn take_turn(
    client: &Client,
    worker: &mut Option<Worker>,
    now: Option<Worker>,
    behaviour: Behaviour,
    log: &impl Fn(&str),
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
        Behaviour::Works | Behaviour::WritesNoLog if !worker.started => {
            worker.started = true;
            report(client, worker, "starting").await
        }
        Behaviour::Works | Behaviour::WritesNoLog if worker.drain.is_some() => {
            drain::take_turn(client, worker, log).await
        }
        Behaviour::Works | Behaviour::WritesNoLog => {
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
mod tests;
