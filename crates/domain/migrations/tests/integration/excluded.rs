//! Rules that somebody does not want.

use migrations::{Migration, Report, Rule, Verdict, assess};

const BASE: &str = "create table public.t (a int not null, b int); insert into public.t values (1, 2);";

fn report(pending: &str, excluded: &[Rule]) -> Report {
    let file = |path, text| Migration { path, text };
    assess(&[file("base.sql", BASE)], &[file("pending.sql", pending)], excluded)
}

#[test]
fn what_an_excluded_rule_finds_is_counted_and_not_told() {
    let found = report("truncate public.t;", &[]);
    assert_eq!(found.verdict(), Verdict::Breaking);
    assert!(found.excluded.is_empty());

    let left_out = report("truncate public.t;", &[Rule::Truncate]);
    assert_eq!(left_out.verdict(), Verdict::Compatible, "{left_out:?}");
    assert_eq!(left_out.excluded.into_iter().collect::<Vec<_>>(), [(Rule::Truncate, 1)]);
}

#[test]
fn a_marker_covers_nothing_where_only_an_excluded_rule_found_something() {
    let marked = "-- compat: breaking (reason: the rows are from a test in May)\ntruncate public.t;";
    assert_eq!(report(marked, &[]).overrides.len(), 1);
    let left_out = report(marked, &[Rule::Truncate]);
    assert!(left_out.overrides.is_empty());
    assert_eq!(left_out.findings.iter().map(|found| found.rule).collect::<Vec<_>>(), [Rule::MarkerUnused]);
}

#[test]
fn what_the_decision_rejects_cannot_be_excluded() {
    let always = [
        ("alter table public.t drop column a;", Rule::DropColumn),
        ("drop table public.t;", Rule::DropTable),
        ("alter table public.t alter column a type smallint;", Rule::TypeIncompatible),
        ("alter table public.t add column c int not null;", Rule::AddRequiredColumn),
        ("alter table public.t add unique (a);", Rule::AddUnique),
        ("alter tabel public.t;", Rule::ParseError),
        ("-- compat: breaking\ndrop table public.t;", Rule::MarkerInvalid),
        ("-- compat: breaking (reason: the rows are from a test in May)\nselect 1;", Rule::MarkerUnused),
    ];
    for (pending, rule) in always {
        let found = report(pending, Rule::ALL);
        assert!(found.findings.iter().any(|finding| finding.rule == rule), "{pending} {found:?}");
        assert!(!found.excluded.contains_key(&rule), "{pending}");
    }
    let on: Vec<Rule> = Rule::ALL.iter().copied().filter(|rule| rule.is_always_on()).collect();
    let named = [Rule::Naming]; // told by whoever reads the files
    assert_eq!(on.len(), always.len() + named.len());
}
