//! A branch: how it comes into being, and how answers show it.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::database::Database;
use super::habit::{Creating, CreationEnd};
use super::identity::timestamp;
use super::migration::{apply, history};

/// A branch of a project.
#[derive(Debug)]
pub(super) struct Branch {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) reference: String,
    pub(super) parent: String,
    pub(super) persistent: bool,
    pub(super) with_data: bool,
    pub(super) git_branch: Option<String>,
    pub(super) created_at: SystemTime,
    pub(super) updated_at: SystemTime,
    pub(super) password: String,
    pub(super) creating: Creating,
    pub(super) stage: Stage,
}

/// How far it is.
#[derive(Debug)]
pub(super) enum Stage {
    /// Its project comes up.
    Coming,
    /// Its parent's migrations are to be replayed.
    Migrating(Database),
    /// It is whole.
    Ready(Database),
    /// A migration failed: empty, or half made.
    Broken(Database),
    /// There is no database and never will be.
    Failed,
}

impl Branch {
    /// Lets happen what is due. `parent` is where its parent's database is.
    pub(super) fn advance(&mut self, now: SystemTime, parent: Option<&str>) {
        let up = self.created_at + self.creating.project;
        if matches!(self.stage, Stage::Coming) && now >= up {
            self.stage = self.come_up();
        }
        if !matches!(self.stage, Stage::Migrating(_)) || now < up + self.creating.migrations {
            return;
        }
        if let Stage::Migrating(database) = std::mem::replace(&mut self.stage, Stage::Failed) {
            self.stage = match parent.is_some_and(|parent| self.replay(parent, &database)) {
                true => Stage::Ready(database),
                false => Stage::Broken(database),
            };
        }
    }

    fn come_up(&self) -> Stage {
        if self.creating.end == CreationEnd::InitFailed {
            return Stage::Failed;
        }
        match Database::start(&self.reference, &self.password) {
            Ok(database) => Stage::Migrating(database),
            Err(error) => {
                tracing::error!(branch = self.name, "{error:#}");
                Stage::Failed
            }
        }
    }

    /// A branch is a fresh database on which the parent's migrations are replayed, not
    /// a copy of its schema: what no migration tells is not there, and a migration that
    /// fails leaves it half made (Supabase docs, troubleshooting, branch in migrations
    /// failed status).
    fn replay(&self, parent: &str, database: &Database) -> bool {
        let most = match self.creating.end {
            CreationEnd::MigrationsFailed(most) => most,
            _ => usize::MAX,
        };
        let rows = match history(parent) {
            Ok(rows) => rows,
            Err(error) => {
                tracing::error!(branch = self.name, "read the parent's migrations: {error}");
                return false;
            }
        };
        rows.iter().take(most).all(|row| match apply(&database.writer(), row) {
            Ok(()) => true,
            Err(error) => {
                tracing::info!(branch = self.name, version = row.version, "{error}");
                false
            }
        }) && most == usize::MAX
    }

    /// Its database, as soon as somebody may log in.
    pub(super) const fn database(&self) -> Option<&Database> {
        match &self.stage {
            Stage::Migrating(database) | Stage::Ready(database) | Stage::Broken(database) => Some(database),
            Stage::Coming | Stage::Failed => None,
        }
    }

    /// `status` of `BranchDetailResponse`, and `preview_project_status`.
    pub(super) const fn project_status(&self) -> &'static str {
        match self.stage {
            Stage::Coming => "COMING_UP",
            Stage::Migrating(_) | Stage::Ready(_) | Stage::Broken(_) => "ACTIVE_HEALTHY",
            Stage::Failed => "INIT_FAILED",
        }
    }

    const fn status(&self) -> &'static str {
        match self.stage {
            Stage::Coming | Stage::Failed => "CREATING_PROJECT",
            Stage::Migrating(_) => "RUNNING_MIGRATIONS",
            Stage::Ready(_) => "FUNCTIONS_DEPLOYED",
            Stage::Broken(_) => "MIGRATIONS_FAILED",
        }
    }

    /// `BranchResponse` of the API reference.
    pub(super) fn shown(&self) -> Value {
        let mut shown = json!({
            "id": self.id, "name": self.name, "project_ref": self.reference, "parent_project_ref": self.parent,
            "is_default": false, "persistent": self.persistent, "with_data": self.with_data, "status": self.status(),
            "created_at": timestamp(self.created_at), "updated_at": timestamp(self.updated_at),
            "preview_project_status": self.project_status(),
        });
        if let Some(git_branch) = &self.git_branch {
            shown["git_branch"] = Value::from(git_branch.as_str());
        }
        shown
    }

    /// `BranchDetailResponse` of the API reference.
    pub(super) fn detail(&self) -> Value {
        json!({
            "ref": self.reference, "postgres_version": "17.4.1.043", "postgres_engine": "17", "release_channel": "ga",
            "status": self.project_status(), "db_host": format!("db.{}.supabase.co", self.reference),
            "db_port": 5432, "db_user": "postgres", "db_pass": self.password,
            "jwt_secret": format!("jwt-secret-of-{}", self.reference),
        })
    }
}
