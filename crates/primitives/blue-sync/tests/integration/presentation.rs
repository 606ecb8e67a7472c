//! Everything that a job and a person read: outputs, summaries, errors.

use rehearsal::in_process::Run;
use rehearsal::twins::render::{End, Plan};

use crate::world::{NEW, OLD, World};

/// All of it, with names for what differs from run to run.
fn told(world: &World, run: &Run) -> String {
    let outputs = run.outputs.iter().map(|(name, value)| format!("{name}={value}\n")).collect::<String>();
    let mut text = format!("{outputs}\n{}\n{}", run.summary, run.error());
    for name in ["api-blue", "workers-blue", "dashboard-blue"] {
        text = text.replace(&world.id(name), &format!("(id of {name})"));
    }
    text = text
        .replace(NEW, "(new)")
        .replace(OLD, "(old)")
        .replace(&NEW[..7], "(new)")
        .replace(&OLD[..7], "(old)");
    // Generations are cut over by the database's clock, which goes on.
    let hours = text.split(" runs for another ").nth(1).and_then(|rest| rest.split(['|', '\n']).next());
    if let Some(left) = hours.map(str::trim).map(str::to_owned) {
        text = text.replace(&left, "(time)");
    }
    text.trim_end().to_owned()
}

#[test]
fn a_sync_that_is_planned_done_and_not_due_again() {
    let world = World::new("25 hours");
    insta::assert_snapshot!(told(&world, &world.sync_with(&[("dry-run", "true")])), @r"
    generations=
    result=planned
    synced=[]

    ### blue-sync

    | Targets | Standing |
    | --- | --- |
    | <code>api</code>, <code>workers</code> | generation 2 (prod-2) is due |
    | <code>dashboard</code> | generation 2 (prod-2) is due |

    ### Dry run: nothing was changed

    | What | Now | Would become |
    | --- | --- | --- |
    | variable GREENROOM\_PENDING of api-blue | <code>not set</code> | <code>set first, removed once live</code> |
    | variable SPECTRAL\_GENERATION of api-blue | <code>another value</code> | <code>the given value</code> |
    | deploy of (id of api-blue) (api-blue) | <code>commit (old)</code> | <code>commit (new)</code> |
    | variable GREENROOM\_PENDING of dashboard-blue | <code>not set</code> | <code>set first, removed once live</code> |
    | variable SPECTRAL\_GENERATION of dashboard-blue | <code>another value</code> | <code>the given value</code> |
    | deploy of (id of dashboard-blue) (dashboard-blue) | <code>commit (old)</code> | <code>commit (new)</code> |
    | variable GREENROOM\_PENDING of workers-blue | <code>not set</code> | <code>set first, removed once live</code> |
    | variable SPECTRAL\_GENERATION of workers-blue | <code>another value</code> | <code>the given value</code> |
    | deploy of (id of workers-blue) (workers-blue) | <code>commit (old)</code> | <code>commit (new)</code> |
    | generation 2 (prod-2) | <code>not synced</code> | <code>synced</code> |
    ");
    insta::assert_snapshot!(told(&world, &world.sync()), @r#"
    generations=2
    result=success
    synced=["api","dashboard","workers"]

    ### blue-sync

    | Targets | Standing |
    | --- | --- |
    | <code>api</code>, <code>workers</code> | generation 2 (prod-2) is due |
    | <code>dashboard</code> | generation 2 (prod-2) is due |

    ### blue-sync

    | What |  |
    | --- | --- |
    | Service | (id of api-blue) (api-blue) |
    | Ships | <code>commit (new)</code> |
    | Deploy | [<code>dep-4je4fijpfl5pw1foypru</code>](https://dashboard.render.com/web/(id of api-blue)/deploys/dep-4je4fijpfl5pw1foypru), begun by this run |
    | Status | <code>live</code> |
    | Took | 1s |
    | Variables changed | <code>SPECTRAL\_GENERATION</code> |

    ### blue-sync

    | What |  |
    | --- | --- |
    | Service | (id of dashboard-blue) (dashboard-blue) |
    | Ships | <code>commit (new)</code> |
    | Deploy | [<code>dep-5a8sqfkqtk5pqz8m983s</code>](https://dashboard.render.com/web/(id of dashboard-blue)/deploys/dep-5a8sqfkqtk5pqz8m983s), begun by this run |
    | Status | <code>live</code> |
    | Took | 1s |
    | Variables changed | <code>SPECTRAL\_GENERATION</code> |

    ### blue-sync

    | What |  |
    | --- | --- |
    | Service | (id of workers-blue) (workers-blue) |
    | Ships | <code>commit (new)</code> |
    | Deploy | [<code>dep-c1nxlyj4xb0y2unxeavk</code>](https://dashboard.render.com/worker/(id of workers-blue)/deploys/dep-c1nxlyj4xb0y2unxeavk), begun by this run |
    | Status | <code>live</code> |
    | Took | 1s |
    | Variables changed | <code>SPECTRAL\_GENERATION</code> |

    Synced: api, dashboard, workers. From here on the way back is a redeploy (class 3).
    "#);
    insta::assert_snapshot!(told(&world, &world.sync()), @r"
    generations=
    result=unchanged
    synced=[]

    ### blue-sync

    | Targets | Standing |
    | --- | --- |
    | <code>api</code>, <code>workers</code> | generation 2 (prod-2) is synced |
    | <code>dashboard</code> | generation 2 (prod-2) is synced |
    ");
}

#[test]
fn one_that_fails_half_way() {
    let world = World::new("25 hours");
    let plan = Plan::live().end(End::BuildFailed);
    world.render.plan_deploys(&world.id("dashboard-blue"), [plan]).unwrap();
    let run = world.sync();
    insta::assert_snapshot!(told(&world, &run), @r#"
    generations=
    result=failed
    synced=["api"]

    ### blue-sync

    | Targets | Standing |
    | --- | --- |
    | <code>api</code>, <code>workers</code> | generation 2 (prod-2) is due |
    | <code>dashboard</code> | generation 2 (prod-2) is due |

    ### blue-sync

    | What |  |
    | --- | --- |
    | Service | (id of api-blue) (api-blue) |
    | Ships | <code>commit (new)</code> |
    | Deploy | [<code>dep-4je4fijpfl5pw1foypru</code>](https://dashboard.render.com/web/(id of api-blue)/deploys/dep-4je4fijpfl5pw1foypru), begun by this run |
    | Status | <code>live</code> |
    | Took | 1s |
    | Variables changed | <code>SPECTRAL\_GENERATION</code> |

    ### blue-sync

    | What |  |
    | --- | --- |
    | Service | (id of dashboard-blue) (dashboard-blue) |
    | Ships | <code>commit (new)</code> |
    | Deploy | [<code>dep-5a8sqfkqtk5pqz8m983s</code>](https://dashboard.render.com/web/(id of dashboard-blue)/deploys/dep-5a8sqfkqtk5pqz8m983s), begun by this run |
    | Status | <code>build\_failed</code> |
    | Took | 1s |
    | Variables changed | <code>SPECTRAL\_GENERATION</code> |

    The last 3 lines of the log:

    ```text
    ==> Cloning from https://github.com/acme/app
    ==> Checking out commit (new) in branch main
    ==> Build failed
    ```

    ### blue-sync failed

    deploy dep-5a8sqfkqtk5pqz8m983s of (id of dashboard-blue) (dashboard-blue) ended as build\_failed after 1s

    - the last 3 log lines are in the job summary
    - see the deploy's own page (https://dashboard.render.com/web/(id of dashboard-blue)/deploys/dep-5a8sqfkqtk5pqz8m983s)
    - what served before still serves; nothing visible changed
    - variables that stay as written: SPECTRAL\_GENERATION; they take effect at the next deploy, and GREENROOM\_PENDING stands beside them until a run succeeds
    - nothing is recorded yet: run again, and what is synced already is passed over

    deploy dep-5a8sqfkqtk5pqz8m983s of (id of dashboard-blue) (dashboard-blue) ended as build_failed after 1s
    hint: the last 3 log lines are in the job summary
    hint: see the deploy's own page (https://dashboard.render.com/web/(id of dashboard-blue)/deploys/dep-5a8sqfkqtk5pqz8m983s)
    hint: what served before still serves; nothing visible changed
    hint: variables that stay as written: SPECTRAL_GENERATION; they take effect at the next deploy, and GREENROOM_PENDING stands beside them until a run succeeds
    hint: nothing is recorded yet: run again, and what is synced already is passed over
    "#);
}

#[test]
fn what_is_not_due() {
    let told = |world: &World| told(world, &world.sync_with(&[("targets", r#"["api"]"#)]));
    insta::assert_snapshot!(told(&World::new("23 hours")), @r"
    result=stale

    ### blue-sync

    | Targets | Standing |
    | --- | --- |
    | <code>api</code>, <code>workers</code> | the hold of generation 2 (prod-2) runs for another (time) |
    | <code>dashboard</code> | the hold of generation 2 (prod-2) runs for another (time) |

    ### blue-sync stale

    api is not due: the hold of generation 2 (prod-2) runs for another (time)

    - what stands by is the way back until then; wait, or cut over again
    - nothing has been changed

    api is not due: the hold of generation 2 (prod-2) runs for another (time)
    hint: what stands by is the way back until then; wait, or cut over again
    hint: nothing has been changed
    ");
    let world = World::new("25 hours");
    world.sql("update core.deployments set rolled_back_at = now() where generation = 2");
    insta::assert_snapshot!(told(&world), @r"
    result=stale

    ### blue-sync

    | Targets | Standing |
    | --- | --- |
    | <code>api</code>, <code>workers</code> | generation 2 (prod-2) was rolled back |
    | <code>dashboard</code> | generation 2 (prod-2) was rolled back |

    ### blue-sync stale

    api is not due: generation 2 (prod-2) was rolled back

    - what stands by is what was rolled back; it stays until the next cutover replaces it
    - nothing has been changed

    api is not due: generation 2 (prod-2) was rolled back
    hint: what stands by is what was rolled back; it stays until the next cutover replaces it
    hint: nothing has been changed
    ");
    let world = World::new("25 hours");
    world.row(3, OLD, "{api,workers}", "1 minute");
    world.sql("update core.deployments set cut_over_at = null where generation = 3");
    insta::assert_snapshot!(told(&world), @r"
    result=stale

    ### blue-sync

    | Targets | Standing |
    | --- | --- |
    | <code>api</code>, <code>workers</code> | the flip of generation 3 (prod-3) by run 3 is unfinished |
    | <code>dashboard</code> | generation 2 (prod-2) is due |

    ### blue-sync stale

    api is not due: the flip of generation 3 (prod-3) by run 3 is unfinished

    - finish the flip or undo it first; color-resolve says how
    - nothing has been changed

    api is not due: the flip of generation 3 (prod-3) by run 3 is unfinished
    hint: finish the flip or undo it first; color-resolve says how
    hint: nothing has been changed
    ");
    world.sql("delete from core.deployments");
    insta::assert_snapshot!(told(&world), @r"
    result=stale

    ### blue-sync

    | Targets | Standing |
    | --- | --- |
    | <code>api</code>, <code>workers</code> | never cut over |
    | <code>dashboard</code> | never cut over |

    ### blue-sync stale

    api is not due: never cut over

    - a sync follows the hold of a cutover; there was none
    - nothing has been changed

    api is not due: never cut over
    hint: a sync follows the hold of a cutover; there was none
    hint: nothing has been changed
    ");
}

#[test]
fn what_is_in_the_way() {
    let world = World::new("25 hours");
    world.sql("insert into core.outbox (generation, status) values (1, 'pending'), (1, 'in_flight')");
    insta::assert_snapshot!(told(&world, &world.sync()), @r"
    generations=
    result=stale
    synced=[]

    ### blue-sync

    | Targets | Standing |
    | --- | --- |
    | <code>api</code>, <code>workers</code> | generation 2 (prod-2) is due |
    | <code>dashboard</code> | generation 2 (prod-2) is due |

    ### blue-sync stale

    generations below generation 2 (prod-2) still have work: 1 pending, 1 in flight

    - wait until core.outbox has no pending or in-flight rows below it, or drain them (legacy-drain)
    - nothing has been changed

    generations below generation 2 (prod-2) still have work: 1 pending, 1 in flight
    hint: wait until core.outbox has no pending or in-flight rows below it, or drain them (legacy-drain)
    hint: nothing has been changed
    ");
    let world = World::with_dashboard_at("25 hours", "dash-blue.onrender.com");
    insta::assert_snapshot!(told(&world, &world.sync()), @r"
    generations=
    result=stale
    synced=[]

    ### blue-sync

    | Targets | Standing |
    | --- | --- |
    | <code>api</code>, <code>workers</code> | generation 2 (prod-2) is due |
    | <code>dashboard</code> | generation 2 (prod-2) is due |

    ### blue-sync stale

    app.example.com is where it was before the flip of generation 2 (prod-2), which the ledger says serves

    - if it was put back on purpose: cutover-record --mode rolled-back --generation 2
    - nothing has been changed

    app.example.com is where it was before the flip of generation 2 (prod-2), which the ledger says serves
    hint: if it was put back on purpose: cutover-record --mode rolled-back --generation 2
    hint: nothing has been changed
    ");
    let world = World::with_dashboard_at("25 hours", "elsewhere.example.net");
    insta::assert_snapshot!(told(&world, &world.sync()), @r"
    generations=
    result=refused
    synced=[]

    ### blue-sync

    | Targets | Standing |
    | --- | --- |
    | <code>api</code>, <code>workers</code> | generation 2 (prod-2) is due |
    | <code>dashboard</code> | generation 2 (prod-2) is due |

    ### blue-sync refused

    app.example.com points at elsewhere.example.net, which is neither blue (dash-blue.onrender.com) nor green (dash-green.onrender.com) of target dashboard

    - point the name at the origin that serves, or mend \`blue\` and \`green\` in the manifest and their variables

    app.example.com points at elsewhere.example.net, which is neither blue (dash-blue.onrender.com) nor green (dash-green.onrender.com) of target dashboard
    hint: point the name at the origin that serves, or mend `blue` and `green` in the manifest and their variables
    ");
}
