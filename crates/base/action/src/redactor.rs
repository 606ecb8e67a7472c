//! The last gate before anything is printed: secrets become `***`.

use std::borrow::Cow;
use std::sync::{PoisonError, RwLock};

/// Values that must never be printed, collected before their first use.
#[derive(Default)]
pub(crate) struct Redactor(RwLock<Vec<String>>);

impl Redactor {
    /// Adds a value; each of its lines counts too, as in the runner's own masks.
    ///
    /// Lines shorter than four characters are left out: they would blot out
    /// ordinary text and protect nothing.
    pub(crate) fn add(&self, secret: &str) {
        let mut secrets = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let whole = std::iter::once(secret);
        for value in whole.chain(secret.lines()).map(str::trim) {
            if value.len() >= 4 && !secrets.iter().any(|known| known == value) {
                secrets.push(value.to_owned());
            }
        }
        // Longest first, so that a secret inside another leaves no tail behind.
        secrets.sort_by_key(|value| std::cmp::Reverse(value.len()));
    }

    /// `text` without any of the values.
    pub(crate) fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let secrets = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut text = Cow::Borrowed(text);
        for secret in secrets.iter() {
            if text.contains(secret.as_str()) {
                text = Cow::Owned(text.replace(secret.as_str(), "***"));
            }
        }
        text
    }
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Redactor")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_a_secret_is_hidden_and_the_longest_goes_first() {
        let redactor = Redactor::default();
        redactor.add("key1\nkey1-long\nab");
        assert_eq!(redactor.redact("x key1-long y key1 z ab"), "x *** y *** z ab");
    }
}
