//! What goes wrong, and what errors show.

use std::time::Duration;

use rehearsal::fault::{Answer, Garble, What, When};

use crate::world::{World, id};

#[test]
fn an_answer_with_a_password_is_never_quoted() {
    let body = r#"{"db_pass":["hunter2"],"ref":5}"#;
    for what in [
        What::Garble(Garble::Bytes(body.into())),
        What::Answer(Answer::text(200, body)),
        What::Answer(Answer::json(400, r#"{"message":"no branch with the password hunter2"}"#)),
    ] {
        let world = World::new();
        let branch = world.twin.add_persistent_branch(&world.production, "staging").unwrap();
        for route in ["GET /v1/branches/{branch}", "GET /v1/projects/{ref}/config/database/pooler"] {
            world.server.faults().on(route, When::Always, what.clone());
        }
        world.with(async move |client, _| {
            for error in [
                client.branch_config(&id(&branch)).await.unwrap_err(),
                client.poolers(&id(&branch)).await.unwrap_err(),
            ] {
                assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
            }
        });
    }
}

#[test]
fn a_rate_limit_is_waited_out_and_a_wrong_token_is_not_tried_again() {
    let world = World::new();
    world.twin.set_limit(Some(2));
    let (project, clock) = (id(&world.production), world.clock.clone());
    world.with(async move |client, _| {
        for _ in 0..3 {
            client.branches(&project).await.unwrap();
        }
        assert_eq!(clock.slept(), [Duration::from_secs(60)]);
    });
    let project = id(&world.production);
    world.twin.set_token("sbp_another");
    world.with(async move |client, _| {
        let refused = client.branches(&project).await.unwrap_err();
        assert!(matches!(&refused, http::Error::Refused { status: 401, error, .. } if error.message == "Unauthorized"));
    });
    assert_eq!(world.server.journal().count("GET /v1/projects/{ref}/branches"), 5);
}

#[test]
fn sql_that_only_reads_is_repeated_and_other_sql_is_not() {
    let world = World::new();
    let query = "POST /v1/projects/{ref}/database/query";
    for route in [query, "POST /v1/projects/{ref}/database/query/read-only"] {
        world.server.faults().on(route, When::First(1), What::ApplyThenLose);
    }
    let project = id(&world.production);
    world.with(async move |client, permit| {
        let lost = client.execute(&project, "create table t (a int)", &[], &permit).await.unwrap_err();
        assert_eq!(lost.outcome(), http::Outcome::Unknown);
        let found = client.read(&project, "select to_regclass('public.t')::text as t", &[]).await.unwrap();
        assert_eq!(found[0]["t"], "public.t", "it was carried out");
    });
    assert_eq!(world.server.journal().count(query), 1);
}
