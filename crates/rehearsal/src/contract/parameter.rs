//! Judges the query and the headers of a request.

use axum::http::request::Parts;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::redact;
use super::schema::Schema;
use super::violation::Finding;

/// One documented parameter.
#[derive(Debug)]
pub(super) struct Parameter {
    name: String,
    place: Place,
    required: bool,
    /// An array is given as `a=1&a=2` (exploded) or as `a=1,2`.
    exploded: bool,
    pub(super) schema: Schema,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Query,
    Header,
    /// Judged by finding the operation at all.
    Path,
    Cookie,
}

impl Parameter {
    pub(super) fn read(parameter: &Value, schema: Schema) -> Result<Self, String> {
        let name = parameter["name"].as_str().ok_or("a parameter has no name")?;
        let place = match parameter["in"].as_str() {
            Some("query") => Place::Query,
            Some("header") => Place::Header,
            Some("path") => Place::Path,
            Some("cookie") => Place::Cookie,
            _ => return Err(format!("the parameter {name} stands nowhere")),
        };
        Ok(Self {
            name: name.to_owned(),
            place,
            required: parameter["required"] == true,
            exploded: parameter["explode"] != false,
            schema,
        })
    }

    fn accepts(&self, value: &Value) -> bool {
        self.schema.validator().is_ok_and(|validator| validator.is_valid(value))
    }
}

/// What is wrong with the query and the headers.
pub(super) fn judge(parameters: &[Parameter], parts: &Parts) -> Vec<Finding> {
    let mut findings = Vec::new();
    let query = pairs(parts.uri.query().unwrap_or_default());
    for (name, _) in &query {
        let is_known = |parameter: &Parameter| parameter.place == Place::Query && parameter.name == *name;
        if !parameters.iter().any(is_known) {
            findings.push(Finding::new("query", format!("the parameter {name:?} is not documented")));
        }
    }
    for parameter in parameters {
        let given: Vec<String> = match parameter.place {
            Place::Query => {
                let values = query.iter().filter(|(name, _)| *name == parameter.name);
                values.map(|(_, value)| value.clone()).collect()
            }
            Place::Header => {
                let values = parts.headers.get_all(&parameter.name).iter();
                values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect()
            }
            Place::Path | Place::Cookie => continue,
        };
        findings.extend(judge_one(parameter, &given));
    }
    findings
}

fn judge_one(parameter: &Parameter, given: &[String]) -> Option<Finding> {
    let place = if parameter.place == Place::Query { "query" } else { "headers" };
    let name = &parameter.name;
    let Some(first) = given.first() else {
        let what = format!("the parameter {name:?} is missing");
        return parameter.required.then(|| Finding::new(place, what));
    };
    let is_array = parameter.schema.is_array();
    if given.len() > 1 && !(is_array && parameter.exploded) {
        return Some(Finding::new(place, format!("the parameter {name:?} is given more than once")));
    }
    let fits = if is_array {
        let items: Vec<&str> = match parameter.exploded {
            true => given.iter().map(String::as_str).collect(),
            false => first.split(',').collect(),
        };
        parameter.accepts(&items.iter().map(|item| Value::String((*item).to_owned())).collect())
    } else {
        readings(first).any(|value| parameter.accepts(&value))
    };
    if fits {
        return None;
    }
    let mut finding = Finding::new(place, format!("the parameter {name:?} does not fit its schema"));
    finding.excerpt = redact::excerpt(&Value::String(first.clone()), name);
    Some(finding)
}

/// Every JSON value that a text may stand for.
fn readings(text: &str) -> impl Iterator<Item = Value> {
    let parsed = serde_json::from_str::<Value>(text).ok();
    let scalar = parsed.filter(|value| value.is_number() || value.is_boolean());
    scalar.into_iter().chain([Value::String(text.to_owned())])
}

fn pairs(query: &str) -> Vec<(String, String)> {
    let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
        .collect()
}
