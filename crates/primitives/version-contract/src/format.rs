//! What a field must look like.

use serde_json::Value;

/// The longest part of a value that is shown.
const SHOWN: usize = 60;

/// The form of a field's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// A full commit SHA, as git prints one.
    Commit,
    /// The beginning of one: 7 digits or more.
    ShortCommit,
    /// What `git describe` prints.
    Describe,
    /// RFC 3339.
    Time,
    /// The digest of a file: SHA-1 or SHA-256.
    Digest,
    /// A whole number from 1 on.
    Generation,
    /// The name of a migration: 14 digits, `_`, a name.
    Schema,
    /// The name of a service.
    Service,
    /// `blue` or `green`.
    Colour,
}

impl Format {
    /// What is wrong with a value, if anything is.
    pub(crate) fn problem(self, value: &Value) -> Option<String> {
        let fits = match (self, value) {
            (Self::Generation, Value::Number(number)) => number.as_u64().is_some_and(|number| number > 0),
            (Self::Generation, _) => false,
            (_, Value::String(text)) => self.fits(text),
            _ => false,
        };
        (!fits).then(|| format!("{} is not {}", short(value), self.wanted()))
    }

    fn fits(self, text: &str) -> bool {
        match self {
            Self::Commit => is_hex(text, 40..=40),
            Self::ShortCommit => is_hex(text, 7..=40),
            Self::Describe => !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()),
            Self::Time => is_rfc3339(text),
            Self::Digest => is_hex(text, 40..=40) || is_hex(text, 64..=64),
            Self::Schema => is_migration(text),
            Self::Service => is_name(text),
            Self::Colour => matches!(text, "blue" | "green"),
            Self::Generation => false,
        }
    }

    const fn wanted(self) -> &'static str {
        match self {
            Self::Commit => "a commit SHA of 40 lower-case hexadecimal digits, as text",
            Self::ShortCommit => {
                "the beginning of a commit SHA, 7 lower-case hexadecimal digits or more, as text"
            }
            Self::Describe => "what `git describe` prints, as text",
            Self::Time => "an RFC 3339 time such as 2026-04-25T14:32:11Z, as text",
            Self::Digest => "a digest of 40 or 64 lower-case hexadecimal digits, as text",
            Self::Generation => "a whole number from 1 on",
            Self::Schema => "a migration such as 20260422170300_core_event_handled, as text",
            Self::Service => "the name of a service such as api, as text",
            Self::Colour => "\"blue\" or \"green\"",
        }
    }
}

/// A value as JSON, cut to one glance.
pub(crate) fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

fn is_hex(text: &str, length: std::ops::RangeInclusive<usize>) -> bool {
    length.contains(&text.len()) && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The commit that a description ends in, as `g` and digits; a tag alone has none.
pub(crate) fn described_commit(describe: &str) -> Option<&str> {
    let describe = describe.strip_suffix("-dirty").unwrap_or(describe);
    let (_, digits) = describe.rsplit_once("-g")?;
    is_hex(digits, 4..=40).then_some(digits)
}

fn is_migration(text: &str) -> bool {
    let Some((digits, name)) = text.split_once('_') else { return false };
    let word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    digits.len() == 14
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !name.is_empty()
        && name.bytes().all(word)
}

fn is_name(text: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    text.starts_with(|first: char| first.is_ascii_lowercase()) && text.bytes().all(word)
}

/// RFC 3339, section 5.6: in UTC or with an offset.
fn is_rfc3339(text: &str) -> bool {
    let is_utc = |text: &str| humantime::parse_rfc3339(text).is_ok();
    if text.ends_with('Z') {
        return is_utc(text);
    }
    let Some((local, offset)) = text.len().checked_sub(6).and_then(|at| text.split_at_checked(at)) else {
        return false;
    };
    let parts = offset.strip_prefix(['+', '-']).and_then(|offset| offset.split_once(':'));
    let within = |part: &str, most: u8| part.len() == 2 && part.parse::<u8>().is_ok_and(|part| part <= most);
    parts.is_some_and(|(hours, minutes)| within(hours, 23) && within(minutes, 59))
        && is_utc(&format!("{local}Z"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const SHA: &str = "3fc271e8a1b2c3d4e5f60718293a4b5c6d7e8f90";

    #[test]
    fn the_runbooks_own_examples_fit() {
        for (format, value) in [
            (Format::Commit, json!(SHA)),
            (Format::ShortCommit, json!("3fc271e")),
            (Format::Describe, json!("v0.3.0-12-g3fc271e")),
            (Format::Describe, json!("prod-7")),
            (Format::Time, json!("2026-04-25T14:32:11Z")),
            (Format::Time, json!("2026-04-25T14:32:11.123456Z")),
            (Format::Time, json!("2026-04-25T16:32:11+02:00")),
            (Format::Digest, json!(SHA)),
            (Format::Digest, json!("ab".repeat(32))),
            (Format::Generation, json!(42)),
            (Format::Schema, json!("20260422170300_core_event_handled")),
            (Format::Service, json!("api")),
            (Format::Colour, json!("green")),
        ] {
            assert_eq!(format.problem(&value), None, "{format:?} {value}");
        }
    }

    #[test]
    fn everything_else_is_named() {
        let wrong = [
            (
                Format::Commit,
                vec![
                    json!("3fc271e"),
                    json!(SHA.to_uppercase()),
                    json!(5),
                    json!(null),
                    json!("g".repeat(40)),
                    json!(format!("{SHA}0")),
                ],
            ),
            (Format::ShortCommit, vec![json!("3fc27"), json!(""), json!("3FC271E")]),
            (Format::Describe, vec![json!(""), json!("a b"), json!("v1\n"), json!(1)]),
            (
                Format::Time,
                vec![
                    json!("2026-04-25"),
                    json!("2026-04-25 14:32:11Z"),
                    json!("2026-04-25T14:32:11"),
                    json!("2026-13-25T14:32:11Z"),
                    json!(1_777_127_531),
                    json!("2026-04-25T14:32:11+0200"),
                    json!("2026-04-25T14:32:11+99:00"),
                    json!("ääääää"),
                    json!(""),
                ],
            ),
            (Format::Digest, vec![json!("abc123"), json!("sha256:ab"), json!("")]),
            (
                Format::Generation,
                vec![json!("42"), json!(0), json!(-1), json!(42.0), json!(1.5), json!(null), json!(true)],
            ),
            (
                Format::Schema,
                vec![
                    json!("20260422170300"),
                    json!("20260422170300_"),
                    json!("2026_x"),
                    json!("20260422170300_a b"),
                    json!(20_260_422_170_300_u64),
                ],
            ),
            (Format::Service, vec![json!(""), json!("API"), json!("a b"), json!("1a")]),
            (Format::Colour, vec![json!("none"), json!("Blue"), json!(""), json!(null)]),
        ];
        for (format, values) in wrong {
            for value in values {
                assert!(format.problem(&value).is_some(), "{format:?} {value}");
            }
        }
    }

    #[test]
    fn the_commit_of_a_description() {
        assert_eq!(described_commit("v0.3.0-12-g3fc271e"), Some("3fc271e"));
        assert_eq!(described_commit("v0.3.0-12-g3fc271e-dirty"), Some("3fc271e"));
        assert_eq!(described_commit("v0.3.0"), None);
        assert_eq!(described_commit("v0-great"), None);
    }

    proptest! {
        #[test]
        fn no_text_panics_and_what_is_shown_is_short(text in "\\PC{0,200}") {
            for format in [Format::Commit, Format::Describe, Format::Time, Format::Schema, Format::Service] {
                if let Some(problem) = format.problem(&json!(text)) {
                    prop_assert!(problem.chars().count() < 200);
                }
            }
            let _ = described_commit(&text);
        }
    }
}
