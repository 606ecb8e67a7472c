//! Rules that a repository does without.

use crate::world::World;

#[test]
fn what_an_excluded_rule_finds_is_no_finding_but_is_told() {
    let world = World::new();
    world.add("20260102000000_all.sql", "truncate public.customers;\n");
    assert_eq!(world.lint(&[]).code, 1);
    for exclude in ["truncate", " lock-index,\n truncate "] {
        let run = world.lint(&["--strict", "--exclude", exclude]);
        assert_eq!((run.code, run.outputs["verdict"].as_str()), (0, "compatible"), "{run:?}");
        assert_eq!(run.outputs["findings"], "0");
        assert!(run.stderr.contains("not told, by `exclude`: 1 of truncate"), "{run:?}");
        assert!(run.summary.contains("1 of truncate"), "{}", run.summary);
    }
}

#[test]
fn an_empty_list_excludes_nothing() {
    let world = World::new();
    world.add("20260102000000_all.sql", "truncate public.customers;\n");
    let run = world.run(&[], &[("INPUT_BASE", "HEAD"), ("INPUT_EXCLUDE", "")]);
    assert_eq!((run.code, run.outputs["verdict"].as_str()), (1, "breaking"), "{run:?}");
}

#[test]
fn what_the_decision_rejects_cannot_be_excluded() {
    let world = World::new();
    for rule in ["drop-column", "drop-table", "type-incompatible", "add-required-column", "add-unique"] {
        let run = world.lint(&["--exclude", rule]);
        assert_eq!(run.code, 2, "{run:?}");
        assert!(
            run.stderr.contains(&format!("input `exclude`: the rule {rule} cannot be excluded")),
            "{run:?}"
        );
        assert!(run.stderr.contains("-- compat: breaking (reason: <reason>)"), "{run:?}");
    }
}

#[test]
fn a_rule_that_nobody_knows_is_refused() {
    let run = World::new().lint(&["--exclude=truncate,drop-colum"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.stderr.contains("input `exclude`: no rule is called \"drop-colum\""), "{run:?}");
    assert!(run.stderr.contains("lock-index") && !run.stderr.contains("drop-column,"), "{run:?}");
}
