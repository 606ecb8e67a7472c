//! Files that are odd, and globs: read rightly, or refused by name.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use crate::world::{FIRST, FOLDER, World};

const DROP: &str = "alter table public.customers drop column nick;\n";
const SECOND: &str = "20260102000000_second.sql";

/// What the lint says of a repository with this second migration.
#[track_caller]
fn refused(world: &World, why: &str) {
    let run = world.lint(&[]);
    assert_eq!((run.code, run.output("result")), (2, "invalid"), "{run:?}");
    assert!(run.stderr.contains(&format!("{FOLDER}/{SECOND} {why}")), "{why}: {run:?}");
}

fn second(world: &World) -> std::path::PathBuf {
    world.path(format!("r/{FOLDER}/{SECOND}"))
}

#[test]
fn what_is_no_file_is_named() {
    let world = World::new();
    symlink("gone.sql", second(&world)).unwrap();
    refused(&world, "is a symbolic link that leads nowhere, not a migration");

    let world = World::new();
    symlink(SECOND, second(&world)).unwrap();
    refused(&world, "is a symbolic link that leads nowhere, not a migration");

    let world = World::new();
    fs::write(world.path("outside.sql"), DROP).unwrap();
    symlink("../../../outside.sql", second(&world)).unwrap();
    refused(&world, "is a symbolic link that leads out of the repository, not a migration");

    let world = World::new();
    fs::create_dir(second(&world)).unwrap();
    refused(&world, "is a folder, not a migration");

    let world = World::new();
    let _socket = std::os::unix::net::UnixListener::bind(second(&world)).unwrap();
    refused(&world, "is no regular file, not a migration");
}

#[test]
fn a_file_that_may_not_be_read_is_named() {
    let world = World::new();
    world.add(SECOND, DROP);
    fs::set_permissions(second(&world), fs::Permissions::from_mode(0o000)).unwrap();
    // Whoever may read everything has no such file.
    if fs::read(second(&world)).is_err() {
        refused(&world, "cannot be read: Permission denied");
    }
}

#[test]
fn what_is_no_text_is_named_with_its_line() {
    for (bytes, why) in [
        (&b"select 1;\n-- \xe9\n"[..], "is not UTF-8 text (line 2)"),
        (b"\xff\xfes\0e\0", "is UTF-16 text"),
        (b"\xfe\xff\0s\0e", "is UTF-16 text"),
        (b"s\0e\0l\0", "has a NUL byte on line 1"),
        (b"select 1;\n\nselect '\0';\n", "has a NUL byte on line 3"),
    ] {
        let world = World::new();
        fs::write(second(&world), bytes).unwrap();
        refused(&world, why);
    }
}

#[test]
fn a_deployed_file_that_was_no_text_can_still_be_mended() {
    let world = World::new();
    fs::write(second(&world), b"-- caf\xe9\nselect 1;\n").unwrap();
    world.commit();
    refused(&world, "is not UTF-8 text (line 1)");
    world.add(SECOND, "-- café\nselect 1;\n");
    let run = world.lint(&[]);
    assert_eq!((run.code, run.output("verdict")), (0, "needs-review"), "it was edited: {run:?}");
}

#[test]
fn marks_and_line_ends_of_other_systems_are_read() {
    let marked =
        format!("\u{feff}-- compat: breaking (reason: nobody reads nick)\r\n\r\n  {}\r\n", DROP.trim());
    let world = World::new();
    world.add(SECOND, &marked);
    let run = world.lint(&["--format=json"]);
    assert_eq!((run.code, run.output("verdict")), (0, "overridden"), "{run:?}");
    let report: serde_json::Value = serde_json::from_str(run.output("report")).unwrap();
    let finding = &report["findings"][0];
    assert_eq!((&finding["line"], &finding["column"]), (&3.into(), &3.into()), "{report}");

    world.add(SECOND, &format!("\u{feff}{DROP}"));
    let run = world.lint(&[]);
    assert!(run.stderr.contains(&format!("{SECOND}:1:1: breaking [drop-column]")), "{run:?}");
}

#[test]
fn links_within_the_repository_are_followed_here_and_at_the_base() {
    let world = World::new();
    world.write("shared/second.sql", "create table public.t (id int, a int);\n");
    symlink("../../shared/second.sql", second(&world)).unwrap();
    world.add("20260103000000_third.sql", "alter table public.t drop column a;\n");
    let run = world.lint(&[]);
    assert_eq!((run.code, run.output("verdict")), (0, "compatible"), "what is new breaks nobody: {run:?}");
    world.remove(&format!("{FOLDER}/20260103000000_third.sql"));
    world.commit();
    world.add("20260103000000_third.sql", "alter table public.t drop column a;\n");
    let run = world.lint(&[]);
    assert_eq!((run.code, run.output("verdict")), (1, "breaking"), "{run:?}");

    // The folder itself may be a link, too.
    let world = World::new();
    symlink("supabase/migrations", world.path("r/link")).unwrap();
    world.commit();
    world.add(SECOND, DROP);
    let run = world.lint(&["--migrations=link"]);
    assert_eq!((run.code, run.output("verdict")), (1, "breaking"), "{run:?}");
}

#[test]
fn a_glob_takes_folders_and_runs_their_files_by_name() {
    let world = World::new();
    world.write("modules/b/migrations/20260101000000_b.sql", FIRST);
    world.write(
        "modules/a/migrations/20260102000000_a.sql",
        "alter table public.customers add column a int;\n",
    );
    world.write("modules/a/migrations/20260102000000_README.md", "no sql");
    world.write("modules/a/other/20260109000000_no.sql", "no sql");
    world.commit();
    world.write("modules/b/migrations/20260103000000_c.sql", "alter table public.customers drop column a;\n");
    for glob in [
        "modules/*/migrations",
        "modules/*/migrations/*.sql",
        "**/migrations/*.sql",
        "modules/?/migrations/2*",
    ] {
        let run = world.lint(&["--migrations", glob]);
        let pending = if glob.starts_with("**") { "1 pending after 3 " } else { "1 pending after 2 " };
        assert!(run.summary.contains(pending), "{glob}: {run:?}");
        let place = "modules/b/migrations/20260103000000_c.sql:1:1: breaking [drop-column]";
        assert!(run.stderr.contains(place), "{glob}: {run:?}");
    }
    let run = world.run(&["--migrations=modules/*/migrations", "--base=20260101000000\n20260102000000"], &[]);
    assert_eq!((run.code, run.output("findings")), (1, "1"), "{run:?}");
    // Two databases are not one.
    world.write("modules/c/migrations/20260103000000_c.sql", "select 1;\n");
    let run = world.lint(&["--migrations=modules/*/migrations"]);
    assert!(run.stderr.contains("the version 20260103000000 is that of"), "{run:?}");
}

#[test]
fn a_glob_outside_the_grammar_is_refused() {
    for glob in ["supabase/[ab]/*.sql", "supabase/{a,b}/*.sql", r"supabase\migrations", "!supabase/*.sql"] {
        let run = World::new().lint(&["--migrations", glob]);
        assert_eq!((run.code, run.output("result")), (2, "invalid"), "{glob}: {run:?}");
        assert!(run.stderr.contains("`migrations`") && run.stderr.contains("hint: "), "{glob}: {run:?}");
    }
}
