//! Action runs: what a merge does, step by step, after its answer.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::habit::{Merging, StepEnd, StepsShow};
use super::identity::timestamp;
use super::migration::{Row, apply, history};

/// The steps of a merge without a repository behind it, in order (Supabase docs,
/// working with branches; `run_steps` of the API reference).
const STEPS: [&str; 6] = ["clone", "pull", "health", "configure", MIGRATE, "deploy"];

const MIGRATE: &str = "migrate";

/// A run of a merge.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) id: String,
    pub(super) branch_id: String,
    /// Whose run it is.
    pub(super) project: String,
    pub(super) started_at: SystemTime,
    pub(super) merging: Merging,
    /// The newest version that is to be applied.
    pub(super) up_to: Option<String>,
    pub(super) log: Vec<String>,
    work: Work,
}

/// How far its migrations are.
#[derive(Debug, Default)]
enum Work {
    /// They have not begun.
    #[default]
    Waiting,
    /// So many of these are applied.
    Applying(Vec<Row>, usize),
    /// They ended well then.
    Done(SystemTime),
    /// They ended badly then.
    Stopped(SystemTime),
}

impl Run {
    pub(super) fn new(
        id: String,
        branch_id: String,
        project: String,
        started_at: SystemTime,
        merging: Merging,
        up_to: Option<String>,
    ) -> Self {
        Self { id, branch_id, project, started_at, merging, up_to, log: Vec::new(), work: Work::Waiting }
    }

    /// Whether nothing more happens to it.
    pub(super) const fn is_over(&self) -> bool {
        matches!(self.work, Work::Done(_) | Work::Stopped(_))
    }

    fn migrates_at(&self) -> SystemTime {
        self.started_at + self.merging.step * 4
    }

    /// Lets happen what is due. `from` and `to` are the databases of branch and parent.
    pub(super) fn advance(&mut self, now: SystemTime, from: &str, to: &str) {
        if now < self.migrates_at() {
            return;
        }
        if matches!(self.work, Work::Waiting) {
            self.work = self.begin(from, to);
        }
        while let Work::Applying(rows, done) = &mut self.work {
            let due = self.started_at + self.merging.step * 4 + self.merging.migration * count(*done + 1);
            let Some(row) = rows.get(*done) else {
                let last = self.started_at + self.merging.step * 4 + self.merging.migration * count(*done);
                self.work = Work::Done(last);
                return;
            };
            if now < due {
                return;
            }
            if self.merging.applies.is_some_and(|most| *done >= most) {
                self.log.push("context deadline exceeded".to_owned());
                self.work = Work::Stopped(due);
                return;
            }
            self.log.push(format!("Applying migration {}_{}.sql...", row.version, row.name));
            match apply(to, row) {
                Ok(()) => *done += 1,
                Err(error) => {
                    self.log.push(error.to_string());
                    self.work = Work::Stopped(due);
                }
            }
        }
    }

    /// Applies what the branch has and its parent does not: a merge skips what is there
    /// by its version (deployment runbook, recovery of step 4).
    fn begin(&mut self, from: &str, to: &str) -> Work {
        let (from, to) = match (history(from), history(to)) {
            (Ok(from), Ok(to)) => (from, to),
            (Err(error), _) | (_, Err(error)) => {
                self.log.push(error.to_string());
                return Work::Stopped(self.migrates_at());
            }
        };
        let wanted = |row: &Row| {
            let newer = self.up_to.as_ref().is_some_and(|most| row.version > *most);
            !newer && !to.iter().any(|there| there.version == row.version)
        };
        Work::Applying(from.into_iter().filter(wanted).collect(), 0)
    }

    /// `ActionRunResponse` of the API reference.
    pub(super) fn shown(&self, now: SystemTime) -> Value {
        let steps = STEPS.iter().enumerate().filter(|(at, name)| self.shows(*at, name, now));
        let steps: Vec<Value> = steps.map(|(at, name)| self.step(at, name, now)).collect();
        json!({
            "id": self.id, "branch_id": self.branch_id, "run_steps": steps, "git_config": null, "workdir": null,
            "check_run_id": null, "created_at": timestamp(self.started_at), "updated_at": timestamp(now),
        })
    }

    fn shows(&self, at: usize, name: &str, now: SystemTime) -> bool {
        match self.merging.shows {
            StepsShow::FromTheStart => true,
            StepsShow::AfterTheyBegin(late) => {
                self.begins(at, name).is_some_and(|begins| begins + late <= now)
            }
            StepsShow::NoneFromMigrate => STEPS.iter().take(at + 1).all(|before| *before != MIGRATE),
        }
    }

    /// When a step begins or began; nothing while nobody knows, or when it never will.
    fn begins(&self, at: usize, name: &str) -> Option<SystemTime> {
        match (name, &self.work) {
            ("deploy", Work::Waiting | Work::Applying(..)) => None,
            ("deploy", Work::Stopped(_)) if self.merging.end == StepEnd::Dead => None,
            ("deploy", Work::Done(since) | Work::Stopped(since)) => Some(*since),
            _ => Some(self.started_at + self.merging.step * count(at)),
        }
    }

    fn step(&self, at: usize, name: &str, now: SystemTime) -> Value {
        let begins = self.started_at + self.merging.step * count(at);
        let ends = begins + self.merging.step;
        let status = match (name, &self.work) {
            (MIGRATE, Work::Waiting) => "CREATED",
            (MIGRATE, Work::Applying(..)) => "RUNNING",
            (MIGRATE, Work::Done(_)) => "EXITED",
            (MIGRATE, Work::Stopped(_)) => self.word(),
            ("deploy", Work::Waiting | Work::Applying(..)) => "CREATED",
            ("deploy", Work::Stopped(_)) if self.merging.end == StepEnd::Dead => "CREATED",
            ("deploy", Work::Done(since) | Work::Stopped(since)) if now < *since + self.merging.step => {
                "RUNNING"
            }
            ("deploy", Work::Done(_) | Work::Stopped(_)) => "EXITED",
            _ if now < begins => "CREATED",
            _ if now < ends => "RUNNING",
            _ => "EXITED",
        };
        json!({"name": name, "status": status, "created_at": timestamp(begins), "updated_at": timestamp(now)})
    }

    const fn word(&self) -> &'static str {
        match self.merging.end {
            StepEnd::Dead => "DEAD",
            StepEnd::Exited => "EXITED",
        }
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// How long a merge of so many migrations takes, to its last step's end.
#[must_use]
pub(super) fn length(merging: &Merging, migrations: usize) -> Duration {
    merging.step * 5 + merging.migration * count(migrations)
}
