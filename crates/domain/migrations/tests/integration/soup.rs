//! Texts that nobody would write: whatever comes, a report comes back, and what does not parse is refused.

use migrations::{Level, Migration, Rule, Verdict, assess};
use proptest::prelude::*;

use crate::case::{given, own};

/// Parts that statements are made of, and some that break them.
const PARTS: [&str; 48] = [
    "alter table",
    "customers",
    "public.",
    "drop column",
    "nick",
    "add constraint k",
    "check",
    "(",
    ")",
    ";",
    ",",
    "create view v as select",
    "*",
    "from",
    "create or replace function f(a int) returns int language plpgsql as",
    "$$",
    "$b$",
    "begin",
    "end",
    "if true then",
    "loop",
    "execute",
    "'drop table customers'",
    "||",
    "::",
    "text",
    "'",
    "\"",
    "--",
    "\n",
    "/*",
    "*/",
    "do",
    "create policy p on",
    "using (true)",
    "grant select on",
    "to anon",
    "unique",
    "references",
    "default",
    "not null",
    "create type mood as enum ('a')",
    "add value 'b'",
    "rollback",
    "savepoint s",
    "é",
    "\u{feff}",
    "insert into customers values (1)",
];

/// The texts of all cases.
fn texts() -> Vec<String> {
    let cases = given().into_iter().chain(own());
    cases
        .flat_map(|case| {
            [vec![case.base.clone()], case.sql.all().iter().map(ToString::to_string).collect()].concat()
        })
        .collect()
}

fn report(base: &str, pending: &str) -> migrations::Report {
    assess(
        &[Migration { path: "base.sql", text: base }],
        &[Migration { path: "pending.sql", text: pending }],
        &[],
    )
}

/// Everything told is in the text, and a parse error is never covered or outvoted.
fn holds(text: &str, report: &migrations::Report) -> Result<(), TestCaseError> {
    let lines = text.lines().count().max(1);
    for finding in report.findings.iter().filter(|finding| finding.path == "pending.sql") {
        prop_assert!((1..=lines + 1).contains(&finding.start.line) && finding.start.column > 0);
        prop_assert!(finding.start <= finding.end);
        if finding.rule == Rule::ParseError && finding.level == Level::Breaking {
            prop_assert_eq!(report.verdict(), Verdict::Breaking);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn soup_is_read_to_its_end(
        parts in proptest::collection::vec(proptest::sample::select(PARTS.as_slice()), 0..60),
        base in proptest::sample::select(texts()),
    ) {
        let text = parts.join(" ");
        holds(&text, &report(&base, &text))?;
    }

    #[test]
    fn a_file_that_is_cut_is_no_worse_than_broken(
        text in proptest::sample::select(texts()),
        base in proptest::sample::select(texts()),
        cut in 0.0..1.0_f64,
    ) {
        let whole: Vec<char> = text.chars().collect();
        let kept = whole.iter().take((whole.len() as f64 * cut) as usize).collect::<String>();
        holds(&kept, &report(&base, &kept))?;
        holds(&text, &report(&kept, &text))?;
    }

    #[test]
    fn any_characters_will_do(text in "\\PC{0,200}") {
        holds(&text, &report(&text, &text))?;
    }
}

#[test]
fn a_parse_error_has_its_place() {
    let report = report("", "create table t (id int);\n  alter tabel t add column x int;\n");
    let error = report.findings.iter().find(|finding| finding.rule == Rule::ParseError).unwrap();
    assert_eq!((error.start.line, error.start.column), (2, 3));
    assert_eq!(report.verdict(), Verdict::Breaking);
}

#[test]
fn what_is_nested_too_deeply_is_refused() {
    let deep = |open: &str, close: &str| {
        format!("select 1;\nselect {}1{};", open.repeat(90_000), close.repeat(90_000))
    };
    for text in [
        deep("(", ")"),
        deep("array[", "]"),
        deep("not ", ""),
        deep("case when true then ", " end"),
        deep("", " + 1"),
        format!("do $$ {} null; {} $$;", "begin ".repeat(90_000), "end; ".repeat(90_000)),
        format!("do $$ begin {} null; {} end $$;", "if true then ".repeat(90_000), "end if; ".repeat(90_000)),
    ] {
        let report = report("", &text);
        assert_eq!(report.verdict(), Verdict::Breaking);
        assert!(report.findings.iter().all(|finding| finding.rule == Rule::ParseError));
    }
}

#[test]
fn five_megabytes_are_read() {
    let row =
        "insert into public.customers (email, nick) values ('a@x.io', 'alter table x drop column y');\n";
    let text = row.repeat(5 * 1024 * 1024 / row.len());
    let base =
        "create table public.customers (id bigint generated always as identity, email text, nick text);";
    assert_eq!(report(base, &text).verdict(), Verdict::Compatible);
}
