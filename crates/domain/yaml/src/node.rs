//! A document as a tree.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::duplicates::{self, Finding};
use crate::locate::Position;

/// A YAML value, its keys in the order of the file.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// `null`, `~`, or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number that fits 64 bits with a sign.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A mapping; no key stands twice.
    Map(Vec<(String, Node)>),
}

/// Why a text is no [`Node`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NodeError {
    /// Where.
    pub position: Position,
    /// What was found, in words for its author.
    pub message: String,
}

impl Node {
    /// Reads one document. An empty text is [`Node::Null`]. Aliases are written out.
    ///
    /// # Errors
    /// A text that is no YAML, a key that stands twice, a key that is no text, a tag.
    pub fn parse(text: &str) -> Result<Self, NodeError> {
        duplicates::check(text).map_err(|(error, finding)| NodeError {
            position: Position::of(&error),
            message: finding.map_or_else(|| words(&error), |finding| finding.to_string()),
        })?;
        serde_yaml::from_str(text)
            .map_err(|error| NodeError { position: Position::of(&error), message: words(&error) })
    }

    /// What kind of value it is, for a sentence: `a list`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "true or false",
            Self::Integer(_) | Self::Float(_) => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Duplicate(key) => write!(f, "the key `{key}` stands here a second time"),
            Self::Tag(tag) => {
                write!(f, "`!{tag}` is a YAML tag here, not text: put what begins with `!` in quotes")
            }
        }
    }
}

/// The parser's message without the place, which stands beside it already.
fn words(error: &serde_yaml::Error) -> String {
    let mut message = error.to_string();
    if let Some(location) = error.location() {
        let place = format!(" at line {} column {}", location.line(), location.column());
        if let Some(at) = message.find(&place) {
            message.replace_range(at..at + place.len(), "");
        }
    }
    message
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Build)
    }
}

struct Build;

impl<'de> Visitor<'de> for Build {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Node::Map(entries))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Node::List(list))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Integer(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Node, E> {
        i64::try_from(value).map(Node::Integer).map_err(|_| E::custom("a number that is too large"))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_keeps_its_order() {
        let node = Node::parse("b: [1, -2.5, ~]\na: {on: true, x: 'true'}\n").unwrap();
        let key = |name: &str| name.to_owned();
        let expected = Node::Map(vec![
            (key("b"), Node::List(vec![Node::Integer(1), Node::Float(-2.5), Node::Null])),
            (
                key("a"),
                Node::Map(vec![(key("on"), Node::Bool(true)), (key("x"), Node::Text("true".to_owned()))]),
            ),
        ]);
        assert_eq!(node, expected);
        assert_eq!(Node::parse("").unwrap(), Node::Null);
    }

    #[test]
    fn what_would_be_lost_is_refused_at_its_place() {
        for (text, line, column, message) in [
            ("a: 1\nb: 2\na: 3\n", 3, 1, "the key `a` stands here a second time"),
            ("a:\n  - !b\n", 2, 5, "`!b` is a YAML tag here, not text: put what begins with `!` in quotes"),
        ] {
            let error = Node::parse(text).unwrap_err();
            assert_eq!(error.position, Position { line, column }, "{text}");
            assert_eq!(error.message, message);
        }
        for text in ["a: [", "a: 18446744073709551615", "? [a]\n: 1\n", "a\0"] {
            Node::parse(text).unwrap_err();
        }
    }
}
