//! What each job of the deploy workflows waits for (runbook, "Staging deploy flow" and "Production cutover
//! sequence"), written apart from the files.

use workflow::Conclusion;

/// The targets of the deploy manifest; those of Pages have no colours.
pub(super) const TARGETS: [&str; 6] =
    ["api", "workers", "dashboard", "operations", "docs-user", "docs-codex"];

/// One job and all that must be true for it to start.
pub(super) struct Rule {
    pub(super) job: &'static str,
    pub(super) gates: &'static [Gate],
}

/// One thing that must be true.
#[derive(Clone, Copy, Debug)]
pub(super) enum Gate {
    /// This job succeeded.
    Passed(&'static str),
    /// It succeeded, or was skipped because this target is not affected.
    PassedFor(&'static str, &'static str),
    /// It succeeded, or was skipped because no public name is to move.
    PassedForFlips(&'static str),
    /// It succeeded, or was skipped because nothing is affected.
    PassedForAny(&'static str),
    /// This target is affected.
    Affected(&'static str),
    /// Some target is.
    Any,
    /// Some public name is to move.
    Flips,
}

use Gate::{Affected, Any, Flips, Passed, PassedFor, PassedForAny, PassedForFlips};

const API: Gate = PassedFor("api", "api");
const WORKERS: Gate = PassedFor("workers", "workers");
const DASHBOARD: Gate = PassedFor("dashboard", "dashboard");
const OPERATIONS: Gate = PassedFor("operations", "operations");
const SCHEMA: Gate = Passed("schema-merge");
const HEARTBEAT: Gate = PassedFor("heartbeat", "workers");

const fn rule(job: &'static str, gates: &'static [Gate]) -> Rule {
    Rule { job, gates }
}

/// Of `deploy-prod.yml`.
pub(super) const PRODUCTION: &[Rule] = &[
    rule("approval", &[]),
    rule("marker", &[Passed("approval")]),
    rule("changes", &[Passed("marker")]),
    rule("schema-rehearse", &[Passed("marker"), Passed("changes"), Any]),
    rule("schema-merge", &[Passed("marker"), Passed("changes"), Passed("schema-rehearse"), Any]),
    rule("generation", &[Passed("marker"), Passed("changes"), Passed("schema-merge"), Any]),
    rule("api", &[Passed("marker"), Passed("changes"), SCHEMA, Passed("generation"), Affected("api")]),
    rule("workers", &[Passed("marker"), Passed("changes"), Passed("generation"), Affected("workers")]),
    rule(
        "dashboard",
        &[Passed("marker"), Passed("changes"), SCHEMA, Passed("generation"), Affected("dashboard")],
    ),
    rule(
        "operations",
        &[Passed("marker"), Passed("changes"), SCHEMA, Passed("generation"), Affected("operations")],
    ),
    rule(
        "heartbeat",
        &[Passed("marker"), Passed("changes"), Passed("generation"), Passed("workers"), Affected("workers")],
    ),
    rule(
        "blue-quiet",
        &[
            Passed("marker"),
            Passed("changes"),
            Flips,
            Passed("schema-rehearse"),
            SCHEMA,
            Passed("generation"),
            API,
            WORKERS,
            DASHBOARD,
            OPERATIONS,
            HEARTBEAT,
        ],
    ),
    rule(
        "flip",
        &[
            Passed("approval"),
            Passed("marker"),
            Passed("changes"),
            Flips,
            Passed("schema-rehearse"),
            SCHEMA,
            Passed("generation"),
            API,
            WORKERS,
            DASHBOARD,
            OPERATIONS,
            HEARTBEAT,
            Passed("blue-quiet"),
        ],
    ),
    rule("confirm", &[Passed("flip")]),
    rule(
        "docs-user",
        &[
            Passed("marker"),
            Passed("changes"),
            Passed("generation"),
            Affected("docs-user"),
            PassedForFlips("confirm"),
        ],
    ),
    rule(
        "docs-codex",
        &[
            Passed("marker"),
            Passed("changes"),
            Passed("generation"),
            Affected("docs-codex"),
            PassedForFlips("confirm"),
        ],
    ),
    rule(
        "recorded",
        &[
            Passed("marker"),
            Passed("changes"),
            PassedForAny("generation"),
            PassedForFlips("confirm"),
            PassedFor("docs-user", "docs-user"),
            PassedFor("docs-codex", "docs-codex"),
        ],
    ),
];

/// Of `deploy-staging.yml`.
pub(super) const STAGING: &[Rule] = &[
    rule("changes", &[]),
    rule("generation", &[Passed("changes"), Any]),
    rule("api", &[Passed("changes"), Passed("generation"), Affected("api")]),
    rule("workers", &[Passed("changes"), Passed("generation"), Affected("workers")]),
    rule("dashboard", &[Passed("changes"), Passed("generation"), Affected("dashboard")]),
    rule("operations", &[Passed("changes"), Passed("generation"), Affected("operations")]),
    rule("docs-user", &[Passed("changes"), Passed("generation"), Affected("docs-user")]),
    rule("docs-codex", &[Passed("changes"), Passed("generation"), Affected("docs-codex")]),
    rule(
        "marker",
        &[
            Passed("changes"),
            PassedForAny("generation"),
            API,
            WORKERS,
            DASHBOARD,
            OPERATIONS,
            PassedFor("docs-user", "docs-user"),
            PassedFor("docs-codex", "docs-codex"),
        ],
    ),
];

impl Rule {
    /// Whether the job may start: every gate is open, and nobody cancelled the run.
    pub(super) fn allows(
        &self,
        affected: &[&str],
        cancelled: bool,
        result: &dyn Fn(&str) -> Option<Conclusion>,
    ) -> bool {
        !cancelled && self.gates.iter().all(|gate| gate.is_open(affected, result))
    }

    /// The jobs among its gates.
    pub(super) fn jobs(&self) -> Vec<&'static str> {
        self.gates.iter().filter_map(|gate| gate.job()).collect()
    }
}

impl Gate {
    fn job(&self) -> Option<&'static str> {
        match self {
            Passed(job) | PassedFor(job, _) | PassedForFlips(job) | PassedForAny(job) => Some(job),
            Affected(_) | Any | Flips => None,
        }
    }

    fn is_open(&self, affected: &[&str], result: &dyn Fn(&str) -> Option<Conclusion>) -> bool {
        let passed = |job: &str| result(job) == Some(Conclusion::Success);
        let skipped = |job: &str| result(job) == Some(Conclusion::Skipped);
        let no_flips = super::flips(affected).is_empty();
        match self {
            Passed(job) => passed(job),
            PassedFor(job, target) => passed(job) || skipped(job) && !affected.contains(target),
            PassedForFlips(job) => passed(job) || skipped(job) && no_flips,
            PassedForAny(job) => passed(job) || skipped(job) && affected.is_empty(),
            Affected(target) => affected.contains(target),
            Any => !affected.is_empty(),
            Flips => !no_flips,
        }
    }
}
