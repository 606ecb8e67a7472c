//! Where public names point: lines `host target`, and the ledger's JSON of them.

use std::collections::BTreeMap;

use serde_json::Value;

/// One target a host, with whatever else its line says (`ttl=60`, a comment).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Names(BTreeMap<String, String>);

impl Names {
    /// Reads lines `host target`; what follows on a line is kept for `mode: restore` of cname-flip.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut names = BTreeMap::new();
        for line in action::lines(text).map(str::trim).filter(|line| !line.is_empty()) {
            let Some((host, rest)) = line.split_once(char::is_whitespace) else {
                return Err(format!("has the line `{line}` without a target; wanted is `host target`"));
            };
            let host = host.trim_end_matches('.').to_ascii_lowercase();
            if names.insert(host.clone(), rest.trim().to_owned()).is_some() {
                return Err(format!("names {host} twice"));
            }
        }
        if names.is_empty() {
            return Err("names no host".to_owned());
        }
        Ok(Self(names))
    }

    /// What the ledger holds, `{host: target}`; nothing when it is something else.
    pub(crate) fn from_ledger(value: &Value) -> Option<Self> {
        let entries = value.as_object()?.iter();
        let names: Option<BTreeMap<_, _>> =
            entries.map(|(host, target)| Some((host.clone(), target.as_str()?.to_owned()))).collect();
        names.filter(|names| !names.is_empty()).map(Self)
    }

    /// `{host: target}`, without what else the lines say.
    pub(crate) fn to_ledger(&self) -> Value {
        self.iter().map(|(host, target)| (host.to_owned(), Value::from(target))).collect()
    }

    /// Each host with its target.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(host, rest)| (host.as_str(), target(rest)))
    }

    /// The lines, whole.
    pub(crate) fn lines(&self) -> String {
        self.0.iter().map(|(host, rest)| format!("{host} {rest}")).collect::<Vec<_>>().join("\n")
    }
}

/// The first word: a host name without its final dot.
fn target(rest: &str) -> &str {
    rest.split_whitespace().next().unwrap_or_default().trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_ledger_holds_comes_back() {
        let names =
            Names::parse("b.example.com y.\r\nA.example.com. x ttl=60 comment=\"two words\"\n").unwrap();
        assert_eq!(names.lines(), "a.example.com x ttl=60 comment=\"two words\"\nb.example.com y.");
        assert_eq!(names.to_ledger(), json!({"a.example.com": "x", "b.example.com": "y"}));
        let read = Names::from_ledger(&names.to_ledger()).unwrap();
        assert_eq!(read.lines(), "a.example.com x\nb.example.com y");
    }

    #[test]
    fn other_lines_are_refused() {
        for (text, problem) in [
            ("", "names no host"),
            ("a.example.com", "without a target"),
            ("a.example.com x\nA.EXAMPLE.com y", "names a.example.com twice"),
        ] {
            let found = Names::parse(text).unwrap_err();
            assert!(found.contains(problem), "{found}");
        }
        for value in [json!(null), json!({}), json!([]), json!({"a": 1})] {
            assert_eq!(Names::from_ledger(&value), None);
        }
    }
}
