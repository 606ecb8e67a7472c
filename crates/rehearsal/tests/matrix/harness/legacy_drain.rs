//! A generation that no longer serves and has left work behind: a worker that died had
//! some of it in its hands.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime};

use action::{Clock, SimClock, Sleep};
use legacy_drain::LegacyDrain;
use rehearsal::contract::Vendor;
use rehearsal::in_process::Invocation;
use rehearsal::origins::Workers;
use rehearsal::postgres;
use rehearsal::repository::Repository;
use rehearsal::server::Server;
use rehearsal::twins::render::{Change, Limits, NewService, Render, ServiceType};

use super::database::{Database, Databases};
use super::place::{Kind, Place};
use super::run::Run;
use super::secrets::{PASSWORD, RENDER_KEY};
use super::statements::Statement;
use super::verdict::{Verdict, ensure, same};
use super::world::World;

/// The name that ADR-053 D13 gives the temporary service.
const NAME: &str = "workers-drain-gen-2";

/// Rows that generation 2 has left.
const LEFT: usize = 2;

/// Every time that a piece of work is finished leaves a row: one that is handled twice leaves two.
const FINISHES: &str = "create table public.finishes (outbox bigint);
    create function public.note_finish() returns trigger language plpgsql as
        $$ begin insert into public.finishes values (new.id); return new; end $$;
    create trigger finish before update on core.outbox for each row when (new.status = 'done')
        execute function public.note_finish();";

/// What generation 2's rows are, what was finished of them, and what is left of the others'.
const WORK: &str = "select concat_ws(' ',
    (select count(*) from core.outbox where generation = 2 and status = 'done'),
    (select count(*) from public.finishes), (select count(distinct outbox) from public.finishes),
    (select string_agg(status, ',') from core.outbox where generation <> 2))";

/// The world.
pub(crate) struct DrainWorld {
    clock: Arc<SimClock>,
    twin: Render,
    server: Server,
    // They stop before somebody else gets their database.
    workers: Arc<Workers>,
    database: Database,
    model: String,
    group: String,
}

/// A repository that nobody changes, with the commit of generation 2.
fn code() -> &'static (Repository, String) {
    static CODE: OnceLock<(Repository, String)> = OnceLock::new();
    CODE.get_or_init(|| {
        let repository = Repository::new().unwrap();
        repository.write("workers/main.py", "print('generation 2')\n").unwrap();
        let commit = repository.commit("the workers").unwrap();
        (repository, commit)
    })
}

impl DrainWorld {
    /// Generation 3 serves, and generation 2 has left two rows.
    pub(crate) fn new(databases: &Databases) -> Self {
        let clock = Arc::new(SimClock::default());
        let twin = Render::new(clock.clone());
        twin.set_api_key(RENDER_KEY);
        // One service and one deploy, and no more writes than they need; a disturbed run and the next one come within
        // a minute.
        twin.set_limits(Limits { other_writes: None, ..Limits::default() });
        let model = NewService::new("workers-blue", ServiceType::Worker).live(&"3".repeat(40));
        let model = twin.add_service(&model);
        let database = databases.with(&ledger());
        database.postgres().execute(FINISHES).unwrap();
        let dsn = database.postgres().dsn();
        let group = twin.add_env_group("workers", [("DATABASE_URL", dsn.as_str())]);
        let workers = Arc::new(Workers::on_call(twin.clone(), &dsn, [NAME; 0]).unwrap());
        clock.advance(Duration::from_secs(3600));
        let server = Server::of(Vendor::Render, twin.router()).unwrap();
        Self { clock, twin, server, workers, database, model, group }
    }

    fn count(&self, is_meant: fn(&Change) -> bool) -> usize {
        self.twin.effects().iter().filter(|effect| is_meant(&effect.change)).count()
    }

    fn created(&self) -> usize {
        self.count(|change| matches!(change, Change::ServiceCreated))
    }

    fn deployed(&self) -> usize {
        self.count(|change| matches!(change, Change::DeployTriggered { .. }))
    }

    /// Rows of generation 2 that are done, times that one was finished, rows that were, and all that is not its own.
    fn work(&self) -> String {
        self.database.postgres().value(WORK).unwrap()
    }

    fn is_there(&self) -> bool {
        self.twin.service_named(NAME).is_some()
    }
}

/// Three generations; the last one serves.
fn ledger() -> String {
    let commit = &code().1;
    let row = |number: u8, sha: &str| {
        format!(
            "('refs/tags/prod-{number}', '{sha}', '{{workers}}', {number}, now() - interval '9 days', now() - interval '9 days')"
        )
    };
    let rows = [row(1, &"1".repeat(40)), row(2, commit), row(3, &"3".repeat(40))].join(", ");
    format!(
        "insert into core.deployments (reference, sha, targets, run_id, intent_at, cut_over_at) values {rows};
         insert into core.outbox (generation, status) values (1, 'pending'), (2, 'pending'), (2, 'in_flight'), (3, 'pending');
         insert into core.workers values ('workers-green-old', 2, 'running', now() - interval '50 minutes')"
    )
}

/// A clock that jumps, and lets workers, who live in real time, have a turn at every jump.
#[derive(Debug)]
struct Shift {
    clock: Arc<SimClock>,
    workers: Arc<Workers>,
}

impl Clock for Shift {
    fn now(&self) -> Instant {
        self.clock.now()
    }

    fn wall(&self) -> SystemTime {
        self.clock.wall()
    }

    fn sleep(&self, duration: Duration) -> Sleep<'_> {
        Box::pin(async move {
            self.clock.sleep(duration).await;
            self.workers.turn();
        })
    }

    fn jitter(&self) -> f64 {
        self.clock.jitter()
    }
}

impl World for DrainWorld {
    type Primitive = LegacyDrain;

    fn places(&self) -> Vec<Place> {
        vec![Place::api(Kind::Render, &self.server)]
    }

    fn database(&self) -> Option<&Database> {
        Some(&self.database)
    }

    fn clock(&self) -> &Arc<SimClock> {
        &self.clock
    }

    fn secrets(&self) -> &'static [&'static str] {
        &[RENDER_KEY, PASSWORD, postgres::PASSWORD]
    }

    fn job(&self) -> Invocation {
        let clock = Shift { clock: Arc::clone(&self.clock), workers: Arc::clone(&self.workers) };
        Invocation::new(Arc::new(clock))
            .directory(code().0.path())
            .with("mode", "drain")
            .with("target-generation", "2")
            .with("model-service", &self.model)
            .with("env-groups", &self.group)
            .with("env", "PASSWORD=$NEW_PASSWORD")
            .variable("PATH", std::env::var("PATH").unwrap())
            .variable("NEW_PASSWORD", PASSWORD)
            .variable("RENDER_API_URL", format!("{}/v1", self.server.base_url()))
            .variable("RENDER_API_KEY", RENDER_KEY)
            .variable("DATABASE_URL", self.database.dsn())
    }

    fn holds(&self, run: &Run) -> Verdict {
        let (created, deployed) = (self.created(), self.deployed());
        ensure(created <= 1 && deployed <= 1, || format!("{created} services, {deployed} deploys"))?;
        let work = self.work();
        let handled: Vec<&str> = work.split(' ').collect();
        ensure(handled[1] == handled[2], || format!("a row was handled twice: {work}"))?;
        same("the others' work", handled[3], "pending,pending")?;
        same("the model's deploys", self.twin.deploys(&self.model).unwrap().len(), 1)?;
        let done = handled[0] == LEFT.to_string();
        ensure(created == 0 || done || self.is_there(), || "deleted before it had drained".to_owned())?;
        ensure(!run.is_good() || (done && !self.is_there()), || {
            format!("{}, and {work}; the service is there: {}", run.word(), self.is_there())
        })
    }

    fn tells_all(&self, run: &Run) -> Verdict {
        ensure(!self.is_there() || !run.output("service-id").is_empty() || run.error().contains(NAME), || {
            "it does not tell of the service that it made".to_owned()
        })
    }

    fn is_reached(&self) -> Verdict {
        same("the work", self.work(), format!("{LEFT} {LEFT} {LEFT} pending,pending"))?;
        same("services and deploys", (self.created(), self.deployed()), (1, 1))?;
        ensure(!self.is_there(), || format!("{NAME} is left over"))
    }

    /// What is asked once the service is there waits.
    fn waits_at(&self, statement: &Statement) -> bool {
        statement.session > 1
    }
}
