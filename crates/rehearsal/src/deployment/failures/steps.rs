//! The failure table of the deployment runbook ("Failure modes during cutover"), step by step.

use super::Row;
use crate::deployment::scenario::Place::Production;

/// One row of it.
pub(super) struct Step {
    /// The step, or two of them.
    pub(super) name: &'static str,
    /// What fails.
    pub(super) failure: &'static str,
    /// Its rehearsals.
    pub(super) rows: &'static [Row],
    /// What is done then.
    pub(super) action: &'static str,
}

/// All of them.
pub(super) const STEPS: &[Step] = &[
    Step {
        name: "1, 2",
        failure: "the mutex is taken; the commit has no marker of staging",
        rows: &[(Production, "mutex"), (Production, "marker-absent")],
        action: "it waits, or ends with nothing begun; again after the fix",
    },
    Step {
        name: "3",
        failure: "the dry run of the migrations fails",
        rows: &[(Production, "dry-run-fails")],
        action: "it ends with nothing begun, and the branch is gone; the migration is put right",
    },
    Step {
        name: "4",
        failure: "production did not get exactly what was pending",
        rows: &[(Production, "partial-merge")],
        action: "it ends, and nothing is merged again before somebody has looked and acknowledged",
    },
    Step {
        name: "5",
        failure: "no generation can be allocated",
        rows: &[(Production, "generation-fails")],
        action: "it ends with nothing deployed; the ledger is put right, and a gap is harmless",
    },
    Step {
        name: "6",
        failure: "a deploy ends as `build_failed` or `update_failed`",
        rows: &[(Production, "build-fails")],
        action: "it ends while blue serves; green is put right",
    },
    Step {
        name: "7",
        failure: "a deploy takes longer than it may",
        rows: &[(Production, "deploy-hangs")],
        action: "it ends while blue serves; run again it takes up the same deploy",
    },
    Step {
        name: "8",
        failure: "`/version` never says what it should",
        rows: &[(Production, "version-mismatch")],
        action: "it ends while blue serves; green is put right",
    },
    Step {
        name: "9",
        failure: "no heartbeat of the new workers",
        rows: &[(Production, "heartbeat-absent")],
        action: "it ends while blue serves; the workers are put right",
    },
    Step {
        name: "10",
        failure: "blue is deployed meanwhile",
        rows: &[(Production, "blue-redeploys"), (Production, "env-group-race")],
        action: "it ends and nobody flips; the env group and auto-deploy are looked at",
    },
    Step {
        name: "11",
        failure: "the names cannot be moved",
        rows: &[(Production, "flip-fails"), (Production, "flip-unseen")],
        action: "it is finished by running it again, or undone by the lines that the summary gives",
    },
];
