//! The part of a hand-written file that is generated.

use anyhow::{Result, bail};

const END: &str = "<!-- end -->";

/// Puts `body` between the line `<!-- generated: NAME -->` and the next `<!-- end -->`, an empty line on either
/// side.
///
/// # Errors
/// When a marker is missing or the first one is there twice.
pub(crate) fn fill(text: &str, name: &str, body: &str) -> Result<String> {
    let start = format!("<!-- generated: {name} -->\n");
    let Some((before, rest)) = text.split_once(&start) else { bail!("find the line `{}`", start.trim_end()) };
    let Some((_, after)) = rest.split_once(END) else { bail!("find `{END}` after `{}`", start.trim_end()) };
    if after.contains(&start) {
        bail!("the line `{}` is there twice", start.trim_end());
    }
    Ok(format!("{before}{start}\n{}\n\n{END}{after}", body.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_markers_changes() {
        let text = "a\n<!-- generated: x -->\nold\n<!-- end -->\nb\n<!-- end -->\n";
        let once = fill(text, "x", "new\n").unwrap();
        assert_eq!(once, "a\n<!-- generated: x -->\n\nnew\n\n<!-- end -->\nb\n<!-- end -->\n");
        assert_eq!(fill(&once, "x", "new\n").unwrap(), once);
    }

    #[test]
    fn missing_or_doubled_markers_are_errors() {
        assert!(fill("a\n", "x", "").is_err());
        assert!(fill("<!-- generated: x -->\n", "x", "").is_err());
        let twice = "<!-- generated: x -->\n<!-- end -->\n".repeat(2);
        assert!(fill(&twice, "x", "").is_err());
    }
}
