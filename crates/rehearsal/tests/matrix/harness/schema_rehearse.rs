//! Two migrations that are to be tried on a branch.

use std::sync::Arc;
use std::time::Duration;

use action::SimClock;
use rehearsal::in_process::Invocation;
use rehearsal::postgres::{Relay, Strike};
use rehearsal::twins::supabase::Change;
use schema_rehearse::SchemaRehearse;

use super::database::Databases;
use super::place::{Kind, Place};
use super::run::Run;
use super::schema::{A, Estate, code};
use super::secrets::{BRANCH_PASSWORDS, SUPABASE_TOKEN};
use super::statements::Statement;
use super::verdict::{Verdict, ensure, same};
use super::world::World;

/// What the branch of run 77 is called.
const NAME: &str = "greenroom-77";

/// One statement of a migration may take fifteen minutes, and its end to be heard of a little longer.
const STATEMENT: Duration = Duration::from_secs(16 * 60);

/// What is asked for each file, after the settings of a session are set once more.
const OF_A_FILE: [&str; 4] = ["begin", "create table", "insert into supabase_migrations", "commit"];

/// The world.
pub(crate) struct RehearseWorld {
    estate: Estate,
}

impl RehearseWorld {
    pub(crate) fn new(databases: &Databases) -> Self {
        let estate = Estate::new(databases);
        // Production is read through Supabase, so its own way is free.
        estate.twin.pool_over(estate.database.relay());
        Self { estate }
    }

    /// How many branches were made and deleted.
    fn made(&self) -> (usize, usize) {
        let effects = self.estate.twin.effects();
        let count = |is: fn(&Change) -> bool| effects.iter().filter(|effect| is(&effect.change)).count();
        (
            count(|change| matches!(change, Change::BranchCreated { .. })),
            count(|change| matches!(change, Change::BranchDeleted)),
        )
    }

    fn is_left(&self) -> bool {
        !self.estate.twin.branch_names(&self.estate.production).is_empty()
    }
}

impl World for RehearseWorld {
    type Primitive = SchemaRehearse;

    fn places(&self) -> Vec<Place> {
        vec![Place::api(Kind::Supabase, &self.estate.server)]
    }

    fn relay(&self) -> Option<&Relay> {
        Some(self.estate.database.relay())
    }

    fn clock(&self) -> &Arc<SimClock> {
        &self.estate.clock
    }

    fn secrets(&self) -> &'static [&'static str] {
        &[SUPABASE_TOKEN]
    }

    fn job(&self) -> Invocation {
        let job = Invocation::new(self.estate.clock.clone())
            .directory(code().0.path())
            .with("project-ref", &self.estate.production)
            .variable("PATH", std::env::var("PATH").unwrap())
            .variable("GITHUB_RUN_ID", "77")
            .variable("SUPABASE_API_URL", self.estate.server.base_url())
            .variable("SUPABASE_ACCESS_TOKEN", SUPABASE_TOKEN);
        BRANCH_PASSWORDS.iter().fold(job, |job, password| job.canary(password))
    }

    fn holds(&self, run: &Run) -> Verdict {
        same("what production has", self.estate.applied(), vec![A.0.to_owned()])?;
        let (made, deleted) = self.made();
        let made_now = run.writes.iter().filter(|entry| entry.method == "POST").count();
        ensure(made_now <= 1, || format!("{made_now} branches were asked for"))?;
        ensure(made - deleted <= 1, || format!("{made} branches were made, and {deleted} deleted"))?;
        ensure(!run.is_good() || !self.is_left(), || format!("{}, and a branch is left", run.word()))
    }

    /// A branch that is left costs money: whoever reads of the failure must read of it.
    fn tells_all(&self, run: &Run) -> Verdict {
        ensure(!self.is_left() || run.error().contains("clean-up"), || {
            format!("branch {NAME} is left, and nothing says so")
        })
    }

    fn is_reached(&self) -> Verdict {
        let (made, deleted) = self.made();
        ensure(made > 0 && made == deleted, || format!("{made} branches were made, and {deleted} deleted"))?;
        ensure(!self.is_left(), || "a branch is left".to_owned())
    }

    fn needs_every_answer(&self) -> bool {
        true
    }

    fn silence(&self) -> Duration {
        STATEMENT
    }

    /// The first look at the branch is a wait.
    fn waits_at(&self, statement: &Statement) -> bool {
        statement.session == 1
    }

    /// What the server says against a file's statements is what a rehearsal is there to find out.
    fn endings_at<'a>(&self, statement: &Statement, _: &'a str) -> Option<Vec<&'a str>> {
        let is_of_a_file = OF_A_FILE.iter().any(|part| statement.told.contains(part))
            || (statement.is_repeated && statement.told.starts_with("reset session"));
        (is_of_a_file && matches!(statement.strike, Strike::Refuse(_))).then(|| vec!["failed"])
    }

    fn does_it_anew(&self) -> bool {
        true
    }
}
