//! The gate of `ci.yml` on markers of migrations: a pull request with an override fails unless a person has set the
//! label `compat-reviewed` (ADR-053 D5: "the override forces explicit human review"). The label stays on when more is
//! pushed, so it counts only in the run that setting it has started, for the commit of that run.
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

/// The part of the gate that lets pass.
const AGREES: &str =
    "\n          && !(github.event.action == 'labeled' && github.event.label.name == 'compat-reviewed')";

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
    /// Of the event, such as `labeled`; empty for a push.
    action: &'static str,
    /// The label that was set or taken off, in an event about one.
    label: Option<&'static str>,
    /// Those that the pull request has.
    labels: &'static [&'static str],
    /// The lint's output; empty when it never came so far.
    overrides: &'static str,
    lint: Conclusion,
}

impl Case {
    /// Every combination.
    fn all() -> Vec<Self> {
        let pull = |action, label| ("pull_request", action, label);
        let events = [
            ("push", "", None),
            pull("opened", None),
            pull("synchronize", None),
            pull("reopened", None),
            pull("labeled", Some(LABEL)),
            pull("labeled", Some("bug")),
            pull("labeled", Some("compat")),
            pull("unlabeled", Some(LABEL)),
            pull("unlabeled", Some("bug")),
        ];
        let labels: [&[&str]; 4] = [&[], &["bug"], &[LABEL], &["bug", LABEL, "compat"]];
        let mut all = Vec::new();
        for (event, action, label) in events {
            for labels in labels {
                for overrides in ["", "0", "1", "12"] {
                    for lint in [Conclusion::Success, Conclusion::Failure] {
                        all.push(Self { event, action, label, labels, overrides, lint });
                    }
                }
            }
        }
        all
    }

    fn contexts(self) -> Contexts {
        let named = |name: &&str| format!(r#"{{"name": "{name}"}}"#);
        let labels: Vec<String> = self.labels.iter().map(named).collect();
        let label = self.label.as_ref().map(|label| format!(r#""label": {}, "#, named(label)));
        let event = match self.event {
            "push" => r#"{"before": "b1"}"#.to_owned(),
            _ => format!(
                r#"{{"action": "{}", {}"pull_request": {{"labels": [{}], "base": {{"sha": "a1"}}}}}}"#,
                self.action,
                label.unwrap_or_default(),
                labels.join(", ")
            ),
        };
        let github = format!(r#"{{"event_name": "{}", "workspace": "/w", "event": {event}}}"#, self.event);
        Contexts::new().with("github", Value::from_json(&github).unwrap())
    }

    /// Whether the gate is to stop it: whatever labels there are, only setting this one agrees to this commit. Where
    /// the lint failed, that alone stops it.
    fn stops(self) -> bool {
        let asked = self.event == "pull_request" && self.lint == Conclusion::Success;
        let agrees = self.action == "labeled" && self.label == Some(LABEL);
        asked && self.overrides != "0" && !agrees
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
    assert_eq!(Case::all().len(), 288);
    let wrong = wrong(&read(&alone()));
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn no_part_of_the_gate_can_be_taken_out_unnoticed() {
    let text = alone();
    let mutants = [
        ("github.event_name == 'pull_request'\n          && ", ""),
        ("\n          && steps.migrations.outputs.overrides != '0'", ""),
        (AGREES, ""),
        // The label of an earlier push, as whoever has it on sees it.
        (AGREES, "\n          && !contains(github.event.pull_request.labels.*.name, 'compat-reviewed')"),
        ("github.event.action == 'labeled' && ", ""),
        (" && github.event.label.name == 'compat-reviewed'", ""),
        ("'labeled' && ", "'labeled' || "),
        ("'labeled'", "'unlabeled'"),
        ("action == 'labeled'", "action != 'synchronize'"),
        ("overrides != '0'", "overrides == '1'"),
        ("overrides != '0'", "overrides > '1'"),
        ("!(github", "(github"),
        ("'compat-reviewed')", "'compat')"),
        ("event.label.name", "event.label"),
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
    let steps = &file.job("lints").unwrap().steps;
    let with = |step: &workflow::workflow::Step, name: &str, case: Case| {
        let Action::Uses { with, .. } = &step.action else { panic!("{step:?}") };
        let value = &with.iter().find(|(given, _)| given == name).unwrap().1;
        value.evaluate_text(&case.contexts()).unwrap()
    };
    let lint = steps.iter().find(|step| step.id.as_deref() == Some(LINT)).unwrap();
    // The merge commit that is checked out has it as its first parent; the `base.sha` of the event may be older.
    for (event, expected) in [("pull_request", "HEAD^1"), ("push", "b1")] {
        let case = Case {
            event,
            action: "synchronize",
            label: None,
            labels: &[],
            overrides: "0",
            lint: Conclusion::Success,
        };
        assert_eq!(with(lint, "base", case), expected);
        // Either is there in a checkout with its history, of the commit that the event names.
        assert_eq!(with(&steps[0], "fetch-depth", case), "0");
        let Action::Uses { with, .. } = &steps[0].action else { panic!() };
        assert!(!with.iter().any(|(name, _)| name == "ref"));
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
