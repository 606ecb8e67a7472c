//! A bracket expression: one character out of a set.

use super::refusal::{Refusal, Refused};

/// The characters that regular expressions give a meaning to.
///
/// picomatch lets a bracket expression without any of them match its own text
/// too, so that `app/[id]/**` covers a folder that is really called `[id]`.
const SPECIAL: &str = "-*+?.^${}(|)[]";

/// A set of characters, given as ranges with both ends included.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Class {
    ranges: Vec<(char, char)>,
    negated: bool,
    text: String,
    plain: bool,
}

/// A bracket expression, read.
pub(crate) struct Bracket {
    pub(crate) class: Class,
    /// Bytes read, both brackets included.
    pub(crate) length: usize,
    /// Letters and digits that were escaped for no reason.
    pub(crate) needless_escapes: Vec<char>,
}

impl Class {
    /// Whether `character` is in it; `None` is a byte that is not UTF-8, which only a negated set holds.
    pub(crate) fn contains(&self, character: Option<char>) -> bool {
        let listed = character.is_some_and(|c| self.lists(c));
        listed != self.negated
    }

    /// Whether it can stand for a `/`; a negated set never does.
    pub(crate) fn crosses_segments(&self) -> bool {
        !self.negated && self.lists('/')
    }

    /// The expression as it was written.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The text that it matches besides its characters: its own, if that is plain.
    pub(crate) fn verbatim(&self) -> Option<&str> {
        self.plain.then_some(&self.text)
    }

    fn lists(&self, c: char) -> bool {
        self.ranges.iter().any(|&(low, high)| low <= c && c <= high)
    }
}

/// Reads the bracket expression that `text` starts with.
///
/// `None` when it is never closed: then the `[` is a character like any other.
pub(crate) fn read(text: &str) -> Result<Option<Bracket>, Refused> {
    if let Some(end) = posix_class_end(text) {
        let close = text[end..].find(']').map_or(0, |at| at + 1);
        return Err((Refusal::PosixClass, text[..end + close].to_owned()));
    }
    let Some(inner) = Inner::find(text) else {
        return Ok(None);
    };
    let source = &text[..inner.length];
    let mut ranges = Vec::new();
    let mut members = inner.members.iter().copied().peekable();
    while let Some(low) = members.next() {
        let mut ahead = members.clone();
        let range_end = match (ahead.next(), ahead.next()) {
            (Some(Member::Dash), Some(end)) => Some(end),
            _ => None,
        };
        let low = low.character();
        let high = range_end.map_or(low, Member::character);
        if high < low {
            return Err((Refusal::BackwardsRange, source.to_owned()));
        }
        if range_end.is_some() {
            members.next();
            members.next();
        }
        ranges.push((low, high));
    }
    let content = &source[1..source.len() - 1];
    let plain = !inner.negated && !content.contains(|c| SPECIAL.contains(c) || c == '\\');
    Ok(Some(Bracket {
        class: Class { ranges, negated: inner.negated, text: source.to_owned(), plain },
        length: inner.length,
        needless_escapes: inner.needless_escapes,
    }))
}

/// What stands between the brackets.
struct Inner {
    negated: bool,
    members: Vec<Member>,
    length: usize,
    needless_escapes: Vec<char>,
}

/// One character of the list; an unescaped dash may make a range.
#[derive(Clone, Copy)]
enum Member {
    Dash,
    Char(char),
}

impl Member {
    fn character(self) -> char {
        match self {
            Self::Dash => '-',
            Self::Char(c) => c,
        }
    }
}

impl Inner {
    fn find(text: &str) -> Option<Self> {
        let mut chars = text.char_indices().skip(1).peekable();
        let negated = chars.next_if(|&(_, c)| c == '!' || c == '^').is_some();
        let mut members = Vec::new();
        let mut needless_escapes = Vec::new();
        while let Some((at, c)) = chars.next() {
            match c {
                // A bracket that comes first is a member, as in POSIX.
                ']' if !members.is_empty() => {
                    return Some(Self { negated, members, length: at + 1, needless_escapes });
                }
                '\\' => {
                    let (_, escaped) = chars.next()?;
                    if escaped.is_ascii_alphanumeric() {
                        needless_escapes.push(escaped);
                    }
                    members.push(Member::Char(escaped));
                }
                '-' => members.push(Member::Dash),
                c => members.push(Member::Char(c)),
            }
        }
        None
    }
}

/// Where a `[:alpha:]` ends that `text` has among the members of its first bracket expression.
fn posix_class_end(text: &str) -> Option<usize> {
    let first_close = text.find(":]")?;
    let at = text[..first_close].rfind("[:").filter(|&at| at > 0)?;
    let name = &text[at + 2..first_close];
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic());
    let before = text[1..at].trim_start_matches(['!', '^']);
    let still_open = !before.strip_prefix(']').unwrap_or(before).contains(']');
    (is_name && still_open).then_some(first_close + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(text: &str) -> Class {
        read(text).unwrap().unwrap().class
    }

    #[test]
    fn members_and_ranges() {
        assert!(class("[a-c]").contains(Some('b')));
        assert!(!class("[a-c]").contains(Some('B')));
        assert!(class("[]a]").contains(Some(']')));
        assert!(class("[a-]").contains(Some('-')));
        assert!(class("[-a]").contains(Some('-')));
        assert!(class("[a-c-e]").contains(Some('-')));
        assert!(!class("[a-c-e]").contains(Some('d')));
        assert!(class(r"[a\]]").contains(Some(']')));
        assert!(class(r"[a\-c]").contains(Some('-')));
        assert!(!class(r"[a\-c]").contains(Some('b')));
        assert!(class("[é]").contains(Some('é')));
    }

    #[test]
    fn negation() {
        assert!(!class("[!a]").contains(Some('a')));
        assert!(class("[^a]").contains(Some('b')));
        assert!(class("[^a]").contains(None), "a stray byte is not an a");
        assert!(!class("[a]").contains(None));
        assert!(!class("[^a]").crosses_segments());
        assert!(class("[/]").crosses_segments());
    }

    #[test]
    fn unclosed_is_no_expression() {
        for text in ["[", "[]", "[!]", "[^]", "[abc", r"[a\]"] {
            assert!(read(text).unwrap().is_none(), "{text}");
        }
    }

    #[test]
    fn own_text_counts_only_when_plain() {
        assert_eq!(class("[id]").verbatim(), Some("[id]"));
        assert_eq!(class("[...slug]").verbatim(), None);
        assert_eq!(class("[!a]").verbatim(), None);
        assert_eq!(class("[a-c]").verbatim(), None);
    }

    #[test]
    fn refused() {
        let refusal = |text| read(text).err().map(|(refusal, _)| refusal);
        assert_eq!(refusal("[[:alpha:]]"), Some(Refusal::PosixClass));
        assert_eq!(refusal("[a[:digit:]b]"), Some(Refusal::PosixClass));
        assert_eq!(refusal("[z-a]"), Some(Refusal::BackwardsRange));
        assert_eq!(refusal("[][:digit:]]"), Some(Refusal::PosixClass));
        assert_eq!(refusal("[a[:b]"), None);
        assert_eq!(refusal("[a]x[:b:]"), None);
    }
}
