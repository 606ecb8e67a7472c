//! One job's `if`, asked by itself.

use workflow::expression::{Condition, Contexts, StatusFunction};
use workflow::value::{Object, Value};
use workflow::{Conclusion, Workflow};

use super::rules::Rule;
use super::walk::Walked;

const OTHER: [Conclusion; 3] = [Conclusion::Failure, Conclusion::Cancelled, Conclusion::Skipped];
const MAX_VIOLATIONS: usize = 5;

/// Asks the `if` of every job that answers for all its gates itself, under every set of affected targets, with at
/// most two of its gates' results not success, and with and without a cancelled run.
pub(super) fn all(workflow: &Workflow, rules: &[Rule]) -> Walked {
    let mut walked = Walked::default();
    for rule in rules {
        let condition = workflow.job(rule.job).and_then(|job| job.condition.as_ref());
        let Some(condition) = condition.filter(|condition| !condition.implies_success()) else { continue };
        for affected in super::affected_sets() {
            ask(condition, rule, &affected, &mut walked);
            if walked.violations.len() >= MAX_VIOLATIONS {
                return walked;
            }
        }
    }
    walked
}

fn ask(condition: &Condition, rule: &Rule, affected: &[&str], walked: &mut Walked) {
    let all_needs = AllNeeds::new(&rule.jobs(), affected);
    for results in result_sets(&rule.jobs()) {
        for cancelled in [false, true] {
            walked.cases += 1;
            let result = |id: &str| results.iter().find(|(job, _)| *job == id).map(|(_, end)| *end);
            let expected = rule.allows(affected, cancelled, &result);
            let answer = condition.holds(&all_needs.scope(&results, cancelled));
            if answer != Ok(expected) && walked.violations.len() < MAX_VIOLATIONS {
                let bad: Vec<_> = results.iter().filter(|(_, end)| *end != Conclusion::Success).collect();
                walked.violations.push(format!(
                    "{}: {answer:?} with {affected:?} affected, {bad:?}, cancelled: {cancelled}",
                    rule.job
                ));
            }
        }
    }
}

type Results = Vec<(&'static str, Conclusion)>;

fn result_sets(jobs: &[&'static str]) -> Vec<Results> {
    let good: Results = jobs.iter().map(|job| (*job, Conclusion::Success)).collect();
    let mut sets = vec![good.clone()];
    for first in 0..jobs.len() {
        for end in OTHER {
            let mut one = good.clone();
            one[first].1 = end;
            sets.push(one.clone());
            for second in first + 1..jobs.len() {
                for end in OTHER {
                    let mut two = one.clone();
                    two[second].1 = end;
                    sets.push(two);
                }
            }
        }
    }
    sets
}

/// The values of `needs.<job>`, made once for every result.
struct AllNeeds {
    values: Vec<(&'static str, Conclusion, Value)>,
    contexts: Contexts,
}

impl AllNeeds {
    fn new(jobs: &[&'static str], affected: &[&str]) -> Self {
        let ends = [Conclusion::Success, Conclusion::Failure, Conclusion::Cancelled, Conclusion::Skipped];
        // Its outputs are read even where its result is no gate.
        let jobs = jobs.iter().chain(&["changes"]);
        let values = jobs.flat_map(|job| ends.map(|end| (*job, end, need(job, end, affected)))).collect();
        Self { values, contexts: super::contexts().with_status(StatusFunction::Always, true) }
    }

    fn scope(&self, results: &Results, cancelled: bool) -> Contexts {
        let changes = ("changes", Conclusion::Success);
        let all = results.iter().chain([&changes]);
        let needs: Object = all.filter_map(|(job, end)| Some((*job, self.value(job, *end)?))).collect();
        let success = !cancelled && results.iter().all(|(_, end)| *end == Conclusion::Success);
        let failure = !cancelled && results.iter().any(|(_, end)| *end == Conclusion::Failure);
        let contexts = self.contexts.clone().with("needs", needs);
        contexts
            .with_status(StatusFunction::Cancelled, cancelled)
            .with_status(StatusFunction::Success, success)
            .with_status(StatusFunction::Failure, failure)
    }

    fn value(&self, job: &str, end: Conclusion) -> Option<Value> {
        let value = self.values.iter().find(|(known, with, _)| *known == job && *with == end);
        value.map(|(_, _, value)| value.clone())
    }
}

fn need(job: &str, end: Conclusion, affected: &[&str]) -> Value {
    let outputs = if job == "changes" { super::changes(affected) } else { Vec::new() };
    let outputs: Object = outputs.into_iter().map(|(name, value)| (name, Value::from(value))).collect();
    let entries = [("result", Value::from(end.to_string())), ("outputs", Value::Object(outputs))];
    Value::Object(entries.into_iter().collect())
}
