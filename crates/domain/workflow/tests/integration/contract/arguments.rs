//! What each gate is asked with: a version that is not compared, a name that is not expected or a hold that is not
//! given opens a gate as surely as taking it out.

use yaml::Node;

use super::{DRAIN, PRODUCTION, ROLLBACK, STAGING, SYNC};
use crate::files::text;

/// The inputs of every step that uses an action of this repository, one line each: `job action: input = value`.
fn arguments(file: &str) -> String {
    let node = Node::parse(&text(file)).unwrap();
    let mut lines = String::new();
    for (job, body) in map(get(&node, "jobs").unwrap()) {
        let Some(Node::List(steps)) = get(body, "steps") else { panic!("{job} has steps") };
        for step in steps {
            let Some(Node::Text(uses)) = get(step, "uses") else { continue };
            let Some(action) = uses.strip_prefix("$/actions/") else { continue };
            for (input, value) in get(step, "with").map(map).unwrap_or_default() {
                lines.push_str(&format!("{job} {action}: {input} = {}\n", written(value)));
            }
        }
    }
    lines
}

fn get<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    map(node).iter().find(|(known, _)| known == key).map(|(_, value)| value)
}

fn map(node: &Node) -> &[(String, Node)] {
    let Node::Map(entries) = node else { panic!("a mapping, not {node:?}") };
    entries
}

fn written(node: &Node) -> String {
    match node {
        Node::Text(text) => text.clone(),
        Node::Bool(value) => value.to_string(),
        other => panic!("a text or a truth value, not {other:?}"),
    }
}

#[test]
fn every_gate_of_production_is_asked_with_all_that_it_must_compare() {
    assert_eq!(arguments(PRODUCTION), include_str!("arguments/production.txt"));
}

#[test]
fn every_gate_of_staging_is_asked_with_all_that_it_must_compare() {
    assert_eq!(arguments(STAGING), include_str!("arguments/staging.txt"));
}

#[test]
fn what_an_operator_starts_is_asked_with_all_that_it_must_compare() {
    assert_eq!(arguments(DRAIN), include_str!("arguments/drain.txt"));
    assert_eq!(arguments(SYNC), include_str!("arguments/sync.txt"));
    assert_eq!(arguments(ROLLBACK), include_str!("arguments/rollback.txt"));
}
