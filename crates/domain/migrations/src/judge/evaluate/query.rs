//! Queries within expressions, as far as they need no rows or are about the rows in question.

use super::{Evaluation, Value};
use crate::cursor::Cursor;
use crate::name::Name;
use crate::token::{Kind, Token, split_commas, without_parentheses};

/// What is known of the rows of tables.
pub(crate) trait Rows {
    /// Whether a table has any.
    fn any(&self, table: &Name) -> bool;

    /// Whether what is compared is this very column of the row of that table that is in question.
    fn holds_own(&self, table: &Name, column: &[Token], compared: &[Token]) -> bool;
}

/// Nothing is known.
pub(super) struct Unknown;

impl Rows for Unknown {
    fn any(&self, _: &Name) -> bool {
        false
    }

    fn holds_own(&self, _: &Name, _: &[Token], _: &[Token]) -> bool {
        false
    }
}

/// `select targets from table where condition`, and no more.
struct Query<'t> {
    targets: &'t [Token],
    from: Option<Name>,
    condition: Option<&'t [Token]>,
    /// Whether it gives only some of its rows.
    limited: bool,
}

impl<'t> Query<'t> {
    fn read(tokens: &'t [Token]) -> Option<Self> {
        const CLAUSES: [&str; 11] = [
            "where",
            "group",
            "having",
            "window",
            "union",
            "intersect",
            "except",
            "order",
            "limit",
            "offset",
            "fetch",
        ];
        let mut cursor = Cursor::new(tokens);
        cursor.eat("select").then_some(())?;
        let stops = [&["from"], CLAUSES.as_slice()].concat();
        let targets = cursor.until(&stops);
        let mut from = None;
        if cursor.eat("from") {
            from = Some(cursor.path()?);
            // An alias is one word; more of them join.
            let alias = cursor.until(&CLAUSES);
            matches!(alias, [] | [_])
                .then_some(())
                .or_else(|| matches!(alias, [word, _] if word.is("as")).then_some(()))?;
        }
        let condition = cursor.eat("where").then(|| cursor.until(&CLAUSES));
        if cursor.eat("order by") {
            cursor.until(&["limit", "offset", "fetch", "union", "intersect", "except"]);
        }
        let limited = cursor.eat("limit");
        if limited {
            cursor.next().filter(|limit| limit.kind == Kind::Number && limit.text != "0")?;
        }
        cursor.is_empty().then_some(Self { targets, from, condition, limited })
    }
}

/// `x.column = t.column`: of one table, each row meets itself in that column.
fn own_column(condition: &[Token]) -> Option<&str> {
    let [one, dot, left, equals, other, again, right] = without_parentheses(condition) else { return None };
    let form = dot.is(".") && again.is(".") && equals.is("=") && one.text != other.text;
    left.name().filter(|_| form && left.text == right.text)
}

impl Evaluation<'_> {
    /// `exists (...)`.
    pub(super) fn exists(&self, tokens: &[Token], depth: u8) -> Value {
        let Some(query) = Query::read(tokens) else { return Value::Unknown };
        if query.from.as_ref().is_some_and(|table| !self.rows.any(table)) {
            return Value::Unknown;
        }
        let Some(condition) = query.condition else { return Value::Bool(true) };
        let same_row = own_column(condition).filter(|_| query.from.is_some());
        if same_row.is_some_and(|name| !matches!((self.column)(name), Value::Null | Value::Unknown)) {
            return Value::Bool(true);
        }
        let inner = Evaluation { column: &|_| Value::Unknown, rows: self.rows };
        let outer = if query.from.is_some() { &inner } else { self };
        match outer.any(condition, depth) {
            Value::Null if query.from.is_none() => Value::Bool(false),
            Value::Bool(found) => Value::Bool(found),
            _ => Value::Unknown,
        }
    }

    /// `(select 1)`: one value that no table gives.
    pub(super) fn selected(&self, tokens: &[Token], depth: u8) -> Value {
        match Query::read(tokens) {
            Some(Query { targets, from: None, condition: None, .. }) if split_commas(targets).len() == 1 => {
                self.any(targets, depth)
            }
            _ => Value::Unknown,
        }
    }

    /// `column in (select column from table)`.
    pub(super) fn among_rows(&self, left: &Value, compared: &[Token], tokens: &[Token]) -> Value {
        let whole = |query: &Query<'_>| query.condition.is_none() && !query.limited;
        let own = Query::read(tokens).filter(whole).is_some_and(|query| {
            query.from.is_some_and(|table| self.rows.holds_own(&table, query.targets, compared))
        });
        match left {
            Value::Null | Value::Unknown => Value::Unknown,
            _ if own => Value::Bool(true),
            _ => Value::Unknown,
        }
    }
}
