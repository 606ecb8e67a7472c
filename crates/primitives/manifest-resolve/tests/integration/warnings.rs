//! Patterns that are right by the grammar and hardly meant.

use crate::world::{AT, World};

fn manifest(paths: &str) -> String {
    format!("version: 1\ntargets:\n  web:\n    paths: [{paths}]\nnon_deployed: ['**']\n")
}

#[test]
fn a_pattern_that_names_a_directory() {
    let world = World::with(&manifest("web, 'x/{y,a.txt}', libs/"), &["web/a", "x/y/z", "x/a.txt", "libs/a"]);
    let run = world.run(&["--base=HEAD"]);
    assert_eq!(run.targets().len(), 0);
    for wanted in [
        "warning: pattern \"web\" in target `web` names a directory and matches nothing in it; write \"web/**\"\n",
        "warning: pattern \"x/{y,a.txt}\" in target `web` names a directory",
        "warning: pattern \"libs/\" in target `web` ends in a slash and matches no file; write \"libs/**\"\n",
    ] {
        assert!(run.stderr.contains(wanted), "{run:?}");
    }
    assert_eq!(run.stderr.matches("warning:").count(), 3, "{run:?}");
    assert!(run.summary.contains("#### Warnings"), "{run:?}");
}

#[test]
fn a_pattern_that_names_a_file_or_nothing_is_fine() {
    let world = World::with(&manifest("web/a, gone, web/**"), &["web/a"]);
    let run = world.run(&["--base=HEAD"]);
    assert!(!run.stderr.contains("warning"), "{run:?}");
}

#[test]
fn a_bracket_expression_that_exists() {
    let world = World::with(
        &manifest("'app/[id]/**', 'app/[...slug]/**', '[jt]s/x', 'app/\\[id\\]/*.[jt]s'"),
        &["app/[id]/page.tsx", "app/[...slug]/page.tsx", "js/x"],
    );
    let run = world.run(&["--base=HEAD"]);
    for name in ["app/[id]", "app/[...slug]"] {
        let wanted = format!(
            "warning: pattern \"{name}/**\" in target `web` has a bracket expression, and \"{name}\" exists; write \"\\[\" and \"\\]\" to mean that name\n"
        );
        assert!(run.stderr.contains(&wanted), "{run:?}");
    }
    assert_eq!(run.stderr.matches("warning:").count(), 2, "{run:?}");
}

#[test]
fn a_bracket_expression_behind_a_wildcard_that_exists_in_a_changed_path() {
    let world = World::with(&manifest("'**/[...slug]/*'"), &["app/a"]);
    let base = world.head();
    world.change("app/[...slug]/page.tsx");
    world.change("app/[...slug]/more.tsx");
    let run = world.run(&["--base", &base]);
    assert_eq!(run.targets().len(), 0);
    let wanted = "warning: pattern \"**/[...slug]/*\" in target `web` has a bracket expression, and \"app/[...slug]/more.tsx\" exists";
    assert!(run.stderr.contains(wanted), "{run:?}");
    assert_eq!(run.stderr.matches("warning:").count(), 1, "{run:?}");
}

#[test]
fn an_escape_that_does_nothing() {
    let world = World::with(&manifest(r"'src\api', 'a\.b'"), &["a.b"]);
    let run = world.run(&["--base=HEAD"]);
    assert!(run.stderr.contains(r#"pattern "src\\api" in target `web`: "\a" means just 'a'"#), "{run:?}");
    assert_eq!(run.stderr.matches("warning:").count(), 1, "{run:?}");
}

#[test]
fn the_tree_of_head_is_looked_at() {
    let world = World::with(&manifest("web"), &["web"]);
    let file = world.head();
    world.remove("web");
    world.change("web/a");
    assert!(!world.run(&["--base=HEAD", "--head", &file]).stderr.contains("warning"));
    assert!(world.run(&["--base=HEAD"]).stderr.contains("names a directory"));
}

#[test]
fn more_than_a_few_stand_in_the_summary_only() {
    let folders: Vec<String> = (0..30).map(|index| format!("d{index:02}")).collect();
    let world = World::with(&manifest(&folders.join(", ")), &[]);
    for folder in &folders {
        world.write(format!("{folder}/x"), "");
    }
    world.commit();
    let run = world.run(&["--base=HEAD"]);
    assert_eq!(run.stderr.matches("warning:").count(), 10, "{run:?}");
    assert!(run.stderr.contains("20 further warnings: see the summary"), "{run:?}");
    assert_eq!(run.summary.matches("names a directory").count(), 30, "{run:?}");
    assert!(std::path::Path::new(&world.path("r").join(AT)).exists());
}
