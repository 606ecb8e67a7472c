//! Identifiers, checked before they become part of a path.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

/// No id of Render's is nearly as long; the recorded ones have 24 characters.
const LONGEST: usize = 100;

/// Text that is not an id of the wanted kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no {kind} id; one looks like `{example}`")]
pub struct NotAnId {
    text: String,
    kind: &'static str,
    example: &'static str,
}

/// A service: `srv-...`, or `crn-...` for a cron job (recorded traffic of
/// Render's Terraform provider).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct ServiceId(String);

impl ServiceId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ServiceId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let rest = text.strip_prefix("srv-").or_else(|| text.strip_prefix("crn-"));
        match rest {
            Some(rest) if is_plain(rest) => Ok(Self(text.to_owned())),
            _ => Err(NotAnId { text: short(text), kind: "service", example: "srv-crbq6v3qf0us73dfii20" }),
        }
    }
}

/// A deploy: `dep-...`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct DeployId(String);

impl DeployId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DeployId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        match text.strip_prefix("dep-") {
            Some(rest) if is_plain(rest) => Ok(Self(text.to_owned())),
            _ => Err(NotAnId { text: short(text), kind: "deploy", example: "dep-crbq6v3qf0us73dfii2g" }),
        }
    }
}

/// An env group: `evg-...` (recorded traffic of Render's Terraform provider).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct EnvGroupId(String);

impl EnvGroupId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EnvGroupId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        match text.strip_prefix("evg-") {
            Some(rest) if is_plain(rest) => Ok(Self(text.to_owned())),
            _ => Err(NotAnId { text: short(text), kind: "env group", example: "evg-crbq6v3qf0us73dfii2g" }),
        }
    }
}

macro_rules! text_like {
    ($($id:ident),+) => {$(
        impl TryFrom<String> for $id {
            type Error = NotAnId;

            fn try_from(text: String) -> Result<Self, NotAnId> {
                text.parse()
            }
        }

        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

text_like!(ServiceId, DeployId, EnvGroupId);

fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= LONGEST
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

fn short(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_pass() {
        for good in ["srv-crbq6v3qf0us73dfii20", "crn-1", "srv-api_green-2"] {
            assert_eq!(good.parse::<ServiceId>().unwrap().to_string(), good);
        }
        for bad in ["", "srv-", "api", "dep-1", "srv-1/../srv-2", "srv-a b", "srv-ä", "SRV-1", " srv-1"] {
            assert!(bad.parse::<ServiceId>().is_err(), "{bad}");
        }
        assert!("srv-".repeat(100).parse::<ServiceId>().is_err());
        assert!("dep-crbq6v3qf0us73dfii2g".parse::<DeployId>().is_ok());
        for bad in ["srv-1", "dep-", "dep-1\n::error::x", "dep-1?x=y"] {
            assert!(bad.parse::<DeployId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_id_in_an_answer_is_checked_too() {
        assert!(serde_json::from_str::<DeployId>(r#""dep-1""#).is_ok());
        assert!(serde_json::from_str::<DeployId>(r#""dep-1/cancel""#).is_err());
    }
}
