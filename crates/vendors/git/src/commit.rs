//! The name of a commit.

use std::fmt;

/// The full object id of a commit: 40 hexadecimal digits, or 64 where the
/// repository uses SHA-256.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CommitId(String);

impl CommitId {
    /// `None` for anything but a full id.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let full = matches!(text.len(), 40 | 64);
        (full && text.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| Self(text.to_ascii_lowercase()))
    }

    /// Whether it is all zeros, which GitHub sends where there is no commit: as
    /// `github.event.before` of a push that creates a branch (GitHub docs,
    /// webhook events, `push`).
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.0.bytes().all(|byte| byte == b'0')
    }

    /// The digits, in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_full_ids() {
        assert!(CommitId::parse(&"0".repeat(40)).unwrap().is_zero());
        assert!(CommitId::parse(&"0".repeat(64)).unwrap().is_zero());
        let id = CommitId::parse(&"AB".repeat(20)).unwrap();
        assert_eq!(id.as_str(), "ab".repeat(20));
        assert!(!id.is_zero());
        for text in ["", "0", "main", &"g".repeat(40), &"0".repeat(41)] {
            assert_eq!(CommitId::parse(text), None, "{text}");
        }
    }
}
