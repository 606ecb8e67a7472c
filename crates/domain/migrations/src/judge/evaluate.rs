//! What a check comes to for a row of which only some columns are known.
//!
//! A small part of PostgreSQL's expressions; what is not read here is unknown. Null and unknown are two things: null is
//! known to be null, and a check that is null passes (PostgreSQL docs, check constraints).

mod query;

use crate::cursor::Cursor;
use crate::token::{Kind, Token, line, split_commas, without_parentheses};

pub(crate) use query::Rows;

/// The value of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    /// Anything, but not null.
    Something,
    /// Anything, or null.
    Unknown,
}

/// How deep expressions are followed.
const DEPTH: u8 = 32;

/// Works an expression out; `column` gives the value of a name. Functions are taken for PostgreSQL's own.
pub(crate) fn value(tokens: &[Token], column: &dyn Fn(&str) -> Value) -> Value {
    of_rows(tokens, column, &query::Unknown)
}

/// The same for a row of a table of which something is known.
pub(crate) fn of_rows(tokens: &[Token], column: &dyn Fn(&str) -> Value, rows: &dyn Rows) -> Value {
    Evaluation { column, rows }.any(tokens, DEPTH)
}

struct Evaluation<'c> {
    column: &'c dyn Fn(&str) -> Value,
    rows: &'c dyn Rows,
}

impl Evaluation<'_> {
    fn any(&self, tokens: &[Token], depth: u8) -> Value {
        let Some(depth) = depth.checked_sub(1) else { return Value::Unknown };
        let tokens = without_parentheses(tokens);
        let choices = split(tokens, "or");
        if choices.len() > 1 {
            return joined(choices.iter().map(|part| self.any(part, depth)), true);
        }
        // `between a and b` keeps its `and`.
        if !tokens.iter().any(|token| token.is("between")) {
            let conditions = split(tokens, "and");
            if conditions.len() > 1 {
                return joined(conditions.iter().map(|part| self.any(part, depth)), false);
            }
        }
        match tokens {
            [] => Value::Unknown,
            [not, rest @ ..] if not.is("not") => negated(self.any(rest, depth)),
            _ => self.condition(tokens, depth),
        }
    }

    fn condition(&self, tokens: &[Token], depth: u8) -> Value {
        let mut cursor = Cursor::new(tokens);
        let left = cursor.until(&[
            "is",
            "in",
            "not in",
            "between",
            "not between",
            "<",
            ">",
            "=",
            "<=",
            ">=",
            "<>",
            "!=",
            "! =",
            "like",
            "ilike",
            "not like",
            "not ilike",
        ]);
        if cursor.is_empty() {
            return self.operand(tokens, depth);
        }
        let compared_tokens = left;
        let left = self.any(left, depth);
        if cursor.eat("is") {
            return self.is(left, &cursor, depth);
        }
        let not = cursor.eat("not");
        if cursor.eat("in") {
            let list = cursor.brackets().unwrap_or_default();
            let found = if is_query(list) {
                self.among_rows(&left, compared_tokens, list)
            } else {
                self.among(&left, list, depth)
            };
            return if not { negated(found) } else { found };
        }
        if cursor.eat("like") || cursor.eat("ilike") {
            let found = is_like(&left, &self.any(cursor.rest(), depth));
            return if not { negated(found) } else { found };
        }
        if cursor.eat("between") {
            let low = self.any(cursor.until(&["and"]), depth);
            cursor.eat("and");
            let high = self.any(cursor.rest(), depth);
            let both = [compared(&left, ">=", &low), compared(&left, "<=", &high)];
            let inside = joined(both.into_iter(), false);
            return if not { negated(inside) } else { inside };
        }
        let start = cursor.rest();
        while cursor.peek().is_some_and(|token| token.kind == Kind::Symbol && is_comparison(&token.text)) {
            cursor.skip();
        }
        let operator: String =
            start.iter().take(start.len() - cursor.rest().len()).map(|token| token.text.as_str()).collect();
        if cursor.eat("any") {
            let list = cursor.brackets().unwrap_or_default();
            if operator == "=" && is_query(list) {
                return self.among_rows(&left, compared_tokens, list);
            }
            let mut array = Cursor::new(list);
            let elements = if array.eat("array") { array.brackets() } else { None };
            return match elements {
                Some(elements) if operator == "=" => self.among(&left, elements, depth),
                _ if left == Value::Null => Value::Null,
                _ => Value::Unknown,
            };
        }
        let right = self.any(cursor.rest(), depth);
        match compared(&left, &operator, &right) {
            Value::Unknown if left == Value::Something && same_column(compared_tokens, cursor.rest()) => {
                match operator.as_str() {
                    "=" | "<=" | ">=" => Value::Bool(true),
                    "<>" | "!=" | "<" | ">" => Value::Bool(false),
                    _ => Value::Unknown,
                }
            }
            found => found,
        }
    }

    fn is(&self, left: Value, cursor: &Cursor<'_>, depth: u8) -> Value {
        let mut cursor = *cursor;
        let not = cursor.eat("not");
        let found = if cursor.eat("distinct from") {
            let right = self.any(cursor.rest(), depth);
            match (&left, &right) {
                (Value::Null, Value::Null) => Value::Bool(false),
                (Value::Null, other) | (other, Value::Null) if *other != Value::Unknown => Value::Bool(true),
                _ => negated(compared(&left, "=", &right)),
            }
        } else {
            match (line(cursor.rest()).as_str(), &left) {
                (_, Value::Unknown) => Value::Unknown,
                ("null" | "unknown", value) => Value::Bool(*value == Value::Null),
                ("true" | "false", Value::Null) => Value::Bool(false),
                (wanted @ ("true" | "false"), Value::Bool(value)) => {
                    Value::Bool((wanted == "true") == *value)
                }
                _ => Value::Unknown,
            }
        };
        if not { negated(found) } else { found }
    }

    fn among(&self, left: &Value, list: &[Token], depth: u8) -> Value {
        let equal = split_commas(list).into_iter().map(|part| compared(left, "=", &self.any(part, depth)));
        joined(equal, true)
    }

    /// A column, a constant, a call or a cast of one of these.
    fn operand(&self, tokens: &[Token], depth: u8) -> Value {
        if let Some(at) = tokens.iter().rposition(|token| token.is("::")) {
            return self.any(tokens.get(..at).unwrap_or_default(), depth);
        }
        match tokens {
            [one] => self.one(one),
            [select, ..] if select.is("select") => self.selected(tokens, depth),
            [exists, open, inner @ .., close] if exists.is("exists") && open.is("(") && close.is(")") => {
                self.exists(inner, depth)
            }
            [minus, number] if minus.is("-") && number.kind == Kind::Number => {
                number.text.parse::<f64>().map_or(Value::Unknown, |number| Value::Number(-number))
            }
            [_, dot, column] if dot.is(".") => column.name().map_or(Value::Unknown, self.column),
            [function, open, inner @ .., close] if open.is("(") && close.is(")") => {
                self.call(function.name().unwrap_or_default(), inner, depth)
            }
            // Operators are strict, as good as all of them.
            _ if self.has_null(tokens) => Value::Null,
            _ => Value::Unknown,
        }
    }

    fn one(&self, token: &Token) -> Value {
        match (token.kind, token.text.as_str()) {
            (Kind::Text, text) => Value::Text(text.to_owned()),
            (Kind::Number, text) => text.parse().map_or(Value::Unknown, Value::Number),
            (Kind::Word, "null") => Value::Null,
            (Kind::Word, "true") => Value::Bool(true),
            (Kind::Word, "false") => Value::Bool(false),
            (Kind::Word | Kind::Quoted, name) => (self.column)(name),
            (Kind::Symbol, _) => Value::Unknown,
        }
    }

    /// Whether an expression of operators alone has an operand that is null.
    fn has_null(&self, tokens: &[Token]) -> bool {
        let plain = |token: &Token| match token.kind {
            Kind::Symbol => !token.is("(") && !token.is("[") && !token.is(","),
            Kind::Word => !["case", "array", "like", "ilike", "similar"].contains(&token.text.as_str()),
            _ => true,
        };
        let like = |token: &Token| ["like", "ilike", "similar"].iter().any(|word| token.is(word));
        tokens.iter().all(|token| plain(token) || like(token))
            && tokens.iter().any(|token| token.kind != Kind::Symbol && self.one(token) == Value::Null)
    }

    fn call(&self, name: &str, inner: &[Token], depth: u8) -> Value {
        let values: Vec<Value> = split_commas(inner).iter().map(|part| self.any(part, depth)).collect();
        let nulls = values.iter().filter(|value| **value == Value::Null).count();
        let known = !values.contains(&Value::Unknown);
        match name {
            "coalesce" => coalesced(values),
            "num_nulls" if known => Value::Number(count(nulls)),
            "num_nonnulls" if known => Value::Number(count(values.len() - nulls)),
            "concat" if known => {
                values.iter().map(text_of).collect::<Option<String>>().map_or(Value::Something, Value::Text)
            }
            "concat" => Value::Something,
            "nullif" => match values.as_slice() {
                [value, other] => match compared(value, "=", other) {
                    Value::Bool(true) => Value::Null,
                    Value::Bool(false) | Value::Null => value.clone(),
                    _ => Value::Unknown,
                },
                _ => Value::Unknown,
            },
            "concat_ws" | "num_nulls" | "num_nonnulls" | "row" | "jsonb_build_object"
            | "json_build_object" | "greatest" | "least" | "format" => Value::Unknown,
            // PostgreSQL's own functions are strict, all but a few.
            _ if nulls > 0 => Value::Null,
            "length" | "char_length" | "character_length" => match values.as_slice() {
                [Value::Text(text)] => Value::Number(count(text.chars().count())),
                _ => Value::Unknown,
            },
            "lower" | "upper" | "btrim" | "trim" => match values.as_slice() {
                [Value::Text(text)] if name == "lower" => Value::Text(text.to_lowercase()),
                [Value::Text(text)] if name == "upper" => Value::Text(text.to_uppercase()),
                [Value::Text(text)] => Value::Text(text.trim_matches(' ').to_owned()),
                _ => Value::Unknown,
            },
            _ => Value::Unknown,
        }
    }
}

fn is_query(tokens: &[Token]) -> bool {
    let words = ["select", "values", "with", "table"];
    tokens.first().is_some_and(|first| words.iter().any(|word| first.is(word)))
}

/// The first that is not null; where it is not known which, something as soon as one is certain to be.
fn coalesced(values: Vec<Value>) -> Value {
    let mut doubtful = false;
    for value in values {
        match value {
            Value::Null => {}
            Value::Unknown => doubtful = true,
            _ if doubtful => return Value::Something,
            known => return known,
        }
    }
    if doubtful { Value::Unknown } else { Value::Null }
}

/// `like '%'` takes all there is.
fn is_like(left: &Value, pattern: &Value) -> Value {
    match (left, pattern) {
        (Value::Null, _) | (_, Value::Null) => Value::Null,
        (Value::Unknown, _) => Value::Unknown,
        (_, Value::Text(pattern)) if !pattern.is_empty() && pattern.chars().all(|c| c == '%') => {
            Value::Bool(true)
        }
        _ => Value::Unknown,
    }
}

/// Whether two names are those of one column of one row, with or without that of its table.
fn same_column(left: &[Token], right: &[Token]) -> bool {
    let (left, right) = (without_parentheses(left), without_parentheses(right));
    let plain = |tokens: &[Token]| match tokens {
        [column] => column.name().is_some(),
        [_, dot, column] => dot.is(".") && column.name().is_some(),
        _ => false,
    };
    let last = |tokens: &[Token]| tokens.last().map(|token| token.text.clone());
    plain(left) && plain(right) && last(left) == last(right)
}

/// What `concat` makes of a value, where that is plain.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::Text(text) => Some(text.clone()),
        _ => None,
    }
}

fn count(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::INFINITY, f64::from)
}

fn is_comparison(text: &str) -> bool {
    matches!(text, "<" | ">" | "=" | "!" | "<=" | ">=" | "<>" | "!=")
}

/// The parts between a word that stands in no brackets and in no `case`.
fn split<'t>(tokens: &'t [Token], word: &str) -> Vec<&'t [Token]> {
    if tokens.iter().any(|token| token.is("case")) {
        return vec![tokens];
    }
    let mut parts = Vec::new();
    let mut cursor = Cursor::new(tokens);
    loop {
        parts.push(cursor.until(&[word]));
        if !cursor.eat(word) {
            return parts;
        }
    }
}

/// `or` when one true decides, else `and`.
fn joined(values: impl Iterator<Item = Value>, decisive: bool) -> Value {
    let mut whole = Value::Bool(!decisive);
    for value in values {
        match value {
            Value::Bool(value) if value == decisive => return Value::Bool(decisive),
            Value::Bool(_) => {}
            Value::Null if whole != Value::Unknown => whole = Value::Null,
            Value::Null => {}
            _ => whole = Value::Unknown,
        }
    }
    whole
}

fn negated(value: Value) -> Value {
    match value {
        Value::Bool(value) => Value::Bool(!value),
        Value::Null => Value::Null,
        _ => Value::Unknown,
    }
}

fn compared(left: &Value, operator: &str, right: &Value) -> Value {
    let order = match (left, right) {
        (Value::Null, _) | (_, Value::Null) => return Value::Null,
        (Value::Number(one), Value::Number(other)) => one.partial_cmp(other),
        (Value::Bool(one), Value::Bool(other)) => Some(one.cmp(other)),
        (Value::Text(one), Value::Text(other)) => {
            // How texts sort is the collation's affair.
            return match operator {
                "=" => Value::Bool(one == other),
                "<>" | "!=" => Value::Bool(one != other),
                _ => Value::Unknown,
            };
        }
        _ => None,
    };
    let Some(order) = order else { return Value::Unknown };
    match operator {
        "=" => Value::Bool(order.is_eq()),
        "<>" | "!=" => Value::Bool(order.is_ne()),
        "<" => Value::Bool(order.is_lt()),
        "<=" => Value::Bool(order.is_le()),
        ">" => Value::Bool(order.is_gt()),
        ">=" => Value::Bool(order.is_ge()),
        _ => Value::Unknown,
    }
}
