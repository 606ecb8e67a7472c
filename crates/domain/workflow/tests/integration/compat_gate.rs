//! The gate of `ci.yml` on markers of migrations: a pull request with an override fails unless a person has set the
//! label `compat-reviewed` (ADR-053 D5: "the override forces explicit human review").
//!
//! The file has a matrix and names of jobs, which are not read here; so the job is taken out of it, as it stands.

use workflow::expression::Contexts;
use workflow::value::Value;
use workflow::workflow::Action;
use workflow::{Conclusion, StepRun, StepVerdict, Workflow};

use crate::files::text;

const GATE: &str = "A person has agreed to what breaks";
const LINT: &str = "migrations";
const LABEL: &str = "compat-reviewed";

/// The job `lints`, alone in a file.
fn alone() -> String {
    let text = text("ci.yml");
    let start = text.find("\n  lints:\n").unwrap() + 1;
    let end = start + text[start..].find("\n  gate:\n").unwrap() + 1;
    let job = text[start..end].replacen("    name: lints\n", "", 1);
    format!("on: {{push: {{}}}}\npermissions: {{}}\njobs:\n{job}")
}

fn read(text: &str) -> Workflow {
    Workflow::parse(text).unwrap_or_else(|problem| panic!("{problem}\n{text}"))
}

/// What a run of the workflow knows.
#[derive(Clone, Copy, Debug)]
struct Case {
    event: &'static str,
    labels: &'static [&'static str],
    /// The lint's output; empty when it never came so far.
    overrides: &'static str,
    lint: Conclusion,
}

impl Case {
    /// Every combination.
    fn all() -> Vec<Self> {
        let labels: [&[&str]; 4] = [&[], &["bug"], &[LABEL], &["bug", LABEL, "compat"]];
        let mut all = Vec::new();
        for event in ["pull_request", "push"] {
            for labels in labels {
                for overrides in ["", "0", "1", "12"] {
                    for lint in [Conclusion::Success, Conclusion::Failure] {
                        all.push(Self { event, labels, overrides, lint });
                    }
                }
            }
        }
        all
    }

    fn contexts(self) -> Contexts {
        let labels: Vec<String> = self.labels.iter().map(|name| format!(r#"{{"name": "{name}"}}"#)).collect();
        let event = match self.event {
            "push" => r#"{"before": "b1"}"#.to_owned(),
            _ => {
                format!(
                    r#"{{"pull_request": {{"labels": [{}], "base": {{"sha": "a1"}}}}}}"#,
                    labels.join(", ")
                )
            }
        };
        let github = format!(r#"{{"event_name": "{}", "workspace": "/w", "event": {event}}}"#, self.event);
        Contexts::new().with("github", Value::from_json(&github).unwrap())
    }

    /// Whether the gate is to stop it. Where the lint failed, that alone stops it.
    fn stops(self) -> bool {
        let asked = self.event == "pull_request" && self.lint == Conclusion::Success;
        asked && self.overrides != "0" && !self.labels.contains(&LABEL)
    }

    /// Whether the gate's step runs, and how the job ends if that step then fails, as it does.
    fn play(self, file: &Workflow) -> (bool, Conclusion) {
        let mut run = StepRun::new(file.job("lints").unwrap());
        let contexts = self.contexts();
        let mut stopped = false;
        while let Some((step, verdict)) = run.next(&contexts) {
            if verdict != StepVerdict::Run {
                continue;
            }
            let is_gate = step.name.as_ref().and_then(|name| name.literal()) == Some(GATE);
            stopped |= is_gate;
            if step.id.as_deref() == Some(LINT) {
                run.finish(self.lint, vec![("overrides".to_owned(), self.overrides.to_owned())]);
            } else {
                run.finish(if is_gate { Conclusion::Failure } else { Conclusion::Success }, Vec::new());
            }
        }
        (stopped, run.status())
    }
}

/// The cases in which a file does not do what it must.
fn wrong(file: &Workflow) -> Vec<Case> {
    Case::all()
        .into_iter()
        .filter(|case| {
            let fails = case.stops() || case.lint == Conclusion::Failure;
            let end = if fails { Conclusion::Failure } else { Conclusion::Success };
            case.play(file) != (case.stops(), end)
        })
        .collect()
}

#[test]
fn an_override_waits_for_a_person() {
    assert_eq!(Case::all().len(), 64);
    let wrong = wrong(&read(&alone()));
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn no_part_of_the_gate_can_be_taken_out_unnoticed() {
    let text = alone();
    let mutants = [
        ("github.event_name == 'pull_request'\n          && ", ""),
        ("\n          && steps.migrations.outputs.overrides != '0'", ""),
        ("\n          && !contains(github.event.pull_request.labels.*.name, 'compat-reviewed')", ""),
        ("overrides != '0'", "overrides == '1'"),
        ("overrides != '0'", "overrides > '1'"),
        ("!contains(", "contains("),
        ("'compat-reviewed')", "'compat')"),
        (".labels.*.name", ".labels.name"),
        ("        if: >-\n", "        if: >-\n          always() && "),
        ("        if: >-\n", "        continue-on-error: true\n        if: >-\n"),
        ("        id: migrations\n", "        id: migrations\n        continue-on-error: true\n"),
    ];
    for (from, to) in mutants {
        let mutant = text.replacen(from, to, 1);
        assert_ne!(mutant, text, "{from}");
        assert!(!wrong(&read(&mutant)).is_empty(), "{from} -> {to}");
    }
    // A step that is not there has no outputs: the reader says so.
    let misspelt = text.replacen("steps.migrations.outputs", "steps.migration.outputs", 1);
    assert!(Workflow::parse(&misspelt).is_err());
}

#[test]
fn what_is_deployed_is_what_the_change_goes_into() {
    let file = read(&alone());
    let lint = file.job("lints").unwrap().steps.iter().find(|step| step.id.as_deref() == Some(LINT)).unwrap();
    let Action::Uses { with, .. } = &lint.action else { panic!("{lint:?}") };
    let base = &with.iter().find(|(name, _)| name == "base").unwrap().1;
    for (event, expected) in [("pull_request", "a1"), ("push", "b1")] {
        let case = Case { event, labels: &[], overrides: "0", lint: Conclusion::Success };
        assert_eq!(base.evaluate_text(&case.contexts()).as_deref(), Ok(expected));
    }
}

#[test]
fn labels_are_events_and_the_gate_of_all_waits_for_the_lints() {
    let text = text("ci.yml");
    assert!(text.contains("types: [opened, synchronize, reopened, labeled, unlabeled]\n"));
    assert!(text.contains("needs: [check, actions, lints]\n"));
    let file = read(&alone());
    let granted = file.permissions_of(file.job("lints").unwrap()).unwrap();
    assert_eq!(format!("{granted:?}").matches("Read").count(), 1, "{granted:?}");
    assert!(!format!("{granted:?}").contains("Write") && !text.contains("secrets."));
}
