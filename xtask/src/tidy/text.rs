//! What every text file has in common.

use super::Finding;
use super::tree::Tree;

/// Files whose blanks and line ends are data: recorded output and cases of tests.
const DATA: [&str; 3] = [".snap", ".json", ".txt"];

/// No trailing blanks, no tabs at the start of a line, Unix line ends, one line end at the end.
pub(super) fn lines_are_clean(tree: &Tree) -> Vec<Finding> {
    let prose = |path: &str| !DATA.iter().any(|end| path.ends_with(end)) && !path.contains("/fixtures/");
    let mut findings = Vec::new();
    for (path, text) in tree.files.iter().filter(|(path, text)| prose(path) && !text.is_empty()) {
        for (index, line) in text.split('\n').enumerate() {
            if line.ends_with('\r') {
                findings.push(Finding::at(path, index, "ends in a carriage return"));
            } else if line.ends_with([' ', '\t']) {
                findings.push(Finding::at(path, index, "ends in blanks"));
            } else if line.starts_with('\t') {
                findings.push(Finding::at(path, index, "begins with a tab"));
            }
        }
        if !text.ends_with('\n') || text.ends_with("\n\n") {
            findings.push(Finding::new(path, "must end in exactly one line end"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::tree::tests::planted;
    use super::*;

    #[test]
    fn unclean_lines_are_refused() {
        for (text, place) in [
            ("a \n", "a.rs:1"),
            ("a\n\t\n", "a.rs:2"),
            ("\ta\n", "a.rs:1"),
            ("a\r\n", "a.rs:1"),
            ("a", "a.rs"),
            ("a\n\n", "a.rs"),
        ] {
            let found = lines_are_clean(&planted(&[("a.rs", text)]));
            assert_eq!(found.iter().map(|f| f.place.as_str()).collect::<Vec<_>>(), [place], "{text:?}");
        }
    }

    #[test]
    fn clean_lines_and_data_are_fine() {
        let files = [("a.rs", "a\n\tb".trim_end_matches("\tb")), ("b.rs", ""), ("c.snap", "a \r\n")];
        assert_eq!(lines_are_clean(&planted(&files)), []);
    }
}
