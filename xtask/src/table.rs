//! Tables for a person, and the same as Markdown.

/// Rows under a head, every column as wide as its widest cell; numbers stand right.
#[derive(Debug)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these column names.
    pub(crate) fn new(head: &[&str]) -> Self {
        Self { rows: vec![head.iter().map(|&name| name.to_owned()).collect()] }
    }

    /// Adds a row; it has as many cells as the head.
    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.into());
    }

    /// Plain text, columns two blanks apart, without trailing blanks.
    pub(crate) fn plain(&self) -> String {
        let columns = self.rows.first().map_or(0, Vec::len);
        let widths: Vec<usize> = (0..columns)
            .map(|column| self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0))
            .collect();
        let mut text = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for (cell, &width) in row.iter().zip(&widths) {
                let number = cell.starts_with(|first: char| first.is_ascii_digit());
                line += &if number { format!("{cell:>width$}  ") } else { format!("{cell:<width$}  ") };
            }
            text += line.trim_end();
            text.push('\n');
        }
        text
    }

    /// A Markdown table. A cell's line ends become `<br>`; `|` is escaped; other Markdown is the caller's.
    pub(crate) fn markdown(&self) -> String {
        let mut text = String::new();
        for (index, row) in self.rows.iter().enumerate() {
            let cells: Vec<String> =
                row.iter().map(|cell| cell.replace('|', "\\|").replace('\n', "<br>")).collect();
            text += &format!("| {} |\n", cells.join(" | "));
            if index == 0 {
                text += &format!("|{}\n", " --- |".repeat(row.len()));
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Table {
        let mut table = Table::new(&["name", "size"]);
        table.row(["a|b".to_owned(), "10 kB".to_owned()]);
        table.row(["kv-bind".to_owned(), "9 kB".to_owned()]);
        table
    }

    #[test]
    fn plain_columns_line_up() {
        assert_eq!(sample().plain(), "name     size\na|b      10 kB\nkv-bind   9 kB\n");
    }

    #[test]
    fn markdown_escapes_what_would_end_a_cell() {
        assert_eq!(sample().markdown().lines().nth(2), Some("| a\\|b | 10 kB |"));
    }
}
