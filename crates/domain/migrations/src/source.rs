//! A migration as text, and places in it.

/// One migration file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Migration<'a> {
    /// Its path, as reports name it.
    pub path: &'a str,
    /// Its SQL.
    pub text: &'a str,
}

/// A part of a file, in bytes from its start.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

impl Span {
    /// From the first byte of this to the last of the other.
    pub(crate) fn to(self, end: Self) -> Self {
        Self { start: self.start, end: end.end.max(self.start) }
    }
}

/// A place for people: both count from 1, columns in characters, as GitHub's annotations and SARIF's regions do.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Position {
    /// Where a byte of a text is; a byte beyond the text is at its end.
    #[must_use]
    pub fn of(text: &str, byte: usize) -> Self {
        Lines::of(text).at(byte)
    }
}

/// Where the lines of a text begin, for many places in it.
#[derive(Debug)]
pub(crate) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        let after = text.match_indices('\n').map(|(at, _)| at + 1);
        Self { text, starts: std::iter::once(0).chain(after).collect() }
    }

    /// Where a byte is; a byte beyond the text is at its end.
    pub(crate) fn at(&self, byte: usize) -> Position {
        let last = byte.min(self.text.len());
        let end = (0..=last).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0);
        let line = self.starts.partition_point(|start| *start <= end);
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let on_line = self.text.get(start..end).unwrap_or_default();
        Position { line, column: on_line.trim_start_matches('\u{feff}').chars().count() + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_lines_and_characters_from_one() {
        let text = "a\nbé c\n";
        assert_eq!(Position::of(text, 0), Position { line: 1, column: 1 });
        assert_eq!(Position::of(text, 2), Position { line: 2, column: 1 });
        assert_eq!(Position::of(text, 6), Position { line: 2, column: 4 });
        assert_eq!(Position::of(text, 99), Position { line: 3, column: 1 });
    }

    #[test]
    fn a_byte_order_mark_takes_no_column() {
        assert_eq!(Position::of("\u{feff}-- x", 3), Position { line: 1, column: 1 });
    }
}
