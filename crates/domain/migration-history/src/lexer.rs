//! The one place that knows the lexer: PostgreSQL's tokens with where they stand.

use std::ops::Range;

use squawk_lexer::{LiteralKind, TokenKind, tokenize};

/// A token, as far as cutting SQL into statements needs to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) range: Range<usize>,
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// White space or a comment.
    Nothing,
    /// A word without quotes.
    Word,
    /// `;`
    Semicolon,
    /// `(`
    Open,
    /// `)`
    Close,
    /// `\`, with which `psql` begins its own commands.
    Backslash,
    /// A quote or a comment that never ends; what it is.
    Endless(&'static str),
    /// Anything else.
    Other,
}

/// The tokens of a text, none left out.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut start = 0;
    for token in tokenize(text) {
        // The lexer's lengths are 32 bits wide and so is no text's that anybody migrates with.
        let end = start + token.len as usize;
        let kind = kind(token.kind, text.get(start..end).unwrap_or_default());
        tokens.push(Token { kind, range: start..end });
        start = end;
    }
    tokens
}

fn kind(kind: TokenKind, text: &str) -> Kind {
    match kind {
        TokenKind::Whitespace | TokenKind::LineComment => Kind::Nothing,
        TokenKind::BlockComment { terminated: true } => Kind::Nothing,
        TokenKind::BlockComment { terminated: false } => Kind::Endless("comment"),
        TokenKind::QuotedIdent { terminated: false, .. } => Kind::Endless("quoted identifier"),
        TokenKind::Literal { kind } if is_endless(kind) => Kind::Endless("string"),
        TokenKind::Ident => Kind::Word,
        TokenKind::Semi => Kind::Semicolon,
        TokenKind::OpenParen => Kind::Open,
        TokenKind::CloseParen => Kind::Close,
        _ if text == "\\" => Kind::Backslash,
        // A byte order mark at the very beginning: PostgreSQL's own tools skip it.
        _ if text == squawk_lexer::BOM => Kind::Nothing,
        _ => Kind::Other,
    }
}

fn is_endless(kind: LiteralKind) -> bool {
    match kind {
        LiteralKind::Str { terminated }
        | LiteralKind::NationalStr { terminated }
        | LiteralKind::ByteStr { terminated }
        | LiteralKind::BitStr { terminated }
        | LiteralKind::DollarQuotedString { terminated }
        | LiteralKind::UnicodeEscStr { terminated }
        | LiteralKind::EscStr { terminated } => !terminated,
        LiteralKind::Int { .. } | LiteralKind::Numeric { .. } => false,
    }
}
