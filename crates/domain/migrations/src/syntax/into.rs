//! PL/pgSQL's `into`, which the parser does not read in queries.

use squawk_syntax::{SourceFile, SyntaxKind};

/// A word or a symbol, and where it is.
struct Word {
    text: String,
    start: usize,
    end: usize,
}

/// Words after which a statement of a body begins.
const BEFORE_STATEMENTS: [&str; 7] = [";", "begin", "then", "else", "loop", ">>", "declare"];

/// Statements with an `into` of their own, which the parser reads.
const OWN: [&str; 3] = ["execute", "fetch", "return"];

/// A body with blanks in the place of `into a, b` in its queries, so that everything else stays where it is.
pub(super) fn without_into(text: &str) -> String {
    let words = words(text);
    let mut bytes = text.to_owned().into_bytes();
    for at in 0..words.len() {
        if is_target(&words, at) {
            let end = words.get(last_of_target(&words, at)).map_or(text.len(), |word| word.end);
            let start = words.get(at).map_or(end, |word| word.start);
            bytes.get_mut(start..end).into_iter().flatten().for_each(|byte| *byte = b' ');
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

fn words(text: &str) -> Vec<Word> {
    let root = SourceFile::parse(text).syntax_node();
    let tokens = root.descendants_with_tokens().filter_map(|element| element.into_token());
    let words = tokens.filter(|token| !matches!(token.kind(), SyntaxKind::WHITESPACE | SyntaxKind::COMMENT));
    let word = |token: squawk_syntax::SyntaxToken| Word {
        text: token.text().to_lowercase(),
        start: token.text_range().start().into(),
        end: token.text_range().end().into(),
    };
    words.map(word).collect()
}

/// Whether a word is the `into` of a query.
fn is_target(words: &[Word], at: usize) -> bool {
    let text = |at: usize| words.get(at).map(|word| word.text.as_str()).unwrap_or_default();
    if text(at) != "into" || (at > 0 && matches!(text(at - 1), "insert" | "merge")) {
        return false;
    }
    let mut depth = 0_i32;
    let mut start = at;
    while start > 0 {
        match text(start - 1) {
            ")" => depth += 1,
            "(" => depth -= 1,
            // The branches of a `case` are no statements.
            "then" | "else" if is_in_case(words, start - 1) => {}
            other if depth == 0 && BEFORE_STATEMENTS.contains(&other) => break,
            _ => {}
        }
        start -= 1;
    }
    depth == 0 && !OWN.contains(&text(start))
}

/// Whether a `then` or `else` belongs to a `case` in an expression: more of these begin before it than end.
fn is_in_case(words: &[Word], at: usize) -> bool {
    let statement = words.iter().take(at).rposition(|word| word.text == ";").map_or(0, |end| end + 1);
    let inside = words.get(statement..at).unwrap_or_default();
    let count = |wanted: &str| inside.iter().filter(|word| word.text == wanted).count();
    let first = inside.first().map(|word| word.text.as_str());
    count("case") > count("end") && first != Some("case")
}

/// Where the list of targets ends.
fn last_of_target(words: &[Word], into: usize) -> usize {
    let is = |at: usize, wanted: &str| words.get(at).is_some_and(|word| word.text == wanted);
    let mut at = into + 1;
    if is(at, "strict") {
        at += 1;
    }
    loop {
        while is(at + 1, ".") {
            at += 2;
        }
        if is(at + 1, "[") {
            at += words.iter().skip(at).position(|word| word.text == "]").unwrap_or(0);
        }
        if !is(at + 1, ",") {
            return at;
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_of_queries_are_blank_and_nothing_moves() {
        for (text, wanted) in [
            ("select a into t from x;", "select a        from x;"),
            ("select into strict t.a, u[1] b from x;", "select                       b from x;"),
            (
                "insert into x values (1) returning id into t;",
                "insert into x values (1) returning id       ;",
            ),
            ("if a then select 1 into t; end if;", "if a then select 1       ; end if;"),
            ("select case when a then 1 else 2 end into t;", "select case when a then 1 else 2 end       ;"),
        ] {
            assert_eq!(without_into(text), wanted);
        }
        for text in ["execute 'x' into t;", "fetch c into t;", "insert into x select 1;", "perform 'into t';"]
        {
            assert_eq!(without_into(text), text);
        }
    }
}
