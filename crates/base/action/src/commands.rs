//! Workflow commands, and text that must not be taken for one.
//!
//! The runner reads commands on stdout and stderr: `::name ...::` at the start of
//! a line, after blanks, and the older `##[name]` anywhere in one
//! (`actions/runner`, `ActionCommand.cs`).

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::annotation::Annotation;

/// The level of an annotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// Something failed.
    Error,
    /// Something deserves attention.
    Warning,
    /// Something is worth knowing.
    Notice,
}

impl Level {
    /// The command's name, which is also the prefix of a line on a terminal.
    #[must_use]
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }
}

/// One annotation as a workflow command, without a line end.
#[must_use]
pub(crate) fn annotation(level: Level, title: &str, message: &str) -> String {
    format!("::{} title={}::{}", level.word(), escape_property(title), escape_data(message))
}

/// One annotation of a place in a file as a workflow command, without a line end.
#[must_use]
pub(crate) fn annotation_at(level: Level, at: &Annotation, message: &str) -> String {
    let place = format!(
        "file={},line={},endLine={},col={},endColumn={}",
        escape_property(&at.file),
        at.line,
        at.end_line,
        at.column,
        at.end_column
    );
    format!("::{} {place},title={}::{}", level.word(), escape_property(&at.title), escape_data(message))
}

/// The command that masks `value` in everything printed after it.
#[must_use]
pub(crate) fn add_mask(value: &str) -> String {
    format!("::add-mask::{}", escape_data(value))
}

/// Escapes a command's message as `@actions/core` does.
fn escape_data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a command's property as `@actions/core` does.
fn escape_property(text: &str) -> String {
    escape_data(text).replace(':', "%3A").replace(',', "%2C")
}

/// Makes text harmless for a log: no line of it is a workflow command, no
/// control character of it moves the cursor or ends a line early, and nothing
/// that cannot be seen makes it look like another text.
///
/// Line feeds and tabs stay; other control characters show as `\x1b`, invisible
/// ones as `\u{202e}`.
#[must_use]
pub fn defuse(text: &str) -> Cow<'_, str> {
    let harmless = !text.chars().any(|char| is_hostile_control(char) || is_invisible(char))
        && !text.contains("##[")
        && !text.lines().any(|line| line.trim_start().starts_with("::"));
    if harmless {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
        }
        defuse_line(line, &mut out);
    }
    Cow::Owned(out)
}

fn defuse_line(line: &str, out: &mut String) {
    let body = line.trim_start();
    out.push_str(&line[..line.len() - body.len()].replace(is_hostile_control, " "));
    // A visible break, so that a reader sees what the line said.
    let body = match body.strip_prefix("::") {
        Some(rest) => format!(": :{rest}"),
        None => body.to_owned(),
    };
    for char in body.replace("##[", "## [").chars() {
        if is_invisible(char) {
            out.extend(char.escape_unicode());
        } else if is_hostile_control(char) {
            // Writing to a string cannot fail.
            let _ = write!(out, "\\x{:02x}", u32::from(char));
        } else {
            out.push(char);
        }
    }
}

/// Control characters, and the two separators that some readers end a line at.
fn is_hostile_control(char: char) -> bool {
    (char.is_control() && char != '\n' && char != '\t') || matches!(char, '\u{2028}' | '\u{2029}')
}

/// Characters without a width of their own, and those that turn the direction of
/// the text around them (Unicode, `DerivedCoreProperties.txt`,
/// `Default_Ignorable_Code_Point`, but for those that choose the form of the
/// character before them; and the interlinear marks).
fn is_invisible(char: char) -> bool {
    matches!(char,
        '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e00ff}' | '\u{e01f0}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn annotations_of_a_place_escape_what_would_end_them() {
        let at = Annotation {
            severity: crate::Severity::Warning,
            file: "a,b:c.sql".to_owned(),
            line: 2,
            column: 3,
            end_line: 4,
            end_column: 5,
            title: "drop-column".to_owned(),
            message: String::new(),
        };
        assert_eq!(
            annotation_at(Level::Warning, &at, "50%\nnext"),
            "::warning file=a%2Cb%3Ac.sql,line=2,endLine=4,col=3,endColumn=5,title=drop-column::50%25%0Anext"
        );
    }

    #[test]
    fn annotations_escape_what_would_end_them() {
        assert_eq!(
            annotation(Level::Error, "a: b, c", "50%\r\nnext"),
            "::error title=a%3A b%2C c::50%25%0D%0Anext"
        );
    }

    #[test]
    fn commands_inside_text_are_broken_visibly() {
        assert_eq!(defuse("  ::set-output name=x::y"), "  : :set-output name=x::y");
        assert_eq!(defuse("a ##[error]b"), "a ## [error]b");
        assert_eq!(defuse("a\r::error::b"), "a\\x0d::error::b");
        assert_eq!(defuse("\u{b}::error::b"), " : :error::b");
        assert_eq!(defuse("\u{1b}[31mred"), "\\x1b[31mred");
        assert_eq!(defuse("a\u{202e}b\u{200b}c\u{feff}"), "a\\u{202e}b\\u{200b}c\\u{feff}");
        assert_eq!(defuse("\u{200b}::error::b"), "\\u{200b}::error::b");
        assert_eq!(defuse("é ü 漢 \u{2764}\u{fe0f}"), "é ü 漢 \u{2764}\u{fe0f}");
        assert_eq!(defuse("std::process\tok"), "std::process\tok");
    }

    proptest! {
        #[test]
        fn no_line_of_defused_text_is_a_command(text in "[:# \\[\\r\\n\\x0ba-c%\\x1b]{0,40}") {
            let safe = defuse(&text);
            for line in safe.split(['\n', '\r']) {
                prop_assert!(!line.trim_start().starts_with("::"));
                prop_assert!(!line.contains("##["));
            }
        }
    }
}
