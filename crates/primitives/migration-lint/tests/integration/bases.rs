//! What is taken as deployed where the base has no migrations in their place, or none at all.

use crate::world::{FOLDER, World};

const DROP: &str = "alter table public.customers drop column nick;\n";
const SECOND: &str = "20260102000000_second.sql";

/// A repository whose first migration was moved to `db` after the base, with a break beside it.
fn moved() -> World {
    let world = World::new();
    world.git(&["mv", FOLDER, "db"]);
    world.write(format!("db/{SECOND}"), DROP);
    world
}

#[test]
fn moved_migrations_are_deployed() {
    let run = moved().lint(&["--migrations=db"]);
    assert_eq!((run.code, run.output("verdict")), (1, "breaking"), "{run:?}");
    assert!(run.stderr.contains("db/20260102000000_second.sql:1:1: breaking [drop-column]"), "{run:?}");
    assert!(run.summary.contains("1 pending after 1 "), "{run:?}");
    let told = "has no db/*.sql; 1 of the files stood in supabase/migrations there, and what stood there is taken as deployed";
    assert!(run.stderr.contains(told), "{run:?}");
    assert!(run.stderr.contains("db: advisory [migration-naming] commit "), "{run:?}");
}

#[test]
fn a_move_that_leaves_one_behind_is_told() {
    let world = World::new();
    world.add(SECOND, "create table public.gone (id int);\n");
    world.commit();
    world.git(&["mv", FOLDER, "db"]);
    world.remove(&format!("db/{SECOND}"));
    let run = world.lint(&["--migrations=db"]);
    assert_eq!((run.code, run.output("verdict")), (0, "needs-review"), "{run:?}");
    let told = "supabase/migrations/20260102000000_second.sql: needs-review [migration-naming] this migration is deployed but not in this tree";
    assert!(run.stderr.contains(told), "{run:?}");
}

#[test]
fn a_move_to_two_places_is_for_a_person() {
    let world = World::new();
    world.write("archive/20260101000000_first.sql", "select 1;\n");
    world.commit();
    world.git(&["mv", FOLDER, "db"]);
    let run = world.lint(&["--migrations=db"]);
    assert_eq!((run.code, run.output("result")), (2, "invalid"), "{run:?}");
    assert!(run.stderr.contains("stood in two folders there: archive and supabase/migrations"), "{run:?}");
    let run = world.run(&["--migrations=db", "--base=20260101000000"], &[]);
    assert_eq!(run.code, 0, "the way out that it names: {run:?}");
}

#[test]
fn one_that_moves_within_a_glob_is_not_pending() {
    let world = World::new();
    world.write("modules/a/migrations/20260101000000_first.sql", "create table public.t (id int);\n");
    world.commit();
    world.git(&["mv", "modules/a", "modules/b"]);
    let run = world.lint(&["--migrations=modules/*/migrations", "--strict"]);
    assert_eq!((run.code, run.output("verdict")), (0, "compatible"), "{run:?}");
    assert!(run.summary.contains("0 pending after 1 "), "{run:?}");
}

#[test]
fn the_first_migrations_of_all_are_told_as_such() {
    let world = World::new();
    world.remove(&format!("{FOLDER}/20260101000000_first.sql"));
    world.commit();
    world.add(SECOND, "create table public.t (id int);\n");
    let run = world.lint(&["--strict"]);
    assert_eq!((run.code, run.output("verdict")), (0, "compatible"), "{run:?}");
    let told = "has no supabase/migrations/*.sql: nothing is taken as deployed";
    assert!(run.stderr.contains(told) && run.summary.contains("nothing is taken as deployed"), "{run:?}");
    let run = world.run(&["--base=HEAD"], &[("GITHUB_ACTIONS", "true")]);
    let start = "::notice title=migration-naming (advisory)::supabase/migrations: commit ";
    assert!(run.stderr.lines().any(|line| line.starts_with(start)), "{run:?}");
}

#[test]
fn other_migrations_at_the_base_make_it_doubtful_that_there_are_none() {
    let world = World::new();
    world.write(format!("db/{SECOND}"), "create table public.t (id int);\n");
    let run = world.lint(&["--migrations=db"]);
    assert_eq!((run.code, run.output("verdict")), (0, "needs-review"), "{run:?}");
    let told =
        "nothing is taken as deployed, though it has files named like migrations in supabase/migrations";
    assert!(run.stderr.contains(told), "{run:?}");
    assert_eq!(world.lint(&["--migrations=db", "--strict"]).code, 1);
}

#[test]
fn a_base_of_which_a_part_is_not_here_is_no_empty_one() {
    let world = World::new();
    let tree = world.git(&["rev-parse", "HEAD:supabase"]);
    let (folder, file) = tree.split_at(2);
    std::fs::remove_file(world.path("r/.git/objects").join(folder).join(file)).unwrap();
    let run = world.lint(&[]);
    assert_ne!(run.code, 0, "{run:?}");
    assert!(run.stderr.contains("git ls-tree failed"), "{run:?}");
}

#[test]
fn an_empty_list_of_versions_says_so() {
    let world = World::new();
    world.write("applied.txt", "");
    let run = world.run(&["--base=applied.txt", "--strict"], &[]);
    assert_eq!((run.code, run.output("verdict")), (0, "compatible"), "{run:?}");
    assert!(
        run.stderr.contains("the list of applied versions is empty: nothing is taken as deployed"),
        "{run:?}"
    );
}

#[test]
fn where_there_is_nothing_a_folder_may_be_empty_and_a_glob_may_not() {
    let world = World::new();
    world.write("db/.gitkeep", "");
    let run = world.lint(&["--migrations=db", "--strict"]);
    assert_eq!((run.code, run.output("verdict")), (0, "compatible"), "{run:?}");
    assert!(
        run.stderr.contains("no file fits db/*.sql, here or in what is deployed: nothing is judged"),
        "{run:?}"
    );
    for glob in ["db/*.sql", "supabase/migrations/*_core.sql", "supabase/*/*.SQL", "**/migration.sql"] {
        let run = world.lint(&["--migrations", glob]);
        assert_eq!((run.code, run.output("result")), (2, "invalid"), "{glob}: {run:?}");
        assert!(run.stderr.contains(&format!("no file fits {glob}")), "{run:?}");
    }
}

#[test]
fn a_version_without_a_file_points_at_none() {
    let world = World::new();
    let run = world.run(&["--base=20260101000000\n20260102000000"], &[("GITHUB_ACTIONS", "true")]);
    assert_eq!((run.code, run.output("verdict")), (1, "breaking"), "{run:?}");
    let start = "::error title=migration-naming (breaking)::supabase/migrations: the deployed version 20260102000000 has no file any more";
    assert!(run.stderr.lines().any(|line| line.starts_with(start)), "{run:?}");
    assert!(!run.stderr.contains("file="), "{run:?}");
    let run = world.run(&["--base=20260101000000\n20260102000000", "--format=sarif"], &[]);
    let report: serde_json::Value = serde_json::from_str(run.output("report")).unwrap();
    let location = &report["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(*location, serde_json::json!({ "artifactLocation": { "uri": "supabase/migrations" } }));
}

#[test]
fn a_deployed_file_that_does_not_parse_fails_until_it_is_written_anew() {
    let world = World::new();
    world.add(SECOND, "\\connect app\nalter table public.customers drop column nick;\n");
    world.commit();
    world.add("20260103000000_third.sql", "alter table public.customers add column city text;\n");
    for base in ["HEAD", "20260101000000\n20260102000000"] {
        let run = world.run(&["--base", base], &[]);
        assert_eq!((run.code, run.output("verdict")), (1, "breaking"), "{run:?}");
        assert!(run.stderr.contains("breaking [parse-error] this is deployed and does not parse"), "{run:?}");
    }
    world.add(SECOND, "alter table public.customers drop column nick;\n");
    let run = world.run(&["--base=HEAD"], &[]);
    assert_eq!((run.code, run.output("verdict")), (0, "needs-review"), "{run:?}");
    assert!(run.stderr.contains("what is changed in it never runs there"), "{run:?}");
    // It counts as it is written now: the column is gone already.
    world.add("20260103000000_third.sql", "alter table public.customers drop column nick;\n");
    let run = world.run(&["--base=HEAD"], &[]);
    assert!(run.stderr.contains("breaking [migration-fails]"), "{run:?}");
    let run = world.run(&["--base=20260101000000\n20260102000000"], &[]);
    assert!(run.stderr.contains("breaking [migration-fails]"), "{run:?}");
}

#[test]
fn a_deployed_block_that_cannot_be_read_is_a_warning() {
    let world = World::new();
    world.add(SECOND, "do $$ begin create table; end $$;\n");
    world.commit();
    world.add("20260103000000_third.sql", "alter table public.customers add column city text;\n");
    let run = world.run(&["--base=HEAD"], &[]);
    assert_eq!((run.code, run.output("verdict")), (0, "needs-review"), "{run:?}");
    let start = "supabase/migrations/20260102000000_second.sql:1:";
    assert!(run.stderr.lines().any(|line| line.starts_with(start)), "{run:?}");
    assert!(run.stderr.contains("this is deployed, and what it made is not known"), "{run:?}");
}

#[test]
fn what_is_not_in_the_tree_is_pointed_at_nowhere() {
    let world = World::new();
    world.add(SECOND, "this is no sql;\n");
    world.commit();
    world.remove(&format!("{FOLDER}/{SECOND}"));
    let run = world.run(&["--base=HEAD"], &[("GITHUB_ACTIONS", "true")]);
    assert!(run.stderr.contains("::error title=parse-error (breaking)::supabase/migrations/20260102000000_second.sql: this is deployed and does not parse"), "{run:?}");
    assert!(!run.stderr.contains("file="), "{run:?}");
}
