//! Excerpts of bodies that show their shape and no secret.

use serde_json::Value;

/// An excerpt, of at most about 300 characters, of a value that stands in the
/// field `field` (empty for a whole body).
///
/// Text is shown only in fields that are known to hold ids, names and words of
/// an enumeration; of all other text the length is shown.
pub(super) fn excerpt(value: &Value, field: &str) -> String {
    const LONGEST: usize = 300;
    let shown = hide(value, field).to_string();
    match shown.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &shown[..end]),
        None => shown,
    }
}

fn hide(value: &Value, field: &str) -> Value {
    match value {
        Value::String(text) if !may_show(text, field) => {
            Value::String(format!("<{} characters>", text.chars().count()))
        }
        Value::Array(items) => items.iter().map(|item| hide(item, field)).collect(),
        Value::Object(fields) => {
            let hidden = fields.iter().map(|(name, field)| (name.clone(), hide(field, name)));
            Value::Object(hidden.collect())
        }
        other => other.clone(),
    }
}

fn may_show(text: &str, field: &str) -> bool {
    const SHOWN: [&str; 24] = [
        "autoDeploy",
        "autoDeployTrigger",
        "binding",
        "clearCache",
        "conclusion",
        "deployMode",
        "direction",
        "env",
        "environment",
        "event",
        "id",
        "key",
        "level",
        "match",
        "mode",
        "name",
        "order",
        "plan",
        "region",
        "runtime",
        "state",
        "status",
        "trigger",
        "type",
    ];
    const SUFFIXES: [&str; 4] = ["Id", "_id", "At", "_on"];
    const LONGEST: usize = 64;
    let known = SHOWN.contains(&field) || SUFFIXES.iter().any(|suffix| field.ends_with(suffix));
    known && text.len() <= LONGEST
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_known_fields_show_their_text() {
        let body = json!({
            "key": "DATABASE_URL", "value": "hunter2", "type": "secret_text",
            "values": { "A": "hunter3" }, "ids": ["hunter4"], "commitId": "abc"
        });
        let shown = excerpt(&body, "");
        assert!(shown.contains("DATABASE_URL") && shown.contains("secret_text"));
        assert!(shown.contains("abc") && shown.contains("<7 characters>"));
        assert!(!shown.contains("hunter"));
        assert!(!excerpt(&json!("hunter2"), "text").contains("hunter2"));
    }

    #[test]
    fn long_values_are_cut_between_characters() {
        let shown = excerpt(&json!(vec!["ok"; 400]), "type");
        assert!(shown.ends_with("...") && shown.len() < 310);
    }
}
