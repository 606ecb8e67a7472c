//! Filter patterns of branches and tags: which names they are for.
//!
//! Source of every rule: GitHub, "Workflow syntax", "Filter pattern cheat sheet" and
//! `on.push.<branches|tags|branches-ignore|tags-ignore>`.

use std::collections::BTreeSet;
use std::fmt;

/// One pattern.
///
/// | in a pattern | in a name |
/// |---|---|
/// | `*` | any characters but `/`, or none |
/// | `**` | any characters, or none |
/// | `?` | the character before it, or none |
/// | `+` | the character before it, once or more |
/// | `[a-z0-9_]` | one of these; ranges of `a-z`, `A-Z` and `0-9` only |
/// | `!` at the beginning | takes names out that a pattern before it let in |
/// | `\` | the character behind it, without its meaning |
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Pattern {
    source: String,
    negative: bool,
    parts: Vec<Part>,
}

/// Why a pattern cannot be read, in words for its author.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the pattern `{pattern}` cannot be read: {why}")]
pub struct PatternError {
    /// The pattern.
    pub pattern: String,
    /// What is wrong with it.
    pub why: &'static str,
}

/// The patterns of one key, such as `tags`, in their order; at least one, and not only negative ones.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Patterns(Vec<Pattern>);

/// A piece of a pattern.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Part {
    /// `*`.
    Segment,
    /// `**`.
    Everything,
    Character(Set, Repeat),
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Set {
    One(char),
    /// Of these ranges, both ends among them.
    Of(Vec<(char, char)>),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Repeat {
    Once,
    AtMostOnce,
    OnceOrMore,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// It is empty; `?` or `+` has no character before it; a bracket is not closed, empty, or holds a range that is
    /// none; a backslash is the last character.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let (negative, rest) = text.strip_prefix('!').map_or((false, text), |rest| (true, rest));
        let parts = parts(rest).map_err(|why| PatternError { pattern: text.to_owned(), why })?;
        Ok(Self { source: text.to_owned(), negative, parts })
    }

    /// Whether it takes names out: it begins with `!`.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.negative
    }

    /// Whether a whole name, such as `main` or `v1.2.3`, is of its form; for a negative one, of the form behind `!`.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        let name: Vec<char> = name.chars().collect();
        // The places in the name that are reached by what was read of the pattern.
        let mut reached = BTreeSet::from([0]);
        for part in &self.parts {
            reached = part.after(&name, &reached);
        }
        reached.contains(&name.len())
    }
}

/// As it was written.
impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

impl Patterns {
    /// The patterns of one key.
    ///
    /// # Errors
    /// There is none, or only negative ones: they take out of what others let in.
    pub fn new(patterns: Vec<Pattern>) -> Result<Self, &'static str> {
        match patterns.iter().find(|pattern| !pattern.negative) {
            Some(_) => Ok(Self(patterns)),
            None if patterns.is_empty() => Err("at least one pattern stands here"),
            None => Err("a pattern with `!` takes names out that one without it let in, and there is none"),
        }
    }

    /// Whether a name is let in: the last pattern that is for it decides.
    #[must_use]
    pub fn admit(&self, name: &str) -> bool {
        self.0.iter().rev().find(|pattern| pattern.matches(name)).is_some_and(|pattern| !pattern.negative)
    }

    /// The patterns, in their order.
    pub fn iter(&self) -> impl Iterator<Item = &Pattern> {
        self.0.iter()
    }
}

impl Part {
    fn after(&self, name: &[char], from: &BTreeSet<usize>) -> BTreeSet<usize> {
        match self {
            Self::Segment => onward(name, from, |c| c != '/'),
            Self::Everything => onward(name, from, |_| true),
            Self::Character(set, repeat) => {
                let is_next = |at: usize| name.get(at).is_some_and(|c| set.has(*c));
                let once: BTreeSet<usize> = from.iter().filter(|at| is_next(**at)).map(|at| at + 1).collect();
                match repeat {
                    Repeat::Once => once,
                    Repeat::AtMostOnce => from | &once,
                    Repeat::OnceOrMore => onward(name, &once, |c| set.has(c)),
                }
            }
        }
    }
}

/// These places, and all that are reached from them over characters that `over` takes.
fn onward(name: &[char], from: &BTreeSet<usize>, over: impl Fn(char) -> bool) -> BTreeSet<usize> {
    let mut reached = from.clone();
    for (at, c) in name.iter().enumerate() {
        if reached.contains(&at) && over(*c) {
            reached.insert(at + 1);
        }
    }
    reached
}

impl Set {
    fn has(&self, c: char) -> bool {
        match self {
            Self::One(own) => *own == c,
            Self::Of(ranges) => ranges.iter().any(|(first, last)| (*first..=*last).contains(&c)),
        }
    }
}

fn parts(text: &str) -> Result<Vec<Part>, &'static str> {
    let mut parts = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let set = match c {
            '*' => {
                let both = rest.next_if_eq(&'*').is_some();
                parts.push(if both { Part::Everything } else { Part::Segment });
                continue;
            }
            '?' | '+' => return Err("`?` and `+` stand behind one character or bracket"),
            '[' => bracket(&mut rest)?,
            '\\' => Set::One(rest.next().ok_or("a character stands behind a backslash")?),
            other => Set::One(other),
        };
        let repeat = match rest.next_if(|c| matches!(c, '?' | '+')) {
            None => Repeat::Once,
            Some('?') => Repeat::AtMostOnce,
            Some(_) => Repeat::OnceOrMore,
        };
        parts.push(Part::Character(set, repeat));
    }
    if parts.is_empty() { Err("it is empty") } else { Ok(parts) }
}

/// What stands in a bracket that has been opened.
fn bracket(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<Set, &'static str> {
    let mut ranges = Vec::new();
    loop {
        let first = match rest.next().ok_or("a bracket is not closed")? {
            ']' if ranges.is_empty() => return Err("a bracket is empty"),
            ']' => return Ok(Set::Of(ranges)),
            '-' => return Err("`-` stands between the ends of a range"),
            '\\' => rest.next().ok_or("a character stands behind a backslash")?,
            other => other,
        };
        let last = match rest.next_if_eq(&'-') {
            None => first,
            Some(_) => rest.next().ok_or("a bracket is not closed")?,
        };
        if first != last && !is_range(first, last) {
            return Err("a range is one of letters of one case, or of digits, upwards");
        }
        ranges.push((first, last));
    }
}

fn is_range(first: char, last: char) -> bool {
    let within = [('a', 'z'), ('A', 'Z'), ('0', '9')];
    first <= last && within.iter().any(|(low, high)| (*low..=*high).contains(&first) && last <= *high)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pattern, names that it is for, and names that it is not for.
    type Case = (&'static str, &'static [&'static str], &'static [&'static str]);

    /// GitHub, "Filter pattern cheat sheet": the characters, and its table "Patterns to match branches and tags".
    const CASES: &[Case] = &[
        ("feature/*", &["feature/my-branch", "feature/"], &["feature/a/b", "feature", "xfeature/a"]),
        ("feature/**", &["feature/beta-a/my-branch", "feature/your-branch"], &["feature"]),
        ("main", &["main"], &["main2", "amain", "Main", ""]),
        ("releases/mona-the-octocat", &["releases/mona-the-octocat"], &["releases/mona"]),
        ("*", &["main", "releases"], &["all/the/branches"]),
        ("**", &["all/the/branches", "every/tag", "main"], &[]),
        ("*feature", &["mona-feature", "feature", "ver-10-feature"], &["a/feature", "feature-1"]),
        ("v2*", &["v2", "v2.0", "v2.9"], &["v1", "v2/a"]),
        ("v[12].[0-9]+.[0-9]+", &["v1.10.1", "v2.0.0"], &["v3.0.0", "v1..1", "v1.10", "v1x10.1"]),
        ("Octo*", &["Octocat", "Octo"], &["octocat"]),
        ("[CB]at", &["Cat", "Bat"], &["at", "cat", "CBat"]),
        ("[1-2]00", &["100", "200"], &["300", "00"]),
        ("[0-9a-z]", &["7", "q"], &["Q", "77", ""]),
        ("[a_.]b", &["ab", "_b", ".b"], &["-b"]),
        ("v1?", &["v", "v1"], &["v11", "v2"]),
        ("v[0-9]?", &["v", "v1"], &["v11"]),
        ("a+b", &["ab", "aaab"], &["b", "a+b"]),
        (r"a\+b", &["a+b"], &["ab"]),
        (r"a\*", &["a*"], &["ab"]),
        ("prod-*", &["prod-1", "prod-"], &["prod", "a-prod-1", "prod-a/b"]),
        ("v*.*.*", &["v1.2.3", "v1.2.3.4", "v.."], &["v1.2", "v1.2/3"]),
        ("a!", &["a!"], &["a"]),
        ("{a,b}", &["{a,b}"], &["a"]),
        ("ü?b", &["üb", "b"], &["ub"]),
        ("*a*a*a*a*a*a*a*a*a*b", &["aaaaaaaaab"], &["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]),
    ];

    #[test]
    fn patterns_are_for_the_names_that_github_says() {
        for (pattern, names, others) in CASES {
            let read = Pattern::parse(pattern).unwrap();
            assert!(!read.is_negative() && read.to_string() == *pattern);
            for name in *names {
                assert!(read.matches(name), "{pattern} is for {name}");
            }
            for name in *others {
                assert!(!read.matches(name), "{pattern} is not for {name}");
            }
        }
    }

    fn patterns(texts: &[&str]) -> Result<Patterns, &'static str> {
        Patterns::new(texts.iter().map(|text| Pattern::parse(text).unwrap()).collect())
    }

    /// GitHub, "Workflow syntax", "Example: Including and excluding branches and tags": the order matters.
    #[test]
    fn the_last_pattern_that_is_for_a_name_decides() {
        let some = patterns(&["releases/**", "!releases/**-alpha"]).unwrap();
        assert!(some.admit("releases/10") && some.admit("releases/beta/mona"));
        assert!(
            !some.admit("releases/10-alpha") && !some.admit("releases/beta/3-alpha") && !some.admit("main")
        );
        let again = patterns(&["releases/**", "!releases/**-alpha", "releases/9-alpha"]).unwrap();
        assert!(again.admit("releases/9-alpha") && !again.admit("releases/8-alpha"));
        let before = patterns(&["!releases/1", "releases/*"]).unwrap();
        assert!(before.admit("releases/1"), "an earlier `!` takes nothing out of what comes later");
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for (pattern, why) in [
            ("", "it is empty"),
            ("!", "it is empty"),
            ("?a", "`?` and `+` stand behind"),
            ("*+", "`?` and `+` stand behind"),
            ("a+?", "`?` and `+` stand behind"),
            ("[ab", "a bracket is not closed"),
            ("[a-", "a bracket is not closed"),
            ("[]", "a bracket is empty"),
            ("[-a]", "`-` stands between"),
            ("[a-Z]", "a range is one of"),
            ("[9-0]", "a range is one of"),
            ("[!-z]", "a range is one of"),
            ("a\\", "a character stands behind a backslash"),
        ] {
            let error = Pattern::parse(pattern).unwrap_err();
            assert!(error.why.starts_with(why) && error.pattern == pattern, "{pattern}: {error}");
        }
        assert_eq!(patterns(&[]), Err("at least one pattern stands here"));
        assert!(patterns(&["!a"]).unwrap_err().starts_with("a pattern with `!`"));
    }
}
