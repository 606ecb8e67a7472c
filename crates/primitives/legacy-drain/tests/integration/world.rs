//! Production after a rollback by redeploy: generation 3 serves, generation 2 has left
//! work behind.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use action::{Clock, SharedClock, SimClock, Sleep, SystemClock};
use legacy_drain::LegacyDrain;
use rehearsal::contract::Vendor;
use rehearsal::fault::{Faults, Rule, What, When};
use rehearsal::in_process::{Invocation, Run};
use rehearsal::origins::Workers;
use rehearsal::postgres::{PASSWORD, Postgres};
use rehearsal::repository::Repository;
use rehearsal::server::Server;
use rehearsal::twins::render::{Change, NewService, Plan, Render, ServiceType};

/// The API key; it must show up nowhere.
pub(crate) const KEY: &str = "rnd_canary_77c1e0b2";

/// The name that ADR-053 gives the temporary service.
pub(crate) const NAME: &str = "workers-drain-gen-2";

/// Rows that generation 2 has left: the last one in the hands of a worker that died.
pub(crate) const LEFT: u64 = 4;

/// How long a sleep takes in real time, so that workers, who live there, get their turns.
const BREATH: Duration = Duration::from_millis(30);

/// Every time that a piece of work is finished leaves a row.
const FINISHES: &str = "create table finishes (outbox bigint);
    create function note_finish() returns trigger language plpgsql as
        $$ begin insert into finishes values (new.id); return new; end $$;
    create trigger finish before update on core.outbox for each row when (new.status = 'done')
        execute function note_finish();";

/// A clock that jumps as far as a sleep is long, and lets others breathe meanwhile.
#[derive(Debug, Default)]
pub(crate) struct Ahead(SimClock);

impl Clock for Ahead {
    fn now(&self) -> Instant {
        self.0.now()
    }

    fn wall(&self) -> SystemTime {
        self.0.wall()
    }

    fn sleep(&self, duration: Duration) -> Sleep<'_> {
        Box::pin(async move {
            tokio::time::sleep(BREATH).await;
            self.0.sleep(duration).await;
        })
    }

    fn jitter(&self) -> f64 {
        self.0.jitter()
    }
}

pub(crate) struct World {
    clock: SharedClock,
    pub(crate) twin: Render,
    pub(crate) server: Server,
    // They stop before their database does.
    pub(crate) workers: Workers,
    pub(crate) postgres: Postgres,
    pub(crate) repository: Repository,
    /// The commit of generation 2.
    pub(crate) commit: String,
    pub(crate) model: String,
    pub(crate) group: String,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::on(Arc::new(Ahead::default()))
    }

    /// On the machine's own clock, for real processes.
    pub(crate) fn real() -> Self {
        Self::on(Arc::new(SystemClock))
    }

    fn on(clock: SharedClock) -> Self {
        let repository = Repository::new().unwrap();
        repository.write("apps/workers/main.py", "print('generation 2')\n").unwrap();
        let commit = repository.commit("the workers").unwrap();
        let postgres = Postgres::with_ledger().unwrap();
        postgres.execute(&ledger(&commit)).unwrap();
        postgres.execute(FINISHES).unwrap();

        let twin = Render::new(clock.clone());
        twin.set_api_key(KEY);
        let model = NewService::new("workers-blue", ServiceType::Worker)
            .region("frankfurt")
            .variable("SPECTRAL_GENERATION", "3")
            .live(&"3".repeat(40));
        let model = twin.add_service(&model);
        let dsn = postgres.dsn();
        let group = twin.add_env_group("workers", [("DATABASE_URL", dsn.as_str()), ("SENTRY_DSN", "x")]);
        twin.link_env_group(&group, &model).unwrap();
        let workers = Workers::start(twin.clone(), &dsn, [&model]).unwrap();
        let server = Server::of(Vendor::Render, twin.router()).unwrap();
        Self { clock, twin, server, workers, postgres, repository, commit, model, group }
    }

    pub(crate) fn faults(&self) -> &Faults {
        self.server.faults()
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, duration: Duration) {
        block_on(self.clock.sleep(duration));
    }

    /// The inputs of a drain.
    pub(crate) fn usual(&self) -> Vec<(&'static str, String)> {
        vec![
            ("mode", "drain".to_owned()),
            ("target-generation", "2".to_owned()),
            ("model-service", self.model.clone()),
            ("env-groups", self.group.clone()),
            ("env", "HANDLER_MAX=2\n".to_owned()),
        ]
    }

    /// A drain, to its end.
    pub(crate) fn drain(&self) -> Run {
        self.run(&self.usual())
    }

    /// A drain whose inputs differ in these.
    pub(crate) fn drain_with(&self, differing: &[(&'static str, &str)]) -> Run {
        let mut inputs = self.usual();
        for (input, value) in differing {
            inputs.retain(|(other, _)| other != input);
            inputs.push((input, (*value).to_owned()));
        }
        self.run(&inputs)
    }

    pub(crate) fn run(&self, inputs: &[(&'static str, String)]) -> Run {
        block_on(self.start(inputs))
    }

    /// A run that has not begun; dropping it is what SIGKILL is to a process.
    pub(crate) async fn start(&self, inputs: &[(&'static str, String)]) -> Run {
        let mut invocation = Invocation::new(self.clock.clone())
            .variables(self.environment())
            .directory(self.repository.path())
            .canary(KEY)
            .canary(PASSWORD);
        for (input, value) in inputs {
            invocation = invocation.with(input, value);
        }
        let run = invocation.run::<LegacyDrain>().await.unwrap();
        assert_eq!(run.leaks(), [""; 0]);
        assert_eq!(run.stdout, "");
        run
    }

    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("RENDER_API_URL", format!("{}/v1", self.server.base_url())),
            ("RENDER_API_KEY", KEY.to_owned()),
            ("DATABASE_URL", self.postgres.dsn()),
            ("PATH", std::env::var("PATH").unwrap()),
        ]
    }

    /// Runs until the rule strikes, then is gone as after SIGKILL. Gives the run if it
    /// came to its end before.
    pub(crate) fn run_until(&self, rule: &Rule) -> Option<Run> {
        block_on(rule.kills(self.start(&self.usual())))
    }

    /// A run that is killed when it makes this request for the `nth` time.
    #[track_caller]
    pub(crate) fn kill_at(&self, route: &str, nth: u64) {
        let rule = self.faults().on(route, When::Nth(nth), What::Hang);
        let ended = self.run_until(&rule);
        assert!(ended.is_none(), "it was not killed: {ended:?}");
    }

    /// What the API changed since the world was made, in words.
    pub(crate) fn effects(&self) -> Vec<String> {
        let word = |change: &Change| match change {
            Change::VariableSet { key } => format!("set {key}"),
            Change::VariableDeleted { key } => format!("delete {key}"),
            Change::DeployTriggered { .. } => "deploy".to_owned(),
            Change::DeployCanceled { .. } => "cancel".to_owned(),
            Change::ServiceCreated => "create".to_owned(),
            Change::ServiceDeleted => "delete".to_owned(),
            Change::GroupLinked { .. } => "link".to_owned(),
            other => format!("{other:?}"),
        };
        self.twin.effects().iter().map(|effect| word(&effect.change)).collect()
    }

    pub(crate) fn count(&self, effect: &str) -> usize {
        self.effects().iter().filter(|one| *one == effect).count()
    }

    /// The temporary service.
    pub(crate) fn temporary(&self) -> Option<String> {
        self.twin.service_named(NAME)
    }

    /// The next deploys of the temporary service, which an earlier run has left behind.
    pub(crate) fn plan(&self, plans: impl IntoIterator<Item = Plan>) {
        self.twin.plan_deploys(&self.temporary().unwrap(), plans).unwrap();
    }

    /// Rows of generation 2 that are not done.
    pub(crate) fn left(&self) -> String {
        self.postgres
            .value("select count(*) from core.outbox where generation = 2 and status <> 'done'")
            .unwrap()
    }

    /// No row of generation 2 is lost, none was handled twice, nobody else's was
    /// touched by the drain, and the service is gone.
    #[track_caller]
    pub(crate) fn assert_drained(&self) {
        let count = |what: &str| {
            let sql = format!(
                "select {what} from finishes f join core.outbox o on o.id = f.outbox where o.generation = 2"
            );
            self.postgres.value(&sql).unwrap()
        };
        assert_eq!(self.left(), "0");
        assert_eq!(
            self.postgres.value("select count(*) from core.outbox where generation = 2").unwrap(),
            (LEFT + 1).to_string(),
            "one was done before"
        );
        assert_eq!(
            (count("count(*)"), count("count(distinct f.outbox)")),
            (LEFT.to_string(), LEFT.to_string())
        );
        assert_eq!(
            self.postgres
                .value("select string_agg(status, ',') from core.outbox where generation = 1")
                .unwrap(),
            "pending"
        );
        assert_eq!(self.temporary(), None);
    }

    /// A run that follows changes nothing.
    #[track_caller]
    pub(crate) fn assert_settled(&self) {
        let effects = self.effects();
        let again = self.drain();
        assert_eq!(again.output("result"), "unchanged", "{}", again.stderr);
        assert_eq!(self.effects(), effects);
    }
}

/// Three generations, and their work.
fn ledger(commit: &str) -> String {
    format!(
        "insert into core.deployments (reference, tag, sha, targets, run_id, intent_at, cut_over_at) values
         ('refs/tags/prod-1', 'prod-1', repeat('1', 40), '{{api,workers}}', 1, now() - interval '9 days', now() - interval '9 days'),
         ('refs/tags/prod-2', 'prod-2', '{commit}', '{{api,workers,dashboard}}', 2, now() - interval '2 hours', now() - interval '2 hours'),
         ('refs/tags/v1.0.1-rollback', 'v1.0.1-rollback', repeat('3', 40), '{{api,workers}}', 3, now() - interval '1 hour', now() - interval '1 hour');
         insert into core.outbox (generation, status) values (1, 'pending'),
         (2, 'done'), (2, 'pending'), (2, 'pending'), (2, 'pending'), (2, 'in_flight'), (3, 'pending');
         insert into core.workers values ('workers-green-old', 2, 'running', now() - interval '50 minutes')"
    )
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// The exit code and the word.
pub(crate) fn end(run: &Run) -> (u8, &str) {
    (run.ending.code(), run.output("result"))
}
