//! Production, a repository, and runs that rehearse between them.

use std::sync::Arc;
use std::time::Duration;

use action::SimClock;
use rehearsal::contract::Vendor;
use rehearsal::fault::{What, When};
use rehearsal::in_process::{Invocation, Run};
use rehearsal::postgres::Postgres;
use rehearsal::repository::Repository;
use rehearsal::server::Server;
use rehearsal::twins::supabase::{Change, Creating, CreationEnd, Supabase};
use schema_rehearse::SchemaRehearse;

pub const TOKEN: &str = "sbp_canary0123456789abcdef0123456789abcdef0";

pub const CREATE: &str = "POST /v1/projects/{project}/branches";
pub const LIST: &str = "GET /v1/projects/{project}/branches";
pub const DELETE: &str = "DELETE /v1/branches/{branch}";
pub const NAME: &str = "greenroom-77";

pub const A: (&str, &str) = ("20260101000000_a", "create table a (id int)");
pub const B: (&str, &str) = ("20260102000000_b", "create table b (id int)");
pub const C: (&str, &str) = ("20260103000000_c", "create table c (id int)");

/// What every branch's password begins with; each is `pw:REFERENCE/@#?`.
pub const PASSWORDS: [&str; 2] = ["pw:", "pw%3A"];

pub struct World {
    pub supabase: Supabase,
    pub server: Server,
    pub repository: Repository,
    pub production: String,
    pub clock: Arc<SimClock>,
    pub postgres: Postgres,
}

impl World {
    /// Production has `a`; the commit has `a`, `b` and `c`.
    pub fn new() -> Self {
        Self::with(&[A], &[A, B, C])
    }

    /// What production has, and what the commit has.
    pub fn with(production: &[(&str, &str)], files: &[(&str, &str)]) -> Self {
        let clock = Arc::new(SimClock::default());
        let supabase = Supabase::new(clock.clone());
        supabase.set_token(TOKEN);
        supabase.set_limit(None);
        let postgres = Postgres::start().unwrap();
        let reference = supabase.adopt_project("production", &postgres).unwrap();
        for (stem, sql) in production {
            supabase.migrate(&reference, stem, &[sql]).unwrap();
        }
        let server = Server::of(Vendor::Supabase, supabase.router()).unwrap();
        let repository = Repository::new().unwrap();
        repository.write("README.md", "an app\n").unwrap();
        for (stem, sql) in files {
            repository.write(&format!("supabase/migrations/{stem}.sql"), &format!("{sql};\n")).unwrap();
        }
        repository.commit("migrations").unwrap();
        Self { supabase, server, repository, production: reference, clock, postgres }
    }

    /// Branches that are ready at once.
    pub fn quick(&self) {
        self.supabase.set_creating(Creating {
            project: Duration::ZERO,
            migrations: Duration::ZERO,
            end: CreationEnd::Well,
        });
    }

    /// A run with good inputs.
    pub fn rehearse(&self) -> Invocation {
        let run = Invocation::new(self.clock.clone())
            .variables(self.variables())
            .directory(self.repository.path())
            .canary(TOKEN)
            .with("project-ref", &self.production);
        PASSWORDS.iter().fold(run, |run, password| run.canary(password))
    }

    pub fn clean_up(&self) -> Invocation {
        self.rehearse().with("mode", "clean-up")
    }

    pub fn variables(&self) -> [(String, String); 4] {
        [
            ("PATH", std::env::var("PATH").unwrap()),
            ("SUPABASE_API_URL", self.server.base_url()),
            ("SUPABASE_ACCESS_TOKEN", TOKEN.to_owned()),
            ("GITHUB_RUN_ID", "77".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
    }

    pub fn branches(&self) -> Vec<String> {
        self.supabase.branch_names(&self.production)
    }

    /// How many branches were made and deleted.
    pub fn made(&self) -> (usize, usize) {
        let effects = self.supabase.effects();
        let count =
            |wanted: fn(&Change) -> bool| effects.iter().filter(|effect| wanted(&effect.change)).count();
        (
            count(|change| matches!(change, Change::BranchCreated { .. })),
            count(|change| matches!(change, Change::BranchDeleted)),
        )
    }

    /// What production has: a rehearsal only reads it.
    pub fn production(&self) -> usize {
        self.supabase.applied(&self.production).unwrap().len()
    }
}

/// Runs it; what it printed shows no secret.
pub async fn run(invocation: Invocation) -> Run {
    let run = invocation.run::<SchemaRehearse>().await.unwrap();
    assert_eq!(run.leaks(), Vec::<String>::new());
    run
}

/// Runs until something strikes there, then is killed.
pub async fn killed_at(world: &World, route: &str) {
    let rule = world.server.faults().on(route, When::Always, What::Hang);
    let ended = rule.kills(run(world.rehearse())).await;
    assert!(ended.is_none(), "it ended: {ended:?}");
}

/// How it ended.
#[track_caller]
pub fn assert(run: &Run, result: &str, told: &str) {
    assert_eq!(run.output("result"), result, "{}\n{}", run.error(), run.stderr);
    assert!(run.error().contains(told), "{told}: {}", run.error());
    if !told.is_empty() {
        assert!(run.error().contains("\nhint: "), "{}", run.error());
    }
}
