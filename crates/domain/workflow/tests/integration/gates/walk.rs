//! The job graph, played.

use std::collections::{BTreeSet, VecDeque};

use workflow::{Conclusion, Run, Verdict, Workflow};

use super::rules::Rule;

/// What a walk saw.
#[derive(Default)]
pub(super) struct Walked {
    /// Sets of targets and of bad outcomes.
    pub(super) cases: usize,
    /// Those of them that are plays of their own.
    pub(super) played: usize,
    /// The first few.
    pub(super) violations: Vec<String>,
}

/// How a job goes wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Bad {
    Failure,
    /// The job alone: its own time ran out.
    Cancelled,
    /// Somebody cancels the run while this job runs.
    RunCancelled,
}

pub(super) const BAD: [Bad; 3] = [Bad::Failure, Bad::Cancelled, Bad::RunCancelled];
const MAX_VIOLATIONS: usize = 5;

/// Plays every set of affected targets with every set of at most two bad outcomes, each job of the file being a
/// place for one, and compares each start and each skip with the rules. A set with a job that never starts because
/// of the other one is the play of that other one, and is not played again.
pub(super) fn all(workflow: &Workflow, rules: &[Rule]) -> Walked {
    let mut walked = Walked::default();
    for affected in super::affected_sets() {
        let good = walked.play(workflow, rules, &affected, &[]);
        let ones: Vec<One<'_>> = workflow
            .jobs
            .iter()
            .flat_map(|job| BAD.map(|bad| (job.id.as_str(), bad)))
            .map(|bad| {
                let started = match good.contains(bad.0) {
                    true => walked.play(workflow, rules, &affected, &[bad]),
                    false => walked.same(&good),
                };
                One { bad, started }
            })
            .collect();
        for (index, first) in ones.iter().enumerate() {
            for second in ones[index + 1..].iter().filter(|second| second.bad.0 != first.bad.0) {
                if first.started.contains(second.bad.0) && second.started.contains(first.bad.0) {
                    walked.play(workflow, rules, &affected, &[first.bad, second.bad]);
                } else {
                    walked.cases += 1;
                }
            }
        }
        if walked.violations.len() >= MAX_VIOLATIONS {
            return walked;
        }
    }
    walked
}

/// One bad outcome, and the jobs that start with it.
struct One<'w> {
    bad: (&'w str, Bad),
    started: BTreeSet<&'w str>,
}

impl Walked {
    fn same<'w>(&mut self, started: &BTreeSet<&'w str>) -> BTreeSet<&'w str> {
        self.cases += 1;
        started.clone()
    }

    /// Returns the jobs that started.
    fn play<'w>(
        &mut self,
        workflow: &'w Workflow,
        rules: &[Rule],
        affected: &[&str],
        bad: &[(&str, Bad)],
    ) -> BTreeSet<&'w str> {
        self.cases += 1;
        self.played += 1;
        let mut run = Run::new(workflow, super::contexts());
        let (mut running, mut started) = (VecDeque::new(), BTreeSet::new());
        loop {
            for (job, verdict) in run.next() {
                let rule = rules.iter().find(|rule| rule.job == job.id);
                let result = |id: &str| run.conclusion_of(id);
                let allowed = rule.is_some_and(|rule| rule.allows(affected, run.is_cancelled(), &result));
                let expected = if allowed { Verdict::Start } else { Verdict::Skip };
                if verdict != expected {
                    let what = format!("{}: {verdict:?} with {affected:?} affected and {bad:?}", job.id);
                    self.violations.push(what);
                }
                if verdict == Verdict::Start {
                    running.push_back(job.id.as_str());
                    started.insert(job.id.as_str());
                }
            }
            let Some(job) = running.pop_front() else { break };
            end(&mut run, &mut running, job, affected, bad);
        }
        assert!(run.conclusion().is_some(), "every run ends");
        started
    }
}

fn end<'w>(
    run: &mut Run<'w>,
    running: &mut VecDeque<&'w str>,
    job: &'w str,
    affected: &[&str],
    bad: &[(&str, Bad)],
) {
    let mut ends = vec![(job, Conclusion::Success)];
    match bad.iter().find(|(id, _)| *id == job) {
        Some((_, Bad::Failure)) => ends[0].1 = Conclusion::Failure,
        Some((_, Bad::Cancelled)) => ends[0].1 = Conclusion::Cancelled,
        Some((_, Bad::RunCancelled)) => {
            let cancelled: Vec<&str> = run.cancel().into_iter().map(|job| job.id.as_str()).collect();
            ends.retain(|(id, _)| !cancelled.contains(id));
            ends.extend(cancelled.iter().map(|id| (*id, Conclusion::Cancelled)));
            running.retain(|id| !cancelled.contains(id));
        }
        None => {}
    }
    for (id, conclusion) in ends {
        let outputs = if id == "changes" { super::changes(affected) } else { Vec::new() };
        run.finish(id, conclusion, outputs).unwrap();
    }
}
