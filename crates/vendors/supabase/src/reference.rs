//! Identifiers, checked before they become part of a path.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

/// Text that is not an identifier of the wanted kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no {kind}; one looks like `{example}`")]
pub struct NotAReference {
    text: String,
    kind: &'static str,
    example: &'static str,
}

/// A project's reference: 20 lower-case letters (Supabase's Management API, `ref`).
/// A branch is a project of its own and has one too.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct ProjectRef(String);

impl ProjectRef {
    /// The reference as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ProjectRef {
    type Err = NotAReference;

    fn from_str(text: &str) -> Result<Self, NotAReference> {
        if text.len() == 20 && text.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return Ok(Self(text.to_owned()));
        }
        let (kind, example) = ("reference of a Supabase project", "abcdefghijklmnopqrst");
        Err(NotAReference { text: short(text), kind, example })
    }
}

/// An action run: opaque text (Supabase's Management API, `workflow_run_id`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct RunId(String);

impl RunId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RunId {
    type Err = NotAReference;

    fn from_str(text: &str) -> Result<Self, NotAReference> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if (1..=100).contains(&text.len()) && text.bytes().all(plain) {
            return Ok(Self(text.to_owned()));
        }
        let (kind, example) = ("action run of Supabase", "run_01hq3q9m7y5q7e4a7x2c8m1p4n");
        Err(NotAReference { text: short(text), kind, example })
    }
}

/// Enough of it to recognise, on one line.
fn short(text: &str) -> String {
    text.chars().filter(|found| !found.is_control()).take(60).collect()
}

macro_rules! text {
    ($($type:ident),+) => {$(
        impl TryFrom<String> for $type {
            type Error = NotAReference;

            fn try_from(text: String) -> Result<Self, NotAReference> {
                text.parse()
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

text!(ProjectRef, RunId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_change_a_path_is_no_identifier() {
        assert_eq!("abcdefghijklmnopqrst".parse::<ProjectRef>().unwrap().as_str(), "abcdefghijklmnopqrst");
        for bad in ["", "abc", "Abcdefghijklmnopqrst", "abcdefghijklmnopqrs1", "abcdefghij/lmnopqrst"] {
            assert!(bad.parse::<ProjectRef>().is_err(), "{bad}");
        }
        assert!("00000000-0000-0000-0000-000000000000".parse::<RunId>().is_ok());
        for bad in ["", "a/b", "..", "run 1", "r\u{e9}"] {
            assert!(bad.parse::<RunId>().is_err(), "{bad}");
        }
        let error = "a\nb".parse::<ProjectRef>().unwrap_err().to_string();
        assert_eq!(
            error,
            "`ab` is no reference of a Supabase project; one looks like `abcdefghijklmnopqrst`"
        );
    }
}
