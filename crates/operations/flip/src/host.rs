//! Host names in one form, so that they can be compared.

use std::fmt;

/// The longest name without its last dot, and the longest label (RFC 1035,
/// section 2.3.4; the limit of 255 counts a length byte and the root).
const LONGEST: usize = 253;
const LONGEST_LABEL: usize = 63;

/// What stands in for the asterisk of a wildcard when a concrete name is needed.
const STAND_IN: &str = "greenroom-probe";

/// A host name: lower case, Punycode, no dot at its end. The first label may be
/// an asterisk.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Host(String);

impl Host {
    /// Reads a name as people and vendors write it: any case, perhaps a dot at its
    /// end, perhaps letters beyond ASCII.
    ///
    /// The error is the rule that the text breaks.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text.contains("://") || text.contains('/') {
            return Err("it is an address; give the host's name alone".to_owned());
        }
        let ascii = if text.is_ascii() { text.to_ascii_lowercase() } else { to_punycode(text)? };
        let name = ascii.strip_suffix('.').unwrap_or(&ascii);
        if name.len() > LONGEST {
            return Err(format!("it is longer than {LONGEST} characters"));
        }
        let labels: Vec<&str> = name.split('.').collect();
        for (index, label) in labels.iter().enumerate() {
            if !(index == 0 && *label == "*") {
                check_label(label)?;
            }
        }
        let last = labels.last().copied().unwrap_or_default();
        if labels.len() < 2 || last.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err("it is no complete host name".to_owned());
        }
        Ok(Self(name.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it stands for every name below a domain.
    pub(crate) fn is_wildcard(&self) -> bool {
        self.0.starts_with("*.")
    }

    /// A name that can be asked for: itself, or for a wildcard one name below it.
    pub(crate) fn concrete(&self) -> String {
        match self.0.strip_prefix('*') {
            Some(rest) => format!("{STAND_IN}{rest}"),
            None => self.0.clone(),
        }
    }

    /// Whether it is `domain` or a name below it.
    pub(crate) fn is_within(&self, domain: &Self) -> bool {
        self.0.strip_suffix(domain.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }

    /// The wildcard that would cover it, one label up.
    pub(crate) fn covering_wildcard(&self) -> Option<String> {
        self.0.split_once('.').map(|(_, rest)| format!("*.{rest}"))
    }

    /// Whether it names this machine (RFC 6761, section 6.3).
    pub(crate) fn is_loopback(&self) -> bool {
        self.0.ends_with(".localhost")
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn check_label(label: &str) -> Result<(), String> {
    if label.is_empty() {
        return Err("it is empty, or has an empty part between two dots".to_owned());
    }
    if label.len() > LONGEST_LABEL {
        return Err(format!("a part is longer than {LONGEST_LABEL} characters"));
    }
    let odd = |char: char| !(char.is_ascii_alphanumeric() || char == '-' || char == '_');
    match label.chars().find(|char| odd(*char)) {
        Some('*') => Err("an asterisk may only be the whole first part".to_owned()),
        Some(char) => Err(format!("it holds {char:?}")),
        None => Ok(()),
    }
}

/// As browsers do it, which is also what Cloudflare's records hold (Cloudflare API
/// reference, DNS records: names are in Punycode).
fn to_punycode(text: &str) -> Result<String, String> {
    let odd = |char: &char| char.is_ascii() && !(char.is_ascii_alphanumeric() || "-_.".contains(*char));
    if let Some(char) = text.chars().find(odd) {
        return Err(format!("it holds {char:?}"));
    }
    let address = http::Address::parse(&format!("https://{text}/"))
        .map_err(|_| "it cannot be written in Punycode (xn--...)".to_owned())?;
    Ok(address.host().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(text: &str) -> Host {
        Host::parse(text).unwrap()
    }

    #[test]
    fn every_way_to_write_a_name_is_the_same_name() {
        for text in ["API.Example.com", "api.example.com.", "api.example.com"] {
            assert_eq!(host(text).as_str(), "api.example.com");
        }
        for text in ["bücher.example", "BÜCHER.example", "xn--bcher-kva.example."] {
            assert_eq!(host(text).as_str(), "xn--bcher-kva.example");
        }
        assert_eq!(host("_acme-challenge.a_b.example").as_str(), "_acme-challenge.a_b.example");
    }

    #[test]
    fn what_is_no_host_name_is_refused_with_the_rule() {
        for (text, rule) in [
            ("", "empty"),
            (".", "empty"),
            ("a..b", "empty"),
            ("api", "complete"),
            ("192.0.2.1", "complete"),
            ("::1", "':'"),
            ("https://a.example", "address"),
            ("a.example/x", "address"),
            ("a.example:443", "':'"),
            ("a b.example", "' '"),
            ("a.*.example", "asterisk"),
            ("a*.example", "asterisk"),
            ("ü@x.example", "'@'"),
            ("a.example\u{1b}", "'\\u{1b}'"),
        ] {
            let broken = Host::parse(text).unwrap_err();
            assert!(broken.contains(rule), "{text:?}: {broken}");
        }
        assert!(Host::parse(&format!("{}.example", "a".repeat(64))).is_err());
        assert!(Host::parse(&format!("{}example", "a.".repeat(124))).is_err());
    }

    #[test]
    fn wildcards_have_a_concrete_name_below_them() {
        let wildcard = host("*.Apps.example.com");
        assert!(wildcard.is_wildcard());
        assert_eq!(wildcard.concrete(), "greenroom-probe.apps.example.com");
        assert_eq!(host("api.example.com").concrete(), "api.example.com");
        assert_eq!(host("api.example.com").covering_wildcard().as_deref(), Some("*.example.com"));
    }

    #[test]
    fn a_name_is_within_its_zone_and_no_other() {
        let zone = host("example.com");
        for inside in ["example.com", "api.example.com", "*.example.com"] {
            assert!(host(inside).is_within(&zone), "{inside}");
        }
        for outside in ["badexample.com", "example.com.evil", "com.example"] {
            assert!(!host(outside).is_within(&zone), "{outside}");
        }
        assert!(host("api.shop.localhost").is_loopback());
        assert!(!host("localhost.example").is_loopback());
    }
}
