//! The last gate before anything is printed: secrets become `***`, as they are and as they look when
//! they were escaped before.

use std::borrow::Cow;
use std::sync::{PoisonError, RwLock};

use crate::markdown;
use crate::shell::bash_word;

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
        for value in whole.chain(secret.lines()).map(str::trim).filter(|value| value.len() >= 4) {
            for form in forms(value) {
                if !secrets.contains(&form) {
                    secrets.push(form);
                }
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

/// A secret as it is, and as our own ways of writing text show it: a summary is escaped before it comes here, and
/// neither this gate nor the runner's would know `rnd\_key` again.
fn forms(secret: &str) -> [String; 4] {
    let code = markdown::code(secret);
    let code = code.strip_prefix("<code>").and_then(|code| code.strip_suffix("</code>")).unwrap_or(&code);
    let word = bash_word(secret);
    let word = word.strip_prefix("$'").and_then(|word| word.strip_suffix('\'')).unwrap_or(&word);
    [secret.to_owned(), markdown::text(secret), code.to_owned(), word.to_owned()]
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
    fn a_secret_is_hidden_however_it_was_escaped() {
        let secret = r"rnd_c*n&ry<1>_#@[x]|\~!`'";
        let redactor = Redactor::default();
        redactor.add(secret);
        for shown in [secret.to_owned(), markdown::text(secret), markdown::code(secret), bash_word(secret)] {
            let redacted = redactor.redact(&shown);
            assert!(redacted.contains("***") && !redacted.contains("ry"), "{shown}: {redacted}");
        }
        let block = markdown::block(secret);
        assert!(redactor.redact(&block).contains("\n***\n"), "{block}");
    }

    #[test]
    fn every_line_of_a_secret_is_hidden_and_the_longest_goes_first() {
        let redactor = Redactor::default();
        redactor.add("key1\nkey1-long\nab");
        assert_eq!(redactor.redact("x key1-long y key1 z ab"), "x *** y *** z ab");
    }
}
