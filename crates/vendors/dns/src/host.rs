//! Host names: what may be asked for, and how a name from a message is shown.

/// The longest name in its text form, without the last dot: RFC 1035 allows 255
/// bytes on the wire, two of which are the first length and the root.
const LONGEST: usize = 253;

/// The longest label, RFC 1035 section 2.3.4.
const LONGEST_LABEL: usize = 63;

/// A host name in one form: lower case, no dot at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HostName(String);

impl HostName {
    /// Takes a name of letters, digits, hyphens and underscores.
    ///
    /// The error is the rule that the text breaks.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let name = text.strip_suffix('.').unwrap_or(text);
        if name.is_empty() {
            return Err("it is empty");
        }
        if !name.is_ascii() {
            return Err("it is not ASCII; write it in Punycode (xn--...)");
        }
        if name.len() > LONGEST {
            return Err("it is longer than 253 characters");
        }
        for label in name.split('.') {
            check_label(label)?;
        }
        Ok(Self(name.to_ascii_lowercase()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

fn check_label(label: &str) -> Result<(), &'static str> {
    if label.is_empty() {
        return Err("it has an empty label (two dots in a row, or one in front)");
    }
    if label.len() > LONGEST_LABEL {
        return Err("a label is longer than 63 characters");
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if !label.bytes().all(allowed) {
        return Err("a label has a character other than a letter, a digit, '-' and '_'");
    }
    Ok(())
}

/// The text of a name from a message: lower case, no dot at its end, and every
/// byte that a host name does not have as `\DDD` (RFC 1035, section 5.1).
///
/// A label may hold any byte, and this text ends up in logs: nothing that a
/// server sends may reach them unescaped.
pub(crate) fn display<'a>(labels: impl Iterator<Item = &'a [u8]>) -> String {
    let mut text = String::new();
    for label in labels {
        if !text.is_empty() {
            text.push('.');
        }
        for &byte in label {
            push_escaped(&mut text, byte.to_ascii_lowercase());
        }
    }
    text
}

fn push_escaped(text: &mut String, byte: u8) {
    match byte {
        b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'*' => text.push(char::from(byte)),
        other => text.push_str(&format!("\\{other:03}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_the_last_dot_make_no_difference() {
        let name = HostName::parse("API.Example.COM.").unwrap();
        assert_eq!(name.as_str(), "api.example.com");
        assert_eq!(Ok(name), HostName::parse("api.example.com"));
        assert!(HostName::parse("_acme-challenge.xn--bcher-kva.example").is_ok());
    }

    #[test]
    fn the_longest_name_passes_and_one_more_does_not() {
        let longest = format!("{0}.{0}.{0}.{1}", "a".repeat(LONGEST_LABEL), "b".repeat(61));
        assert_eq!(longest.len(), LONGEST);
        assert!(HostName::parse(&longest).is_ok());
        assert!(HostName::parse(&format!("{longest}b")).is_err());
        assert!(HostName::parse(&format!("{}.example", "a".repeat(64))).is_err());
    }

    #[test]
    fn what_is_no_host_name_is_refused_with_the_rule() {
        for (text, rule) in [
            ("", "empty"),
            (".", "empty"),
            ("a..b", "empty label"),
            (".a", "empty label"),
            ("bücher.example", "Punycode"),
            ("a b.example", "character"),
            ("a.example\n", "character"),
            ("*.example", "character"),
            ("a\\.b", "character"),
        ] {
            let broken = HostName::parse(text).unwrap_err();
            assert!(broken.contains(rule), "{text:?}: {broken}");
        }
    }

    #[test]
    fn bytes_of_a_hostile_label_are_escaped() {
        let labels: [&[u8]; 2] = [b"::Add.\n\xff", b"Example"];
        assert_eq!(display(labels.into_iter()), "\\058\\058add\\046\\010\\255.example");
    }
}
