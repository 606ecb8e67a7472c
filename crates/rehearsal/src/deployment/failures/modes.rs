//! The thirteen ways in which operators get hurt, in the order in which a cutover comes by them.

use super::Row;
use crate::deployment::scenario::Place::{Production, Staging, Sync};

/// One way in which operators get hurt.
pub(super) struct Mode {
    /// What it is called.
    pub(super) name: &'static str,
    /// What goes wrong.
    pub(super) wrong: &'static str,
    /// The actions that guard against it, each with the job that runs it; no job for a check that is no part of a deploy.
    pub(super) guards: &'static [(&'static str, &'static str)],
    /// How they do.
    pub(super) guard: &'static str,
    /// Its rehearsals.
    pub(super) rows: &'static [Row],
    /// What the operator does next.
    pub(super) next: &'static str,
}

/// All of them.
pub(super) const MODES: &[Mode] = &[
    Mode {
        name: "forged or stale marker",
        wrong: "a tag on a commit that staging never passed, failed since, or that somebody else marked as passed",
        guards: &[("staging-marker", "marker")],
        guard: "only the newest status counts, only if the workflows' own token set it, and only for a commit on `main`",
        rows: &[(Production, "marker-absent"), (Staging, "build-fails")],
        next: "deploys this very commit to staging, then runs the failed jobs again",
    },
    Mode {
        name: "two tags at once",
        wrong: "a second cutover begins while the first is under way, or is cancelled while it waits",
        guards: &[("deployed-base", "changes"), ("color-resolve", "changes")],
        guard: "`concurrency` with `queue: max` lets one run at a time in, in order; each run looks at the world when its turn comes",
        rows: &[(Production, "mutex")],
        next: "nothing: each waits for its turn, and what is deployed already is not deployed again",
    },
    Mode {
        name: "branch ahead of the tag",
        wrong: "staging has migrations that the tag lacks, and a merge would bring them to production",
        guards: &[("schema-merge", "schema-merge")],
        guard: "it merges only if the branch would add exactly what the tag's files add",
        rows: &[(Production, "branch-ahead")],
        next: "tags a commit that has these migrations too",
    },
    Mode {
        name: "partial merge",
        wrong: "a merge stops half way, or its answer is lost: production has some of the migrations, and nobody knows which",
        guards: &[("schema-merge", "schema-merge")],
        guard: "it reads production's own table before and after, writes down what it expects, and refuses every later merge until \
                a person acknowledges exactly what was applied",
        rows: &[(Production, "partial-merge"), (Production, "merge-unanswered")],
        next: "looks at production, sets `SCHEMA_ACKNOWLEDGE` to what the summary lists, and runs the failed jobs again",
    },
    Mode {
        name: "cutover in the hold",
        wrong: "the next cutover, or the sync, takes the standby that is still the way back, or that old work still needs",
        guards: &[("hold-check", "changes"), ("blue-sync", "sync")],
        guard: "they ask the ledger for the hold and the outbox for the work of older generations",
        rows: &[(Production, "hold"), (Sync, "held"), (Sync, "older-work")],
        next: "waits for the hold or for the work, drains it, or goes on knowing that the way back ends: the summary says which",
    },
    Mode {
        name: "a 200 for nothing",
        wrong: "Render accepts a deploy, as a deploy hook does with its 200, and nothing is deployed, or the build fails later",
        guards: &[("render-deploy", "dashboard"), ("version-poll", "dashboard")],
        guard: "an answer proves nothing: the deploy is found, followed until it is live, and asked for its version",
        rows: &[(Production, "deploy-lost"), (Production, "build-fails"), (Production, "deploy-hangs")],
        next: "runs the failed jobs again, which takes up what is there by then; after a failed build pushes a new tag",
    },
    Mode {
        name: "version skew",
        wrong: "green is live with another commit, schema or generation, such as one out of an env group",
        guards: &[
            ("render-deploy", "dashboard"),
            ("version-poll", "dashboard"),
            ("version-poll", "confirm"),
            ("env-group-lint", ""),
        ],
        guard: "the generation is the service's own, which beats every group; all three are compared on green and again under the \
                public name",
        rows: &[
            (Production, "version-mismatch"),
            (Production, "group-generation"),
            (Production, "unverified"),
        ],
        next: "looks at green, mends it and pushes a new tag; after the flip takes the way back that the summary gives",
    },
    Mode {
        name: "absent workers",
        wrong: "the workers are live at Render and do no work",
        guards: &[("workers-heartbeat", "heartbeat"), ("workers-heartbeat", "confirm")],
        guard: "one of the new generation must have written its heartbeat within seconds, by the database's clock",
        rows: &[(Production, "heartbeat-absent")],
        next: "reads the workers' logs, mends them and pushes a new tag",
    },
    Mode {
        name: "env-group race, or another foreign deploy",
        wrong: "what serves is deployed right before the flip: by a change of its env group, by hand, or by an old run",
        guards: &[("blue-quiet", "blue-quiet"), ("cutover-record", "dashboard")],
        guard: "no live service may deploy by itself or have begun a deploy; the ledger and the names let no old run deploy onto what serves",
        rows: &[
            (Production, "env-group-race"),
            (Production, "blue-redeploys"),
            (Production, "stale-rerun"),
            (Production, "rolled-back-rerun"),
            (Production, "rolled-back-waiting"),
        ],
        next: "finds out who deployed, switches auto-deploy off, and runs the failed jobs again when blue is quiet; after an old run \
               pushes a new tag",
    },
    Mode {
        name: "late TTL",
        wrong: "resolvers keep the old answer for long after the flip, since the TTL was lowered late or not at all",
        guards: &[("cname-flip", "flip")],
        guard: "a name moves only if its TTL has been 60 seconds for two hours, by the record and by its own note there",
        rows: &[(Production, "late-ttl")],
        next: "sets the TTL to 60 and runs the failed jobs again two hours later",
    },
    Mode {
        name: "stalled certificate",
        wrong: "green's custom domain is not verified, or its certificate has not come: visitors would get a 404 or a failed handshake",
        guards: &[("cname-flip", "flip")],
        guard: "Render is asked whether the name is attached and verified, then green is asked under the public name, handshake \
                and all",
        rows: &[(Production, "stalled-certificate")],
        next: "verifies the domain at Render, waits for the certificate, and runs the failed jobs again",
    },
    Mode {
        name: "half flip",
        wrong: "some names move and others do not, or nobody knows whether they moved",
        guards: &[
            ("cutover-record", "flip"),
            ("cname-flip", "flip"),
            ("cutover-record", "confirm"),
            ("color-resolve", "changes"),
            ("rollback", "rollback"),
        ],
        guard: "the intent is written down first, all names move in one batch and are read back, what failed is put back; an \
                unfinished flip stops every later run, and one whose job may be at work is not recorded as undone",
        rows: &[
            (Production, "flip-fails"),
            (Production, "flip-again"),
            (Production, "flip-lost"),
            (Production, "flip-unseen"),
            (Production, "unverified"),
            (Production, "unverified-mended"),
            (Production, "flip-back-early"),
            (Production, "undone-too-early"),
        ],
        next: "runs the failed jobs again to finish it, or the lines of the summary to undo it",
    },
    Mode {
        name: "killed job",
        wrong: "a runner dies, or a job is killed, right after something has changed",
        guards: &[
            ("render-deploy", "dashboard"),
            ("schema-merge", "schema-merge"),
            ("cutover-record", "flip"),
        ],
        guard: "every step looks for what its earlier self began before it begins anything",
        rows: &[(Production, "killed")],
        next: "runs the failed jobs again",
    },
];
