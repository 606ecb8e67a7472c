//! Text that is safe to print: no line of it is taken for a command of the runner.
//!
//! The runner reads commands on stdout and stderr: `::name ...::` at the start of
//! a line, after blanks, and the older `##[name]` anywhere in one
//! (`actions/runner`, `ActionCommand.cs`).

use std::borrow::Cow;
use std::fmt::Write as _;

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
