//! Texts that stand for a value of a column and are none of its type: PostgreSQL refuses them where they are written.

use super::Replay;
use crate::catalogue::Relation;
use crate::cursor::Cursor;
use crate::name::Name;
use crate::statement::{Action, Change, Constraint, ConstraintKind, Filter, Sql};
use crate::token::{Kind, Token, split_commas};
use crate::types::Moment;

impl Replay {
    /// Refuses what a statement compares with columns of its table, or writes into them. A guard may keep it from
    /// running, and what the history did is done.
    pub(super) fn refuse_values(&mut self, action: &Action) {
        if !self.pending || self.guarded {
            return;
        }
        let (table, conditions) = conditions(action);
        let Some(relation) = table.and_then(|name| self.now.relation_path(name, &self.search)) else {
            return;
        };
        let Some((path, relation)) = self.now.relations.get_key_value(&relation) else { return };
        let compared = conditions.iter().find_map(|sql| self.refused_text(&path.name, relation, sql));
        let written = match action {
            Action::Update { assignments, .. } => {
                assignments.iter().find_map(|(name, value)| self.misfit_of(relation, name, value, |_| true))
            }
            _ => None,
        };
        if let Some((column, code)) = compared.or(written) {
            let message = format!("{path}.{column} is given what is no value of its type ({code})");
            self.refused(message);
        }
    }

    /// The first column that a condition compares with a text that is no value of its type.
    fn refused_text<'t>(
        &self,
        table: &str,
        relation: &Relation,
        sql: &'t [Token],
    ) -> Option<(&'t str, &'static str)> {
        // In a query of its own a name may be another table's.
        if sql.iter().any(|token| token.is("select")) {
            return None;
        }
        (0..sql.len()).find_map(|at| {
            let (column, after) = subject(table, sql, at)?;
            let texts = compared(sql.get(after..)?);
            let text = |text: &Token| {
                let value = std::slice::from_ref(text);
                self.misfit_of(relation, column, value, |moment| moment == Moment::Declared)
            };
            texts.into_iter().find_map(text)
        })
    }

    fn misfit_of<'n>(
        &self,
        relation: &Relation,
        column: &'n str,
        value: &[Token],
        at: impl Fn(Moment) -> bool,
    ) -> Option<(&'n str, &'static str)> {
        let ty = relation.column(column)?.ty.as_ref()?;
        self.now.misfit(ty, value).filter(|misfit| at(misfit.moment)).map(|misfit| (column, misfit.code))
    }
}

/// The table of a statement, and the conditions in it that are about that table's columns alone.
fn conditions(action: &Action) -> (Option<&Name>, Vec<&Sql>) {
    let alone = |filter: &'_ Filter| filter.others.is_empty();
    match action {
        Action::Delete { table, filter } | Action::Update { table, filter, .. } => {
            (Some(table), filter.condition.iter().filter(|_| alone(filter)).collect())
        }
        Action::Policy(policy) | Action::AlterPolicy { policy, .. } => {
            (Some(&policy.table), policy.using.iter().chain(&policy.check).collect())
        }
        Action::Index(index) => (Some(&index.table), index.predicate.iter().collect()),
        Action::Table(table) => (Some(&table.name), table.constraints.iter().filter_map(check).collect()),
        Action::Alter { name, changes, .. } => {
            (Some(name), changes.iter().flat_map(checks_of_change).collect())
        }
        _ => (None, Vec::new()),
    }
}

fn checks_of_change(change: &Change) -> Vec<&Sql> {
    match change {
        Change::AddConstraint(constraint) => check(constraint).into_iter().collect(),
        Change::AddColumn { column, .. } => column.constraints.iter().filter_map(check).collect(),
        _ => Vec::new(),
    }
}

fn check(constraint: &Constraint) -> Option<&Sql> {
    match &constraint.kind {
        ConstraintKind::Check(sql) => Some(sql),
        _ => None,
    }
}

/// The column that stands at a place by itself, perhaps after the name of its table, and what follows it.
fn subject<'t>(table: &str, sql: &'t [Token], at: usize) -> Option<(&'t str, usize)> {
    let name = sql.get(at)?.name()?;
    let before = |back: usize| at.checked_sub(back).and_then(|at| sql.get(at));
    let first = match before(1) {
        Some(dot) if dot.is(".") => {
            before(2).filter(|owner| owner.name() == Some(table))?;
            before(3)
        }
        other => other,
    };
    let begins = first.is_none_or(|token| token.kind == Kind::Word || token.is("(") || token.is(","));
    begins.then_some((name, at + 1))
}

/// The texts that follow a comparison, where each is a value by itself.
fn compared(rest: &[Token]) -> Vec<&Token> {
    let mut cursor = Cursor::new(rest);
    let not = cursor.eat("not");
    if cursor.eat("in") {
        let parts = cursor.brackets().map(split_commas).unwrap_or_default();
        let alone = |part: &[Token]| matches!(part, [text] if text.kind == Kind::Text);
        return if parts.iter().all(|part| alone(part)) {
            parts.into_iter().filter_map(<[Token]>::first).collect()
        } else {
            Vec::new()
        };
    }
    let sign = |token: &Token| {
        token.kind == Kind::Symbol
            && matches!(token.text.as_str(), "=" | "<" | ">" | "!" | "<=" | ">=" | "<>" | "!=")
    };
    let signs = rest.iter().take_while(|token| sign(token)).count();
    match rest.get(signs..) {
        Some([text, after @ ..]) if signs > 0 && !not && text.kind == Kind::Text => {
            let ends =
                after.first().is_none_or(|next| next.kind == Kind::Word || next.is(")") || next.is(","));
            if ends { vec![text] } else { Vec::new() }
        }
        _ => Vec::new(),
    }
}
