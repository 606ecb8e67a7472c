//! What tests and rehearsals do to the twin, and see of it.

use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};

use super::branch::{Branch, Stage};
use super::database::Database;
use super::effect::Effect;
use super::habit::{Creating, CreationEnd, Merging, RunsOf};
use super::identity;
use super::migration::{Row, apply, history};
use super::state::Project;
use super::{Supabase, run};
use crate::postgres::{Postgres, Relay};

impl Supabase {
    /// A project with an empty database of its own; returns its reference.
    ///
    /// # Errors
    /// No server comes up.
    pub fn add_project(&self, name: &str) -> Result<String> {
        self.keep_project(name, |reference| Database::start(reference, &identity::password(reference)))
    }

    /// A project whose database somebody else keeps, such as that of the ledger.
    ///
    /// # Errors
    /// The roles that every project has cannot be made.
    pub fn adopt_project(&self, name: &str, server: &Postgres) -> Result<String> {
        self.keep_project(name, |_| Database::adopt(server))
    }

    fn keep_project(&self, name: &str, database: impl FnOnce(&str) -> Result<Database>) -> Result<String> {
        self.with(|state, created_at| {
            let reference = state.reference();
            let database = database(&reference)?;
            state.projects.push(Project {
                reference: reference.clone(),
                name: name.to_owned(),
                created_at,
                database,
            });
            Ok(reference)
        })
    }

    /// A persistent branch of a project that is ready, with everything that the project
    /// has applied; returns its reference.
    ///
    /// # Errors
    /// No such project, or its migrations cannot be replayed.
    pub fn add_persistent_branch(&self, project: &str, name: &str) -> Result<String> {
        self.add_branch(project, name, Database::start)
    }

    /// The same in a database that somebody else keeps.
    ///
    /// # Errors
    /// As [`Self::add_persistent_branch`].
    pub fn adopt_persistent_branch(&self, project: &str, name: &str, server: &Postgres) -> Result<String> {
        self.add_branch(project, name, |_, _| Database::adopt(server))
    }

    fn add_branch(
        &self,
        project: &str,
        name: &str,
        database: impl FnOnce(&str, &str) -> Result<Database>,
    ) -> Result<String> {
        self.with(|state, now| {
            let parent = state.project(project).with_context(|| format!("find the project {project}"))?;
            let parent_dsn = parent.database.writer();
            let (id, reference) = (identity::uuid(state.serial()), state.reference());
            let creating =
                Creating { project: Duration::ZERO, migrations: Duration::ZERO, end: CreationEnd::Well };
            let password = identity::password(&reference);
            let mut branch = Branch {
                id,
                name: name.to_owned(),
                stage: Stage::Migrating(database(&reference, &password)?),
                password,
                reference: reference.clone(),
                parent: project.to_owned(),
                persistent: true,
                with_data: false,
                git_branch: Some(name.to_owned()),
                created_at: now,
                updated_at: now,
                creating,
            };
            branch.advance(now, Some(&parent_dsn));
            anyhow::ensure!(matches!(branch.stage, Stage::Ready(_)), "the branch {name} did not come up");
            state.branches.push(branch);
            Ok(reference)
        })
    }

    /// Applies a migration to a project or a branch, as whoever pushed it would have;
    /// `stem` is `<version>_<name>`.
    ///
    /// # Errors
    /// No such database, or PostgreSQL refuses the SQL.
    pub fn migrate(&self, reference: &str, stem: &str, statements: &[&str]) -> Result<()> {
        let (version, name) = stem.split_once('_').with_context(|| format!("{stem} has no name"))?;
        let statements = statements.iter().map(|statement| (*statement).to_owned()).collect();
        let row = Row { version: version.to_owned(), name: name.to_owned(), statements };
        apply(&self.address(reference)?, &row).map_err(|error| anyhow!("apply {stem}: {error}"))
    }

    /// What a project or a branch has applied, as stems, by version.
    ///
    /// # Errors
    /// No such database.
    pub fn applied(&self, reference: &str) -> Result<Vec<String>> {
        let rows = history(&self.address(reference)?).map_err(|error| anyhow!("{error}"))?;
        Ok(rows.into_iter().map(|row| format!("{}_{}", row.version, row.name)).collect())
    }

    /// The address of a project's or a branch's database, for somebody who may do
    /// everything.
    ///
    /// # Errors
    /// There is none, or none yet.
    pub fn address(&self, reference: &str) -> Result<String> {
        self.with(|state, _| {
            let database =
                state.database(reference).with_context(|| format!("find the database of {reference}"))?;
            Ok(database.writer())
        })
    }

    /// The names of a project's branches, in the order of their making.
    #[must_use]
    pub fn branch_names(&self, project: &str) -> Vec<String> {
        self.with(|state, _| {
            let branches = state.branches.iter().filter(|branch| branch.parent == project);
            branches.map(|branch| branch.name.clone()).collect()
        })
    }

    /// The password of a branch: what must never be shown.
    #[must_use]
    pub fn password_of(&self, reference: &str) -> Option<String> {
        self.with(|state, _| state.branch(reference).map(|branch| branch.password.clone()))
    }

    /// How branches come into being from now on.
    pub fn set_creating(&self, creating: Creating) {
        self.with(|state, _| state.creating = creating);
    }

    /// Lets the pooler of every branch lead over this way, to whichever was asked for last: so statements can be
    /// struck on a database that does not exist yet.
    pub fn pool_over(&self, way: &Relay) {
        self.with(|state, _| state.way = Some(way.clone()));
    }

    /// What merges do from now on.
    pub fn set_merging(&self, merging: Merging) {
        self.with(|state, _| state.merging = merging);
    }

    /// What the next merge does; those after it do as [`Self::set_merging`] says.
    pub fn next_merge(&self, merging: Merging) {
        self.with(|state, _| state.next_merges.push_back(merging));
    }

    /// Whose runs merges are from now on.
    pub fn set_runs_of(&self, runs_of: RunsOf) {
        self.with(|state, _| state.runs_of = runs_of);
    }

    /// How long a merge of so many migrations takes by [`Self::set_merging`]'s word.
    #[must_use]
    pub fn merge_takes(&self, migrations: usize) -> Duration {
        self.with(|state, _| run::length(&state.merging, migrations))
    }

    /// Lets in this token and no other.
    pub fn set_token(&self, token: &str) {
        self.with(|state, _| state.token = token.to_owned());
    }

    /// Requests a minute for each project and endpoint; `None` is without limit.
    pub fn set_limit(&self, limit: Option<u32>) {
        self.with(|state, _| state.limiter.limit = limit);
    }

    /// Everything that callers changed, in order.
    #[must_use]
    pub fn effects(&self) -> Vec<Effect> {
        self.with(|state, _| state.effects.clone())
    }
}
