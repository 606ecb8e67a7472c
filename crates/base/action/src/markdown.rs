//! Markdown for job summaries, safe for whatever a vendor or a file name holds.

use crate::defuse::defuse;

/// `text` as plain words inside a table cell or a paragraph: nothing in it is
/// taken for markup, a link, HTML or the end of the cell.
#[must_use]
pub fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for char in defuse(text).chars() {
        match char {
            '\n' | '\t' => out.push(' '),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // An entity keeps GitHub from notifying people or linking issues.
            '@' => out.push_str("&#64;"),
            '#' => out.push_str("&#35;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' => {
                out.push('\\');
                out.push(char);
            }
            _ => out.push(char),
        }
    }
    out
}

/// `text` in a fixed-width font, inside a table cell or a paragraph.
#[must_use]
pub fn code(text: &str) -> String {
    let mut out = String::from("<code>");
    for char in defuse(text).chars() {
        match char {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '|' => out.push_str("&#124;"),
            '@' => out.push_str("&#64;"),
            '#' => out.push_str("&#35;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '~' | '!' => {
                out.push('\\');
                out.push(char);
            }
            _ => out.push(char),
        }
    }
    out.push_str("</code>");
    out
}

/// A block of log lines, fenced so that none of them can end it.
#[must_use]
pub fn block(lines: &str) -> String {
    let longest = lines.split(|char| char != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}text\n{}\n{fence}\n", defuse(lines).trim_end())
}

/// A table. Cells are Markdown already: pass them through [`text`] or [`code`].
#[must_use]
pub fn table<const N: usize>(head: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut out = format!("| {} |\n|{}\n", head.join(" | "), " --- |".repeat(N));
    for row in rows {
        out.push_str("| ");
        out.push_str(&row.join(" | "));
        out.push_str(" |\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_stays_text() {
        assert_eq!(
            text("a|b <img src=x> @team #1\n[x](y)"),
            "a\\|b &lt;img src=x&gt; &#64;team &#35;1 \\[x\\](y)"
        );
        assert_eq!(text("a\u{202e}b"), "a\\\\u{202e}b");
        assert_eq!(code("a|b\n`c`"), "<code>a&#124;b\\n\\`c\\`</code>");
    }

    #[test]
    fn a_fence_is_longer_than_any_inside() {
        assert!(block("x\n````\ny").starts_with("`````text\n"));
    }

    #[test]
    fn tables_have_one_row_a_line() {
        assert_eq!(table(["a", "b"], [["1".into(), "2".into()]]), "| a | b |\n| --- | --- |\n| 1 | 2 |\n");
    }
}
