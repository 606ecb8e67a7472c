//! The same shape at every service: fields and their types.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::ask::Origin;
use crate::contract::Which;
use crate::document::Document;
use crate::finding::Finding;

/// Fields with the names of their types.
type Shape = BTreeMap<String, &'static str>;

/// Each service whose document has another shape than the first one's.
pub(crate) fn differences(origins: &[Origin]) -> Vec<Finding> {
    [Which::Version, Which::Detail].into_iter().flat_map(|which| of(which, origins)).collect()
}

fn of(which: Which, origins: &[Origin]) -> Vec<Finding> {
    let shapes = origins.iter().filter_map(|origin| Some((origin, shape(&origin.document(which)?))));
    let mut shapes = shapes.collect::<Vec<_>>().into_iter();
    let Some((first, wanted)) = shapes.next() else { return Vec::new() };
    let differing = shapes.filter(|(_, shape)| *shape != wanted);
    differing
        .map(|(origin, shape)| {
            let problem = format!("another shape than {} has: {}", first.name(), told(&wanted, &shape));
            origin.finding(which, (String::new(), problem))
        })
        .collect()
}

fn shape(document: &Document) -> Shape {
    document.iter().map(|(name, value)| (name.to_owned(), kind(value))).collect()
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn told(wanted: &Shape, shape: &Shape) -> String {
    let lost =
        wanted.keys().filter(|name| !shape.contains_key(*name)).map(|name| format!("{name} is missing"));
    let other = shape.iter().filter_map(|(name, kind)| match wanted.get(name) {
        None => Some(format!("{name} is not there")),
        Some(there) => (there != kind).then(|| format!("{name} is {kind}, there {there}")),
    });
    lost.chain(other).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn differences_are_told_from_the_second_ones_view() {
        let shape = |value: Value| shape(&serde_json::from_value(value).unwrap());
        let first = shape(json!({"a": 1, "b": "x", "c": null}));
        let second = shape(json!({"a": "1", "b": "y", "d": true}));
        assert_eq!(told(&first, &second), "c is missing, a is text, there a number, d is not there");
        assert_eq!(told(&first, &first), "");
    }
}
