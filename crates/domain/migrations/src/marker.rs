//! The marker `-- compat: breaking (reason: <reason>)`, with which an author says that a break is meant.

use crate::source::Span;
use crate::syntax::{Comment, Form};

/// A marker in a file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Marker {
    pub(crate) reason: String,
    pub(crate) span: Span,
}

/// A comment that was meant as a marker, and why it is none.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct NearMiss {
    pub(crate) why: &'static str,
    pub(crate) span: Span,
}

/// What stands for a reason in templates.
const PLACEHOLDERS: [&str; 22] = [
    "reason",
    "a reason",
    "the reason",
    "because",
    "breaking",
    "todo",
    "tbd",
    "tba",
    "fixme",
    "wip",
    "test",
    "xxx",
    "none",
    "n/a",
    "na",
    "why",
    "your reason",
    "later",
    "fix later",
    "fix me",
    "see ticket",
    "see above",
];

/// The markers of a file. Only comments of the lexer are asked, so nothing inside a string or a body counts; a block
/// comment that reads like one is a near miss.
pub(crate) fn markers(comments: &[Comment]) -> (Vec<Marker>, Vec<NearMiss>) {
    let (mut markers, mut misses) = (Vec::new(), Vec::new());
    for comment in comments {
        match read(&comment.text) {
            Some(_) if comment.form == Form::Block => {
                misses.push(NearMiss { why: "it is no line comment", span: comment.span });
            }
            Some(Ok(reason)) => markers.push(Marker { reason, span: comment.span }),
            Some(Err(why)) => misses.push(NearMiss { why, span: comment.span }),
            None => {}
        }
    }
    (markers, misses)
}

/// The reason of a marker, or why a comment that looks like one is none; `None` for any other comment.
fn read(text: &str) -> Option<Result<String, &'static str>> {
    let text = text.trim();
    let Some(rest) = after(text, &["compat", ":", "breaking"]) else {
        return looks_alike(text).then_some(Err(
            "it does not read `compat: breaking`; where nothing breaks, nothing need be said",
        ));
    };
    let Some(rest) = after(rest, &["(", "reason", ":"]) else {
        return Some(Err("it gives no `(reason: ...)`"));
    };
    let Some(reason) = rest.strip_suffix(')') else {
        return Some(Err("its `(reason: ...)` does not end the line"));
    };
    let reason = reason.trim();
    if is_placeholder(reason) {
        return Some(Err("its reason is none"));
    }
    Some(Ok(reason.to_owned()))
}

/// The rest of a text after these parts, with white space wherever.
fn after<'t>(text: &'t str, parts: &[&str]) -> Option<&'t str> {
    parts.iter().try_fold(text, |rest, part| rest.trim_start().strip_prefix(part))
}

fn looks_alike(text: &str) -> bool {
    let text = text.to_lowercase();
    let rest = text.strip_prefix("compat").or_else(|| text.strip_prefix("@compat"));
    let named = rest.is_some_and(|rest| {
        rest.trim_start().starts_with([':', '=', '-']) || rest.trim_start().starts_with("break")
    });
    named || (text.contains("breaking") && text.contains("(reason"))
}

fn is_placeholder(reason: &str) -> bool {
    let bare = reason
        .trim_matches(['<', '>', '.', '-', '_', '?', '\u{2026}', ' ', '[', ']', '{', '}', '"', '\'', '`'])
        .to_lowercase();
    let bracketed = reason.starts_with('<') && reason.ends_with('>');
    let said = bare.chars().filter(|char| char.is_alphanumeric()).count();
    bracketed || said < 3 || PLACEHOLDERS.contains(&bare.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_has_a_reason() {
        for text in [
            " compat: breaking (reason: old clients are gone)",
            "compat: breaking (reason: old clients are gone)",
            "  compat:breaking  ( reason:  old clients are gone )  ",
        ] {
            assert_eq!(read(text), Some(Ok(String::from("old clients are gone"))), "{text}");
        }
        assert_eq!(
            read("compat: breaking (reason: v41 (web) is gone)"),
            Some(Ok(String::from("v41 (web) is gone")))
        );
    }

    #[test]
    fn what_looks_like_one_is_an_error() {
        for text in [
            "compat: breaking",
            "compat: breaking (reason:)",
            "compat: breaking (reason: <reason>)",
            "compat: breaking (reason: TODO)",
            "compat: breaking (reason: ...)",
            "compat: breaking (reason: x)",
            "compat: breaking (reason: Because.)",
            "compat: breaking (reason: fix later)",
            "compat: breaking (reason: gone",
            "compat: breaking (reason: gone) or so",
            "compat: breaking reason: gone",
            "Compat: Breaking (reason: gone)",
            "compat breaking (reason: gone)",
            "compat: braking (reason: gone)",
            "compat: safe",
            "breaking (reason: gone)",
        ] {
            assert!(matches!(read(text), Some(Err(_))), "{text}: {:?}", read(text));
        }
    }

    #[test]
    fn a_block_comment_is_none() {
        let comment = |form| Comment {
            form,
            text: " compat: breaking (reason: old clients are gone) ".to_owned(),
            span: Span { start: 0, end: 1 },
        };
        let (found, misses) = markers(&[comment(Form::Block)]);
        assert_eq!((found.len(), misses.len()), (0, 1));
        let (found, misses) = markers(&[comment(Form::Line)]);
        assert_eq!((found.len(), misses.len()), (1, 0));
    }

    #[test]
    fn other_comments_are_left_alone() {
        for text in
            ["compatible with v41", "compatibility: see the wiki", "this is breaking news", "drop nick", ""]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
