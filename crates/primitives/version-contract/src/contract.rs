//! The two documents: which fields they have, and how these hang together.

use serde_json::Value;

use crate::document::Document;
use crate::format::{self, Format};

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// For everybody.
    Version,
    /// For deploy keys.
    Detail,
}

/// The four fields of `/version` (ADR-053 D6).
const VERSION: [(&str, Format); 4] = [
    ("commit_sha", Format::Commit),
    ("schema_version", Format::Schema),
    ("generation", Format::Generation),
    ("deployed_at", Format::Time),
];

/// The eleven of `/version/detail` (deployment runbook).
const DETAIL: [(&str, Format); 11] = [
    ("commit_sha", Format::Commit),
    ("short_sha", Format::ShortCommit),
    ("describe", Format::Describe),
    ("built_at", Format::Time),
    ("uv_lock_sha", Format::Digest),
    ("pnpm_lock_sha", Format::Digest),
    ("generation", Format::Generation),
    ("schema_version", Format::Schema),
    ("service", Format::Service),
    ("service_color", Format::Colour),
    ("deployed_at", Format::Time),
];

/// Something that is wrong with one field.
pub(crate) type Wrong = (String, String);

impl Which {
    /// The path under the origin, in segments.
    pub(crate) const fn segments(self) -> &'static [&'static str] {
        match self {
            Self::Version => &["version"],
            Self::Detail => &["version", "detail"],
        }
    }

    /// The path in words.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Version => "/version",
            Self::Detail => "/version/detail",
        }
    }

    const fn fields(self) -> &'static [(&'static str, Format)] {
        match self {
            Self::Version => &VERSION,
            Self::Detail => &DETAIL,
        }
    }

    /// Everything that is wrong with a document of this kind, field by field.
    pub(crate) fn check(self, document: &Document) -> Vec<Wrong> {
        let known = self.fields();
        let mut wrong: Vec<Wrong> = Vec::new();
        for (name, format) in known {
            let problem = match document.get(name) {
                None => Some("is missing".to_owned()),
                Some(value) => format.problem(value),
            };
            wrong.extend(problem.map(|problem| ((*name).to_owned(), problem)));
        }
        for (place, (name, _)) in document.iter().enumerate() {
            if document.iter().take(place).any(|(other, _)| other == name) {
                wrong.push((name.to_owned(), "stands there more than once".to_owned()));
            } else if !known.iter().any(|(field, _)| *field == name) {
                wrong.push((name.to_owned(), "is not part of the contract".to_owned()));
            }
        }
        wrong.extend(of_another_commit(document));
        wrong
    }
}

/// Fields that name another commit than `commit_sha` does.
fn of_another_commit(document: &Document) -> Vec<Wrong> {
    let text = |name: &str| document.get(name).and_then(Value::as_str);
    let Some(commit) =
        text("commit_sha").filter(|commit| Format::Commit.problem(&Value::from(*commit)).is_none())
    else {
        return Vec::new();
    };
    let short = text("short_sha").filter(|short| Format::ShortCommit.problem(&Value::from(*short)).is_none());
    let described = text("describe").and_then(format::described_commit);
    [("short_sha", short), ("describe", described)]
        .into_iter()
        .filter_map(|(name, digits)| {
            let digits = digits.filter(|digits| !commit.starts_with(*digits))?;
            Some((name.to_owned(), format!("{digits} is not the beginning of commit_sha {commit}")))
        })
        .collect()
}

/// Fields of `/version` that `/version/detail` tells differently.
pub(crate) fn contradictions(version: &Document, detail: &Document) -> Vec<Wrong> {
    VERSION
        .iter()
        .filter_map(|(name, _)| {
            let (public, private) = (version.get(name)?, detail.get(name)?);
            let problem =
                format!("{} is not what /version says, {}", format::short(private), format::short(public));
            (public != private).then(|| ((*name).to_owned(), problem))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SHA: &str = "3fc271e8a1b2c3d4e5f60718293a4b5c6d7e8f90";

    fn detail() -> Value {
        json!({
            "commit_sha": SHA, "short_sha": "3fc271e", "describe": "v0.3.0-12-g3fc271e",
            "built_at": "2026-04-25T14:30:42Z", "uv_lock_sha": "ab".repeat(32), "pnpm_lock_sha": "cd".repeat(20),
            "generation": 42, "schema_version": "20260422170300_core_event_handled", "service": "api",
            "service_color": "green", "deployed_at": "2026-04-25T14:32:11Z",
        })
    }

    fn read(value: &Value) -> Document {
        serde_json::from_value(value.clone()).unwrap()
    }

    fn fields(wrong: &[Wrong]) -> Vec<&str> {
        wrong.iter().map(|(field, _)| field.as_str()).collect()
    }

    #[test]
    fn exactly_the_fields_of_the_contract() {
        assert_eq!(Which::Detail.check(&read(&detail())), []);
        for (name, _) in DETAIL {
            let mut less = detail();
            less.as_object_mut().unwrap().remove(name);
            assert_eq!(Which::Detail.check(&read(&less)), [(name.to_owned(), "is missing".to_owned())]);
        }
        let mut more = detail();
        more["region"] = json!("oregon");
        assert_eq!(fields(&Which::Detail.check(&read(&more))), ["region"]);
        let public = Which::Version.check(&read(&detail()));
        assert_eq!(public.len(), 7, "what is for keys only must not stand in /version: {public:?}");
    }

    #[test]
    fn a_field_that_stands_there_twice_is_named() {
        let twice = r#"{"commit_sha":"x","commit_sha":"x"}"#;
        let wrong = Which::Version.check(&serde_json::from_str(twice).unwrap());
        assert_eq!(
            fields(&wrong),
            ["commit_sha", "schema_version", "generation", "deployed_at", "commit_sha"]
        );
    }

    #[test]
    fn short_forms_belong_to_the_commit() {
        let mut other = detail();
        other["short_sha"] = json!("0123456");
        other["describe"] = json!("v0.3.0-12-g0123456");
        assert_eq!(fields(&Which::Detail.check(&read(&other))), ["short_sha", "describe"]);
    }

    #[test]
    fn both_documents_tell_the_same() {
        let mut other = detail();
        other["generation"] = json!(41);
        let wrong = contradictions(&read(&detail()), &read(&other));
        assert_eq!(wrong, [("generation".to_owned(), "41 is not what /version says, 42".to_owned())]);
        assert_eq!(contradictions(&read(&detail()), &read(&detail())), []);
    }
}
