//! Runs: what is pending, how it ends, what is refused.

use crate::world::{FOLDER, World};

const DROP: &str = "alter table public.customers\n  drop column nick;\n";

#[test]
fn a_break_is_refused_at_its_place() {
    let world = World::new();
    world.add("20260102000000_drop.sql", DROP);
    let run = world.lint(&[]);
    assert_eq!(run.code, 1, "{run:?}");
    assert_eq!(run.outputs["verdict"], "breaking");
    assert_eq!(run.outputs["findings"], "1");
    assert_eq!(run.outputs["result"], "refused");
    let place = "supabase/migrations/20260102000000_drop.sql:1:1: breaking [drop-column] the column public.customers.nick goes (42703)";
    assert!(run.stderr.contains(place), "{run:?}");
    assert!(run.summary.contains("| breaking | <code>drop-column</code> |"), "{}", run.summary);
}

#[test]
fn on_a_runner_it_points_at_the_statement() {
    let world = World::new();
    world.add("20260102000000_drop.sql", &format!("-- first\n  {DROP}"));
    let run = world.run(&[], &[("GITHUB_ACTIONS", "true"), ("INPUT_BASE", "main")]);
    let start = "::error file=supabase/migrations/20260102000000_drop.sql,line=2,endLine=3,col=3,endColumn=19,title=drop-column (breaking)::";
    assert!(run.stderr.lines().any(|line| line.starts_with(start)), "{run:?}");
}

#[test]
fn what_breaks_nothing_passes() {
    let world = World::new();
    world.add(
        "20260102000000_add.sql",
        "alter table public.customers add column tier int not null default 0;\n",
    );
    let run = world.lint(&["--strict"]);
    assert_eq!((run.code, run.outputs["verdict"].as_str()), (0, "compatible"), "{run:?}");
    assert_eq!(run.outputs["overrides"], "0");
}

#[test]
fn a_review_fails_only_when_strict() {
    let world = World::new();
    world.add("20260102000000_wide.sql", "alter table public.customers alter column id type numeric, alter column id type bigint;\n alter table public.customers alter column email set default 'x', alter column email drop default;\nupdate public.customers set nick = 'x';\n");
    let run = world.lint(&[]);
    assert_eq!((run.code, run.outputs["verdict"].as_str()), (0, "needs-review"), "{run:?}");
    let run = world.lint(&["--strict"]);
    assert_eq!((run.code, run.outputs["verdict"].as_str()), (1, "needs-review"), "{run:?}");
}

#[test]
fn a_marker_lets_it_pass_and_is_counted() {
    let world = World::new();
    world.add("20260102000000_drop.sql", &format!("-- compat: breaking (reason: nobody reads nick)\n{DROP}"));
    let run = world.run(&["--base=HEAD"], &[("GITHUB_ACTIONS", "true")]);
    assert_eq!((run.code, run.outputs["verdict"].as_str()), (0, "overridden"), "{run:?}");
    assert_eq!(run.outputs["overrides"], "1");
    assert!(run.stderr.contains("::warning") && run.stderr.contains("nobody reads nick"), "{run:?}");
    assert!(!run.stderr.contains("::error"), "{run:?}");
    assert!(run.summary.contains("nobody reads nick"), "{}", run.summary);
}

#[test]
fn a_second_marker_of_a_file_covers_nothing() {
    let world = World::new();
    let markers =
        "-- compat: breaking (reason: nobody reads nick)\n-- compat: breaking (reason: nobody at all)\n";
    world.add("20260102000000_drop.sql", &format!("{markers}{DROP}"));
    let run = world.lint(&[]);
    assert_eq!((run.code, run.outputs["overrides"].as_str()), (0, "1"), "{run:?}");
    assert!(run.stderr.contains("the file has a marker already"), "{run:?}");
    assert!(run.stderr.contains("_drop.sql:2:1"), "{run:?}");
}

#[test]
fn a_base_that_says_nothing_is_no_empty_list() {
    let world = World::new();
    world.add("20260102000000_drop.sql", DROP);
    world.commit();
    for base in ["# nothing yet", "\n", "#\n#"] {
        let run = world.run(&["--base", base], &[]);
        assert_eq!(run.code, 2, "{base:?} {run:?}");
    }
}

#[test]
fn the_base_may_be_a_list_of_versions() {
    let world = World::new();
    world.add("20260102000000_drop.sql", DROP);
    world.commit();
    world.write("applied.txt", "20260101000000\n");
    for base in ["applied.txt", "20260101000000", "20260101000000\n"] {
        let run = world.run(&["--base", base], &[]);
        assert_eq!((run.code, run.outputs["verdict"].as_str()), (1, "breaking"), "{base:?} {run:?}");
    }
    let run = world.run(&["--base", "20260101000000\n20260102000000"], &[]);
    assert_eq!((run.code, run.outputs["verdict"].as_str()), (0, "compatible"), "{run:?}");
}

#[test]
fn no_base_is_no_guess() {
    let world = World::new();
    let zeros = "0".repeat(40);
    for words in
        [&[][..], &["--base="], &["--base", &zeros], &["--base=nothing"], &["--base=a b"], &["--base=--all"]]
    {
        let run = world.run(words, &[]);
        assert_eq!((run.code, run.outputs["result"].as_str()), (2, "invalid"), "{words:?} {run:?}");
        assert!(run.stderr.contains("`base`"), "{run:?}");
    }
}

#[test]
fn names_are_looked_at_too() {
    let world = World::new();
    world.add("20251231000000_late.sql", "select 1;\n");
    world.add("fix.sql", "select 1;\n");
    world.add("20260101000000_again.sql", "select 1;\n");
    let run = world.lint(&[]);
    assert_eq!((run.code, run.outputs["verdict"].as_str()), (1, "breaking"), "{run:?}");
    for told in [
        "is earlier than 20260101000000",
        "is not `<14 digits>_<name>.sql`",
        "the version 20260101000000 is that of",
    ] {
        assert!(run.summary.contains(told) || run.stderr.contains(told), "{told}: {run:?}");
    }
}

#[test]
fn what_is_deployed_keeps_its_name_and_is_told() {
    let world = World::new();
    for name in ["20260102000000 second.sql", "20260101000000_twin.sql", "fix.sql"] {
        world.add(name, "select 1;\n");
    }
    world.commit();
    let run = world.lint(&["--strict"]);
    assert_eq!((run.code, run.outputs["verdict"].as_str()), (0, "compatible"), "{run:?}");
    assert_eq!(run.outputs["findings"], "0");
    for told in [
        "20260102000000 second.sql:1:1: advisory [migration-naming] the name is not `<14 digits>_<name>.sql`; it is deployed and keeps its name",
        "20260101000000_twin.sql:1:1: advisory [migration-naming] the version 20260101000000 is that of supabase/migrations/20260101000000_first.sql, too; it is deployed",
        "fix.sql:1:1: advisory [migration-naming] the name is not",
    ] {
        assert!(run.stderr.contains(told), "{told}: {run:?}");
    }
}

#[test]
fn a_list_of_versions_has_one_file_each() {
    let world = World::new();
    world.add("20260101000000_second.sql", DROP);
    let run = world.run(&["--base=20260101000000"], &[]);
    assert_eq!((run.code, run.outputs["verdict"].as_str()), (1, "breaking"), "{run:?}");
    assert!(run.summary.contains("the version 20260101000000 is that of"), "{run:?}");
    assert!(run.summary.contains("drop-column"), "what never ran is judged: {run:?}");

    let world = World::new();
    world.add("20260102000000 second.sql", DROP);
    let run = world.run(&["--base=20260101000000\n20260102000000"], &[]);
    assert_eq!((run.code, run.outputs["verdict"].as_str()), (0, "compatible"), "{run:?}");
    assert!(run.stderr.contains("advisory [migration-naming]"), "{run:?}");
}

#[test]
fn an_edited_migration_is_told() {
    let world = World::new();
    world.add("20260101000000_first.sql", "create table public.customers (id bigint primary key);\n");
    let run = world.lint(&[]);
    assert_eq!((run.code, run.outputs["verdict"].as_str()), (0, "needs-review"), "{run:?}");
    assert!(run.stderr.contains("never runs there"), "{run:?}");
}

#[test]
fn a_deployed_migration_that_is_not_there_is_told() {
    let world = World::new();
    world.add("20260102000000_second.sql", "select 1;\n");
    world.commit();
    world.remove(&format!("{FOLDER}/20260102000000_second.sql"));
    let run = world.lint(&[]);
    assert_eq!((run.code, run.outputs["verdict"].as_str()), (0, "needs-review"), "{run:?}");
    assert!(run.stderr.contains("20260102000000_second.sql: needs-review"), "{run:?}");
    let run = world.lint(&["--strict"]);
    assert_eq!(run.code, 1, "{run:?}");
    let run = world.run(&["--base=20260101000000\n20260102000000"], &[]);
    assert_eq!((run.code, run.outputs["verdict"].as_str()), (1, "breaking"), "{run:?}");
    assert!(run.summary.contains("has no file any more"), "{run:?}");
}

#[test]
fn the_base_may_be_a_tag_a_branch_or_a_part_of_a_sha() {
    let world = World::new();
    let sha = world.git(&["rev-parse", "HEAD"]);
    world.git(&["tag", "light"]);
    world.git(&["tag", "--annotate", "--message=x", "prod-1"]);
    world.git(&["branch", "release/1"]);
    world.add("20260102000000_drop.sql", DROP);
    world.commit();
    for base in [sha.as_str(), &sha[..10], "light", "prod-1", "refs/tags/prod-1", "release/1", "HEAD~1"] {
        let run = world.run(&["--base", base], &[]);
        assert_eq!((run.code, run.outputs["verdict"].as_str()), (1, "breaking"), "{base} {run:?}");
        assert!(run.summary.contains("1 pending after 1 "), "{base}: {}", run.summary);
    }
    let run = world.lint(&[]);
    assert_eq!((run.code, run.outputs["verdict"].as_str()), (0, "compatible"), "{run:?}");
}

#[test]
fn an_empty_list_says_that_nothing_is_deployed() {
    let world = World::new();
    world.add("20260102000000_drop.sql", DROP);
    world.write("applied.txt", "# none yet\n");
    let run = world.run(&["--base=applied.txt"], &[]);
    assert_eq!((run.code, run.outputs["verdict"].as_str()), (0, "compatible"), "{run:?}");
    assert!(run.summary.contains("2 pending after 0 "), "{}", run.summary);
    world.write("applied.txt", "20260101000000\n2026\n");
    let run = world.run(&["--base=applied.txt"], &[]);
    assert_eq!((run.code, run.outputs["result"].as_str()), (2, "invalid"), "{run:?}");
}

#[test]
fn a_pattern_takes_some_of_a_folder() {
    let world = World::new();
    world.add("20260102000000_drop.sql", DROP);
    let run = world.lint(&["--migrations", "supabase/migrations/*_first.sql"]);
    assert_eq!((run.code, run.outputs["verdict"].as_str()), (0, "compatible"), "{run:?}");
    let run = world.lint(&["--migrations", "./supabase/migrations/*.sql"]);
    assert_eq!((run.code, run.outputs["verdict"].as_str()), (1, "breaking"), "{run:?}");
}

#[test]
fn overrides_are_counted_by_file_and_do_not_hide_what_stands_elsewhere() {
    let marked = |sql: &str| format!("-- compat: breaking (reason: nobody reads it since v41)\n{sql}");
    let world = World::new();
    world.add("20260102000000_one.sql", &marked(DROP));
    world.add("20260103000000_two.sql", &marked("alter table public.customers drop column email;\n"));
    let run = world.lint(&["--strict"]);
    assert_eq!((run.code, run.outputs["verdict"].as_str()), (0, "overridden"), "{run:?}");
    assert_eq!((run.outputs["overrides"].as_str(), run.outputs["findings"].as_str()), ("2", "0"), "{run:?}");

    let world = World::new();
    world.add("20260102000000_one.sql", &marked(DROP));
    world.add("20260103000000_two.sql", "alter table public.customers drop column email;\n");
    let run = world.lint(&[]);
    assert_eq!((run.code, run.outputs["verdict"].as_str()), (1, "breaking"), "{run:?}");
}

#[test]
fn what_a_key_locks_is_told_of_its_index() {
    let world = World::new();
    world.add("20260102000000_key.sql", "alter table public.customers add unique (email);\n");
    let run = world.lint(&[]);
    assert!(run.stderr.contains("advisory [lock-index] builds an index on public.customers"), "{run:?}");
    assert!(!run.stderr.contains("lock-scan"), "{run:?}");
}

#[test]
fn a_rule_has_a_page() {
    let run = World::new().run(&["--explain", "drop-column"], &[]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stdout.starts_with("# drop-column\n") && run.stdout.contains("42703"), "{run:?}");
    let run = World::new().run(&["--explain", "drop-columns"], &[]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.stderr.contains("drop-column,"), "{run:?}");
}

#[test]
fn a_folder_that_is_not_there_is_invalid() {
    let run = World::new().lint(&["--migrations", "db"]);
    assert_eq!((run.code, run.outputs["result"].as_str()), (2, "invalid"), "{run:?}");
}
