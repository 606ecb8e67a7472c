//! Unfinished flips: this run's own, another run's, put back, and troubles of the ledger.

use rehearsal::postgres::{PASSWORD, Postgres};

use crate::world::{ALL, Report, World, run};

const API: &str = r#"["api","workers"]"#;

/// Where the api's names pointed before the flip.
const PREVIOUS: &str =
    r#"{"api.example.com":"api-blue.onrender.com","www.example.com":"api-blue.onrender.com"}"#;

const BLUE: [(&str, &str); 2] =
    [("api.example.com", "api-blue.onrender.com"), ("www.example.com", "api-blue.onrender.com")];
const GREEN: [(&str, &str); 2] =
    [("api.example.com", "api-green.onrender.com"), ("www.example.com", "api-green.onrender.com")];
const HALF: [(&str, &str); 2] =
    [("api.example.com", "api-green.onrender.com"), ("www.example.com", "api-blue.onrender.com")];

/// A ledger in which run 7001 announced generation 1, and then this.
fn ledger(then: &str) -> Postgres {
    let postgres = Postgres::with_ledger().unwrap();
    let sql = format!(
        "insert into core.deployments (reference, tag, sha, targets, run_id, intent_at, previous_cnames)
         values ('refs/tags/prod-1', 'prod-1', repeat('a', 40), '{{api,workers}}', 7001, now(), '{PREVIOUS}'); {then}"
    );
    postgres.execute(&sql).unwrap();
    postgres
}

fn look(world: &World, postgres: &Postgres, run_id: &str) -> Report {
    run(world.look(API).variable("DATABASE_URL", postgres.dsn()).with("run-id", run_id).canary(PASSWORD))
}

#[test]
fn a_rerun_of_the_run_that_flips_has_the_roles_of_before() {
    let postgres = ledger("");
    // Before any name moved, half way, and with all of them moved.
    for names in [BLUE, HALF, GREEN] {
        let world = World::pointing(&names);
        let report = look(&world, &postgres, "7001");
        report.success();
        assert_eq!(
            report.output("records"),
            "api.example.com api-green.onrender.com\nwww.example.com api-green.onrender.com",
            "{names:?}"
        );
        assert_eq!(report.output("live-services"), "srv-apiblue\nsrv-workersblue");
        assert!(!report.warned("DATABASE_URL"));
    }
    // The runner's own id is taken when none is given.
    let world = World::pointing(&GREEN);
    let report = run(world.look(API).variable("DATABASE_URL", postgres.dsn()));
    assert_eq!(report.success().output("live-services"), "srv-apiblue\nsrv-workersblue");
}

#[test]
fn a_rerun_believes_no_name_that_went_elsewhere() {
    let postgres = ledger("");
    let world = World::pointing(&[("api.example.com", "old.herokuapp.com"), BLUE[1]]);
    look(&world, &postgres, "7001").assert((1, "refused"), "api.example.com points at old.herokuapp.com");
}

#[test]
fn the_unfinished_flip_of_another_run_is_stale_and_says_how_to_finish_or_undo_it() {
    let postgres = ledger("");
    for names in [HALF, GREEN] {
        let world = World::pointing(&names);
        let report = look(&world, &postgres, "7002");
        report.assert((6, "stale"), "the flip of generation 1 (run 7001) is unfinished: api.example.com points at api-green.onrender.com, before it at api-blue.onrender.com");
        let error = report.0.error();
        for told in [
            "hint: to finish it: re-run the failed jobs of run 7001, https://github.com/acme/app/actions/runs/7001",
            &format!(
                "hint: to undo it: cname-flip --mode restore --zone-id $'{}' --previous $'api.example.com api-blue.onrender.com\\nwww.example.com api-blue.onrender.com'",
                world.zone
            ),
            "hint: and then: cutover-record --mode rolled-back --generation 1",
        ] {
            assert!(error.contains(told), "{told}: {error}");
        }
        assert!(report.0.summary.contains("*Re-run failed jobs* of run 7001"), "{}", report.0.summary);
    }
    // The servers that the flip asks are those that its way back asks.
    let world = World::pointing(&GREEN);
    let job = world.look(API).variable("DATABASE_URL", postgres.dsn()).with("nameserver", "192.0.2.1");
    let report = run(job.with("run-id", "7002"));
    report.assert((6, "stale"), "is unfinished");
    let asked = "api-blue.onrender.com' --nameserver=$'192.0.2.1'\n";
    assert!(report.0.summary.contains(asked), "{}", report.0.summary);
    // Without any id of a run, no flip is our own.
    let world = World::pointing(&GREEN);
    let report = run(world.look(API).variable("DATABASE_URL", postgres.dsn()).variable("GITHUB_RUN_ID", ""));
    report.assert((6, "stale"), "is unfinished");
}

#[test]
fn a_flip_of_another_run_whose_names_are_where_they_were_hinders_nobody() {
    let world = World::pointing(&BLUE);
    let report = look(&world, &ledger(""), "7002");
    assert_eq!(report.success().output("live-services"), "srv-apiblue\nsrv-workersblue");
    assert!(report.warned("run 7001 announced the flip of generation 1, and its names are where they were"));
    // One that names nothing says nothing about names.
    let nameless = ledger("update core.deployments set previous_cnames = '{}'");
    look(&world, &nameless, "7002")
        .assert((6, "stale"), "the ledger does not say which names it was to move");
}

#[test]
fn a_flip_that_this_run_cannot_close_is_stale_before_anything_is_deployed() {
    // Its names stayed, and one of them is not of this run.
    let wider = r#"update core.deployments set targets = '{api,workers,dashboard}',
        previous_cnames = previous_cnames || '{"app.example.com":"dash-green.onrender.com"}'"#;
    let (world, postgres) = (World::new(), ledger(wider));
    let report = look(&world, &postgres, "7002");
    report.assert((6, "stale"), "the flip of generation 1 (run 7001) is unfinished; its names are where they were before it, and this run does not move all of them: app.example.com");
    let line = "cutover-record --mode rolled-back --generation 1";
    let told = format!("hint: close it, then run this one again: {line}");
    assert!(report.0.error().contains(&told), "{}", report.0.error());
    // A run that moves them all closes it with its intent.
    let whole = run(world.look(ALL).variable("DATABASE_URL", postgres.dsn()).with("run-id", "7002"));
    assert!(whole.success().warned("its names are where they were"));
}

#[test]
fn finished_and_undone_flips_are_no_matter() {
    for then in ["cut_over_at", "rolled_back_at"] {
        let postgres = ledger(&format!("update core.deployments set {then} = now()"));
        let world = World::pointing(&GREEN);
        let report = look(&world, &postgres, "7002");
        assert_eq!(report.success().output("live-services"), "srv-apigreen\nsrv-workersgreen");
    }
    // Names that disagree although nothing is unfinished: somebody moved one by hand.
    let world = World::pointing(&HALF);
    let postgres = ledger("update core.deployments set cut_over_at = now()");
    look(&world, &postgres, "7002").assert((6, "stale"), "disagree");
}

#[test]
fn names_of_an_unknown_form_are_stale() {
    let postgres = ledger(r#"update core.deployments set previous_cnames = '["a"]'"#);
    look(&World::pointing(&BLUE), &postgres, "7002")
        .assert((6, "stale"), "previous names of an unknown form");
}

#[test]
fn a_ledger_that_cannot_be_asked_is_never_passed_over() {
    let world = World::pointing(&BLUE);
    let missing = Postgres::start().unwrap();
    assert_ne!(look(&world, &missing, "7002").end(), (0, "success"));
    for dsn in [
        "postgresql://u:[YOUR-PASSWORD]@127.0.0.1:5432/x",
        "mysql://u:p@h/x",
        "postgresql://u:p@127.0.0.1:1/x?sslmode=disable",
    ] {
        let report = run(world.look(API).variable("DATABASE_URL", dsn));
        assert!(report.end().0 != 0 && !report.0.error().is_empty(), "{dsn}: {:?}", report.end());
        assert!(!report.0.outputs.contains_key("flips"));
    }
}
