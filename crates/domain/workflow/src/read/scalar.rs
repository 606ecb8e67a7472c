//! Values that are no mapping and no list.

use yaml::Node;

use super::Read;
use super::cursor::Cursor;
use crate::expression::{Condition, Template};

impl Cursor<'_> {
    /// Text without an expression.
    pub(super) fn text(&self) -> Read<String> {
        match self.node {
            Node::Text(text) if text.contains("${{") => {
                Err(self.fault("an expression is not supported here: write the value itself"))
            }
            Node::Text(text) => Ok(text.clone()),
            other => Err(self.fault(format!("text stands here, not {}", other.kind()))),
        }
    }

    /// `true` or `false`, written out.
    pub(super) fn literal_bool(&self) -> Read<bool> {
        match self.node {
            Node::Bool(value) => Ok(*value),
            Node::Text(text) if text.contains("${{") => {
                Err(self.fault("an expression is not supported here: write true or false"))
            }
            other => Err(self.fault(format!("true or false stands here, not {}", other.kind()))),
        }
    }

    /// Whole minutes, at least one.
    pub(super) fn minutes(&self) -> Read<u32> {
        match self.node {
            Node::Integer(minutes) if *minutes >= 1 => u32::try_from(*minutes)
                .map_err(|_| self.fault("this is more minutes than GitHub lets anything run")),
            Node::Text(text) if text.contains("${{") => {
                Err(self.fault("an expression is not supported here: write the minutes themselves"))
            }
            _ => Err(self.fault("whole minutes stand here, 1 or more")),
        }
    }

    /// Text that may hold expressions. Numbers and booleans are the text that GitHub makes of them.
    pub(super) fn template(&self) -> Read<Template> {
        Template::parse(&self.scalar()?).map_err(|error| self.fault(error.to_string()))
    }

    /// An `if`: one expression, with or without `${{ }}` around the whole of it.
    pub(super) fn condition(&self) -> Read<Condition> {
        Condition::parse(&self.scalar()?).map_err(|error| self.fault(error.to_string()))
    }

    /// A scalar as text.
    pub(super) fn scalar(&self) -> Read<String> {
        match self.node {
            Node::Null => Ok(String::new()),
            Node::Bool(value) => Ok(value.to_string()),
            Node::Integer(value) => Ok(value.to_string()),
            Node::Text(text) => Ok(text.clone()),
            // Readers of YAML print fractions differently.
            Node::Float(_) => Err(self
                .fault("a number with a fraction or an exponent: put it in quotes, as the text it is to be")),
            Node::List(_) | Node::Map(_) => {
                Err(self.fault(format!("text stands here, not {}", self.node.kind())))
            }
        }
    }
}
