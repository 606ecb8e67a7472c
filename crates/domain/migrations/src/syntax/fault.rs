//! What does not parse, told to people: once for each statement, with the words at which the parser stopped.

use crate::source::Span;

/// One thing that does not parse.
#[derive(Debug)]
pub(crate) struct Fault {
    /// A whole statement, lower case, without a full stop.
    pub(crate) message: String,
    pub(crate) span: Span,
}

/// The parser's complaints of a text, in order, as faults. After one it goes on within the statement and stumbles over
/// nearly every word of the rest, which tells nobody anything.
pub(super) fn faults(complaints: impl Iterator<Item = Fault>, text: &str) -> Vec<Fault> {
    let mut faults: Vec<Fault> = Vec::new();
    for complaint in complaints {
        let between = faults.last().and_then(|last| text.get(last.span.start..complaint.span.start));
        if between.is_none_or(|between| between.contains(';')) {
            let message = message(&complaint.message, text.get(complaint.span.start..).unwrap_or_default());
            faults.push(Fault { message, ..complaint });
        }
    }
    faults
}

/// `expected command, found ALTER_KW` as PostgreSQL would put it: with what stands there.
fn message(complaint: &str, rest: &str) -> String {
    let cut = [", found ", ", got "].iter().find_map(|cut| complaint.split_once(cut));
    let expected: Vec<String> =
        cut.map_or(complaint, |(expected, _)| expected).split(' ').map(in_sql).collect();
    let line = rest.trim_start().lines().next().unwrap_or_default();
    // What is quoted may be a password.
    let (plain, quoted) =
        line.split_once(['\'', '$']).map_or((line, None), |(plain, _)| (plain, Some("'...'")));
    let near: Vec<&str> = plain.split_whitespace().chain(quoted).take(2).collect();
    match near.is_empty() {
        true => expected.join(" "),
        false => format!("{} at or near `{}`", expected.join(" "), near.join(" ")),
    }
}

/// A word of the parser as it stands in SQL.
fn in_sql(word: &str) -> String {
    match word {
        "L_PAREN" => "`(`".to_owned(),
        "R_PAREN" => "`)`".to_owned(),
        "COMMA" => "`,`".to_owned(),
        "SEMICOLON" => "`;`".to_owned(),
        "EQ" => "`=`".to_owned(),
        "Expected" => "expected".to_owned(),
        _ => word
            .strip_suffix("_KW")
            .map_or_else(|| word.to_owned(), |word| format!("`{}`", word.to_ascii_lowercase())),
    }
}

#[cfg(test)]
mod tests {
    use crate::syntax::script;

    fn told(text: &str) -> Vec<String> {
        script(text)
            .errors
            .into_iter()
            .map(|fault| format!("{} {}", fault.span.start, fault.message))
            .collect()
    }

    #[test]
    fn a_statement_is_told_once_with_what_stands_there() {
        let text = "select 1;\nalter tabel t add column b int;\nselect 2;\nalter table t add c int nul;\n";
        let wanted =
            ["10 expected command at or near `alter tabel`", "76 expected command at or near `nul;`"];
        assert_eq!(told(text), wanted);
    }

    #[test]
    fn words_of_the_parser_are_words_of_sql() {
        assert_eq!(told("create table t (a int"), ["21 expected `)`"]);
        assert_eq!(told("\u{feff}drop t;"), ["3 expected command at or near `drop t;`"]);
    }

    #[test]
    fn what_is_quoted_is_nobodys_business() {
        assert_eq!(told("alter role x passwrd 'my hunter2';"), ["21 expected command at or near `'...'`"]);
        assert_eq!(told("sleect 'my hunter2';"), ["0 expected command at or near `sleect '...'`"]);
    }

    #[test]
    fn each_statement_that_is_wrong_is_told() {
        assert_eq!(told("sleect 1; select 1; sleect 2;").len(), 2);
    }
}
