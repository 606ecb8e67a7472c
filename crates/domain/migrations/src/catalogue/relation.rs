//! Tables, views and sequences with what belongs to them.

use super::Id;
use crate::name::Path;
use crate::statement::{Constraint, ConstraintKind, Generated, Sql};
use crate::token::{Token, line};
use crate::types::TypeName;

/// What a relation is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Table,
    View,
    Materialized,
    Sequence,
}

impl Kind {
    /// For messages.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::View => "view",
            Self::Materialized => "materialized view",
            Self::Sequence => "sequence",
        }
    }
}

/// A table, a view, a materialized view or a sequence.
#[derive(Clone, Debug)]
pub(crate) struct Relation {
    pub(crate) id: Id,
    pub(crate) kind: Kind,
    /// Whether its columns are all known; not so for what other hands made.
    pub(crate) complete: bool,
    pub(crate) columns: Vec<Column>,
    pub(crate) constraints: Vec<Held>,
    pub(crate) indexes: Vec<Index>,
    pub(crate) triggers: Vec<Trigger>,
    pub(crate) policies: Vec<Policy>,
    pub(crate) rules: Vec<Rule>,
    /// Whether the triggers of its foreign keys are switched off.
    pub(crate) unchecked: bool,
    pub(crate) row_security: bool,
    pub(crate) forced: bool,
    pub(crate) replica_identity: Option<String>,
    pub(crate) partition_of: Option<Path>,
    /// Of a partition: whether it is the default one.
    pub(crate) takes_the_rest: bool,
    pub(crate) view: Option<ViewDefinition>,
    /// Of a sequence: the column that it serves.
    pub(crate) serves: Option<(Path, String)>,
}

impl Relation {
    pub(crate) fn new(id: Id, kind: Kind) -> Self {
        Self {
            id,
            kind,
            complete: true,
            columns: Vec::new(),
            constraints: Vec::new(),
            indexes: Vec::new(),
            triggers: Vec::new(),
            policies: Vec::new(),
            rules: Vec::new(),
            unchecked: false,
            row_security: false,
            forced: false,
            replica_identity: None,
            partition_of: None,
            takes_the_rest: false,
            view: None,
            serves: None,
        }
    }

    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    pub(crate) fn column_mut(&mut self, name: &str) -> Option<&mut Column> {
        self.columns.iter_mut().find(|column| column.name == name)
    }

    pub(crate) fn constraint(&self, name: &str) -> Option<&Held> {
        self.constraints.iter().find(|held| held.name == name)
    }

    /// Everything that forbids two equal rows.
    pub(crate) fn keys(&self) -> Vec<Key> {
        let held = self.constraints.iter().filter_map(Held::key);
        let indexes = self.indexes.iter().filter(|index| index.unique).map(Index::key);
        held.chain(indexes).collect()
    }

    /// Whether rows of it can be told apart in a change stream (PostgreSQL docs, logical replication:
    /// `update` and `delete` on a published table need a replica identity).
    pub(crate) fn has_identity(&self) -> bool {
        let primary =
            || self.constraints.iter().any(|held| matches!(held.rule.kind, ConstraintKind::Primary { .. }));
        match self.replica_identity.as_deref() {
            None | Some("default") => primary(),
            Some("nothing") => false,
            Some(_) => true,
        }
    }
}

/// A column of a relation.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) id: Id,
    pub(crate) name: String,
    /// `None` when migrations do not tell.
    pub(crate) ty: Option<TypeName>,
    pub(crate) collation: Option<String>,
    pub(crate) not_null: bool,
    pub(crate) default: Option<Sql>,
    pub(crate) generated: Option<Generated>,
}

impl Column {
    /// Whether an insert may leave it out and still give it a value.
    pub(crate) fn fills_itself(&self) -> bool {
        self.generated.is_some() || self.default.as_ref().is_some_and(|default| !is_null(default))
    }
}

/// Whether an expression is `null`, with whatever casts.
pub(crate) fn is_null(expression: &[Token]) -> bool {
    let text = line(expression);
    text == "null" || text.starts_with("null ::") || text.starts_with("cast ( null as")
}

/// A constraint of a table.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) rule: Constraint,
    /// Of a foreign key: the table that it points to.
    pub(crate) target: Option<Path>,
}

impl Held {
    fn key(&self) -> Option<Key> {
        let (columns, nulls_not_distinct) = match &self.rule.kind {
            ConstraintKind::Unique { columns, nulls_not_distinct, .. } => (columns, *nulls_not_distinct),
            ConstraintKind::Primary { columns, .. } => (columns, false),
            _ => return None,
        };
        Some(Key {
            id: self.id,
            name: self.name.clone(),
            parts: sorted(columns.clone()),
            predicate: None,
            nulls_not_distinct,
            deferrable: self.rule.deferrable,
            constraint: true,
        })
    }

    /// Whether it names a column.
    pub(crate) fn names(&self, column: &str) -> bool {
        match &self.rule.kind {
            ConstraintKind::Check(sql) | ConstraintKind::Exclude(sql) => mentions(sql, column),
            ConstraintKind::NotNull(name) => name == column,
            ConstraintKind::Unique { columns, .. } | ConstraintKind::Primary { columns, .. } => {
                columns.iter().any(|name| name == column)
            }
            ConstraintKind::Foreign(foreign) => foreign.columns.iter().any(|name| name == column),
        }
    }
}

/// Whether an expression mentions a name.
pub(crate) fn mentions(sql: &[Token], name: &str) -> bool {
    sql.iter().any(|token| token.name() == Some(name))
}

fn sorted(mut parts: Vec<String>) -> Vec<String> {
    parts.sort();
    parts.dedup();
    parts
}

/// An index that no constraint made.
#[derive(Clone, Debug)]
pub(crate) struct Index {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) unique: bool,
    pub(crate) keys: Vec<Sql>,
    pub(crate) predicate: Option<Sql>,
    pub(crate) nulls_not_distinct: bool,
}

impl Index {
    fn key(&self) -> Key {
        Key {
            id: self.id,
            name: self.name.clone(),
            parts: sorted(self.parts()),
            predicate: self.predicate.as_ref().map(|sql| line(sql)),
            nulls_not_distinct: self.nulls_not_distinct,
            deferrable: false,
            constraint: false,
        }
    }

    /// Its keys: of a column the name, as constraints have it.
    pub(crate) fn parts(&self) -> Vec<String> {
        let part = |key: &Sql| match key.as_slice() {
            [token] => token.name().map_or_else(|| line(key), str::to_owned),
            _ => line(key),
        };
        self.keys.iter().map(part).collect()
    }

    /// Its keys and its condition.
    pub(crate) fn expressions(&self) -> impl Iterator<Item = &Sql> {
        self.keys.iter().chain(&self.predicate)
    }

    /// Whether it names a column.
    pub(crate) fn names(&self, column: &str) -> bool {
        self.expressions().any(|sql| mentions(sql, column))
    }
}

/// Something unique: a constraint or an index.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) id: Id,
    pub(crate) name: String,
    /// Columns and expressions, in alphabetical order: `on conflict` does not ask for theirs.
    pub(crate) parts: Vec<String>,
    pub(crate) predicate: Option<String>,
    pub(crate) nulls_not_distinct: bool,
    pub(crate) deferrable: bool,
    pub(crate) constraint: bool,
}

/// A trigger.
#[derive(Clone, Debug)]
pub(crate) struct Trigger {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) before: bool,
    pub(crate) instead: bool,
    pub(crate) enabled: bool,
    pub(crate) function: Path,
    pub(crate) definition: String,
}

/// A policy of row level security.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) restrictive: bool,
    pub(crate) command: String,
    pub(crate) roles: Vec<String>,
    pub(crate) using: Option<String>,
    pub(crate) check: Option<String>,
    /// What `using` needs, and what `with check`.
    pub(crate) needs: [Needs; 2],
}

/// What an expression needs when it is worked out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Needs {
    /// Whether a query is in it, even one that reads nothing.
    pub(crate) queries: bool,
    pub(crate) relations: Vec<Id>,
    pub(crate) functions: Vec<Id>,
}

impl Policy {
    /// What it needs for a command: old rows are held to `using`, new ones to `with check`, or to `using` without it
    /// (PostgreSQL docs, `CREATE POLICY`).
    pub(crate) fn needs(&self, command: &str) -> Vec<&Needs> {
        let [using, check] = &self.needs;
        let check = if self.check.is_some() { check } else { using };
        match command {
            "insert" => vec![check],
            "update" => vec![using, check],
            _ => vec![using],
        }
    }

    /// Whether it calls a function of a name.
    pub(crate) fn calls(&self, name: &str) -> bool {
        let call = format!("{name} (");
        [&self.using, &self.check].into_iter().flatten().any(|text| text.contains(&call))
    }

    /// Whether it says the same, whatever its name.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        self.restrictive == other.restrictive
            && self.command == other.command
            && self.roles == other.roles
            && self.using == other.using
            && self.check == other.check
    }
}

/// A rewrite rule.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) instead: bool,
    pub(crate) conditional: bool,
    pub(crate) enabled: bool,
    pub(crate) definition: String,
}

/// What a view shows.
#[derive(Clone, Debug)]
pub(crate) struct ViewDefinition {
    /// The query but its columns, as one line.
    pub(crate) rest: String,
    /// The whole, as one line.
    pub(crate) query: String,
    pub(crate) options: String,
    pub(crate) invoker: bool,
    /// The relations that it reads, as far as its outermost `from` tells.
    pub(crate) sources: Vec<Path>,
    /// What each column is, by its name; `None` when that cannot be told.
    pub(crate) columns: Option<Vec<ViewColumn>>,
    /// Everything that it reads, as far as the words after `from` and `join` tell.
    pub(crate) reads: Vec<Id>,
    /// Whether PostgreSQL takes writes to it without a trigger (docs, `CREATE VIEW`, updatable views).
    pub(crate) updatable: bool,
    /// Of a materialized view: nothing can be read before it is refreshed (55000).
    pub(crate) empty: bool,
}

/// A column of a view.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct ViewColumn {
    pub(crate) name: String,
    pub(crate) expression: String,
    pub(crate) ty: Option<TypeName>,
}
