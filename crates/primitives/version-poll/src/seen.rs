//! What a service answered.

use http::Answer;
use serde_json::{Map, Value};

use crate::VersionOutputs;

/// One answer.
#[derive(Debug, PartialEq)]
pub(crate) enum Seen {
    /// A JSON object, whatever it holds.
    Document(Map<String, Value>),
    /// Anything else, in words.
    Else(String),
}

impl Seen {
    /// Judges an answer of any status.
    pub(crate) fn read(answer: &Answer) -> Self {
        if answer.status() != 200 {
            let to = answer.header("location").map(|to| format!(", to {to}")).unwrap_or_default();
            return Self::Else(format!("status {}{to}", answer.status()));
        }
        match serde_json::from_slice(answer.body()) {
            Ok(Value::Object(document)) => Self::Document(document),
            Ok(_) => Self::Else("JSON that is no object".to_owned()),
            Err(_) => Self::Else(format!(
                "no JSON but {}",
                answer.header("content-type").unwrap_or("an unknown type")
            )),
        }
    }

    /// Fills the outputs with the fields that are there.
    pub(crate) fn tell(&self, outputs: &mut VersionOutputs) {
        let Self::Document(document) = self else { return };
        let field = |name: &str| match document.get(name) {
            Some(Value::String(text)) => Some(text.clone()),
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => None,
        };
        outputs.commit_sha = field("commit_sha");
        outputs.schema_version = field("schema_version");
        outputs.generation = field("generation");
        outputs.deployed_at = field("deployed_at");
    }
}
