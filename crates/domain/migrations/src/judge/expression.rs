//! Whether an expression in the body of a function may fail, and of which type it is.
//!
//! A small part of PostgreSQL's expressions: what is not read here may fail. That a number grows out of its type's
//! range is left aside, as it is with generated columns.

mod call;
mod fit;

use std::collections::BTreeMap;

use crate::catalogue::Relation;
use crate::cursor::Cursor;
use crate::replay::Replay;
use crate::token::{Kind, Token, nesting, split_commas, without_parentheses};
use crate::types::TypeName;

pub(super) use fit::{has_equality, takes};

/// What an expression is that does not fail.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Sure {
    Null,
    /// A string that takes the type that is wanted.
    Literal(String),
    /// A number, as written.
    Number(String),
    Of(TypeName),
    /// A row.
    Row,
    /// Of a type that is not known.
    Any,
}

/// How deep expressions, and the functions that they call, are followed.
const DEPTH: u8 = 32;

/// What names mean in a body.
#[derive(Clone)]
pub(super) struct Scope<'s> {
    pub(super) replay: &'s Replay,
    /// The table whose rows `new` and `old` are.
    pub(super) row: Option<&'s Relation>,
    /// The table whose columns have no name before them.
    pub(super) bare: Option<&'s Relation>,
    /// Of variables and parameters the type, where it is one that can be told.
    pub(super) variables: BTreeMap<String, Option<TypeName>>,
    /// Where functions without a schema are looked for.
    pub(super) search: Vec<String>,
    /// How much deeper functions are followed.
    pub(super) depth: u8,
}

impl Scope<'_> {
    /// What an expression is; `None` if it may fail, or cannot be read.
    pub(super) fn sure(&self, tokens: &[Token]) -> Option<Sure> {
        self.any(tokens, DEPTH)
    }

    fn any(&self, tokens: &[Token], depth: u8) -> Option<Sure> {
        let depth = depth.checked_sub(1)?;
        let tokens = without_parentheses(tokens);
        let operators = operators(tokens);
        for word in ["or", "and"] {
            let places: Vec<&Operator> = operators.iter().filter(|one| one.text == word).collect();
            if !places.is_empty() {
                return self.all_bool(tokens, &places, depth);
            }
        }
        if tokens.first().is_some_and(|token| token.is("not")) {
            return self.boolean(tokens.get(1..)?, depth);
        }
        let first = |wanted: &[&str]| operators.iter().find(|one| wanted.contains(&one.text.as_str()));
        let last = |wanted: &[&str]| operators.iter().rfind(|one| wanted.contains(&one.text.as_str()));
        if let Some(is) = first(&["is"]) {
            return self.is(is.left(tokens), is.right(tokens), depth);
        }
        if let Some(operator) = first(&["=", "<", ">", "<=", ">=", "<>", "!="]) {
            return self.compared(operator.left(tokens), operator.right(tokens), depth);
        }
        if let Some(operator) = first(&["in", "like", "ilike", "between", "~", "~*", "!~", "!~*"]) {
            return self.matched(operator, tokens, depth);
        }
        if let Some(operator) = last(&["||", "->", "->>", "#>", "#>>"]) {
            return self.joined(operator, tokens, depth);
        }
        if let Some(operator) = last(&["+", "-"]).or_else(|| last(&["*", "/", "%"])) {
            return self.worked_out(operator, tokens, depth);
        }
        if operators.iter().any(|one| !["unary", "::", "at time zone"].contains(&one.text.as_str())) {
            return None;
        }
        self.suffixed(tokens, &operators, depth)
    }

    /// `at time zone`, a sign, a cast; or none of these.
    fn suffixed(&self, tokens: &[Token], operators: &[Operator], depth: u8) -> Option<Sure> {
        let last = |wanted: &str| operators.iter().rfind(|one| one.text == wanted);
        if let Some(zone) = last("at time zone") {
            let constant = zone.right(tokens);
            let known = matches!(constant, [text] if text.kind == Kind::Text);
            return match self.any(zone.left(tokens), depth)? {
                Sure::Of(ty) if known && ty.name == "timestamptz" => Some(of("timestamp")),
                Sure::Of(ty) if known && ty.name == "timestamp" => Some(of("timestamptz")),
                _ => None,
            };
        }
        if let Some(sign) = last("unary") {
            return match self.any(sign.right(tokens), depth)? {
                Sure::Number(text) => Some(Sure::Number(format!("-{text}"))),
                Sure::Of(ty) if fit::is_number(&ty) || ty.name == "interval" => Some(Sure::Of(ty)),
                _ => None,
            };
        }
        match last("::") {
            Some(cast) => self.cast(cast.left(tokens), cast.right(tokens), depth),
            None => self.primary(tokens, depth),
        }
    }

    fn cast(&self, value: &[Token], ty: &[Token], depth: u8) -> Option<Sure> {
        let mut cursor = Cursor::new(ty);
        let ty = fit::resolved(self.replay, TypeName::read(&mut cursor)?, &self.search);
        cursor.is_empty().then_some(())?;
        let value = self.any(value, depth)?;
        fit::casts(self.replay, &ty, &value).then_some(Sure::Of(ty))
    }

    fn boolean(&self, tokens: &[Token], depth: u8) -> Option<Sure> {
        match self.any(tokens, depth)? {
            Sure::Of(ty) if ty.name != "bool" || ty.array => None,
            Sure::Literal(_) | Sure::Number(_) | Sure::Row | Sure::Any => None,
            Sure::Null | Sure::Of(_) => Some(of("bool")),
        }
    }

    fn all_bool(&self, tokens: &[Token], places: &[&Operator], depth: u8) -> Option<Sure> {
        let mut start = 0;
        for place in places {
            self.boolean(tokens.get(start..place.start)?, depth)?;
            start = place.end;
        }
        self.boolean(tokens.get(start..)?, depth)
    }

    fn is(&self, left: &[Token], right: &[Token], depth: u8) -> Option<Sure> {
        let mut cursor = Cursor::new(right);
        cursor.eat("not");
        if cursor.eat("distinct from") {
            return self.compared(left, cursor.rest(), depth);
        }
        let word = cursor.next()?;
        cursor.is_empty().then_some(())?;
        if word.is("null") {
            self.any(left, depth)?;
        } else {
            ["true", "false", "unknown"].iter().any(|known| word.is(known)).then_some(())?;
            self.boolean(left, depth)?;
        }
        Some(of("bool"))
    }

    fn compared(&self, left: &[Token], right: &[Token], depth: u8) -> Option<Sure> {
        if let [any, open, inner @ .., close] = right
            && (any.is("any") || any.is("all"))
            && open.is("(")
            && close.is(")")
        {
            let mut array = Cursor::new(inner);
            array.eat("array").then_some(())?;
            let elements = split_commas(array.brackets()?);
            return self.among(left, &elements, depth);
        }
        let same = crate::token::line(left) == crate::token::line(right);
        let (left, right) = (self.any(left, depth)?, self.any(right, depth)?);
        let fits = match (&left, &right) {
            (Sure::Row, Sure::Row) => self.rows_compare(),
            (Sure::Any, Sure::Any) => same,
            _ => fit::compare(self.replay, &left, &right),
        };
        fits.then(|| of("bool"))
    }

    /// Whether rows of the table compare: a column of a type without `=` refuses that (42883).
    fn rows_compare(&self) -> bool {
        let columns = self.row.map(|row| row.columns.as_slice()).unwrap_or_default();
        !columns.is_empty() && columns.iter().all(|column| column.ty.as_ref().is_some_and(fit::has_equality))
    }

    fn among(&self, left: &[Token], elements: &[&[Token]], depth: u8) -> Option<Sure> {
        for element in elements {
            self.compared(left, element, depth)?;
        }
        Some(of("bool"))
    }

    fn matched(&self, operator: &Operator, tokens: &[Token], depth: u8) -> Option<Sure> {
        let (left, right) = (operator.left(tokens), operator.right(tokens));
        let left = match left {
            [left @ .., not] if not.is("not") => left,
            left => left,
        };
        match operator.text.as_str() {
            "in" => {
                let mut cursor = Cursor::new(right);
                let list = split_commas(cursor.brackets()?);
                cursor.is_empty().then_some(())?;
                self.among(left, &list, depth)
            }
            "between" => {
                let mut cursor = Cursor::new(right);
                let low = cursor.until(&["and"]);
                cursor.eat("and").then_some(())?;
                self.among(left, &[low, cursor.rest()], depth)
            }
            // What a pattern is worth is known only of one that stands there.
            _ => {
                let constant = matches!(right, [text] if text.kind == Kind::Text);
                let text = fit::is_texty(self.replay, &self.any(left, depth)?);
                (constant && text).then(|| of("bool"))
            }
        }
    }

    fn joined(&self, operator: &Operator, tokens: &[Token], depth: u8) -> Option<Sure> {
        let left = self.any(operator.left(tokens), depth)?;
        let right = self.any(operator.right(tokens), depth)?;
        if operator.text == "||" {
            return match (&left, &right) {
                (Sure::Of(one), Sure::Of(other)) if one == other && one.array => Some(left),
                (Sure::Of(ty), Sure::Of(other))
                    if ty == other && matches!(ty.name.as_str(), "jsonb" | "tsvector") =>
                {
                    Some(left)
                }
                _ => fit::concatenates(self.replay, &left, &right).then(|| of("text")),
            };
        }
        let path = matches!(right, Sure::Literal(_) | Sure::Number(_)) || fit::is_texty(self.replay, &right);
        path.then_some(())?;
        let Sure::Of(json) = left else {
            // Nothing else has that operator.
            return (left == Sure::Any && operator.text.ends_with(">>")).then(|| of("text"));
        };
        (matches!(json.name.as_str(), "json" | "jsonb") && !json.array).then_some(())?;
        Some(if operator.text.ends_with(">>") { of("text") } else { Sure::Of(json) })
    }

    fn worked_out(&self, operator: &Operator, tokens: &[Token], depth: u8) -> Option<Sure> {
        let divisor = operator.right(tokens);
        if matches!(operator.text.as_str(), "/" | "%") {
            let constant = matches!(divisor, [number] if number.kind == Kind::Number
                && number.text.parse::<f64>().is_ok_and(|number| number != 0.0));
            constant.then_some(())?;
        }
        let left = self.any(operator.left(tokens), depth)?;
        let right = self.any(divisor, depth)?;
        fit::arithmetic(&operator.text, &left, &right)
    }

    fn primary(&self, tokens: &[Token], depth: u8) -> Option<Sure> {
        match tokens {
            [one] => self.one(one),
            [row, dot, star] if self.is_row(row) && dot.is(".") && star.is("*") => Some(Sure::Row),
            [row, dot, column] if self.is_row(row) && dot.is(".") => column_of(self.row?, column.name()?),
            [table, dot, column] if dot.is(".") => {
                // An alias of the one table that is read, or that table itself.
                let bare =
                    self.bare.filter(|_| !self.variables.contains_key(table.name().unwrap_or_default()))?;
                column_of(bare, column.name()?)
            }
            [ty, text] if text.kind == Kind::Text => {
                let name = ["interval", "date", "timestamp", "timestamptz", "time"]
                    .iter()
                    .find(|name| ty.is(name))?;
                Some(of(name))
            }
            [case, inner @ .., end] if case.is("case") && end.is("end") => self.case(inner, depth),
            [array, open, inner @ .., close] if array.is("array") && open.is("[") && close.is("]") => {
                let values = split_commas(inner)
                    .iter()
                    .map(|part| self.any(part, depth))
                    .collect::<Option<Vec<_>>>()?;
                match fit::common(self.replay, &values)? {
                    Sure::Of(ty) if !ty.array => Some(Sure::Of(TypeName { array: true, ..ty })),
                    Sure::Literal(_) => Some(Sure::Of(TypeName { array: true, ..TypeName::own("text") })),
                    _ => None,
                }
            }
            _ => self.call(tokens, depth),
        }
    }

    fn is_row(&self, token: &Token) -> bool {
        self.row.is_some() && (token.is("new") || token.is("old"))
    }

    fn one(&self, token: &Token) -> Option<Sure> {
        if self.is_row(token) {
            return Some(Sure::Row);
        }
        if let Some(name) = token.name() {
            if let Some(ty) = self.variables.get(name) {
                return ty.clone().map(Sure::Of);
            }
            if let Some(column) = self.bare.and_then(|bare| column_of(bare, name)) {
                return Some(column);
            }
        }
        match (token.kind, token.text.as_str()) {
            (Kind::Text, text) => Some(Sure::Literal(text.to_owned())),
            (Kind::Number, text) => Some(Sure::Number(text.to_owned())),
            (Kind::Word, "null") => Some(Sure::Null),
            (Kind::Word, "true" | "false") => Some(of("bool")),
            (Kind::Word, "current_timestamp") => Some(of("timestamptz")),
            (Kind::Word, "localtimestamp") => Some(of("timestamp")),
            (Kind::Word, "current_date") => Some(of("date")),
            (
                Kind::Word,
                "current_user" | "session_user" | "user" | "current_role" | "current_schema" | "tg_op"
                | "tg_name" | "tg_table_name" | "tg_table_schema" | "tg_when" | "tg_level" | "tg_event"
                | "tg_tag",
            ) => Some(of("text")),
            (Kind::Symbol, text) if text.starts_with('$') => self.variables.get(text)?.clone().map(Sure::Of),
            _ => None,
        }
    }

    /// `case [of] when .. then .. [else ..]`.
    fn case(&self, inner: &[Token], depth: u8) -> Option<Sure> {
        let words = words_of_case(inner);
        let of_what = inner.get(..words.first()?.0).filter(|tokens| !tokens.is_empty());
        let mut values = Vec::new();
        let ends = words.iter().skip(1).map(|(at, _)| *at).chain([inner.len()]);
        for ((at, word), end) in words.iter().zip(ends) {
            let part = inner.get(at + 1..end)?;
            match (*word, of_what) {
                ("when", Some(value)) => drop(self.compared(value, part, depth)?),
                ("when", None) => drop(self.boolean(part, depth)?),
                _ => values.push(self.any(part, depth)?),
            }
        }
        fit::common(self.replay, &values)
    }
}

/// The `when`, `then` and `else` of a `case`, and where they stand.
fn words_of_case(inner: &[Token]) -> Vec<(usize, &str)> {
    let mut depth = 0;
    let mut found = Vec::new();
    for (at, token) in inner.iter().enumerate() {
        let known = ["when", "then", "else"].into_iter().find(|word| token.is(word));
        found.extend(known.filter(|_| depth == 0).map(|word| (at, word)));
        depth += level(token);
    }
    found
}

/// An operator, and where it stands.
#[derive(Debug)]
struct Operator {
    text: String,
    start: usize,
    end: usize,
}

impl Operator {
    fn left<'t>(&self, tokens: &'t [Token]) -> &'t [Token] {
        tokens.get(..self.start).unwrap_or_default()
    }

    fn right<'t>(&self, tokens: &'t [Token]) -> &'t [Token] {
        tokens.get(self.end..).unwrap_or_default()
    }
}

/// How much deeper the text after a token is nested, in brackets or in a `case`.
fn level(token: &Token) -> i32 {
    if token.is("case") {
        1
    } else if token.is("end") {
        -1
    } else {
        nesting(token)
    }
}

/// The operators that stand in no brackets, in their order; the `and` of `between` is none.
fn operators(tokens: &[Token]) -> Vec<Operator> {
    const WORDS: [&str; 7] = ["or", "and", "is", "in", "like", "ilike", "between"];
    let mut found: Vec<Operator> = Vec::new();
    let (mut depth, mut at, mut between) = (0, 0, false);
    while let Some(token) = tokens.get(at) {
        let start = at;
        at += 1;
        let inside = depth > 0;
        depth += level(token);
        if inside || depth > 0 || token.is(")") || token.is("]") || token.is("end") {
            continue;
        }
        let symbol = |at: usize| {
            tokens.get(at).filter(|token| {
                token.kind == Kind::Symbol
                    && nesting(token) == 0
                    && !token.text.starts_with('$')
                    && ![",", "."].iter().any(|sign| token.is(sign))
            })
        };
        if token.is("at") && Cursor::new(tokens.get(start..).unwrap_or_default()).sees("at time zone") {
            at = start + 3;
            found.push(Operator { text: String::from("at time zone"), start, end: at });
        } else if token.kind == Kind::Word && WORDS.contains(&token.text.as_str()) {
            let of_between = token.is("and") && std::mem::take(&mut between);
            between |= token.is("between");
            if !of_between {
                found.push(Operator { text: token.text.clone(), start, end: at });
            }
        } else if symbol(start).is_some() {
            let mut text = token.text.clone();
            let touches = |at: usize| {
                let before = tokens.get(at.wrapping_sub(1)).map(|token| token.span.end);
                symbol(at).is_some_and(|next| Some(next.span.start) == before)
            };
            while text != "::" && touches(at) && !tokens.get(at).is_some_and(|next| next.is("::")) {
                text.push_str(tokens.get(at).map(|next| next.text.as_str()).unwrap_or_default());
                at += 1;
            }
            // `a * -1`, and a star that is all columns.
            let after_operand = found.last().map_or(start > 0, |last| last.end < start);
            let text = if after_operand || text == "::" { text } else { String::from("unary") };
            let star = text == "unary" && !token.is("-") && !token.is("+");
            let all =
                token.is("*") && start > 0 && tokens.get(start - 1).is_some_and(|before| before.is("."));
            if star {
                found.push(Operator { text: String::from("?"), start, end: at });
            } else if !all {
                found.push(Operator { text, start, end: at });
            }
        }
    }
    found
}

fn column_of(relation: &Relation, name: &str) -> Option<Sure> {
    let column = relation.column(name);
    match column {
        Some(column) => Some(column.ty.clone().map_or(Sure::Any, Sure::Of)),
        None if !relation.complete => Some(Sure::Any),
        None => None,
    }
}

/// A value of a type of PostgreSQL's own.
fn of(name: &str) -> Sure {
    Sure::Of(TypeName::own(name))
}
