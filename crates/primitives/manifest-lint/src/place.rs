//! Where in the file a finding stands.

use findings::Place;
use yaml::{Position, Step, locate};

/// The place of what `path` leads to in `text`; the beginning of the file for an empty one.
pub(crate) fn of(text: &str, path: &[Step]) -> Place {
    let position = if path.is_empty() { Position::START } else { locate(text, path) };
    from(text, position)
}

/// The place that begins there and ends with the word or quoted text that begins there, or with the line.
pub(crate) fn from(text: &str, position: Position) -> Place {
    let (line, column) = (position.line.max(1), position.column.max(1));
    let rest: Vec<char> =
        text.lines().nth(line - 1).unwrap_or_default().trim_end().chars().skip(column - 1).collect();
    let length = match rest.first() {
        Some(quote @ ('"' | '\'')) => quoted(&rest, *quote),
        _ => plain(&rest),
    };
    Place { line, column, end_line: line, end_column: column + length }
}

/// The length of a quoted text with its quotes; all there is, if it goes on in the next line.
fn quoted(rest: &[char], quote: char) -> usize {
    let mut at = 1;
    while let Some(&char) = rest.get(at) {
        let doubled = quote == '\'' && char == quote && rest.get(at + 1) == Some(&quote);
        match char {
            '\\' if quote == '"' => at += 2,
            _ if doubled => at += 2,
            _ if char == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// The length of a text without quotes (YAML 1.2, section 7.3.3), without the blanks behind it.
fn plain(rest: &[char]) -> usize {
    let text = &rest[..end_of_plain(rest)];
    text.iter().rposition(|char| !char.is_whitespace()).map_or(0, |last| last + 1)
}

/// Where a key, an entry of a list or the text ends.
fn end_of_plain(rest: &[char]) -> usize {
    let mut depth = 0_usize;
    for (at, char) in rest.iter().enumerate() {
        let before_blank = rest.get(at + 1).is_none_or(|next| next.is_whitespace());
        match char {
            '{' | '[' => depth += 1,
            '}' | ']' | ',' if depth == 0 => return at,
            '}' | ']' => depth -= 1,
            ':' if before_blank => return at,
            '#' if at > 0 && rest[at - 1].is_whitespace() => return at,
            _ => {}
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lists::key;

    /// What the place of an item of `a` covers.
    fn covered(text: &str, item: usize) -> String {
        let place = of(text, &[key("a"), Step::Item(item)]);
        assert_eq!(place.line, place.end_line);
        let line = text.lines().nth(place.line - 1).unwrap();
        line.chars().skip(place.column - 1).take(place.end_column - place.column).collect()
    }

    #[test]
    fn a_place_covers_the_text_as_written() {
        let flow = "a: [x/**, \"\\u00e9\\\"]\", 'it''s', last]\n";
        for (item, wanted) in ["x/**", "\"\\u00e9\\\"]\"", "'it''s'", "last"].iter().enumerate() {
            assert_eq!(covered(flow, item), *wanted);
        }
        let block = "a:\n- x/{b,c}/[d]**  # why\n- \u{e9}:y\n- 'q' # z\n- \"two\n  lines\"\n";
        for (item, wanted) in ["x/{b,c}/[d]**", "\u{e9}:y", "'q'", "\"two"].iter().enumerate() {
            assert_eq!(covered(block, item), *wanted);
        }
    }

    #[test]
    fn keys_and_files_have_places_too() {
        let text = "version: 1\ntargets:\n  api: { paths: [a] }\n";
        let at = |path: &[Step]| {
            let Place { line, column, end_column, .. } = of(text, path);
            (line, column, end_column)
        };
        assert_eq!(at(&[]), (1, 1, 8));
        assert_eq!(at(&[key("targets"), Step::Name("api".to_owned())]), (3, 3, 6));
        assert_eq!(at(&[key("targets"), key("api"), Step::Name("paths".to_owned())]), (3, 10, 15));
        assert_eq!(from("", Position::START), Place { line: 1, column: 1, end_line: 1, end_column: 1 });
    }
}
