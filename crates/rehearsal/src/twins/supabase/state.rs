//! Everything that the twin remembers.

use std::collections::VecDeque;
use std::time::SystemTime;

use super::branch::Branch;
use super::database::Database;
use super::effect::{Change, Effect};
use super::habit::{Creating, Merging, RunsOf};
use super::identity;
use super::limit::Limiter;
use super::run::Run;
use crate::postgres::Relay;

/// A project that is no branch.
#[derive(Debug)]
pub(super) struct Project {
    pub(super) reference: String,
    pub(super) name: String,
    pub(super) created_at: SystemTime,
    pub(super) database: Database,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) token: String,
    pub(super) limiter: Limiter,
    pub(super) projects: Vec<Project>,
    pub(super) branches: Vec<Branch>,
    pub(super) runs: Vec<Run>,
    pub(super) creating: Creating,
    pub(super) merging: Merging,
    /// What the next merges do, before [`Self::merging`] holds again.
    pub(super) next_merges: VecDeque<Merging>,
    pub(super) runs_of: RunsOf,
    pub(super) effects: Vec<Effect>,
    /// The way over which every branch's pooler leads, where it is not the branch's own.
    pub(super) way: Option<Relay>,
    serial: u64,
}

impl State {
    pub(super) fn new(token: &str) -> Self {
        Self {
            token: token.to_owned(),
            limiter: Limiter::default(),
            projects: Vec::new(),
            branches: Vec::new(),
            runs: Vec::new(),
            creating: Creating::default(),
            merging: Merging::default(),
            next_merges: VecDeque::new(),
            runs_of: RunsOf::default(),
            effects: Vec::new(),
            way: None,
            serial: 0,
        }
    }

    /// A number that was never given before.
    pub(super) fn serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    pub(super) fn reference(&mut self) -> String {
        identity::reference(self.serial())
    }

    /// Lets happen what is due by now.
    pub(super) fn advance(&mut self, now: SystemTime) {
        let projects = &self.projects;
        for branch in &mut self.branches {
            let parent = projects.iter().find(|project| project.reference == branch.parent);
            branch.advance(now, parent.map(|parent| parent.database.writer()).as_deref());
        }
        for run in self.runs.iter_mut().filter(|run| !run.is_over()) {
            let Some(branch) = self.branches.iter().find(|branch| branch.id == run.branch_id) else {
                continue;
            };
            let parent = projects.iter().find(|project| project.reference == branch.parent);
            if let (Some(from), Some(to)) = (branch.database(), parent) {
                run.advance(now, &from.writer(), &to.database.writer());
            }
        }
    }

    /// The database of a project or of a branch.
    pub(super) fn database(&self, reference: &str) -> Option<&Database> {
        let project = self.projects.iter().find(|project| project.reference == reference);
        match project {
            Some(project) => Some(&project.database),
            None => self.branch(reference)?.database(),
        }
    }

    /// A branch by its reference, or by its UUID, which is deprecated and still works.
    pub(super) fn branch(&self, key: &str) -> Option<&Branch> {
        self.branches.iter().find(|branch| branch.reference == key || branch.id == key)
    }

    /// The port of the pooler of a project or of a branch.
    pub(super) fn pooler_port(&self, reference: &str, database: &Database) -> u16 {
        match (&self.way, self.branch(reference)) {
            (Some(way), Some(branch)) => {
                way.lead_to(database.port(), &branch.password);
                way.port()
            }
            _ => database.port(),
        }
    }

    pub(super) fn project(&self, reference: &str) -> Option<&Project> {
        self.projects.iter().find(|project| project.reference == reference)
    }

    /// Whether somebody may ask for it: a project or a branch.
    pub(super) fn knows(&self, reference: &str) -> bool {
        self.project(reference).is_some() || self.branch(reference).is_some()
    }

    pub(super) fn changed(&mut self, at: SystemTime, target: &str, change: Change) {
        self.effects.push(Effect { at, target: target.to_owned(), change });
    }
}
