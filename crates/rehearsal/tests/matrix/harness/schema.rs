//! What both gates of the schema need: a repository, Supabase, and a production that they share.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use action::SimClock;
use rehearsal::contract::Vendor;
use rehearsal::repository::Repository;
use rehearsal::server::Server;
use rehearsal::twins::supabase::{Creating, CreationEnd, Merging, Supabase};

use super::database::{Database, Databases};
use super::secrets::SUPABASE_TOKEN;

pub(crate) const A: (&str, &str) = ("20260101000000_a", "create table a (id int)");
pub(crate) const B: (&str, &str) = ("20260102000000_b", "create table b (id int)");
pub(crate) const C: (&str, &str) = ("20260103000000_c", "create table c (id int)");

/// A repository that nobody changes, and its commit with all three.
pub(crate) fn code() -> &'static (Repository, String) {
    static CODE: OnceLock<(Repository, String)> = OnceLock::new();
    CODE.get_or_init(|| {
        let repository = Repository::new().unwrap();
        for (stem, sql) in [A, B, C] {
            repository.write(&format!("supabase/migrations/{stem}.sql"), &format!("{sql};\n")).unwrap();
        }
        let commit = repository.commit("migrations").unwrap();
        (repository, commit)
    })
}

/// Production has `a`, by Supabase's word and in fact.
pub(crate) struct Estate {
    pub(crate) clock: Arc<SimClock>,
    pub(crate) twin: Supabase,
    pub(crate) server: Server,
    pub(crate) database: Database,
    pub(crate) production: String,
}

impl Estate {
    pub(crate) fn new(databases: &Databases) -> Self {
        let clock = Arc::new(SimClock::default());
        let twin = Supabase::new(clock.clone());
        twin.set_token(SUPABASE_TOKEN);
        // Waits and repetitions of several runs come within one minute.
        twin.set_limit(None);
        let quick = Creating { project: Duration::ZERO, migrations: Duration::ZERO, end: CreationEnd::Well };
        twin.set_creating(quick);
        let moment = Duration::from_millis(200);
        twin.set_merging(Merging { step: moment, migration: moment, ..Merging::default() });
        let database = databases.with("");
        let production = twin.adopt_project("production", database.postgres()).unwrap();
        twin.migrate(&production, A.0, &[A.1]).unwrap();
        let server = Server::of(Vendor::Supabase, twin.router()).unwrap();
        Self { clock, twin, server, database, production }
    }

    /// What production has applied.
    pub(crate) fn applied(&self) -> Vec<String> {
        self.twin.applied(&self.production).unwrap()
    }
}
