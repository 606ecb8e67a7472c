//! Runs: how they end, and what is refused.

use std::fs;

use crate::world::{AT, MANIFEST, World};

#[test]
fn a_manifest_that_mentions_everything_is_clean() {
    let run = World::usual().run(&["--strict"]);
    run.ended(0, "success", Some("clean"));
    assert_eq!(run.outputs["findings"], "0");
    assert!(run.stderr.ends_with("clean: 2 directories under apps/*, src/*/*, 5 tracked paths\n"), "{run:?}");
    assert!(!run.outputs.contains_key("report"));
}

#[test]
fn a_directory_that_nothing_deploys_is_refused_at_the_nearest_pattern() {
    let world = World::usual();
    world.write("apps/wroker/main.py", "1\n");
    world.commit();
    let run = world.run(&[]);
    run.ended(1, "refused", Some("error"));
    assert_eq!(run.outputs["findings"], "1");
    let wanted = "error: refused: .github/deploy-manifest.yml:6:9: error [uncovered-directory] directory \"apps/wroker\" (1 file) belongs to no target and not to `non_deployed`; the nearest pattern is \"apps/worker/**\" of target `worker`\nhint: write \"apps/wroker/**\" there";
    assert!(run.stderr.contains(wanted), "{run:?}");
    assert!(run.stderr.contains("hint: `manifest-lint --explain uncovered-directory` says"), "{run:?}");
}

#[test]
fn warnings_fail_only_when_strict() {
    let world = World::usual();
    world.write(AT, &MANIFEST.replace("docs/**\"", "docs/**\", gone"));
    let run = world.run(&[]);
    run.ended(0, "success", Some("warning"));
    assert_eq!((run.rules(), run.outputs["findings"].as_str()), (vec!["unmatched-pattern"], "1"));
    for words in [&["--strict"][..], &["--strict=true"]] {
        let run = world.run(words);
        run.ended(1, "refused", Some("warning"));
        assert!(
            run.stderr.contains("error: refused: .github/deploy-manifest.yml:7:27: warning ["),
            "{run:?}"
        );
    }
}

#[test]
fn a_notice_fails_never() {
    let world = World::usual();
    world.write(AT, &MANIFEST.replace("\"!**/*.md\"", "\"!**/*.md\", \"!gone\""));
    let run = world.run(&["--strict"]);
    run.ended(0, "success", Some("clean"));
    assert_eq!((run.rules(), run.outputs["findings"].as_str()), (vec!["idle-exclusion"], "0"));
    assert!(run.summary.contains("| notice | <code>idle-exclusion</code> |"), "{}", run.summary);
}

#[test]
fn what_the_types_refuse_is_a_finding_with_its_place() {
    let world = World::usual();
    let more = "coupling: [[api], [api, wroker]]\nroots: [/x]\neverything: [a**]\n";
    world.write(AT, &format!("{MANIFEST}{more}"));
    let run = world.run(&["--format=human"]);
    run.ended(1, "refused", Some("error"));
    assert_eq!(run.rules(), ["lonely-coupling", "unknown-target", "bad-entry", "bad-pattern"], "{run:?}");
    assert_eq!(run.outputs["findings"], "4");
    let wanted = ".github/deploy-manifest.yml:8:12: error [lonely-coupling] a coupling group needs two targets or more\n";
    assert!(run.stderr.contains(wanted), "{run:?}");
    assert!(run.stderr.contains(":8:25: error [unknown-target] unknown target \"wroker\""), "{run:?}");
    assert!(run.summary.contains("no directory was looked at, since it is refused"), "{}", run.summary);
}

#[test]
fn a_manifest_that_cannot_be_read_is_invalid_with_its_line() {
    let world = World::usual();
    for (text, wanted) in [
        ("version: 1\ntargets:\n  api:\n    paths: [a\n", ":5:1: "),
        ("version: 1\ntargets:\n  api:\n    path: [a]\n", ":4:5: targets.api: unknown field `path`"),
        ("version: 2\n", ":1:10: version 2 is not supported"),
        ("version: 1\ntargets:\n\tapi: x\n", ":3:1: a tab stands here"),
        ("", ":1:1: `version` is missing"),
        ("version: 1\n\u{7}", ":2:1: the character '\\u{7}' is not allowed in YAML"),
        ("version: 1\nversion: 1\n", ":2:1: duplicate key `version`"),
    ] {
        world.write(AT, text);
        let run = world.run(&["--format=json"]);
        run.ended(2, "invalid", Some("error"));
        assert!(
            run.stderr.contains(&format!("error: .github/deploy-manifest.yml{wanted}")),
            "{text:?} {run:?}"
        );
        assert!(run.outputs["report"].contains("\"rule\":\"unreadable-manifest\""), "{run:?}");
    }
    fs::write(world.path("r").join(AT), b"version: 1\n\xff").unwrap();
    world.run(&[]).ended(2, "invalid", Some("error"));
}

#[test]
fn a_manifest_that_is_not_there_is_invalid() {
    let world = World::usual();
    for (word, wanted) in [
        ("--manifest=gone.yml", "there is no manifest at gone.yml\n"),
        ("--manifest=/nonexistent/x", "there is no manifest at /nonexistent/x\n"),
        ("--manifest=.github", "the manifest .github cannot be read: it is not a file\n"),
        ("--manifest=/dev/null", "the manifest /dev/null cannot be read: it is not a file\n"),
    ] {
        let run = world.run(&[word]);
        run.ended(2, "invalid", None);
        assert!(run.stderr.contains(&format!("error: {wanted}")), "{run:?}");
    }
    let run = world.run(&["--manifest=../x"]);
    run.ended(2, "invalid", None);
    assert!(run.stderr.contains("is not the path of a file in the repository"), "{run:?}");
}

#[test]
fn a_lint_that_looks_at_nothing_is_no_success() {
    let world = World::with("version: 1\ntargets:\n  a: { paths: [services/a/**] }\n", &["services/a/x"]);
    let run = world.run(&[]);
    run.ended(1, "refused", Some("error"));
    assert_eq!(run.rules(), ["no-directory"]);
    world.write(AT, "version: 1\nroots: [services]\ntargets:\n  a: { paths: [services/a/**] }\n");
    world.run(&["--strict"]).ended(0, "success", Some("clean"));
}

#[test]
fn a_root_longer_than_any_path_is_invalid() {
    let world = World::usual();
    world.write(AT, &format!("{MANIFEST}roots: [{}]\n", "a/".repeat(2100)));
    let run = world.run(&[]);
    run.ended(2, "invalid", None);
    assert!(run.stderr.contains("error: `roots`: pattern \"a/a/"), "{run:?}");
}

#[test]
fn many_findings_are_counted_and_the_worst_are_told() {
    let files: Vec<String> = (0..250).map(|index| format!("apps/new-{index}/x")).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let world =
        World::with("version: 1\ntargets:\n  a: { paths: [b, gone] }\n", &[&files[..], &["b"]].concat());
    let run = world.run(&["--format=json"]);
    run.ended(1, "refused", Some("error"));
    assert_eq!(run.outputs["findings"], "251");
    assert!(run.outputs["report"].contains("\"omitted\":51"), "{}", run.outputs["report"]);
    assert!(!run.outputs["report"].contains("unmatched-pattern"));
    assert!(
        run.stderr.contains("51 further findings are not told.\n")
            && run.summary.contains("51 further findings")
    );
    assert!(run.stderr.contains(", and 199 more\n"), "{}", run.stderr);
}

#[test]
fn an_error_is_told_however_many_warnings_there_are() {
    let gone: Vec<String> = (0..250).map(|index| format!("gone-{index}")).collect();
    let manifest = format!(
        "version: 1\ntargets:\n  a: {{ paths: [apps/**, {}], kind: render-worker }}\n",
        gone.join(", ")
    );
    let run = World::with(&manifest, &["apps/a/x"]).run(&[]);
    run.ended(1, "refused", Some("error"));
    assert_eq!((run.rules().len(), run.outputs["findings"].as_str()), (200, "251"));
    assert!(run.stderr.contains("error: refused: .github/deploy-manifest.yml:3:3: error [missing-service]"));
}

#[test]
fn a_rule_has_a_page() {
    let world = World::empty();
    let run = world.run(&["--explain", "uncovered-directory"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(
        run.stdout.starts_with("# uncovered-directory\n") && run.stdout.contains("\nInstead: "),
        "{run:?}"
    );
    let run = world.run(&["--explain=uncovered"]);
    run.ended(2, "invalid", None);
    assert!(run.stderr.contains("hint: the rules are unreadable-manifest, "), "{run:?}");
}

#[test]
fn the_log_of_a_second_run_is_the_same() {
    let world = World::usual();
    world.write("apps/new/a", "1\n");
    world.commit();
    let (one, other) = (world.run(&[]), world.run(&[]));
    assert_eq!((&one.stderr, &one.summary), (&other.stderr, &other.summary));
}
