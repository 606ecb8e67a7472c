//! The facade of the parser: whether a text is PostgreSQL's SQL, and its statements as tokens.
//!
//! The parser's tree changes its shape with each release; the words of a statement do not. So this module, which
//! alone knows the tree, takes from it what is wrong, where statements begin and end, and the structure of
//! PL/pgSQL; the rest of the crate reads words.

mod body;
mod exclusion;
mod fault;
mod into;
mod nesting;

use squawk_syntax::ast::{self, AstNode as _};
use squawk_syntax::{SourceFile, SyntaxElement, SyntaxKind, SyntaxNode, SyntaxToken};

use crate::source::Span;
use crate::token::{Kind, Token};

pub(crate) use body::{Body, Step, body, flat};
use fault::Fault;

/// What a thread that reads needs of a stack: the parser and its trees go one call deeper for each level of a
/// statement, up to the limits of [`nesting`]. Of this only what is used is ever held in memory.
pub(crate) const STACK: usize = 256 * 1024 * 1024;

/// A file that was read.
#[derive(Debug, Default)]
pub(crate) struct Script {
    /// What PostgreSQL would refuse, in order.
    pub(crate) errors: Vec<Fault>,
    /// Its statements, in order.
    pub(crate) statements: Vec<Vec<Token>>,
    /// Its line comments, in order.
    pub(crate) comments: Vec<Comment>,
}

/// A comment.
#[derive(Debug)]
pub(crate) struct Comment {
    pub(crate) form: Form,
    /// Without what begins and ends it.
    pub(crate) text: String,
    pub(crate) span: Span,
}

/// What a comment is written as.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Form {
    /// From `--` to the end of its line.
    Line,
    /// From `/*` to `*/`.
    Block,
}

/// Reads a file; never fails, since what it cannot read is in its errors.
pub(crate) fn script(text: &str) -> Script {
    // PostgreSQL takes no byte order mark, psql and migration tools drop it.
    let shift = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let text = text.get(shift..).unwrap_or_default();
    if let Some(fault) = nesting::of_file(text) {
        let fault = Fault { span: moved(fault.span, shift), ..fault };
        return Script { errors: vec![fault], ..Script::default() };
    }
    let (parse, complaints) = exclusion::parse(text);
    let complaints = complaints
        .into_iter()
        .map(|error| Fault { message: error.message().to_owned(), span: span_of(error.range()) });
    let errors = fault::faults(complaints, text)
        .into_iter()
        .map(|fault| Fault { span: moved(fault.span, shift), ..fault });
    let place: &dyn Fn(Span) -> Span = &|span| moved(span, shift);
    let mut script = Script { errors: errors.collect(), ..Script::default() };
    for element in parse.syntax_node().children_with_tokens() {
        let (statement, comments) = match element {
            SyntaxElement::Node(node) => tokens(&node, place),
            SyntaxElement::Token(token) => (Vec::new(), comment(&token, place).into_iter().collect()),
        };
        script.statements.extend(Some(statement).filter(|tokens| !tokens.is_empty()));
        script.comments.extend(comments);
    }
    script
}

/// The words of a text, whatever it is.
pub(crate) fn words(text: &str) -> Vec<Token> {
    if nesting::of_body(text).is_some() {
        return Vec::new();
    }
    tokens(&SourceFile::parse(text).syntax_node(), &|span| span).0
}

fn moved(span: Span, by: usize) -> Span {
    Span { start: span.start + by, end: span.end + by }
}

fn span_of(range: impl Into<std::ops::Range<usize>>) -> Span {
    let range = range.into();
    Span { start: range.start, end: range.end }
}

/// A comment, if it is none in the body of a function, which is the function's own.
fn comment(token: &SyntaxToken, place: &dyn Fn(Span) -> Span) -> Option<Comment> {
    let in_body = || token.parent_ancestors().any(|node| node.kind() == SyntaxKind::ATOMIC_BODY);
    if token.kind() != SyntaxKind::COMMENT || in_body() {
        return None;
    }
    let text = token.text();
    let (form, text) = match text.strip_prefix("--") {
        Some(line) => (Form::Line, line.trim_end_matches(['\r', '\n'])),
        None => (Form::Block, text.trim_start_matches("/*").trim_end_matches("*/")),
    };
    Some(Comment { form, text: text.to_owned(), span: place(span_of(token.text_range())) })
}

/// The tokens and the comments below a node, with their places in the file.
fn tokens(node: &SyntaxNode, place: &dyn Fn(Span) -> Span) -> (Vec<Token>, Vec<Comment>) {
    let (mut found, mut comments): (Vec<Token>, Vec<Comment>) = Default::default();
    let mut literal_end = 0;
    for element in node.descendants_with_tokens() {
        let Some(token) = element.into_token() else { continue };
        let raw = span_of(token.text_range());
        if token.kind().is_trivia() {
            comments.extend(comment(&token, place));
            continue;
        }
        if raw.start < literal_end {
            continue;
        }
        let mut read = read(&token);
        literal_end = read.span.end;
        read.verbatim = read.verbatim.map(|start| place(Span { start, end: start }).start);
        read.span = place(Span { start: raw.start, end: read.span.end });
        push(&mut found, read);
    }
    if found.last().is_some_and(|last| last.is(";")) {
        found.pop();
    }
    (found, comments)
}

/// Adds a token; `::` and `||` are two in the tree.
fn push(found: &mut Vec<Token>, token: Token) {
    let doubled = token.kind == Kind::Symbol && matches!(token.text.as_str(), ":" | "|");
    match found.last_mut() {
        Some(last) if doubled && last.is(&token.text) && last.span.end == token.span.start => {
            last.text.push_str(&token.text);
            last.span.end = token.span.end;
        }
        _ => found.push(token),
    }
}

/// A token, placed in the tree's text; a literal of several strings is one.
fn read(token: &SyntaxToken) -> Token {
    let span = span_of(token.text_range());
    let of = |kind, text: String| Token { kind, text, span, verbatim: None };
    match token.kind() {
        kind if is_string(kind) => string(token),
        SyntaxKind::INT_NUMBER | SyntaxKind::NUMERIC_NUMBER => of(Kind::Number, token.text().to_owned()),
        SyntaxKind::IDENT => identifier(token.text(), span),
        _ if token.text().starts_with(|c: char| c.is_alphabetic() || c == '_') => {
            of(Kind::Word, token.text().to_lowercase())
        }
        _ => of(Kind::Symbol, token.text().to_owned()),
    }
}

fn string(token: &SyntaxToken) -> Token {
    let literal = token.parent().and_then(ast::Literal::cast);
    let decoded = literal.as_ref().and_then(ast::Literal::string_value);
    let span = literal.map_or(span_of(token.text_range()), |literal| span_of(literal.syntax().text_range()));
    let text = decoded.unwrap_or_else(|| token.text().trim_matches('\'').to_owned());
    let verbatim = token.text().find(&text).filter(|_| !text.is_empty()).map(|at| span.start + at);
    Token { kind: Kind::Text, text, span, verbatim }
}

fn identifier(text: &str, span: Span) -> Token {
    let quoted = text.find('"').and_then(|at| text.get(at + 1..)?.strip_suffix('"'));
    match quoted {
        Some(inner) => {
            let bare = inner.replace("\"\"", "\"");
            let text = if text.starts_with(['u', 'U']) { unescaped(&bare) } else { bare };
            Token { kind: Kind::Quoted, text, span, verbatim: None }
        }
        None => Token { kind: Kind::Word, text: text.to_lowercase(), span, verbatim: None },
    }
}

/// The name that `U&"d\0061t\+000061"` means (PostgreSQL docs, lexical structure: four or six hexadecimal digits).
fn unescaped(text: &str) -> String {
    let mut parts = text.split('\\');
    let mut out = parts.next().unwrap_or_default().to_owned();
    let mut literal = false;
    for part in parts {
        let (digits, length) = part.strip_prefix('+').map_or((part, 4), |digits| (digits, 6));
        let code = digits.get(..length).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        match code.and_then(char::from_u32) {
            _ if literal => out.push_str(part),
            Some(character) => {
                out.push(character);
                out.push_str(digits.get(length..).unwrap_or_default());
            }
            None => {
                out.push('\\');
                out.push_str(part);
            }
        }
        literal = part.is_empty() && !literal;
    }
    out
}

fn is_string(kind: SyntaxKind) -> bool {
    matches!(
        kind,
        SyntaxKind::STRING
            | SyntaxKind::ESC_STRING
            | SyntaxKind::DOLLAR_QUOTED_STRING
            | SyntaxKind::BIT_STRING
            | SyntaxKind::BYTE_STRING
            | SyntaxKind::NATIONAL_STRING
            | SyntaxKind::UNICODE_ESC_STRING
    )
}
