//! Operator classes in exclusions: PostgreSQL takes `exclude using gist (a inet_ops with &&)`, the parser does not.

use std::borrow::Cow;

use squawk_syntax::syntax_error::SyntaxError;
use squawk_syntax::{Parse, SourceFile, SyntaxKind};

use super::span_of;
use crate::source::Span;

/// How often a text is read again: each time as many classes go as the parser came by.
const ROUNDS: usize = 32;

/// Reads a text as if the operator classes at which the parser stops in exclusions were blanks, and nothing else:
/// nobody asks for them, and all places stay. What is wrong comes with it, since the parser works that out anew each
/// time that it is asked, which takes as long as parsing.
pub(super) fn parse(text: &str) -> (Parse<SourceFile>, Vec<SyntaxError>) {
    let mut parse = SourceFile::parse(text);
    let mut errors = parse.errors();
    let mut text = Cow::Borrowed(text);
    for _ in 0..ROUNDS {
        let classes = classes(&parse, &errors, &text);
        if classes.is_empty() {
            break;
        }
        for class in classes {
            text.to_mut().replace_range(class.start..class.end, &" ".repeat(class.end - class.start));
        }
        parse = SourceFile::parse(&text);
        errors = parse.errors();
    }
    (parse, errors)
}

/// The operator classes before a `with` that the parser misses.
fn classes(parse: &Parse<SourceFile>, errors: &[SyntaxError], text: &str) -> Vec<Span> {
    let missed = errors.iter().filter(|error| error.message().starts_with("expected WITH_KW"));
    let root = parse.syntax_node();
    let found = missed.filter_map(|error| {
        let token = root.token_at_offset(error.range().start()).right_biased()?;
        let inside = token.parent_ancestors().any(|node| node.kind() == SyntaxKind::CONSTRAINT_EXCLUSION);
        class(text, span_of(error.range()).start).filter(|_| inside)
    });
    found.collect()
}

/// A name, perhaps with a schema and parameters, between a place and `with`.
fn class(text: &str, at: usize) -> Option<Span> {
    let rest = text.get(at..)?;
    let start = rest.trim_start();
    let mut left = name(start)?;
    while let Some(further) = left.strip_prefix('.') {
        left = name(further)?;
    }
    if let Some(parameters) = left.trim_start().strip_prefix('(') {
        let (_, after) = parameters.split_once(')')?;
        left = after;
    }
    let next = left.trim_start();
    let with = next.get(..4).is_some_and(|word| word.eq_ignore_ascii_case("with"));
    let whole = next.get(4..)?.starts_with(|c: char| !is_of_name(c));
    let place = |left: &str| text.len() - left.len();
    (with && whole && next.len() < left.len()).then(|| Span { start: place(start), end: place(left) })
}

/// What stands after a name.
fn name(text: &str) -> Option<&str> {
    if let Some(quoted) = text.strip_prefix('"') {
        return quoted.split_once('"').map(|(_, left)| left);
    }
    let left = text.trim_start_matches(is_of_name);
    (left.len() < text.len() && !text.starts_with(|c: char| c.is_ascii_digit())).then_some(left)
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

#[cfg(test)]
mod tests {
    use crate::syntax::script;
    use crate::token::line;

    fn read(text: &str) -> (usize, Vec<String>) {
        let script = script(text);
        (script.errors.len(), script.statements.iter().map(|tokens| line(tokens)).collect())
    }

    #[test]
    fn an_operator_class_is_no_error() {
        let (errors, statements) = read(
            "create table e (a inet, exclude using gist (a inet_ops with &&, lower(b) x.\"T\" (n = 1) WITH =)); select 1;",
        );
        assert_eq!(errors, 0);
        let first = "create table e ( a inet , exclude using gist ( a with & & , lower ( b ) with = ) )";
        assert_eq!(statements, [first, "select 1"]);
        assert_eq!(read("alter table e add constraint c exclude using gist (a inet_ops with &&);").0, 0);
    }

    #[test]
    fn other_errors_stay() {
        assert_eq!(read("create table e (a inet, exclude using gist (a inet_ops));").0, 1);
        assert_eq!(read("create table e (a inet, exclude using gist (a inet_ops more with &&));").0, 1);
        assert_eq!(read("create table e (a inet, exclude using gist (a inet_ops with &&, b b_ops));").0, 1);
        assert_eq!(read("create table e (a inet, exclude using gist (a inet_ops with &&)); sleect 2;").0, 1);
    }
}
