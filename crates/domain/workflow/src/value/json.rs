//! JSON in and out.

use std::collections::HashMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{Array, Object, Value, number};

/// Text that is not JSON. What it holds may be secret, so only the place is told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// There is nothing but white space.
    #[error("the text is empty, which is not JSON")]
    Empty,
    /// The text stops being JSON here; lines and columns begin at 1.
    #[error("the text is not JSON at line {line}, column {column}")]
    Invalid {
        /// The line.
        line: usize,
        /// The column, in bytes.
        column: usize,
    },
}

pub(super) fn read(text: &str) -> Result<Value, JsonError> {
    if text.trim().is_empty() {
        return Err(JsonError::Empty);
    }
    serde_json::from_str(text)
        .map_err(|error| JsonError::Invalid { line: error.line(), column: error.column() })
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    #[expect(clippy::cast_precision_loss, reason = "every number of an expression is a double")]
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value as f64))
    }

    #[expect(clippy::cast_precision_loss, reason = "every number of an expression is a double")]
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value as f64))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Number(value))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::from(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut read = Vec::new();
        while let Some(item) = items.next_element()? {
            read.push(item);
        }
        Ok(Value::Array(read.into_iter().collect::<Array>()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut pairs: Vec<(String, Value)> = Vec::new();
        let mut positions = HashMap::new();
        while let Some((name, value)) = entries.next_entry::<String, Value>()? {
            // The last value of a name counts, at the place of its first.
            match positions.get(&name) {
                Some(&position) => pairs[position] = (name, value),
                None => {
                    positions.insert(name.clone(), pairs.len());
                    pairs.push((name, value));
                }
            }
        }
        Ok(Value::Object(pairs.into_iter().collect::<Object>()))
    }
}

pub(super) fn write(value: &Value) -> String {
    let mut text = String::new();
    append(value, 0, &mut text);
    text
}

fn append(value: &Value, depth: usize, text: &mut String) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Value::Number(value) if value.is_finite() => text.push_str(&number::text(*value)),
        Value::Number(_) => text.push_str("null"),
        Value::String(value) => text.push_str(&quoted(value)),
        Value::Array(array) => {
            let items = array.items().iter().map(|item| (None, item));
            append_items(items, ('[', ']'), depth, text);
        }
        Value::Object(object) => {
            let items = object.iter().map(|(name, value)| (Some(name), value));
            append_items(items, ('{', '}'), depth, text);
        }
    }
}

fn append_items<'a>(
    items: impl Iterator<Item = (Option<&'a str>, &'a Value)>,
    (open, close): (char, char),
    depth: usize,
    text: &mut String,
) {
    let mut is_first = true;
    text.push(open);
    for (name, value) in items {
        text.push_str(if is_first { "\n" } else { ",\n" });
        is_first = false;
        text.push_str(&"  ".repeat(depth + 1));
        if let Some(name) = name {
            text.push_str(&quoted(name));
            text.push_str(": ");
        }
        append(value, depth + 1, text);
    }
    if !is_first {
        text.push('\n');
        text.push_str(&"  ".repeat(depth));
    }
    text.push(close);
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_again() {
        let text = "{\n  \"b\": [\n    1,\n    -0.5,\n    \"\\u0001\\n\u{2028}\"\n  ],\n  \"a\": {},\n  \"c\": []\n}";
        assert_eq!(Value::from_json(text).unwrap().to_json(), text);
    }

    #[test]
    fn names_that_occur_twice() {
        let value = Value::from_json(r#"{"a":1,"b":2,"a":3,"A":4}"#).unwrap();
        assert_eq!(value.to_json(), "{\n  \"a\": 3,\n  \"b\": 2\n}");
    }

    #[test]
    fn an_error_tells_the_place_and_not_the_text() {
        assert_eq!(Value::from_json(" \n"), Err(JsonError::Empty));
        let error = Value::from_json("{\"a\":\n canary}").unwrap_err();
        assert_eq!(error, JsonError::Invalid { line: 2, column: 2 });
        assert!(!error.to_string().contains("canary"));
        let nested = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(matches!(Value::from_json(&nested), Err(JsonError::Invalid { .. })));
    }
}
