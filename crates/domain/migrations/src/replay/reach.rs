//! Which rows a condition finds: whether one that looks like a choice is none.

use crate::catalogue::{Column, Kind, Relation, ViewDefinition};
use crate::cursor::Cursor;
use crate::judge::evaluate::{Rows, Value, of_rows};
use crate::name::{Name, Path};
use crate::statement::{ConstraintKind, Filter};
use crate::token::{Token, line, without_parentheses};

use super::{Aspect, Replay};

/// Which rows of a table that running code knows a statement is about.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Reach {
    /// Some, by a condition that the rows decide.
    Some,
    /// All, as far as the condition can be followed: every ordinary key is found by it, what it asks of a column that
    /// the history does not show is so, or it names no column at all, so that it finds all rows or none.
    Nearly,
    All,
}

/// Columns that every row has (PostgreSQL docs, system columns).
const SYSTEM: [&str; 6] = ["ctid", "tableoid", "xmin", "xmax", "cmin", "cmax"];

/// More combinations of what columns may be are not tried.
const COMBINATIONS: usize = 64;

impl Replay {
    /// The table whose rows are meant by a name that may be a view's, and whether the view shows only some of them.
    /// Where a trigger or a rule stands in for the view's writes, what they do is not known here.
    pub(super) fn table_behind(&self, path: Path) -> Option<(Path, bool)> {
        let (mut path, mut narrowed) = (path, false);
        for _ in 0..16 {
            let relation = self.now.relations.get(&path)?;
            let Some(view) = shows_one_table(relation) else { return Some((path, narrowed)) };
            if relation.rules.iter().any(|rule| rule.instead)
                || relation.triggers.iter().any(|trigger| trigger.instead)
            {
                return None;
            }
            narrowed |= view.rest.contains(" where ");
            path = view.sources.first()?.clone();
        }
        None
    }

    /// Which rows of a table a condition finds.
    pub(super) fn reach(&self, path: &Path, filter: &Filter) -> Reach {
        let Some(condition) = &filter.condition else { return Reach::All };
        let Some(relation) = self.now.relations.get(path) else { return Reach::Some };
        if !filter.others.is_empty() {
            let itself = self.is_joined_with_itself(path, relation, filter, condition);
            // Columns of one table are not those of another.
            let known = Condition { replay: self, path, column: &|_| Value::Unknown };
            return match known.value(condition) {
                _ if itself => Reach::All,
                Value::Bool(true) => Reach::All,
                Value::Unknown if names_no_column(relation, condition) => Reach::Nearly,
                _ => Reach::Some,
            };
        }
        if names_no_column(relation, condition) {
            let known = Condition { replay: self, path, column: &|_| Value::Unknown };
            return match known.value(condition) {
                Value::Bool(true) => Reach::All,
                Value::Bool(false) | Value::Null => Reach::Some,
                _ => Reach::Nearly,
            };
        }
        if self.holds_for_all(path, relation, condition, &|column| self.of_old_rows(column)) {
            return Reach::All;
        }
        let samples: [(f64, &str); 4] = [(1.0, "\u{1}"), (2.0, "\u{2}"), (1000.0, "\u{3}"), (1e15, "\u{4}")];
        let nearly = samples.iter().all(|sample| {
            let like_others = |column: &Column| usual_key(relation, column, *sample);
            self.holds_for_all(path, relation, condition, &|column| {
                like_others(column).unwrap_or_else(|| self.of_old_rows(column))
            })
        });
        if nearly || (!relation.complete && self.holds_if_nothing_is_null(path, relation, condition)) {
            Reach::Nearly
        } else {
            Reach::Some
        }
    }

    /// What a column may be in the rows that are there.
    fn of_old_rows(&self, column: &Column) -> Vec<Value> {
        // A new column has its default in every old row, unless something was written to it since.
        let touched = |aspect| self.touches.get(&(column.id, aspect));
        let first_default = touched(Aspect::Default) == touched(Aspect::Shape);
        let unwritten = !self.is_old(column.id) && !self.written.contains(&column.id);
        if unwritten && first_default && column.generated.is_none() {
            let first = column
                .default
                .as_deref()
                .map_or(Value::Null, |sql| crate::judge::evaluate::value(sql, &|_| Value::Unknown));
            if first != Value::Unknown {
                return vec![first];
            }
        }
        let mut values = match column.ty.as_ref().filter(|ty| !ty.array).map(|ty| ty.name.as_str()) {
            Some("bool") => vec![Value::Bool(true), Value::Bool(false)],
            _ => vec![Value::Something],
        };
        if !column.not_null {
            values.push(Value::Null);
        }
        values
    }

    /// Whether a condition holds whatever the columns are that it names.
    fn holds_for_all(
        &self,
        path: &Path,
        relation: &Relation,
        condition: &[Token],
        values: &dyn Fn(&Column) -> Vec<Value>,
    ) -> bool {
        let named: Vec<(&str, Vec<Value>)> = relation
            .columns
            .iter()
            .filter(|column| crate::catalogue::mentions(condition, &column.name))
            .map(|column| (column.name.as_str(), values(column)))
            .collect();
        let mut combinations: usize = 1;
        for (_, values) in &named {
            combinations = combinations.saturating_mul(values.len());
        }
        combinations <= COMBINATIONS
            && (0..combinations).all(|number| {
                let column = |name: &str| {
                    let mut rest = number;
                    for (known, values) in &named {
                        if *known == name {
                            return values.get(rest % values.len()).cloned().unwrap_or(Value::Unknown);
                        }
                        rest /= values.len();
                    }
                    if SYSTEM.contains(&name) { Value::Something } else { Value::Unknown }
                };
                Condition { replay: self, path, column: &column }.holds(condition)
            })
    }

    fn holds_if_nothing_is_null(&self, path: &Path, relation: &Relation, condition: &[Token]) -> bool {
        let column = |name: &str| match relation.column(name) {
            Some(known) if known.ty.is_some() && !known.not_null => Value::Unknown,
            _ => Value::Something,
        };
        Condition { replay: self, path, column: &column }.holds(condition)
    }

    /// `using t x where x.id = t.id`: each row meets itself.
    fn is_joined_with_itself(
        &self,
        path: &Path,
        relation: &Relation,
        filter: &Filter,
        condition: &[Token],
    ) -> bool {
        let mut others = Cursor::new(&filter.others);
        let same = others.path().is_some_and(|name| self.is_same(path, &name));
        let alone = !others.rest().iter().any(|token| token.is(",") || token.is("join") || token.is("("));
        let [one, dot, left, equals, other, again, right] = without_parentheses(condition) else {
            return false;
        };
        let column = left.name().and_then(|name| relation.column(name));
        same && alone
            && dot.is(".")
            && again.is(".")
            && equals.is("=")
            && one.text != other.text
            && left.text == right.text
            && column.is_some_and(|column| column.not_null)
    }

    fn is_same(&self, path: &Path, name: &Name) -> bool {
        self.now.relation_path(name, &self.search).as_ref() == Some(path)
    }
}

/// A view that shows rows of one table as they are.
fn shows_one_table(relation: &Relation) -> Option<&ViewDefinition> {
    let view = relation.view.as_ref().filter(|_| relation.kind == Kind::View)?;
    (view.updatable && view.sources.len() == 1).then_some(view)
}

/// What an ordinary row has in a key of one column: a number that was counted up, or a text like no other.
fn usual_key(relation: &Relation, column: &Column, (number, text): (f64, &str)) -> Option<Vec<Value>> {
    let ty = column.ty.as_ref().filter(|ty| !ty.array && ty.schema.is_none() && column.not_null)?;
    let unique = || {
        relation.constraints.iter().any(|held| match &held.rule.kind {
            ConstraintKind::Primary { columns, .. } | ConstraintKind::Unique { columns, .. } => {
                matches!(columns.as_slice(), [only] if *only == column.name)
            }
            _ => false,
        })
    };
    match ty.name.as_str() {
        "int2" | "int4" | "int8" if unique() || is_counted(column) => Some(vec![Value::Number(number)]),
        "text" | "varchar" | "uuid" if unique() => Some(vec![Value::Text(text.to_owned())]),
        _ => None,
    }
}

/// Whether a condition is the same for every row; `current of` a cursor is about one.
fn names_no_column(relation: &Relation, condition: &[Token]) -> bool {
    let is_system = |token: &Token| token.name().is_some_and(|name| SYSTEM.contains(&name));
    relation.complete
        && !condition.first().is_some_and(|first| first.is("current"))
        && !condition.iter().any(is_system)
        && !relation.columns.iter().any(|column| crate::catalogue::mentions(condition, &column.name))
}

/// Whether a column gets the next number of a sequence.
fn is_counted(column: &Column) -> bool {
    let next = |sql: &Vec<Token>| sql.first().is_some_and(|token| token.is("nextval"));
    column.generated.is_some() || column.default.as_ref().is_some_and(next)
}

/// A condition on rows of a table.
struct Condition<'r> {
    replay: &'r Replay,
    path: &'r Path,
    column: &'r dyn Fn(&str) -> Value,
}

impl Condition<'_> {
    fn holds(&self, condition: &[Token]) -> bool {
        self.value(condition) == Value::Bool(true)
    }

    fn value(&self, condition: &[Token]) -> Value {
        of_rows(condition, self.column, self)
    }
}

impl Rows for Condition<'_> {
    /// Where a row is in question, its table is not empty.
    fn any(&self, table: &Name) -> bool {
        self.replay.is_same(self.path, table)
    }

    fn holds_own(&self, table: &Name, column: &[Token], compared: &[Token]) -> bool {
        let last = |tokens: &[Token]| tokens.last().map(|token| line(std::slice::from_ref(token)));
        self.replay.is_same(self.path, table) && last(column) == last(compared)
    }
}
