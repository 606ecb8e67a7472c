//! What may not stand in Rust sources.

use super::Finding;
use super::tree::Tree;

/// Code that is not done does not land, and a test that does not run is none. In pieces, so that this file does
/// not find itself.
const UNFINISHED_CODE: [&str; 4] =
    [concat!("#[", "ignore"), concat!("to", "do!("), concat!("unimple", "mented!("), concat!("db", "g!(")];

/// The same in words.
const UNFINISHED_WORDS: [&str; 2] = [concat!("FIX", "ME"), concat!("TO", "DO:")];

/// Ways out of a process that skip what is still to be written.
const EXITS: [&str; 3] =
    [concat!("process::", "exit("), concat!("process::", "abort("), concat!("libc::", "exit(")];

/// What stands on the line above an exit that has no other way.
const EXCUSE: &str = concat!("#[", "expect(clippy::exit, reason");

/// What only `action::main` may ask, so that everything else runs in process on a simulated clock.
const WORLD: [&str; 7] = [
    "env::var",
    "env::args",
    "env::current_dir",
    "env::temp_dir",
    "Instant::now",
    "SystemTime::now",
    concat!("thread::", "sleep"),
];

/// The files that read the world, each once and for everybody: the process's entry, its environment, its clock,
/// the log's own stopwatch, and the resolver, whose socket deadlines are real time.
const READERS: [&str; 5] = [
    "crates/base/action/src/clock.rs",
    "crates/base/action/src/entry.rs",
    "crates/base/action/src/environment.rs",
    "crates/base/action/src/log.rs",
    "crates/vendors/dns/src/lookup.rs",
];

/// Helpers that panic, as tests do. They stand in a library only because the tests of many crates share them.
const PANICKING: [&str; 2] = ["crates/rehearsal/src/own_process.rs", "crates/rehearsal/src/sandbox.rs"];

/// What takes one of them.
const TAKES_PANICKING: [&str; 2] = [concat!("own_process", "::"), concat!("sandbox", "::")];

/// The lints that keep panics out of everything else.
const NO_PANICS: [&str; 2] = [concat!("clippy::unwrap", "_used"), concat!("clippy::expect", "_used")];

/// No unfinished work and no test that is skipped.
pub(super) fn no_unfinished_marks(tree: &Tree) -> Vec<Finding> {
    let what = "is a mark of unfinished work";
    let code = tree.ending(".rs").flat_map(|(path, text)| found(path, text, &UNFINISHED_CODE, what));
    let files = tree.ending(".rs").chain(tree.ending(".sh")).chain(tree.ending(".yml"));
    code.chain(files.flat_map(|(path, text)| found_anywhere(path, text, &UNFINISHED_WORDS, what))).collect()
}

/// A process ends by returning from `main`; where there is no other way, the lint is expected with a reason.
pub(super) fn nobody_exits(tree: &Tree) -> Vec<Finding> {
    let excused = |text: &str, finding: &Finding| {
        let line: usize = finding.place.rsplit(':').next().and_then(|n| n.parse().ok()).unwrap_or(0);
        text.lines().nth(line.wrapping_sub(2)).is_some_and(|above| above.contains(EXCUSE))
    };
    tree.ending(".rs")
        .flat_map(|(path, text)| {
            let mut findings = found(path, text, &EXITS, "ends the process: return an `ExitCode`");
            findings.retain(|finding| !excused(text, finding));
            findings
        })
        .collect()
}

/// Below the rehearsal, only `action::main` reads the environment, the clock and the working directory.
pub(super) fn only_main_reads_the_world(tree: &Tree) -> Vec<Finding> {
    let floors =
        ["crates/base/", "crates/vendors/", "crates/domain/", "crates/operations/", "crates/primitives/"];
    tree.ending(".rs")
        .filter(|(path, _)| floors.iter().any(|floor| path.starts_with(floor)))
        .filter(|(path, _)| path.contains("/src/") && !path.ends_with("/tests.rs") && !READERS.contains(path))
        .flat_map(|(path, text)| {
            let code = text.split("#[cfg(test)]").next().unwrap_or(text);
            found(path, code, &WORLD, "is asked by `action::main` alone: take it from the `Context`")
        })
        .collect()
}

/// Nothing that ships panics on purpose: clippy refuses it, nobody but the helpers of tests may tell clippy not to, and
/// nobody but tests may use those.
pub(super) fn only_tests_panic(tree: &Tree) -> Vec<Finding> {
    tree.ending(".rs")
        .filter(|(path, _)| {
            path.contains("/src/") && !path.ends_with("/tests.rs") && !PANICKING.contains(path)
        })
        .flat_map(|(path, text)| {
            let code = text.split("#[cfg(test)]").next().unwrap_or(text);
            let mut findings = found(path, code, &NO_PANICS, "stays on: return an error");
            findings.extend(found(path, code, &TAKES_PANICKING, "is for tests alone: it panics"));
            findings
        })
        .collect()
}

/// Whoever silences a lint says why, inside the attribute.
pub(super) fn silenced_lints_have_reasons(tree: &Tree) -> Vec<Finding> {
    let marks = [
        concat!("#[", "allow("),
        concat!("#![", "allow("),
        concat!("#[", "expect("),
        concat!("#![", "expect("),
    ];
    let has_reason = |text: &str, finding: &Finding| {
        let attribute: String = text.lines().skip(finding.line() - 1).take(10).collect::<Vec<_>>().join(" ");
        attribute.split(")]").next().is_some_and(|inside| inside.contains("reason = \""))
    };
    tree.ending(".rs")
        .flat_map(|(path, text)| {
            let mut findings = found(path, text, &marks, "needs a `reason = \"...\"`");
            findings.retain(|finding| !has_reason(text, finding));
            findings
        })
        .collect()
}

/// The lines of code with one of these marks; whole-line comments do not count.
fn found(path: &str, text: &str, marks: &[&str], what: &str) -> Vec<Finding> {
    let comment = |line: &str| line.trim_start().starts_with("//");
    let lines = text.lines().enumerate().filter(|(_, line)| !comment(line));
    matching(path, lines, marks, what)
}

fn found_anywhere(path: &str, text: &str, marks: &[&str], what: &str) -> Vec<Finding> {
    matching(path, text.lines().enumerate(), marks, what)
}

fn matching<'a>(
    path: &str,
    lines: impl Iterator<Item = (usize, &'a str)>,
    marks: &[&str],
    what: &str,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, line) in lines {
        let mark = marks.iter().find(|mark| line.contains(**mark));
        findings.extend(mark.map(|mark| Finding::at(path, index, format!("`{mark}` {what}"))));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::tree::tests::planted;
    use super::*;

    fn places(rule: super::super::Rule, files: &[(&str, &str)]) -> Vec<String> {
        rule(&planted(files)).into_iter().map(|finding| finding.place).collect()
    }

    #[test]
    fn unfinished_work_is_refused() {
        for mark in UNFINISHED_CODE.into_iter().chain(UNFINISHED_WORDS) {
            let text = format!("fn a() {{\n    {mark}\n}}\n");
            assert_eq!(places(no_unfinished_marks, &[("a.rs", text.as_str())]), ["a.rs:2"], "{mark}");
        }
        let comment = format!("// {}: later\n", UNFINISHED_WORDS[0]);
        assert_eq!(places(no_unfinished_marks, &[("a.sh", comment.as_str())]), ["a.sh:1"]);
        assert_eq!(places(no_unfinished_marks, &[("a.rs", "fn ignore() {}\n")]), [""; 0]);
    }

    #[test]
    fn an_exit_without_a_reason_is_refused() {
        let exit = format!("std::{}1);\n", EXITS[0]);
        assert_eq!(places(nobody_exits, &[("a.rs", exit.as_str())]), ["a.rs:1"]);
        let excused = format!("{EXCUSE} = \"no other way\")]\n{exit}");
        assert_eq!(places(nobody_exits, &[("a.rs", excused.as_str())]), [""; 0]);
    }

    #[test]
    fn only_main_may_ask_the_world() {
        let asks = "fn a() {\n    let now = Instant::now();\n}\n";
        let files = [
            ("crates/primitives/x/src/lib.rs", asks),
            ("crates/primitives/x/tests/integration/main.rs", asks),
            ("crates/base/action/src/clock.rs", asks),
            ("crates/rehearsal/src/lib.rs", asks),
            ("crates/base/wait/src/lib.rs", "#[cfg(test)]\nmod tests {\n    fn a() { Instant::now(); }\n}\n"),
        ];
        assert_eq!(places(only_main_reads_the_world, &files), ["crates/primitives/x/src/lib.rs:2"]);
        for mark in WORLD {
            let text = format!("{mark}\n");
            assert_eq!(places(only_main_reads_the_world, &[("crates/domain/x/src/a.rs", &text)]).len(), 1);
        }
    }

    #[test]
    fn only_tests_may_panic() {
        let silences = format!("#![{}({}, reason = \"x\")]\n", "expect", NO_PANICS[0]);
        let takes = format!("fn a() {{\n    rehearsal::{}run();\n}}\n", TAKES_PANICKING[0]);
        let in_test = format!("#[cfg(test)]\nmod tests {{\n{takes}}}\n");
        let files = [
            (PANICKING[0], silences.as_str()),
            ("crates/a/src/silences.rs", &silences),
            ("crates/a/src/takes.rs", &takes),
            ("crates/a/src/in_test.rs", &in_test),
            ("crates/a/tests/integration/world.rs", &takes),
            ("crates/a/src/lib.rs", "pub mod sandbox;\n"),
        ];
        let found = places(only_tests_panic, &files);
        assert_eq!(found, ["crates/a/src/silences.rs:1", "crates/a/src/takes.rs:2"]);
    }

    #[test]
    fn a_silenced_lint_without_a_reason_is_refused() {
        let mark = concat!("#![", "allow(");
        for (rest, count) in [
            ("dead_code)]\n", 1),
            ("dead_code, reason = \"x\")]\n", 0),
            ("\n    dead_code,\n    reason = \"x\"\n)]\n", 0),
            ("dead_code)]\nreason = \"x\"\n", 1),
        ] {
            let text = format!("{mark}{rest}");
            assert_eq!(
                places(silenced_lints_have_reasons, &[("a.rs", text.as_str())]).len(),
                count,
                "{text}"
            );
        }
    }
}
