//! What is synced, and what is left alone.

use crate::world::{NEW, OLD, World, end};

const BLUE: [&str; 3] = ["api-blue", "workers-blue", "dashboard-blue"];
const GREEN: [&str; 3] = ["api-green", "workers-green", "dashboard-green"];

#[test]
fn after_the_hold_both_colours_are_the_same() {
    let world = World::new("25 hours");
    let run = world.sync();
    assert_eq!(end(&run), (0, "success"), "{}", run.stderr);
    world.assert_runs(&BLUE, NEW, "2");
    world.assert_runs(&GREEN, NEW, "2");
    assert_eq!(world.deployed(), ["api-blue", "dashboard-blue", "workers-blue"]);
    assert_eq!(run.output("synced"), r#"["api","dashboard","workers"]"#);
    assert_eq!((run.output("generations"), world.synced().as_str()), ("2", "2"));
    assert!(run.summary.contains("generation 2 (prod-2) is due"), "{}", run.summary);
    assert!(run.summary.contains("the way back is a redeploy"), "{}", run.summary);
    world.assert_settled();
}

#[test]
fn before_the_hold_ends_nothing_is_due_and_that_is_said() {
    let world = World::new("23 hours");
    let run = world.sync();
    assert_eq!((end(&run), run.output("synced")), ((0, "unchanged"), "[]"), "{}", run.stderr);
    assert!(
        run.summary.contains("the hold of generation 2 (prod-2) runs for another 59m"),
        "{}",
        run.summary
    );
    world.assert_runs(&BLUE, OLD, "1");
    // The same cutover, with a shorter hold: the time alone made the difference.
    let run = world.sync_with(&[("hold", "22h")]);
    assert_eq!(end(&run), (0, "success"), "{}", run.stderr);
    world.assert_runs(&BLUE, NEW, "2");
}

#[test]
fn each_group_has_its_own_flip() {
    let world = World::new("25 hours");
    // The dashboard was cut over once more, back to blue.
    let newer = "3".repeat(40);
    world.row(3, &newer, "{dashboard}", "1 hour");
    let run = world.sync();
    assert_eq!((end(&run), run.output("synced")), ((0, "success"), r#"["api","workers"]"#), "{}", run.stderr);
    world.assert_runs(&["api-blue", "workers-blue"], NEW, "2");
    world.assert_runs(&["dashboard-blue"], OLD, "1");
    assert_eq!(world.synced(), "2");
    assert!(run.summary.contains("the hold of generation 3 (prod-3)"), "{}", run.summary);
}

#[test]
fn whatever_the_names_say_stands_by_is_synced() {
    // The dashboard was cut over once more, from green to blue.
    let world = World::with_dashboard_at("25 hours", "dash-blue.onrender.com");
    world.row(3, OLD, "{dashboard}", "25 hours");
    world.sql(
        "update core.deployments set previous_cnames = '{\"app.example.com\": \"dash-green.onrender.com\"}'
         where generation = 3",
    );
    let run = world.sync_with(&[("targets", r#"["dashboard"]"#)]);
    assert_eq!(end(&run), (0, "success"), "{}", run.stderr);
    world.assert_runs(&["dashboard-green"], OLD, "3");
    assert_eq!((world.deployed(), world.synced().as_str()), (vec!["dashboard-green"], "3"));
}

#[test]
fn a_row_is_synced_as_a_whole() {
    let world = World::new("25 hours");
    let run = world.sync_with(&[("targets", r#"["dashboard"]"#)]);
    assert_eq!(end(&run), (0, "success"), "{}", run.stderr);
    world.assert_runs(&BLUE, NEW, "2");
    assert_eq!(world.synced(), "2");
    let again = world.sync_with(&[("targets", r#"["dashboard"]"#)]);
    assert_eq!(end(&again), (0, "unchanged"), "{}", again.stderr);
}

#[test]
fn what_is_the_same_already_is_recorded_and_not_deployed_again() {
    let world = World::new("25 hours");
    for name in BLUE {
        let id = world.id(name);
        world.render.set_env(&id, "SPECTRAL_GENERATION", "2").unwrap();
        world.render.push(&id, NEW).unwrap();
        let _ = world.render.trigger(&id, rehearsal::twins::render::Trigger::Manual, NEW).unwrap();
    }
    world.pass();
    let run = world.sync();
    assert_eq!(end(&run), (0, "success"), "{}", run.stderr);
    assert!(world.deployed().is_empty());
    assert_eq!(world.synced(), "2");
    world.assert_settled();
}

#[test]
fn nothing_was_ever_cut_over() {
    let world = World::new("25 hours");
    world.sql("delete from core.deployments");
    let run = world.sync();
    assert_eq!(end(&run), (0, "unchanged"), "{}", run.stderr);
    assert!(run.summary.contains("never cut over"), "{}", run.summary);
}

#[test]
fn a_dry_run_shows_it_all_and_changes_nothing() {
    let world = World::new("25 hours");
    let run = world.sync_with(&[("dry-run", "true")]);
    assert_eq!(end(&run), (0, "planned"), "{}", run.stderr);
    for told in ["(api-blue)", "(workers-blue)", "(dashboard-blue)", NEW, "not synced"] {
        assert!(run.summary.contains(told), "{told}: {}", run.summary);
    }
    assert_eq!((world.render.effects().len(), world.synced().as_str()), (0, ""));
}
