//! What a record was before a flip, one line a record: the output `previous`, and
//! the input of the same name.
//!
//! ```text
//! api.example.com api-blue.onrender.com ttl=60 comment="owner: web team"
//! ```
//!
//! `ttl` is in seconds, 1 for automatic; `comment` is a JSON string, empty for no
//! comment. Either may be left out, and then stays as it is. Whether a record is
//! proxied is never changed, so it is not here.

use std::fmt;

use action::BadInput;

use crate::lines::{Pointing, pointing};

/// Automatic, or Cloudflare's range (API reference, DNS records; 30 on Enterprise).
const AUTOMATIC: u32 = 1;
const SHORTEST: u32 = 30;
const LONGEST: u32 = 86_400;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Previous {
    /// The host, and what it pointed at.
    pub pointing: Pointing,
    /// Its TTL.
    pub ttl: Option<u32>,
    /// Its comment.
    pub comment: Option<String>,
}

impl fmt::Display for Previous {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.pointing.host, self.pointing.target)?;
        if let Some(ttl) = self.ttl {
            write!(f, " ttl={ttl}")?;
        }
        if let Some(comment) = &self.comment {
            // JSON escapes every line end.
            write!(f, " comment={}", serde_json::Value::from(comment.as_str()))?;
        }
        Ok(())
    }
}

/// Several lines as one text.
pub(crate) fn text(lines: &[Previous]) -> String {
    lines.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// Reads the input `input`, at least one line.
///
/// # Errors
/// The first line that cannot be understood, or none.
pub fn parse(input: &'static str, text: &str) -> Result<Vec<Previous>, BadInput> {
    let mut found: Vec<Previous> = Vec::new();
    for (number, line) in action::lines(text).enumerate() {
        let previous = parse_line(input, number + 1, line)?;
        if found.iter().any(|other| other.pointing.host == previous.pointing.host) {
            return Err(BadInput::new(input, format!("{} is listed twice", previous.pointing.host)));
        }
        found.push(previous);
    }
    if found.is_empty() {
        return Err(BadInput::new(input, "it lists nothing to restore")
            .hint("pass the output `previous` of the flip that is to be undone"));
    }
    Ok(found)
}

fn parse_line(input: &'static str, number: usize, line: &str) -> Result<Previous, BadInput> {
    let bad = |problem: &str| {
        BadInput::new(input, format!("line {number}, `{line}`: {problem}"))
            .hint("expected `host target ttl=60 comment=\"...\"`; ttl and comment may be left out")
    };
    let (host, rest) = word(line);
    let (target, mut rest) = word(rest);
    if target.is_empty() {
        return Err(bad("it does not hold a host and a target"));
    }
    let mut previous = Previous { pointing: pointing(input, host, target)?, ttl: None, comment: None };
    if let Some(after) = rest.strip_prefix("ttl=") {
        let (number, after) = word(after);
        previous.ttl = Some(ttl(number).ok_or_else(|| bad("its ttl is neither 1 nor 30 to 86400"))?);
        rest = after;
    }
    if let Some(json) = rest.strip_prefix("comment=") {
        let comment = serde_json::from_str(json).map_err(|_| bad("its comment is no JSON string"))?;
        previous.comment = Some(comment);
        rest = "";
    }
    if rest.is_empty() { Ok(previous) } else { Err(bad("it holds more than can be understood")) }
}

/// The first word, and the rest without the blanks around it.
fn word(text: &str) -> (&str, &str) {
    let text = text.trim();
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (word, rest.trim())
}

fn ttl(text: &str) -> Option<u32> {
    text.parse().ok().filter(|ttl| *ttl == AUTOMATIC || (SHORTEST..=LONGEST).contains(ttl))
}

#[cfg(test)]
mod tests {
    use action::Failure;
    use proptest::prelude::*;

    use super::*;

    fn refusal(text: &str) -> String {
        Failure::from(parse("previous", text).unwrap_err()).to_string()
    }

    #[test]
    fn a_line_says_everything_or_only_the_target() {
        let text =
            "api.example.com blue.onrender.com ttl=60 comment=\"a \\\"b\\\" c\"\nb.example.com c.d\r\n";
        let found = parse("previous", text).unwrap();
        assert_eq!(found[0].ttl, Some(60));
        assert_eq!(found[0].comment.as_deref(), Some("a \"b\" c"));
        assert_eq!((found[1].ttl, &found[1].comment), (None, &None));
        assert_eq!(found[1].to_string(), "b.example.com c.d");
    }

    #[test]
    fn what_cannot_be_understood_is_refused() {
        for (text, problem) in [
            ("", "nothing to restore"),
            ("a.example.com", "host and a target"),
            ("a.example.com b.c ttl=0", "its ttl"),
            ("a.example.com b.c ttl=2", "its ttl"),
            ("a.example.com b.c ttl=60s", "its ttl"),
            ("a.example.com b.c ttl=", "its ttl"),
            ("a.example.com b.c comment=x", "JSON"),
            ("a.example.com b.c comment=\"x\" y", "JSON"),
            ("a.example.com b.c comment=1", "JSON"),
            ("a.example.com b.c comment=\"x\" ttl=60", "JSON"),
            ("a.example.com b.c proxied=true", "more than"),
            ("a.example.com b.c\nA.example.com d.e", "twice"),
            ("a.example.com a.example.com", "itself"),
        ] {
            let told = refusal(text);
            assert!(told.starts_with("input `previous`: ") && told.contains(problem), "{text:?}: {told}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            names in proptest::collection::vec(("[a-z]{1,5}", "[a-z0-9-]{1,5}"), 1..4),
            ttl in proptest::option::of(prop_oneof![Just(1_u32), 30_u32..=86_400]),
            comment in proptest::option::of(any::<String>()),
        ) {
            let lines: Vec<Previous> = names
                .iter()
                .enumerate()
                .map(|(index, (host, target))| Previous {
                    pointing: pointing("previous", &format!("{host}.h{index}.x"), &format!("{target}.t.y")).unwrap(),
                    ttl,
                    comment: comment.clone(),
                })
                .collect();
            let text = text(&lines);
            prop_assert_eq!(text.lines().count(), lines.len());
            prop_assert_eq!(parse("previous", &text).unwrap(), lines);
        }

        #[test]
        fn no_text_breaks_the_parser(text in any::<String>()) {
            let _ = parse("previous", &text);
        }
    }
}
