//! Production with a ledger, staging's branch, a repository, and runs between them.

use std::sync::Arc;
use std::time::Duration;

use action::SimClock;
use rehearsal::contract::Vendor;
use rehearsal::in_process::{Invocation, Run};
use rehearsal::postgres::{PASSWORD, Postgres};
use rehearsal::repository::Repository;
use rehearsal::server::Server;
use rehearsal::twins::supabase::{Change, Merging, Supabase};
use schema_merge::SchemaMerge;

pub const TOKEN: &str = "sbp_canary0123456789abcdef0123456789abcdef0";

/// The request that must be made once.
pub const MERGE: &str = "POST /v1/branches/{branch}/merge";

pub const A: (&str, &str) = ("20260101000000_a", "create table a (id int)");
pub const B: (&str, &str) = ("20260102000000_b", "create table b (id int)");
pub const C: (&str, &str) = ("20260103000000_c", "create table c (id int)");
pub const D: (&str, &str) = ("20260104000000_d", "create table d (id int)");

pub struct World {
    pub supabase: Supabase,
    pub server: Server,
    pub postgres: Postgres,
    pub repository: Repository,
    pub production: String,
    pub staging: String,
    pub commit: String,
    clock: Arc<SimClock>,
}

impl World {
    /// Production has `a`; staging and the commit have `a`, `b` and `c`.
    pub fn new() -> Self {
        Self::with(&[A], &[B, C], &[A, B, C])
    }

    /// What production has, what staging has beyond it, and what the commit has.
    pub fn with(production: &[(&str, &str)], more: &[(&str, &str)], files: &[(&str, &str)]) -> Self {
        let clock = Arc::new(SimClock::default());
        let supabase = Supabase::new(clock.clone());
        supabase.set_token(TOKEN);
        supabase.set_limit(None);
        supabase.set_merging(Merging { step: Duration::from_secs(2), ..Merging::default() });
        let postgres = Postgres::with_ledger().unwrap();
        let reference = supabase.adopt_project("production", &postgres).unwrap();
        for (stem, sql) in production {
            supabase.migrate(&reference, stem, &[sql]).unwrap();
        }
        let staging = supabase.add_persistent_branch(&reference, "staging").unwrap();
        for (stem, sql) in more {
            supabase.migrate(&staging, stem, &[sql]).unwrap();
        }
        let server = Server::of(Vendor::Supabase, supabase.router()).unwrap();
        let repository = Repository::new().unwrap();
        let commit = commit(&repository, files);
        Self { supabase, server, postgres, repository, production: reference, staging, commit, clock }
    }

    /// A run with good inputs.
    pub fn merge(&self) -> Invocation {
        self.merge_over(&self.postgres.dsn())
    }

    /// The same with another way to production's database.
    pub fn merge_over(&self, dsn: &str) -> Invocation {
        self.invocation(&self.production, &self.staging, dsn)
    }

    pub fn invocation(&self, production: &str, staging: &str, dsn: &str) -> Invocation {
        Invocation::new(self.clock.clone())
            .variables(self.variables(dsn))
            .directory(self.repository.path())
            .canary(TOKEN)
            .canary(PASSWORD)
            .with("project-ref", production)
            .with("branch-ref", staging)
            .with("commit", &self.commit)
    }

    pub fn variables(&self, dsn: &str) -> [(String, String); 5] {
        [
            ("PATH", std::env::var("PATH").unwrap()),
            ("SUPABASE_API_URL", self.server.base_url()),
            ("SUPABASE_ACCESS_TOKEN", TOKEN.to_owned()),
            ("DATABASE_URL", dsn.to_owned()),
            ("GITHUB_RUN_ID", "77".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
    }

    /// Records a migration as applied, whether it is or not, as `supabase migration repair` does.
    pub fn record(&self, reference: &str, (stem, sql): (&str, &str)) {
        self.supabase.record(reference, stem, &[sql]).unwrap();
    }

    /// What production has, shortened to the last letters.
    pub fn applied(&self) -> String {
        letters(&self.supabase.applied(&self.production).unwrap())
    }

    /// How many merges Supabase began.
    pub fn merges(&self) -> usize {
        let began = |change: &Change| matches!(change, Change::MergeStarted { .. });
        self.supabase.effects().iter().filter(|effect| began(&effect.change)).count()
    }

    /// The ledger's rows, `expected > applied`, with a mark for how each ended.
    pub fn ledger(&self) -> String {
        let rows = self.postgres.query(
            "select array_to_string(pending, ' '), array_to_string(applied, ' '), ended_at is not null, acknowledged_at is not null
             from core.schema_merges order by id",
        );
        let day = |versions: &Option<String>| match versions {
            None => "?".to_owned(),
            Some(found) => found.split_whitespace().map(letter).collect::<String>(),
        };
        let rows = rows.unwrap().into_iter().map(|row| {
            let is = |at: usize| row[at].as_deref() == Some("t");
            let mark = match (is(2), is(3)) {
                (true, true) => " acknowledged",
                (true, false) => "",
                _ => " open",
            };
            format!("{} > {}{mark}", day(&row[0]), day(&row[1]))
        });
        rows.collect::<Vec<_>>().join(", ")
    }

    /// As if the last merge had been asked for long ago.
    pub fn age(&self) {
        let sql =
            "update core.schema_merges set began_at = began_at - interval '5 minutes' where ended_at is null";
        self.postgres.execute(sql).unwrap();
    }
}

/// `20260102...` is `b`.
fn letter(version: &str) -> char {
    let day: u8 = version[6..8].parse().unwrap();
    char::from(b'a' + day - 1)
}

fn letters(stems: &[String]) -> String {
    stems.iter().map(|stem| letter(stem)).collect()
}

fn commit(repository: &Repository, files: &[(&str, &str)]) -> String {
    repository.write("README.md", "an app\n").unwrap();
    for (stem, sql) in files {
        repository.write(&format!("supabase/migrations/{stem}.sql"), &format!("{sql};\n")).unwrap();
    }
    repository.commit("migrations").unwrap()
}

/// Runs it; what it printed shows no secret.
pub async fn run(invocation: Invocation) -> Run {
    let run = invocation.run::<SchemaMerge>().await.unwrap();
    assert_eq!(run.leaks(), Vec::<String>::new());
    run
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
