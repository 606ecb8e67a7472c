//! How many breaks are caught, and how many changes that break nothing are blamed.

use migrations::{Level, Rule, Verdict};

use crate::case::{Case, given, lines, own};

/// Counts of cases.
#[derive(Default)]
struct Rates {
    breaks: usize,
    caught: usize,
    safe: usize,
    blamed: usize,
    reviews: usize,
    reported: usize,
    wrong: String,
}

impl Rates {
    fn of(cases: &[Case]) -> Self {
        let mut rates = Self::default();
        for case in cases {
            rates.add(case);
        }
        rates
    }

    fn add(&mut self, case: &Case) {
        let report = case.report();
        let verdict = report.verdict();
        let wanted = case.wanted();
        let right = match wanted {
            Verdict::Breaking => {
                self.breaks += 1;
                self.caught += usize::from(verdict == Verdict::Breaking);
                verdict == Verdict::Breaking
            }
            Verdict::Compatible => {
                self.safe += 1;
                self.blamed += usize::from(verdict != Verdict::Compatible);
                verdict == Verdict::Compatible
            }
            Verdict::NeedsReview => {
                self.reviews += 1;
                let least = case.minimum.as_deref().unwrap_or("needs_review");
                let reported = verdict >= Verdict::NeedsReview || least == "not_breaking";
                self.reported += usize::from(reported);
                reported
            }
            Verdict::Overridden => verdict == Verdict::Overridden,
        };
        // What may be silent names nothing.
        let is_silent = wanted == Verdict::NeedsReview && verdict == Verdict::Compatible;
        if !right || !(is_silent || case.names_its_rule(&report)) {
            let rule = case.rule.as_deref().unwrap_or("-");
            self.wrong.push_str(&format!(
                "{} ({}): {wanted:?} {rule}, got {verdict:?}; {}\n{}",
                case.id,
                case.group,
                case.why,
                lines(&report)
            ));
        }
    }
}

#[test]
fn the_given_cases() {
    let rates = Rates::of(&given());
    println!(
        "{}/{} {}/{} {}/{}",
        rates.caught, rates.breaks, rates.blamed, rates.safe, rates.reported, rates.reviews
    );
    assert_eq!(rates.wrong, "");
}

#[test]
fn our_own_cases() {
    let rates = Rates::of(&own());
    println!(
        "{}/{} {}/{} {}/{}",
        rates.caught, rates.breaks, rates.blamed, rates.safe, rates.reported, rates.reviews
    );
    assert_eq!(rates.wrong, "");
}

#[test]
fn advisories_are_told_beside_the_verdict() {
    let rule = |word: &str| match word {
        "lock:index-not-concurrent" => Rule::LockIndex,
        "security:definer-view" => Rule::DefinerView,
        other => panic!("no rule is known as {other}"),
    };
    let mut seen = 0;
    for case in given() {
        let Some(rule) = case.advisory.as_deref().map(rule) else { continue };
        let report = case.report();
        let told = report.findings.iter().any(|found| found.rule == rule && found.level == Level::Advisory);
        assert!(told, "{}: {}", case.id, lines(&report));
        seen += 1;
    }
    assert_eq!(seen, 2);
}
