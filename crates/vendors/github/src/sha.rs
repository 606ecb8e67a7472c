//! Full commit SHAs.

use std::fmt;

use serde::{Deserialize, Deserializer, de};

/// A full SHA: 40 hexadecimal digits, kept in lower case. A short one could match by
/// accident.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha(String);

impl Sha {
    /// Reads one; `None` when it is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        fits.then(|| Self(text.to_ascii_lowercase()))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Sha {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Sha {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("not a full SHA of 40 hexadecimal digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_forty_hexadecimal_digits() {
        assert_eq!(Sha::parse(&"AB".repeat(20)).unwrap().as_str(), "ab".repeat(20));
        for bad in [String::new(), "a".repeat(39), "a".repeat(41), "g".repeat(40), "ä".repeat(20)] {
            assert_eq!(Sha::parse(&bad), None, "{bad}");
        }
    }
}
