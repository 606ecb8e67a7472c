//! New columns that are worked out from others: what running code writes into the old ones decides whether they stand.

use std::collections::BTreeMap;

use super::Judge;
use super::evaluate::{self, Value};
use super::expression::{Scope, takes};
use crate::catalogue::{Column, Index, Kind as RelationKind, Relation, mentions};
use crate::cursor::Cursor;
use crate::name::Path;
use crate::replay::Aspect;
use crate::rule::Rule;
use crate::statement::Generated;
use crate::token::{Kind, Token, split_commas, without_parentheses};
use crate::types::TypeName;

impl Judge<'_> {
    /// Judges a new column that is worked out.
    pub(super) fn made_of_others(
        &mut self,
        path: &Path,
        old: &Relation,
        new: &Relation,
        column: &Column,
        sql: &[Token],
    ) {
        if !self.is_made_of_old(new, column) {
            return;
        }
        let name = &column.name;
        if column.not_null {
            let message =
                format!("{path}.{name} is not null and worked out from columns that may be null (23502)");
            match self.when_null(old, new, sql) {
                Some(Value::Null) => {
                    self.breaking(Rule::AddRequiredColumn, (column.id, Aspect::Null), message)
                }
                Some(Value::Unknown) => {
                    self.review(Rule::AddRequiredColumn, (column.id, Aspect::Null), message);
                }
                _ => {}
            }
        }
        let why = self.why_it_may_fail(new, sql);
        if let Some(why) = why.or_else(|| self.does_not_fit(new, column.ty.as_ref()?, sql)) {
            let message = format!("{path}.{name} is worked out by {why}");
            self.review(Rule::NewWriteRestriction, (column.id, Aspect::Shape), message);
        }
    }

    /// Judges new indexes: what they are made of is worked out for every row that is written.
    pub(super) fn indexes(&mut self, path: &Path, old: &Relation, new: &Relation) {
        let known = |index: &Index| old.indexes.iter().any(|other| other.id == index.id);
        for index in new.indexes.iter().filter(|index| old.kind == RelationKind::Table && !known(index)) {
            let of_old = |sql: &&Vec<Token>| {
                new.columns.iter().any(|column| self.is_old(column.id) && mentions(sql, &column.name))
            };
            let mut found =
                index.expressions().filter(of_old).filter_map(|sql| self.why_it_may_fail(new, sql));
            if let Some(why) = found.next() {
                let message = format!("the index {} of {path} is made of {why}", index.name);
                self.review(Rule::NewWriteRestriction, (index.id, Aspect::Shape), message);
            }
        }
    }

    /// What may fail in an expression about the columns of a table.
    fn why_it_may_fail(&self, table: &Relation, sql: &[Token]) -> Option<&'static str> {
        let fails = may_fail(sql) && self.of_columns(table).sure(sql).is_none();
        fails.then_some("a cast or a division that may fail (22P02, 22012)")
    }

    /// Why a type may not take what an expression comes to.
    fn does_not_fit(&self, table: &Relation, ty: &TypeName, sql: &[Token]) -> Option<&'static str> {
        let sure = self.of_columns(table).sure(sql)?;
        if takes(self.replay, ty, &sure) || ty.array {
            return None;
        }
        match ty.name.as_str() {
            "varchar" | "bpchar" => {
                let limit = ty.modifiers.first().copied().unwrap_or(1);
                let short = longest(sql).is_some_and(|most| most <= limit);
                (!short).then_some("a text that may be too long for it (22001)")
            }
            // A sum or a product that grows out of its type is left aside, as in bodies of triggers: rows must be
            // extreme for it. A narrower type than the column's is not.
            "int2" | "int4" | "int8" | "numeric" | "float4" if !is_arithmetic(sql) => {
                Some("a number that may be too large for it (22003)")
            }
            _ => None,
        }
    }

    fn of_columns<'s>(&'s self, table: &'s Relation) -> Scope<'s> {
        Scope {
            replay: self.replay,
            row: None,
            bare: Some(table),
            variables: BTreeMap::new(),
            search: vec![String::from("public")],
            depth: 3,
        }
    }

    /// Whether a column is worked out from one that was there before.
    pub(super) fn is_made_of_old(&self, relation: &Relation, column: &Column) -> bool {
        let Some(Generated::Expression(sql)) = &column.generated else { return false };
        relation.columns.iter().any(|other| self.is_old(other.id) && mentions(sql, &other.name))
    }

    /// What a worked out column is in the rows that running code writes.
    pub(super) fn worked_out(&self, old: &Relation, new: &Relation, sql: &[Token]) -> Value {
        let value = evaluate::value(sql, &|name| self.input(old, new, name));
        match value {
            Value::Unknown if self.when_null(old, new, sql).is_none() => Value::Something,
            value => value,
        }
    }

    /// What an expression comes to where its columns that may be null are, each alone or all of them: the worst of
    /// it. `None` where nothing in it may be null.
    fn when_null(&self, old: &Relation, new: &Relation, sql: &[Token]) -> Option<Value> {
        let maybe = |column: &&Column| {
            mentions(sql, &column.name)
                && matches!(self.input(old, new, &column.name), Value::Unknown | Value::Null)
        };
        let nullable: Vec<&str> =
            new.columns.iter().filter(maybe).map(|column| column.name.as_str()).collect();
        let with = |nulls: &[&str]| {
            evaluate::value(sql, &|name| {
                if nulls.contains(&name) { Value::Null } else { self.input(old, new, name) }
            })
        };
        let alone = nullable.iter().map(|name| with(&[name]));
        let found: Vec<Value> = alone.chain((!nullable.is_empty()).then(|| with(&nullable))).collect();
        let opaque = sql.iter().any(|token| token.is("nullif")) || self.calls_own_functions(sql);
        [Value::Null, Value::Unknown]
            .into_iter()
            .find(|worst| found.contains(worst))
            .or_else(|| opaque.then_some(Value::Unknown))
    }

    /// A worked out column is made of plain ones alone (PostgreSQL docs, generated columns).
    fn input(&self, old: &Relation, new: &Relation, name: &str) -> Value {
        match new.column(name).map(|column| &column.generated) {
            Some(Some(Generated::Expression(_))) => Value::Unknown,
            _ => self.written(old, new, name),
        }
    }
}

/// How long the text of a call is at most, where the call says it.
fn longest(sql: &[Token]) -> Option<u32> {
    let mut cursor = Cursor::new(without_parentheses(sql));
    let name = cursor.path()?.name;
    let inner = cursor.brackets().filter(|_| cursor.is_empty())?;
    let parts = split_commas(inner);
    let number = |at: usize| match parts.get(at)? {
        [number] if number.kind == Kind::Number => number.text.parse().ok(),
        _ => None,
    };
    match name.as_str() {
        "left" | "right" | "lpad" | "rpad" => number(1),
        "substr" | "substring" if parts.len() == 3 => number(2),
        "substring" => {
            inner.iter().rposition(|token| token.is("for")).and_then(|at| match inner.get(at + 1..)? {
                [number] if number.kind == Kind::Number => number.text.parse().ok(),
                _ => None,
            })
        }
        "md5" => Some(32),
        "btrim" | "ltrim" | "rtrim" | "trim" | "reverse" => longest(inner),
        _ => None,
    }
}

fn is_arithmetic(sql: &[Token]) -> bool {
    sql.iter().any(|token| ["+", "-", "*", "/", "%"].iter().any(|operator| token.is(operator)))
}

/// Whether an expression casts to what does not take every text, or divides by what may be zero.
fn may_fail(sql: &[Token]) -> bool {
    let divides = |pair: &[Token]| {
        let [operator, by] = pair else { return false };
        let zero = by.text.parse::<f64>().is_ok_and(|number| number == 0.0);
        (operator.is("/") || operator.is("%")) && (by.kind != Kind::Number || zero)
    };
    let casts = |pair: &[Token]| {
        let [operator, to] = pair else { return false };
        (operator.is("::") || operator.is("as")) && !to.is("text")
    };
    // What is cast to a text first is no column: `'x'::regconfig`.
    let constant = |triple: &[Token]| matches!(triple, [from, _, _] if from.kind == Kind::Text);
    sql.windows(2).any(divides)
        || sql.windows(3).any(|triple| !constant(triple) && triple.get(1..).is_some_and(casts))
}
