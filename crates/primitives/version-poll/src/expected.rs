//! Which version is waited for.

use std::fmt;

use action::{BadInput, markdown};
use serde_json::Value;

use crate::VersionOutputs;
use crate::seen::Seen;

/// The fields that must match, at least one.
#[derive(Debug, PartialEq)]
pub(crate) struct Expected(Vec<(&'static str, Value)>);

impl Expected {
    /// Checks that something is asked for, and that the commit is a full SHA: a
    /// short one could match by accident.
    pub(crate) fn new(
        commit_sha: Option<String>,
        schema_version: Option<String>,
        generation: Option<u64>,
    ) -> Result<Self, BadInput> {
        let mut fields = Vec::new();
        if let Some(sha) = commit_sha {
            if sha.len() != 40 || !sha.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(BadInput::new(
                    "commit-sha",
                    format!("`{sha}` is not a full commit SHA of 40 hexadecimal digits"),
                )
                .hint("`${{ github.sha }}` is one; `git rev-parse HEAD` prints one"));
            }
            fields.push(("commit_sha", Value::from(sha.to_ascii_lowercase())));
        }
        if let Some(version) = schema_version {
            fields.push(("schema_version", Value::from(version)));
        }
        if let Some(generation) = generation {
            fields.push(("generation", Value::from(generation)));
        }
        if fields.is_empty() {
            return Err(BadInput::new("commit-sha", "nothing to wait for")
                .hint("give at least one of commit-sha, schema-version and generation")
                .hint(
                    "an output of another job that arrives empty counts as not given; check its `needs:`",
                ));
        }
        Ok(Self(fields))
    }

    /// Wanted beside last seen, for the job summary.
    pub(crate) fn table(&self, address: &http::Address, seen: &VersionOutputs) -> String {
        let fields = [
            ("commit_sha", &seen.commit_sha),
            ("schema_version", &seen.schema_version),
            ("generation", &seen.generation),
            ("deployed_at", &seen.deployed_at),
        ];
        let rows = fields.into_iter().map(|(name, seen)| {
            let wanted = self.0.iter().find(|(field, _)| *field == name).map(|(_, wanted)| wanted);
            let wanted =
                wanted.map(|wanted| wanted.as_str().map_or_else(|| wanted.to_string(), str::to_owned));
            let cell = |text: Option<&str>| text.map_or_else(|| "-".to_owned(), markdown::code);
            [markdown::code(name), cell(wanted.as_deref()), cell(seen.as_deref())]
        });
        let attempts = seen.attempts.unwrap_or_default();
        format!(
            "### Version at {}\n\n{}\nAsked {attempts} times.\n",
            markdown::text(&address.to_string()),
            markdown::table(["Field", "Wanted", "Last seen"], rows)
        )
    }

    /// The first difference, or nothing when every field matches.
    pub(crate) fn mismatch(&self, seen: &Seen) -> Option<String> {
        let document = match seen {
            Seen::Document(document) => document,
            Seen::Else(what) => return Some(what.clone()),
        };
        self.0.iter().find_map(|(name, wanted)| match document.get(*name) {
            None => Some(format!("{name}: wanted {wanted}, the field is missing")),
            Some(found) if found != wanted => Some(format!("{name}: wanted {wanted}, saw {}", short(found))),
            Some(_) => None,
        })
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, value)) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{name} {value}")?;
        }
        Ok(())
    }
}

/// A value as JSON, so that `42` and `"42"` look different, cut to one glance.
fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SHA: &str = "3fc271e8a1b2c3d4e5f60718293a4b5c6d7e8f90";

    fn seen(document: &Value) -> Seen {
        Seen::Document(document.as_object().unwrap().clone())
    }

    #[test]
    fn all_fields_must_match_with_their_types() {
        let expected = Expected::new(Some(SHA.to_uppercase()), Some("v1".into()), Some(42)).unwrap();
        let good = json!({"commit_sha": SHA, "schema_version": "v1", "generation": 42, "more": 1});
        assert_eq!(expected.mismatch(&seen(&good)), None);
        for (field, value, told) in [
            ("generation", json!("42"), "generation: wanted 42, saw \"42\""),
            ("generation", json!(42.0), "generation: wanted 42, saw 42.0"),
            ("schema_version", json!("v1 "), "schema_version: wanted \"v1\", saw \"v1 \""),
            ("schema_version", Value::Null, "schema_version: wanted \"v1\", saw null"),
        ] {
            let mut document = good.clone();
            document[field] = value;
            assert_eq!(expected.mismatch(&seen(&document)).as_deref(), Some(told));
        }
        let missing = json!({"commit_sha": SHA, "schema_version": "v1"});
        assert_eq!(
            expected.mismatch(&seen(&missing)).unwrap(),
            "generation: wanted 42, the field is missing"
        );
    }

    #[test]
    fn a_short_sha_or_nothing_at_all_is_refused() {
        assert!(Expected::new(Some("3fc271e".into()), None, None).is_err());
        assert!(Expected::new(Some("g".repeat(40)), None, None).is_err());
        assert!(Expected::new(None, None, None).is_err());
        assert!(Expected::new(None, None, Some(0)).is_ok());
    }
}
