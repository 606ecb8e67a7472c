//! Everything that a job and a person read: outputs, summaries, errors.

use rehearsal::fault::{Answer, What, When};
use rehearsal::in_process::Run;
use rehearsal::origins::Behaviour;
use rehearsal::twins::render::{End, NewService, Plan, ServiceType};

use crate::world::{NAME, World};

/// All of it, with names for what differs from run to run.
fn told(world: &World, run: &Run) -> String {
    let outputs = run.outputs.iter().map(|(name, value)| format!("{name}={value}\n")).collect::<String>();
    let mut text = format!("{outputs}\n{}\n{}", run.summary, run.error());
    let service = run.output("service-id").to_owned();
    let names = [
        (world.commit.as_str(), "(commit)"),
        (service.as_str(), "(service)"),
        (run.output("deploy-id"), "(deploy)"),
        (world.model.as_str(), "(model)"),
        (world.group.as_str(), "(group)"),
    ];
    for (found, name) in names.into_iter().filter(|(found, _)| !found.is_empty()) {
        text = text.replace(found, name);
    }
    text.trim_end().to_owned()
}

#[test]
fn a_reading() {
    let world = World::new();
    let run = world.run(&[("mode", "read".to_owned()), ("target-generation", "2".to_owned())]);
    insta::assert_snapshot!(told(&world, &run), @r"
    commit=(commit)
    found=4
    reference=refs/tags/prod-2
    result=success

    ### legacy-drain

    | What |  |
    | --- | --- |
    | Generation | 2 |
    | Reference | <code>refs/tags/prod-2</code> |
    | Commit | <code>(commit)</code> |
    | Left | 3 rows pending and 1 in flight |
    ");
}

#[test]
fn a_drain_that_is_planned_and_one_that_is_done() {
    let world = World::new();
    insta::assert_snapshot!(told(&world, &world.drain_with(&[("dry-run", "true"), ("cooling", "30s")])), @r"
    commit=(commit)
    found=4
    reference=refs/tags/prod-2
    result=planned

    ### Dry run: nothing was changed

    | What | Now | Would become |
    | --- | --- | --- |
    | service workers-drain-gen-2 | <code>not there</code> | <code>created like (model), its first deploy cancelled</code> |
    | env group (group) | <code>as it is</code> | <code>linked to workers-drain-gen-2</code> |
    | variable HANDLER\_MAX of workers-drain-gen-2 | <code>as it is</code> | <code>the given value</code> |
    | variable SPECTRAL\_GENERATION of workers-drain-gen-2 | <code>as it is</code> | <code>the given value</code> |
    | variable SPECTRAL\_DRAIN\_AND\_EXIT of workers-drain-gen-2 | <code>as it is</code> | <code>the given value</code> |
    | variable SPECTRAL\_DRAIN\_COOLING\_SECONDS of workers-drain-gen-2 | <code>as it is</code> | <code>the given value</code> |
    | deploy of workers-drain-gen-2 | <code>as it is</code> | <code>commit (commit)</code> |
    | generation 2 (prod-2) | <code>3 rows pending and 1 in flight</code> | <code>drained</code> |
    | service workers-drain-gen-2 | <code>up</code> | <code>deleted</code> |
    ");
    insta::assert_snapshot!(told(&world, &world.drain()), @r"
    commit=(commit)
    deploy-id=(deploy)
    found=4
    reference=refs/tags/prod-2
    result=success
    service-id=(service)
    signal=log

    ### legacy-drain

    | What |  |
    | --- | --- |
    | Service | (service) (workers-drain-gen-2) |
    | Ships | <code>commit (commit)</code> |
    | Deploy | [<code>(deploy)</code>](https://dashboard.render.com/worker/(service)/deploys/(deploy)), begun by this run |
    | Status | <code>live</code> |
    | Took | 1s |
    | Variables changed | <code>HANDLER\_MAX</code>, <code>SPECTRAL\_GENERATION</code>, <code>SPECTRAL\_DRAIN\_AND\_EXIT</code> |

    ### legacy-drain

    | What |  |
    | --- | --- |
    | Generation | 2 |
    | Reference | <code>refs/tags/prod-2</code> |
    | Commit | <code>(commit)</code> |
    | Drained | 3 rows pending, 1 in flight |
    | Known because | the worker has said that it is done |
    | Service | (service) (workers-drain-gen-2), deleted |
    ");
    insta::assert_snapshot!(told(&world, &world.drain()), @r"
    commit=(commit)
    found=0
    reference=refs/tags/prod-2
    result=unchanged

    ### legacy-drain

    | What |  |
    | --- | --- |
    | Generation | 2 |
    | Reference | <code>refs/tags/prod-2</code> |
    | Commit | <code>(commit)</code> |
    | Drained | nothing was left |
    ");
}

#[test]
fn one_that_does_not_end() {
    let world = World::new();
    world.kill_at("PUT /v1/services/{id}/env-vars/{key}", 1);
    world.workers.set_behaviour(&world.temporary().unwrap(), Behaviour::Silent);
    let run = world.drain_with(&[("timeout", "10m")]);
    let error = told(&world, &run);
    let looks = error.split(" looks").next().and_then(|text| text.rsplit(' ').next()).unwrap_or_default();
    insta::assert_snapshot!(error.replace(&format!("{looks} looks"), "(some) looks"), @r#"
    commit=(commit)
    deploy-id=(deploy)
    found=4
    reference=refs/tags/prod-2
    result=timed-out
    service-id=(service)

    ### legacy-drain

    | What |  |
    | --- | --- |
    | Service | (service) (workers-drain-gen-2) |
    | Ships | <code>commit (commit)</code> |
    | Deploy | [<code>(deploy)</code>](https://dashboard.render.com/worker/(service)/deploys/(deploy)), begun by this run |
    | Status | <code>live</code> |
    | Took | 1s |
    | Variables changed | <code>HANDLER\_MAX</code>, <code>SPECTRAL\_GENERATION</code>, <code>SPECTRAL\_DRAIN\_AND\_EXIT</code> |

    ### legacy-drain timed-out

    generation 2 is not drained: gave up after 9m 59s and (some) looks; last seen: 3 rows pending and 1 in flight

    - look at the log of workers-drain-gen-2 (https://dashboard.render.com/worker/(service))
    - rows in flight of a worker that died come free after their claim's time to live
    - the temporary service (service) stays: run again to go on with it, or delete it once core.outbox has nothing of its generation: \`curl -X DELETE -H "Authorization: Bearer $RENDER\_API\_KEY" https://api.render.com/v1/services/(service)\`

    generation 2 is not drained: gave up after 9m 59s and (some) looks; last seen: 3 rows pending and 1 in flight
    hint: look at the log of workers-drain-gen-2 (https://dashboard.render.com/worker/(service))
    hint: rows in flight of a worker that died come free after their claim's time to live
    hint: the temporary service (service) stays: run again to go on with it, or delete it once core.outbox has nothing of its generation: `curl -X DELETE -H "Authorization: Bearer $RENDER_API_KEY" https://api.render.com/v1/services/(service)`
    "#);
}

#[test]
fn one_whose_build_fails() {
    let world = World::new();
    world.kill_at("PUT /v1/services/{id}/env-vars/{key}", 1);
    world.plan([Plan::live().end(End::BuildFailed)]);
    let run = world.drain();
    insta::assert_snapshot!(told(&world, &run), @r#"
    commit=(commit)
    deploy-id=(deploy)
    found=4
    reference=refs/tags/prod-2
    result=failed
    service-id=(service)

    ### legacy-drain

    | What |  |
    | --- | --- |
    | Service | (service) (workers-drain-gen-2) |
    | Ships | <code>commit (commit)</code> |
    | Deploy | [<code>(deploy)</code>](https://dashboard.render.com/worker/(service)/deploys/(deploy)), begun by this run |
    | Status | <code>build\_failed</code> |
    | Took | 1s |
    | Variables changed | <code>HANDLER\_MAX</code>, <code>SPECTRAL\_GENERATION</code>, <code>SPECTRAL\_DRAIN\_AND\_EXIT</code> |

    The last 3 lines of the log:

    ```text
    ==> Cloning from https://github.com/acme/app
    ==> Checking out commit (commit) in branch main
    ==> Build failed
    ```

    ### legacy-drain failed

    deploy (deploy) of (service) (workers-drain-gen-2) ended as build\_failed after 1s

    - the last 3 log lines are in the job summary
    - see the deploy's own page (https://dashboard.render.com/worker/(service)/deploys/(deploy))
    - what served before still serves; nothing visible changed
    - variables that stay as written: HANDLER\_MAX, SPECTRAL\_GENERATION, SPECTRAL\_DRAIN\_AND\_EXIT; they take effect at the next deploy, and GREENROOM\_PENDING stands beside them until a run succeeds
    - the temporary service (service) stays: run again to go on with it, or delete it once core.outbox has nothing of its generation: \`curl -X DELETE -H "Authorization: Bearer $RENDER\_API\_KEY" https://api.render.com/v1/services/(service)\`

    deploy (deploy) of (service) (workers-drain-gen-2) ended as build_failed after 1s
    hint: the last 3 log lines are in the job summary
    hint: see the deploy's own page (https://dashboard.render.com/worker/(service)/deploys/(deploy))
    hint: what served before still serves; nothing visible changed
    hint: variables that stay as written: HANDLER_MAX, SPECTRAL_GENERATION, SPECTRAL_DRAIN_AND_EXIT; they take effect at the next deploy, and GREENROOM_PENDING stands beside them until a run succeeds
    hint: the temporary service (service) stays: run again to go on with it, or delete it once core.outbox has nothing of its generation: `curl -X DELETE -H "Authorization: Bearer $RENDER_API_KEY" https://api.render.com/v1/services/(service)`
    "#);
}

#[test]
fn one_whose_service_cannot_be_deleted() {
    let world = World::new();
    let denied = What::Answer(Answer::json(403, r#"{"message":"forbidden"}"#));
    world.faults().on("DELETE /v1/services/{id}", When::Always, denied);
    let run = world.drain();
    insta::assert_snapshot!(told(&world, &run).replace(&world.server.base_url(), "(api)"), @r#"
    commit=(commit)
    deploy-id=(deploy)
    found=4
    reference=refs/tags/prod-2
    result=denied
    service-id=(service)
    signal=log

    ### legacy-drain

    | What |  |
    | --- | --- |
    | Service | (service) (workers-drain-gen-2) |
    | Ships | <code>commit (commit)</code> |
    | Deploy | [<code>(deploy)</code>](https://dashboard.render.com/worker/(service)/deploys/(deploy)), begun by this run |
    | Status | <code>live</code> |
    | Took | 1s |
    | Variables changed | <code>HANDLER\_MAX</code>, <code>SPECTRAL\_GENERATION</code>, <code>SPECTRAL\_DRAIN\_AND\_EXIT</code> |

    ### legacy-drain denied

    delete (service) (workers-drain-gen-2): DELETE (api)/v1/services/(service): 403, forbidden

    - the credential is valid but lacks a right that this needs
    - generation 2 (prod-2) is drained
    - the temporary service (service) is left over: run again to delete it, or \`curl -X DELETE -H "Authorization: Bearer $RENDER\_API\_KEY" https://api.render.com/v1/services/(service)\`

    delete (service) (workers-drain-gen-2): DELETE (api)/v1/services/(service): 403, forbidden
    hint: the credential is valid but lacks a right that this needs
    hint: generation 2 (prod-2) is drained
    hint: the temporary service (service) is left over: run again to delete it, or `curl -X DELETE -H "Authorization: Bearer $RENDER_API_KEY" https://api.render.com/v1/services/(service)`
    "#);
}

#[test]
fn what_is_refused() {
    let world = World::new();
    let told = |differing: &[(&'static str, &str)]| told(&world, &world.drain_with(differing));
    insta::assert_snapshot!(told(&[("target-generation", "9")]), @r"
    result=stale

    ### legacy-drain stale

    the ledger has no generation 9

    - check \`target-generation\`, and that DATABASE\_URL leads to production's database
    - numbers may have gaps: a number is spent even if its run was killed

    the ledger has no generation 9
    hint: check `target-generation`, and that DATABASE_URL leads to production's database
    hint: numbers may have gaps: a number is spent even if its run was killed
    ");
    insta::assert_snapshot!(told(&[("target-generation", "3")]), @r"
    result=stale

    ### legacy-drain stale

    generation 3 still serves workers

    - its own workers do its work; there is nothing to drain
    - a generation is drained after a newer one was cut over, or after it was rolled back

    generation 3 still serves workers
    hint: its own workers do its work; there is nothing to drain
    hint: a generation is drained after a newer one was cut over, or after it was rolled back
    ");
    let beat = "update core.workers set last_heartbeat = now() - interval '20 seconds' where generation = 2";
    world.postgres.execute(beat).unwrap();
    insta::assert_snapshot!(told(&[]), @r"
    commit=(commit)
    found=4
    reference=refs/tags/prod-2
    result=stale

    ### legacy-drain stale

    workers of generation 2 are running: workers-green-old

    - they do its work themselves: wait until core.outbox has nothing of it, or until they are stopped
    - during the hold, what served before keeps its workers

    workers of generation 2 are running: workers-green-old
    hint: they do its work themselves: wait until core.outbox has nothing of it, or until they are stopped
    hint: during the hold, what served before keeps its workers
    ");
    world.postgres.execute("update core.workers set state = 'stopped'").unwrap();
    let web = world.twin.add_service(&NewService::web("api"));
    insta::assert_snapshot!(told(&[("model-service", &web)]).replace(&web, "(web)"), @r"
    commit=(commit)
    found=4
    reference=refs/tags/prod-2
    result=refused

    ### legacy-drain refused

    (web) (api) is a web\_service, no background worker

    - \`model-service\` is either colour of the workers

    (web) (api) is a web_service, no background worker
    hint: `model-service` is either colour of the workers
    ");
    let first = world.twin.add_service(&NewService::web(NAME));
    insta::assert_snapshot!(told(&[]).replace(&first, "(first)"), @r"
    commit=(commit)
    found=4
    reference=refs/tags/prod-2
    result=stale

    ### legacy-drain stale

    (first) (workers-drain-gen-2) is not what an earlier run would have made: a background worker of https://github.com/acme/app

    - rename it or delete it on dashboard.render.com, then run again

    (first) (workers-drain-gen-2) is not what an earlier run would have made: a background worker of https://github.com/acme/app
    hint: rename it or delete it on dashboard.render.com, then run again
    ");
    let second = world.twin.add_service(&NewService::new(NAME, ServiceType::Worker));
    insta::assert_snapshot!(told(&[]).replace(&first, "(first)").replace(&second, "(second)"), @r"
    commit=(commit)
    found=4
    reference=refs/tags/prod-2
    result=stale

    ### legacy-drain stale

    2 services are called workers-drain-gen-2: (second), (first)

    - delete all but one on dashboard.render.com, then run again

    2 services are called workers-drain-gen-2: (second), (first)
    hint: delete all but one on dashboard.render.com, then run again
    ");
}
