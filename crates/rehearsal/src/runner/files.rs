//! The files through which a step speaks to the runner: `$GITHUB_OUTPUT`, `$GITHUB_ENV`, `$GITHUB_STATE`,
//! `$GITHUB_PATH` and `$GITHUB_STEP_SUMMARY`.
//!
//! The rules are those of actions/runner, `FileCommandManager.cs`, on Linux and macOS.

use super::lines::Lines;
use super::masks::Masks;

/// A step's summary may have 1 MiB; a larger one is not shown at all (`CreateStepSummaryCommand`).
const SUMMARY_LIMIT: usize = 1024 * 1024;

/// Why a file of names and values is malformed. Pairs before the bad line have taken effect by then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Malformed {
    /// A line with neither `=` nor `<<`.
    #[error("Invalid format '{0}'")]
    Line(String),
    /// `<<` without a name before or a delimiter behind it.
    #[error("Invalid format '{0}'. Name must not be empty and delimiter must not be empty")]
    Heredoc(String),
    /// A name is needed before `=`.
    #[error("Invalid format '{0}'. Name must not be empty")]
    Name(String),
    /// No line equals the delimiter.
    #[error("Invalid value. Matching delimiter not found '{0}'")]
    Delimiter(String),
    /// The value's last line has no line end, so it cannot be told from a cut delimiter.
    #[error("Invalid value. EOF marker missing new line.")]
    Cut,
}

/// Reads `NAME=VALUE` and `NAME<<DELIMITER` entries. Returns the pairs up to the first malformed line, and that
/// line's fault. Whichever of `=` and `<<` comes first on a line decides; empty lines are skipped; only `\n`
/// ends a line, so a `\r` belongs to the value.
pub(super) fn pairs(text: &str) -> (Vec<(String, String)>, Option<Malformed>) {
    let (mut pairs, mut rest) = (Vec::new(), text);
    while let Some((line, _)) = next_line(&mut rest) {
        if line.is_empty() {
            continue;
        }
        match pair(line, &mut rest) {
            Ok(pair) => pairs.push(pair),
            Err(malformed) => return (pairs, Some(malformed)),
        }
    }
    (pairs, None)
}

fn pair(line: &str, rest: &mut &str) -> Result<(String, String), Malformed> {
    let equals = line.find('=').unwrap_or(usize::MAX);
    let heredoc = line.find("<<").unwrap_or(usize::MAX);
    if equals == heredoc {
        return Err(Malformed::Line(line.to_owned()));
    }
    if equals < heredoc {
        let (name, value) = (&line[..equals], &line[equals + 1..]);
        return match name {
            "" => Err(Malformed::Name(line.to_owned())),
            name => Ok((name.to_owned(), value.to_owned())),
        };
    }
    let (name, delimiter) = (&line[..heredoc], &line[heredoc + 2..]);
    if name.is_empty() || delimiter.is_empty() {
        return Err(Malformed::Heredoc(line.to_owned()));
    }
    Ok((name.to_owned(), value_until(delimiter, rest)?))
}

/// Everything up to the delimiter's line, without the last line end.
fn value_until(delimiter: &str, rest: &mut &str) -> Result<String, Malformed> {
    let whole = *rest;
    let mut end = 0;
    loop {
        let (line, ended) = next_line(rest).ok_or_else(|| Malformed::Delimiter(delimiter.to_owned()))?;
        if line == delimiter {
            return Ok(whole[..end].to_owned());
        }
        if !ended {
            return Err(Malformed::Cut);
        }
        end = whole.len() - rest.len() - 1;
    }
}

/// The next line, and whether it had a line end.
fn next_line<'a>(rest: &mut &'a str) -> Option<(&'a str, bool)> {
    if rest.is_empty() {
        return None;
    }
    let (line, behind, ended) = match rest.split_once('\n') {
        Some((line, behind)) => (line, behind, true),
        None => (*rest, "", false),
    };
    *rest = behind;
    Some((line, ended))
}

/// The summary as it is uploaded: masked line by line, with a line end behind each.
///
/// # Errors
/// The runner's own words when it is over 1 MiB: then nothing is uploaded, and the step does not fail.
pub(super) fn summary(bytes: &[u8], masks: &Masks) -> Result<String, String> {
    if bytes.len() > SUMMARY_LIMIT {
        let (limit, got) = (SUMMARY_LIMIT / 1024, bytes.len() / 1024);
        return Err(format!(
            "$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of {limit}k, got {got}k."
        ));
    }
    let mut lines = Lines::default();
    let (complete, rest) = (lines.feed(bytes), lines.finish());
    Ok(complete.into_iter().chain(rest).fold(String::new(), |shown, line| shown + &masks.hide(&line) + "\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good(text: &str) -> Vec<(String, String)> {
        let (pairs, malformed) = pairs(text);
        assert_eq!(malformed, None, "{text:?}");
        pairs
    }

    fn pair_of(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn plain_pairs() {
        assert_eq!(good(""), []);
        assert_eq!(good("\n\na=1\n\nb=\nc=x=y"), [pair_of("a", "1"), pair_of("b", ""), pair_of("c", "x=y")]);
        assert_eq!(good("a=1\r\n"), [pair_of("a", "1\r")], "only windows takes the carriage return away");
        assert_eq!(good("a=1<<2\n"), [pair_of("a", "1<<2")], "whichever comes first decides");
    }

    #[test]
    fn heredocs() {
        assert_eq!(good("a<<E\nE\n"), [pair_of("a", "")]);
        assert_eq!(good("a<<E\n\nE\n"), [pair_of("a", "")]);
        assert_eq!(good("a<<E\nx\n\ny=1\n E\nE\nb=2\n"), [pair_of("a", "x\n\ny=1\n E"), pair_of("b", "2")]);
        assert_eq!(good("a<<E=F\nx\nE=F"), [pair_of("a", "x")], "the delimiter itself needs no line end");
    }

    #[test]
    fn malformed_files_keep_what_came_before() {
        let bad = |text: &str| {
            let (before, malformed) = pairs(&format!("a=1\n{text}"));
            assert_eq!(before, [pair_of("a", "1")], "{text:?}");
            malformed.unwrap().to_string()
        };
        assert_eq!(bad("nonsense\nb=2\n"), "Invalid format 'nonsense'");
        assert_eq!(bad("=2\n"), "Invalid format '=2'. Name must not be empty");
        assert!(bad("<<E\nx\nE\n").contains("delimiter must not be empty"));
        assert!(bad("b<<\nx\n").contains("delimiter must not be empty"));
        assert_eq!(bad("b<<E\nx\n"), "Invalid value. Matching delimiter not found 'E'");
        assert_eq!(bad("b<<E\nx\ny"), "Invalid value. EOF marker missing new line.");
    }

    #[test]
    fn summaries_are_masked_and_bounded() {
        let mut masks = Masks::default();
        masks.add("hush");
        assert_eq!(summary(b"a hush\nb", &masks), Ok("a ***\nb\n".to_owned()));
        assert!(summary(&vec![b'x'; SUMMARY_LIMIT], &masks).is_ok());
        let refused = summary(&vec![b'x'; SUMMARY_LIMIT + 1], &masks).unwrap_err();
        assert!(refused.contains("up to a size of 1024k, got 1024k"), "{refused}");
    }
}
