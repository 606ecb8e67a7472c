//! Every world with its next step.

use super::*;
use crate::unfit::Why;

/// `"abc"` is three versions.
pub(super) fn set(letters: &str) -> Versions {
    letters.chars().map(String::from).collect()
}

fn world(files: &str, production: &str, branch: &str) -> World {
    World {
        files: set(files),
        production: set(production),
        project: set(production),
        branch: set(branch),
        drift: Vec::new(),
        unfit: Vec::new(),
        open: None,
        traffic: Traffic::None,
        acknowledged: Versions::new(),
        asked: Asked::NotYet,
    }
}

fn open(production: &str, traffic: Traffic, acknowledged: &str) -> World {
    let open = Some(Open { before: set("a"), pending: set("bc") });
    World { open, traffic, acknowledged: set(acknowledged), ..world("abc", production, "abc") }
}

fn delta(applied: &str, missing: &str, extra: &str) -> Delta {
    Delta { applied: set(applied), missing: set(missing), extra: set(extra) }
}

#[test]
fn without_an_open_merge_the_branch_must_add_exactly_what_the_commit_adds() {
    for (files, production, branch, next) in [
        ("abc", "a", "abc", Next::Merge(set("bc"))),
        ("a", "", "a", Next::Merge(set("a"))),
        // Nothing is pending, whatever the branch has.
        ("abc", "abc", "abc", Next::Done),
        ("abc", "abc", "abcd", Next::Done),
        ("ab", "abc", "abcd", Next::Done),
        ("", "a", "a", Next::Done),
        // The branch is ahead of the commit.
        ("abc", "a", "abcd", Next::Refuse(Refusal::Ahead(set("d")))),
        ("abc", "a", "abd", Next::Refuse(Refusal::Ahead(set("d")))),
        // It is behind.
        ("abc", "a", "ab", Next::Refuse(Refusal::Behind(set("c")))),
        ("abc", "a", "", Next::Refuse(Refusal::Behind(set("bc")))),
        // A fix on the tag of a rollback: production is ahead, and one file is pending.
        ("abd", "abc", "abcd", Next::Merge(set("d"))),
        ("abd", "abc", "abd", Next::Merge(set("d"))),
    ] {
        let found = decide(&world(files, production, branch));
        assert_eq!(found, next, "files {files}, production {production}, branch {branch}");
    }
}

#[test]
fn what_speaks_against_a_merge_comes_before_it() {
    let good = world("abc", "a", "abc");
    let drift = vec![Drift::Edited { stem: "a".into() }];
    let elsewhere = World { project: set("ab"), drift: drift.clone(), ..good.clone() };
    assert_eq!(decide(&elsewhere), Next::Refuse(Refusal::OtherDatabase));
    let edited = World { drift: drift.clone(), acknowledged: set("z"), ..good.clone() };
    assert_eq!(decide(&edited), Next::Refuse(Refusal::Drift(drift)));
    let early = World { acknowledged: set("ab"), ..good.clone() };
    assert_eq!(decide(&early), Next::Refuse(Refusal::NotApplied(set("b"))));
    let late = World { acknowledged: set("a"), ..good.clone() };
    assert_eq!(decide(&late), Next::Merge(set("bc")), "acknowledged by an earlier attempt");
    let again = World { asked: Asked::Once, ..good };
    assert_eq!(decide(&again), Next::Refuse(Refusal::Missing(set("bc"))));
}

#[test]
fn a_pending_file_that_would_be_applied_by_halves_is_not_merged_and_an_applied_one_is_no_matter() {
    let unfit = |version: &str| Unfit {
        version: version.to_owned(),
        file: format!("{version}.sql"),
        why: Why::Outside { line: 1, statement: "vacuum".to_owned() },
    };
    let with = |files, production, branch, letter: &str| {
        decide(&World { unfit: vec![unfit(letter)], ..world(files, production, branch) })
    };
    let refused = |letter: &str| Next::Refuse(Refusal::Unfit(vec![unfit(letter)], set("bc")));
    assert_eq!(with("abc", "a", "abc", "b"), refused("b"));
    assert_eq!(with("abc", "a", "abc", "c"), refused("c"));
    // The branch may lack it because nobody can merge it there either.
    assert_eq!(with("abc", "a", "ab", "c"), refused("c"));
    // Applied by hand and recorded.
    assert_eq!(with("abc", "ac", "abc", "c"), Next::Merge(set("b")));
    assert_eq!(with("abc", "abc", "abc", "c"), Next::Done);
}

#[test]
fn an_open_merge_is_waited_for_then_judged_by_what_production_gained() {
    use Traffic::{MayCome, None, Running};
    for (production, traffic, acknowledged, next) in [
        ("a", Running, "", Next::Wait),
        ("ab", Running, "b", Next::Wait),
        ("abc", Running, "", Next::Wait),
        ("a", MayCome, "", Next::Wait),
        ("ab", MayCome, "b", Next::Wait),
        ("abc", MayCome, "", Next::End(set("bc"))),
        ("abcd", MayCome, "", Next::Wait),
        ("abc", None, "", Next::End(set("bc"))),
        ("abc", None, "b", Next::End(set("bc"))),
        ("a", None, "", Next::Forget),
        ("a", None, "b", Next::Forget),
        ("", None, "", Next::Forget),
        ("ab", None, "", Next::Stop(delta("b", "c", ""))),
        ("ac", None, "", Next::Stop(delta("c", "b", ""))),
        ("ab", None, "c", Next::Stop(delta("b", "c", ""))),
        ("ab", None, "bc", Next::Stop(delta("b", "c", ""))),
        ("ab", None, "b", Next::Acknowledge(set("b"))),
        // It added what nobody expected: all of it has to be acknowledged.
        ("abcd", None, "", Next::Stop(delta("bc", "", "d"))),
        ("abcd", None, "bc", Next::Stop(delta("bc", "", "d"))),
        ("abcd", None, "bcd", Next::Acknowledge(set("bcd"))),
        ("ad", None, "", Next::Stop(delta("", "bc", "d"))),
        ("ad", None, "d", Next::Acknowledge(set("d"))),
    ] {
        let found = decide(&open(production, traffic, acknowledged));
        assert_eq!(found, next, "production {production}, {traffic:?}, acknowledged {acknowledged}");
    }
}

#[test]
fn neither_the_branch_nor_the_files_matter_while_a_merge_is_open() {
    let mut world = open("ab", Traffic::None, "");
    world.branch = set("abcdef");
    world.files = set("a");
    world.project = set("");
    world.drift = vec![Drift::Edited { stem: "a".into() }];
    assert_eq!(decide(&world), Next::Stop(delta("b", "c", "")));
}
