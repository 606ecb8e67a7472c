//! How deep a text is nested, told before it is parsed: the parser calls itself for each level, and has no limit of
//! its own. PostgreSQL has one, too (54001, statement too complex; docs, `max_stack_depth`).

use super::Fault;
use crate::source::Span;

/// Brackets within brackets.
const BRACKETS: usize = 500;
/// Words and signs of one expression between two commas: each operator nests what stands before it, and what the
/// parser does with signs and casts grows with the square of their number.
const CHAIN: usize = 10_000;
/// Words that open a block of a body, or a branch in it.
const BLOCKS: usize = 20_000;

/// Where a file is nested deeper than is read here, if it is.
pub(super) fn of_file(text: &str) -> Option<Fault> {
    find(text, |scan| scan.blocks = 0)
}

/// The same for a body, whose blocks go on over its statements.
pub(super) fn of_body(text: &str) -> Option<Fault> {
    find(text, |_| {})
}

fn find(text: &str, at_semicolon: impl Fn(&mut Scan)) -> Option<Fault> {
    let mut scan = Scan { chains: vec![0], blocks: 0 };
    let mut at = 0;
    while at < text.len() {
        let rest = text.get(at..).unwrap_or_default();
        let length = length(rest).max(1);
        scan.word(rest.get(..length).unwrap_or_default());
        if rest.starts_with(';') {
            at_semicolon(&mut scan);
        }
        if let Some(limit) = scan.limit() {
            let span = Span { start: at, end: at + length };
            return Some(Fault { message: format!("{limit} are not read; take it apart"), span });
        }
        at += length;
    }
    None
}

/// What was counted so far.
struct Scan {
    /// For each open bracket, how long the expression in it is.
    chains: Vec<usize>,
    blocks: usize,
}

impl Scan {
    fn word(&mut self, word: &str) {
        match word {
            "(" | "[" => self.chains.push(0),
            ")" | "]" => {
                self.chains.pop();
            }
            "," | ";" => self.chains.last_mut().into_iter().for_each(|chain| *chain = 0),
            _ if word.starts_with(char::is_whitespace)
                || word.starts_with("--")
                || word.starts_with("/*") => {}
            _ => {
                self.chains.last_mut().into_iter().for_each(|chain| *chain += 1);
                let opens = ["begin", "if", "loop", "case", "then"];
                self.blocks += usize::from(opens.iter().any(|open| word.eq_ignore_ascii_case(open)));
            }
        }
        if self.chains.is_empty() {
            self.chains.push(0);
        }
    }

    /// The limit that is passed, if one is.
    fn limit(&self) -> Option<String> {
        if self.chains.len() > BRACKETS {
            return Some(format!("more than {BRACKETS} brackets within each other"));
        }
        if self.blocks > BLOCKS {
            return Some(format!("more than {BLOCKS} blocks and branches of one body"));
        }
        let long = self.chains.last().is_some_and(|chain| *chain > CHAIN);
        long.then(|| format!("expressions of more than {CHAIN} words and signs between two commas"))
    }
}

/// How long the first word, string, comment or sign of a text is, in bytes.
fn length(text: &str) -> usize {
    let while_ = |fits: fn(char) -> bool| text.find(|c| !fits(c)).unwrap_or(text.len());
    let first = text.chars().next().unwrap_or_default();
    match first {
        c if c.is_whitespace() => while_(char::is_whitespace),
        c if c.is_alphanumeric() || c == '_' => while_(|c| c.is_alphanumeric() || c == '_' || c == '$'),
        '\'' | '"' => quoted(text, first),
        '-' if text.starts_with("--") => text.find('\n').unwrap_or(text.len()),
        '/' if text.starts_with("/*") => comment(text),
        '$' => dollar(text),
        c => c.len_utf8(),
    }
}

/// To the closing quote; one that is doubled opens the next part, which comes out the same. A backslash is taken for
/// an escape where that only makes the string longer by a quote.
fn quoted(text: &str, quote: char) -> usize {
    text.get(1..).and_then(|rest| rest.find(quote)).map_or(text.len(), |at| at + 2)
}

fn comment(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    let bytes = text.as_bytes();
    while let Some(pair) = bytes.get(at..at + 2) {
        match pair {
            b"/*" => (depth, at) = (depth + 1, at + 2),
            b"*/" => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// `$tag$ ... $tag$`, or the sign alone.
fn dollar(text: &str) -> usize {
    let tag = text.get(1..).and_then(|rest| rest.find('$')).and_then(|at| text.get(..at + 2));
    let named = tag.filter(|tag| {
        let name = tag.trim_matches('$');
        !name.starts_with(|c: char| c.is_ascii_digit())
            && name.chars().all(|c| c.is_alphanumeric() || c == '_')
    });
    let Some(tag) = named else { return 1 };
    let body = text.get(tag.len()..).unwrap_or_default();
    body.find(tag).map_or(text.len(), |at| tag.len() + at + tag.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_deep_is_told_where_it_becomes_so() {
        let deep = format!("select 1;\nselect {}1{};", "(".repeat(3_000), ")".repeat(3_000));
        assert_eq!(of_file(&deep).map(|fault| fault.span.start), Some(17 + BRACKETS - 1));
        assert_eq!(of_file(&deep).unwrap().message.get(..22), Some("more than 500 brackets"));
        for text in ["not ", "a + ", "x::int", "case when ", "begin "] {
            assert!(of_body(&text.repeat(30_000)).is_some(), "{text}");
        }
        assert!(of_body(&"if a then b; ".repeat(20_000)).is_some());
    }

    #[test]
    fn what_is_long_is_not_deep() {
        for text in [
            "begin; update t set a = case when b then 1 end; commit;\n".repeat(30_000),
            format!("insert into t values {} (1);", "(1, -2, 'a(b[c', \"(\"), ".repeat(30_000)),
            format!(
                "select $a$ {} $a$; -- {}\n/* {} */",
                "(".repeat(9_000),
                "(".repeat(9_000),
                "(".repeat(9_000)
            ),
            format!("select '{}';", "a ".repeat(90_000)),
        ] {
            assert!(of_file(&text).is_none(), "{}", text.get(..40).unwrap_or_default());
        }
    }
}
