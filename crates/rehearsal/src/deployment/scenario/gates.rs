//! What is said no to before anything has begun: the marker, the hold, the ledger.

use anyhow::Result;

use crate::estate::Estate;
use crate::workflow_run::{Conclusion, Service};

use super::act::{ACT, Act, Commit, Marker, Promise, Start};
use super::{SCENARIO, Scenario, dashboard};

/// Every rehearsal of this kind.
pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "marker-absent",
        title: "Production: commits that staging did not pass",
        about: "Four tags: somebody else marked the commit, staging failed since, the commit is beside main, \
                staging never marked it. Then staging passes the last one, and its run goes on.",
        expected: "Each run ends at the marker and begins nothing; the last one goes through when it is run again, \
                   and no request fails.",
        acts: &[
            refused(
                "prod-2",
                Commit::New,
                Marker::Forged,
                &[("marker", "was not set by `github-actions[bot]`")],
            ),
            refused(
                "prod-3",
                Commit::New,
                Marker::Superseded,
                &[("marker", "an older success does not count any more")],
            ),
            refused(
                "prod-4",
                Commit::Beside,
                Marker::Passed,
                &[("marker", "only what is on `main` goes to production")],
            ),
            refused(
                "prod-5",
                Commit::New,
                Marker::AsItIs,
                &[
                    ("marker", "has no status `staging-success`"),
                    ("marker", "deploy this very commit to staging first"),
                ],
            ),
            Act { start: Start::FailedJobs { of: 3 }, ..dashboard::CUTOVER },
        ],
        ..SCENARIO
    },
    Scenario {
        name: "hold",
        title: "Production: a cutover while the last one is held",
        about: "The last cutover is an hour old and work of an older generation is left; then that is done.",
        expected: "The first tag is refused; the second goes through and says that it ends the way back.",
        acts: &[
            Act {
                before: leave_old_work,
                promise: Promise {
                    conclusion: Conclusion::Failure,
                    failing: Some(("changes", 1)),
                    succeeding: &["approval", "marker"],
                    results: &[("changes", "refused")],
                    says: &[
                        ("changes", "generations below it still have work: 1 pending"),
                        ("changes", "nothing has been deployed; what serves is untouched"),
                    ],
                    ..ACT.promise
                },
                changes: &["dashboard"],
                tag: "prod-2",
                ..ACT
            },
            Act {
                before: finish_old_work,
                promise: Promise {
                    ledger: &["cut over", "cut over"],
                    says: &[("changes", "this ends the class-2 way back of generation 41")],
                    ..dashboard::CUTOVER.promise
                },
                ..dashboard::SECOND_TAG
            },
        ],
        ..SCENARIO
    },
    Scenario {
        name: "generation-fails",
        title: "Production: the ledger cannot be written",
        about: "The role of the workflow has lost its right to insert into core.deployments; then it gets it back.",
        expected: "The run ends at the generation, without a row and without a deploy, and goes through when its \
                   failed jobs are run again; no request fails.",
        acts: &[
            Act {
                before: revoke_insert,
                promise: Promise {
                    conclusion: Conclusion::Failure,
                    failing: Some(("generation", 4)),
                    succeeding: &["approval", "marker", "changes", "schema-rehearse", "schema-merge"],
                    results: &[("generation", "denied")],
                    says: &[("generation", "grant select, insert, update on core.deployments")],
                    ..ACT.promise
                },
                ..dashboard::CUTOVER
            },
            Act { start: Start::FailedJobs { of: 0 }, before: grant_insert, ..dashboard::CUTOVER },
        ],
        ..SCENARIO
    },
];

const fn refused(
    tag: &'static str,
    commit: Commit,
    marker: Marker,
    says: &'static [(&'static str, &'static str)],
) -> Act {
    Act {
        commit,
        changes: &["dashboard"],
        marker,
        tag,
        promise: Promise {
            conclusion: Conclusion::Failure,
            failing: Some(("marker", 1)),
            succeeding: &["approval"],
            results: &[("marker", "refused")],
            says,
            ..ACT.promise
        },
        ..ACT
    }
}

/// The hold of what serves began an hour ago, and nobody works on what an older
/// generation has left.
fn leave_old_work(estate: &Estate, _: &Service) -> Result<()> {
    estate.production.postgres.execute(
        "update core.deployments set cut_over_at = now() - interval '1 hour', synced_at = null; \
         insert into core.outbox (generation, status) values (40, 'pending')",
    )
}

pub(super) fn finish_old_work(estate: &Estate, _: &Service) -> Result<()> {
    estate.production.postgres.execute("update core.outbox set status = 'done'")
}

/// The workflow logs in as a role that may do everything here but to insert.
fn revoke_insert(estate: &Estate, service: &Service) -> Result<()> {
    let postgres = &estate.production.postgres;
    postgres.execute(
        "create role deployer login; grant usage on schema core, supabase_migrations to deployer; \
         grant select, insert, update on all tables in schema core to deployer; \
         grant select on all tables in schema supabase_migrations to deployer; \
         revoke insert on core.deployments from deployer",
    )?;
    let dsn = postgres.dsn_of("deployer");
    service.change(|settings| {
        if let Some(production) = settings.environments.get_mut("production") {
            production.secrets.insert("DATABASE_URL".to_owned(), dsn);
        }
    });
    Ok(())
}

/// What the summary asks for.
fn grant_insert(estate: &Estate, _: &Service) -> Result<()> {
    estate.production.postgres.execute("grant select, insert, update on core.deployments to deployer")
}
