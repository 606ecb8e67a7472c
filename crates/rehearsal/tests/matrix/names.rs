//! Faults of the name server.

use rehearsal::dns::Fault;
use rehearsal::fault::When;

use super::cell::{Question, Recording};
use super::disturbance::Disturbance;
use super::harness::cname_flip::NAMES;

/// For each name: every fault at one question, from one question on for good, and
/// for a while that ends after the change.
pub(crate) fn of_names(recording: &Recording) -> Vec<Disturbance> {
    NAMES.into_iter().flat_map(|name| of_name(name, recording)).collect()
}

fn of_name(name: &'static str, recording: &Recording) -> Vec<Disturbance> {
    let questions: Vec<&Question> = recording.questions.iter().filter(|asked| asked.name == name).collect();
    let first_after = questions.iter().find(|asked| asked.after_the_change);
    let first_after = first_after.unwrap_or_else(|| panic!("{name} is not verified")).nth;
    assert!(first_after > 1, "{name} is not asked before the change");
    let disturbance = |when, fault: &Fault| Disturbance::Dns { name, when, fault: fault.clone() };

    let mut disturbances = Vec::new();
    for fault in faults() {
        for question in questions.iter().filter(|question| can_strike(&fault, question)) {
            disturbances.push(disturbance(When::Nth(question.nth), &fault));
            if is_for_good(&fault, question) {
                disturbances.push(disturbance(When::From(question.nth), &fault));
            }
        }
        disturbances.push(disturbance(When::First(first_after + 1), &fault));
    }
    disturbances
}

fn faults() -> [Fault; 6] {
    let wrong = Fault::Wrong("elsewhere.example.net".to_owned());
    [Fault::ServFail, Fault::Refuse, Fault::Drop, Fault::Truncate, Fault::Stale, wrong]
}

/// Before the change there is nothing that an answer could be behind.
fn can_strike(fault: &Fault, question: &Question) -> bool {
    *fault != Fault::Stale || question.after_the_change
}

/// Whether a fault that lasts keeps the question from ever being answered as wanted.
/// Any CNAME will do before the change, and a cut answer comes whole over TCP.
fn is_for_good(fault: &Fault, question: &Question) -> bool {
    match fault {
        Fault::Truncate => false,
        Fault::Wrong(_) => question.after_the_change,
        _ => true,
    }
}
