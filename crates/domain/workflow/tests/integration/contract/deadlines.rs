//! Every job may take as long as its primitives do, and five minutes more; and what a job gives to an action and
//! takes from it is what that action declares.

use workflow::Workflow;
use workflow::expression::Template;
use workflow::workflow::{Action, Job, Step, Uses};

use super::actions::Declared;
use super::{DRAIN, OPERATIONS, PRODUCTION, ROLLBACK, STAGING, SYNC};
use crate::files::{text, workflow};

/// What a job needs besides its primitives: a runner, the checkout, the download of a binary.
const REST: u32 = 5;

/// The deadlines, in minutes, of the primitives that have no `timeout` of their own: rounded up from the limits of
/// what they do. A database takes 34 s to connect at worst (three attempts of 10 s, pauses of 1 and 3 s), and 30 s for
/// each transaction; one request to a vendor is repeated within 2 minutes.
const WITHOUT_TIMEOUT: &[(&str, u32)] = &[
    // 30 s to probe each of three names, 15 s before and up to 2 minutes after the flip at the name servers, 30 s to
    // read it back and 30 s for the way back when it does not show; one vendor that stumbles, 2 minutes.
    ("cname-flip", 8),
    // One vendor that stumbles, 2 minutes, the lookups of a few names, and one transaction.
    ("color-resolve", 5),
    // Two transactions: the row is read, then written.
    ("cutover-record", 2),
    // One transaction.
    ("deployed-base", 2),
    // Two transactions: the run's own number, else a new one.
    ("generation-allocate", 2),
    // Two transactions: the holds, each with the work below it, and what is stranded.
    ("hold-check", 2),
    // Git alone, and one fetch of a commit that the checkout does not have.
    ("manifest-resolve", 3),
    // As cname-flip, after a look at the names, the services and the ledger.
    ("rollback", 12),
    // One vendor that stumbles, 2 minutes, the other requests, and a minute to look for a status without an answer.
    ("staging-marker", 4),
];

/// What one look at names, services and ledger takes: as color-resolve.
const LOOK: u32 = 5;

/// Actions whose `timeout` is that of one service: they bring one target's standby after another to what serves.
const SERVICE_BY_SERVICE: &[&str] = &["blue-sync"];

/// The action of this repository that a step uses, with what it is given.
fn own(step: &Step) -> Option<(&str, &[(String, Template)])> {
    match &step.action {
        Action::Uses { uses: Uses::Own { path }, with } => {
            Some((path.strip_prefix("actions/").unwrap(), with))
        }
        _ => None,
    }
}

/// `25m`, `30s`, `2h` -> minutes, rounded up.
fn minutes(text: &str) -> u32 {
    let at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number: u32 = text[..at].parse().unwrap_or_else(|_| panic!("`{text}` is no duration"));
    match &text[at..] {
        "s" => number.div_ceil(60),
        "m" => number,
        "h" => number * 60,
        _ => panic!("`{text}` is no duration"),
    }
}

/// A duration as a workflow gives it: plain, or as the default behind a variable, `${{ vars.X || '25m' }}`.
fn given(value: &Template) -> u32 {
    let Some(expression) = value.lone_expression() else { return minutes(value.literal().unwrap()) };
    let source = expression.source();
    let default = source.trim().strip_prefix("vars.").and_then(|rest| rest.split_once(" || '"));
    let default = default.and_then(|(_, rest)| rest.strip_suffix('\''));
    minutes(default.unwrap_or_else(|| panic!("`{source}` is no variable with a default")))
}

fn deadline(action: &str, with: &[(String, Template)]) -> u32 {
    let declared = Declared::of(action);
    let Some(default) = declared.default_of("timeout") else {
        let known = WITHOUT_TIMEOUT.iter().find(|(name, _)| *name == action);
        return known.unwrap_or_else(|| panic!("how long {action} takes is not stated")).1;
    };
    with.iter().find(|(key, _)| key == "timeout").map_or_else(|| minutes(default), |(_, value)| given(value))
}

/// How long an action of this job may take in all.
fn in_all(job: &Job, action: &str, with: &[(String, Template)]) -> u32 {
    match SERVICE_BY_SERVICE.contains(&action) {
        true => deadline(action, with) * standbys(job) + LOOK,
        false => deadline(action, with),
    }
}

/// The targets whose colours a job is told: a target whose service it does not know cannot be deployed.
fn standbys(job: &Job) -> u32 {
    let told = job.env.iter().filter(|(name, _)| name.ends_with("_BLUE_SERVICE")).count();
    u32::try_from(told).unwrap()
}

fn needed(job: &Job) -> u32 {
    job.steps.iter().filter_map(own).map(|(action, with)| in_all(job, action, with)).sum::<u32>() + REST
}

fn short(file: &Workflow) -> Vec<String> {
    let gap = |job: &Job| {
        let (has, needs) = (job.timeout_minutes, needed(job));
        (has.unwrap_or(0) < needs).then(|| format!("{} has {has:?}, and needs {needs}", job.id))
    };
    file.jobs.iter().filter_map(gap).collect()
}

#[test]
fn every_job_may_take_as_long_as_its_primitives_and_five_minutes() {
    for name in [PRODUCTION, STAGING].into_iter().chain(OPERATIONS) {
        assert_eq!(short(&workflow(name)), Vec::<String>::new(), "{name}");
    }
    // What each needs, so that a rule that counts too little shows.
    let needs = |name| {
        workflow(name).jobs.iter().map(|job| format!("{} {}", job.id, needed(job))).collect::<Vec<_>>()
    };
    assert_eq!(
        needs(PRODUCTION).join(", "),
        "approval 5, marker 9, changes 17, schema-rehearse 22, schema-merge 20, generation 7, api 37, workers 32, dashboard 37, operations 37, \
         heartbeat 7, blue-quiet 10, flip 15, confirm 26, docs-user 9, docs-codex 9, recorded 9"
    );
    assert_eq!(
        needs(STAGING).join(", "),
        "changes 16, generation 7, api 37, workers 34, dashboard 37, operations 37, docs-user 7, docs-codex 7, marker 9"
    );
    assert_eq!(needs(SYNC), ["sync 110"]);
}

#[test]
fn a_minute_less_is_noticed() {
    let shorter = |text: &str, from: &str, to: &str| {
        assert!(text.contains(from));
        short(&Workflow::parse(&text.replacen(from, to, 1)).unwrap())
    };
    let production = text(PRODUCTION);
    assert_eq!(
        shorter(&production, "timeout-minutes: 40", "timeout-minutes: 36"),
        ["api has Some(36), and needs 37"]
    );
    assert_eq!(shorter(&production, "    timeout-minutes: 40\n", ""), ["api has None, and needs 37"]);
    assert_eq!(shorter(&production, "|| '25m'", "|| '29m'"), ["api has Some(40), and needs 41"]);
    let timeout = "          timeout: ${{ vars.HEARTBEAT_TIMEOUT || '2m' }}\n";
    assert_eq!(
        shorter(&production, timeout, "          timeout: 121s\n"),
        ["heartbeat has Some(7), and needs 8"]
    );
    assert_eq!(shorter(&production, timeout, ""), [""; 0]);
    // Four targets, one after another: each may take its 25 minutes.
    let sync = text(SYNC);
    let minutes = "timeout-minutes: 110";
    assert_eq!(shorter(&sync, minutes, "timeout-minutes: 109"), ["sync has Some(109), and needs 110"]);
    let service = "      OPERATIONS_BLUE_SERVICE: ${{ vars.OPERATIONS_BLUE_SERVICE }}\n";
    let fifth = format!("{service}      FIFTH_BLUE_SERVICE: ${{{{ vars.FIFTH_BLUE_SERVICE }}}}\n");
    assert_eq!(shorter(&sync, service, &fifth), ["sync has Some(110), and needs 135"]);
}

/// What a file gives to actions and takes from them without their declaring it, and what it fails to give.
fn undeclared(file: &Workflow) -> Vec<String> {
    let mut found = Vec::new();
    for job in &file.jobs {
        for (action, with) in job.steps.iter().filter_map(own) {
            let declared = Declared::of(action);
            let unknown = with.iter().filter(|(key, _)| !declared.has_input(key));
            found.extend(unknown.map(|(key, _)| format!("{}: {action} has no input {key}", job.id)));
            let missing =
                declared.required().iter().filter(|key| !with.iter().any(|(given, _)| given == *key));
            found.extend(missing.map(|key| format!("{}: {action} is not given {key}", job.id)));
        }
        for (id, output) in outputs_read(job) {
            let Some((action, _)) = own(job.step(&id).unwrap()) else { continue };
            if !Declared::of(action).has_output(&output) {
                found.push(format!("{}: {action} has no output {output}", job.id));
            }
        }
    }
    found
}

/// Every `steps.ID.outputs.NAME` of a job.
fn outputs_read(job: &Job) -> Vec<(String, String)> {
    let values = |step: &Step| match &step.action {
        Action::Uses { with, .. } => with.iter().map(|(_, value)| value.references()).collect(),
        Action::Run { run, .. } => vec![run.references()],
    };
    let own = job.outputs.iter().map(|(_, value)| value.references());
    let steps = job.steps.iter().flat_map(|step| {
        let env = step.env.iter().map(|(_, value)| value.references());
        let condition = step.condition.iter().map(workflow::expression::Condition::references);
        env.chain(condition).chain(values(step))
    });
    let mut found = Vec::new();
    for references in own.chain(steps) {
        for reference in references.of("steps") {
            match reference.names().as_deref() {
                Some([id, "outputs", output, ..]) => found.push(((*id).to_owned(), (*output).to_owned())),
                Some([_, "outcome" | "conclusion"]) => {}
                other => panic!("{}: steps.{other:?} hides which output it reads", job.id),
            }
        }
    }
    found
}

#[test]
fn actions_get_and_give_only_what_they_declare() {
    for (name, read) in [(PRODUCTION, 16), (STAGING, 5), (DRAIN, 1), (SYNC, 0), (ROLLBACK, 1)] {
        let file = workflow(name);
        assert_eq!(undeclared(&file), Vec::<String>::new(), "{name}");
        assert_eq!(file.jobs.iter().map(|job| outputs_read(job).len()).sum::<usize>(), read, "{name}");
    }
}

#[test]
fn what_an_action_does_not_declare_is_noticed() {
    let with = |from: &str, to: &str| {
        let text = text(PRODUCTION);
        assert!(text.contains(from));
        undeclared(&Workflow::parse(&text.replacen(from, to, 1)).unwrap())
    };
    let input = with("schema-version: ${{ needs", "schema_version: ${{ needs");
    assert_eq!(input, ["api: version-poll has no input schema_version"]);
    let missing = with("          targets: ${{ steps.colors.outputs.flips }}\n", "");
    assert_eq!(missing, ["changes: hold-check is not given targets"]);
    let output = with("steps.colors.outputs.live-services }}", "steps.colors.outputs.blue-services }}");
    assert_eq!(output, ["changes: color-resolve has no output blue-services"]);
    let condition = with("if: steps.colors.outputs.flips", "if: steps.colors.outputs.flip");
    assert_eq!(condition, ["changes: color-resolve has no output flip"]);
}

/// A flip that moved nothing is recorded as undone only when the job that announced it cannot be at work any more.
#[test]
fn a_rollback_waits_for_the_job_that_flips() {
    let production = workflow(PRODUCTION);
    let announces = |job: &&Job| {
        let mut given = job.steps.iter().filter_map(own).filter(|(action, _)| *action == "cutover-record");
        given.any(|(_, with)| {
            with.iter().any(|(key, value)| key == "mode" && value.literal() == Some("intent"))
        })
    };
    let jobs: Vec<&Job> = production.jobs.iter().filter(announces).collect();
    assert_eq!(jobs.iter().map(|job| job.id.as_str()).collect::<Vec<_>>(), ["flip"]);
    let limit = minutes(Declared::of("rollback").default_of("flip-limit").unwrap());
    assert!(jobs[0].timeout_minutes.is_some_and(|minutes| minutes <= limit), "{:?}", jobs[0].timeout_minutes);
    let rollback = workflow(ROLLBACK);
    let given = rollback.jobs.iter().flat_map(|job| &job.steps).filter_map(own);
    assert!(
        given.flat_map(|(_, with)| with).all(|(key, _)| key != "flip-limit"),
        "the default is what counts"
    );
}
