//! Production's Supabase project, and the branch of staging whose schema is merged into it.

use std::sync::Arc;
use std::time::Duration;

use action::SystemClock;
use anyhow::{Context as _, Result};

use crate::contract::Vendor;
use crate::postgres::Postgres;
use crate::server::Server;
use crate::twins::supabase::{Change, Creating, CreationEnd, Merging, Supabase};

use super::source::Migration;

/// The twin of Supabase with the project of production, whose database is the ledger's, too.
#[derive(Debug)]
pub struct Schema {
    /// The twin.
    pub supabase: Supabase,
    /// The server in front of it.
    pub api: Server,
    /// The reference of production's project.
    pub project: String,
    /// The reference of staging's branch.
    pub branch: String,
}

impl Schema {
    /// Production and staging have applied `first`, and nothing else. Branches come up and merges end within
    /// moments.
    pub(super) fn start(production: &Postgres, first: &Migration) -> Result<Self> {
        let supabase = Supabase::new(Arc::new(SystemClock));
        let (project, migrations) = (Duration::from_millis(300), Duration::from_millis(100));
        supabase.set_creating(Creating { project, migrations, end: CreationEnd::Well });
        let (step, migration) = (Duration::from_millis(50), Duration::from_millis(100));
        supabase.set_merging(Merging { step, migration, ..Merging::default() });
        let project = supabase.adopt_project("production", production)?;
        supabase.migrate(&project, &first.stem, &[&first.statement]).context("apply the first migration")?;
        let branch = supabase.add_persistent_branch(&project, "staging")?;
        let api = Server::of(Vendor::Supabase, supabase.router())?;
        Ok(Self { supabase, api, project, branch })
    }

    /// Supabase's integration with GitHub applies a new migration to the branch of `main`, which is staging's.
    ///
    /// # Errors
    /// PostgreSQL refuses it.
    pub fn push(&self, migration: &Migration) -> Result<()> {
        self.supabase.migrate(&self.branch, &migration.stem, &[&migration.statement])
    }

    /// How many merges were asked for.
    #[must_use]
    pub fn merges(&self) -> usize {
        let effects = self.supabase.effects().into_iter();
        effects.filter(|effect| matches!(effect.change, Change::MergeStarted { .. })).count()
    }

    /// What production has applied, oldest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn production(&self) -> Result<Vec<String>> {
        self.supabase.applied(&self.project)
    }
}
