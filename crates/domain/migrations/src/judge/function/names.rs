//! What the new body of an old function names: tables and columns that nothing made, and columns that an insert must
//! give a value.

use std::collections::{BTreeMap, BTreeSet};

use super::calls::{same_body, statements};
use crate::catalogue::{Function, Kind, Relation};
use crate::cursor::Cursor;
use crate::judge::Judge;
use crate::name::{Name, Path};
use crate::replay::Aspect;
use crate::rule::Rule;
use crate::token::{Token, nesting, split_commas};

/// Columns that every row has (PostgreSQL docs, system columns).
const SYSTEM: [&str; 6] = ["ctid", "tableoid", "xmin", "xmax", "cmin", "cmax"];

/// What a statement says of one table.
struct Use {
    name: Name,
    alias: Option<String>,
    /// The columns that it writes by name.
    columns: Vec<String>,
    /// Of an insert, how many columns it gives values, from the first on or those named; `None` if it cannot be told.
    filled: Option<Filled>,
}

enum Filled {
    Named,
    First(usize),
}

impl Judge<'_> {
    /// Judges another body by what it names: what the old body named as well is told elsewhere, if it is gone.
    pub(super) fn body_names(&mut self, path: &Path, old: &Function, new: &Function) {
        if same_body(old, new) || new.body.is_none() {
            return;
        }
        let known = self.not_found(old);
        let lost = self.not_found(new).into_iter().find(|message| !known.contains(message));
        if let Some(message) = lost {
            let message = format!("the new body of {}: {message}", old.signature(path));
            self.review(Rule::FunctionBody, (new.id, Aspect::Shape), message);
        }
    }

    /// What a body names that is not there when it runs.
    fn not_found(&self, function: &Function) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let Some(statements) = statements(function) else { return found };
        let search = function.search_path.clone().unwrap_or_else(|| vec![String::from("public")]);
        // What is put together when it runs may make tables.
        let dynamic = statements.iter().any(Option::is_none);
        let made: BTreeSet<&str> = statements.iter().flatten().filter_map(|tokens| made_in(tokens)).collect();
        for tokens in statements.iter().flatten() {
            let inner = queries_with_names(tokens);
            let mut tables: BTreeMap<String, Option<&Relation>> = BTreeMap::new();
            for one in uses(tokens) {
                let own = one.name.schema.is_none()
                    && (inner.contains(one.name.name.as_str()) || made.contains(one.name.name.as_str()));
                let path = self.now().relation_path(&one.name, &search).filter(|_| !own);
                let relation = path.as_ref().and_then(|path| self.now().relations.get(path));
                let table = relation.filter(|relation| relation.complete && relation.kind == Kind::Table);
                let alias = one.alias.clone().unwrap_or_else(|| one.name.name.clone());
                tables.entry(alias).and_modify(|other| *other = None).or_insert(table);
                match (relation, &path) {
                    (Some(_), Some(path)) => {
                        table.into_iter().for_each(|table| found.extend(self.unfit(path, table, &one)));
                    }
                    _ if own || dynamic || !self.is_nowhere(&one.name, &search) => {}
                    _ => found.extend([format!("there is no table {} (42P01)", one.name)]),
                }
            }
            found.extend(no_columns(tokens, &tables));
        }
        found
    }

    /// Whether a table would be in a schema of the history, and is not.
    fn is_nowhere(&self, name: &Name, search: &[String]) -> bool {
        // Schemas of platforms hold more than migrations tell of.
        let known = |schema: &String| {
            let mut relations = self.now().relations.iter();
            relations.any(|(path, relation)| path.schema == *schema && relation.complete)
        };
        let searched = match &name.schema {
            Some(schema) => known(schema),
            None => search.iter().any(known),
        };
        searched && !name.name.starts_with("pg_")
    }

    /// What is wrong with the columns that a statement writes.
    fn unfit(&self, path: &Path, table: &Relation, one: &Use) -> Option<String> {
        if let Some(column) = one.columns.iter().find(|name| table.column(name).is_none()) {
            return Some(format!("{path} has no column {column} (42703)"));
        }
        let given = |at: usize, name: &String| match &one.filled {
            Some(Filled::Named) => one.columns.contains(name),
            Some(Filled::First(count)) => at < *count,
            None => true,
        };
        let unread = |trigger: &crate::catalogue::Trigger| trigger.before && self.runs(trigger).is_none();
        if !table.rules.is_empty() || table.triggers.iter().any(unread) {
            return None;
        }
        let missing = table.columns.iter().enumerate().find(|(at, column)| {
            let own_type = column.ty.as_ref().is_some_and(|ty| self.now().custom(ty).is_some());
            column.not_null
                && !own_type
                && !column.fills_itself()
                && !given(*at, &column.name)
                && !self.is_filled_by_a_trigger(table, &column.name)
        });
        missing.map(|(_, column)| format!("an insert into {path} leaves {} out (23502)", column.name))
    }
}

/// The table that a statement makes.
fn made_in(tokens: &[Token]) -> Option<&str> {
    let mut cursor = Cursor::new(tokens);
    cursor.eat("create").then_some(())?;
    cursor.until(&["table"]);
    cursor.eat("table").then_some(())?;
    cursor.eat("if not exists");
    cursor.rest().iter().take_while(|token| !token.is("(") && !token.is("as")).filter_map(Token::name).last()
}

/// The names that a statement gives to queries of its own, by `with` or in `from`.
fn queries_with_names(tokens: &[Token]) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    for (at, token) in tokens.iter().enumerate().filter(|(_, token)| token.is("as")) {
        let next = tokens.get(at + 1);
        let opens = next.is_some_and(|next| ["(", "materialized", "not"].iter().any(|word| next.is(word)));
        let before = tokens.get(..at).unwrap_or_default();
        // The names of its columns may stand between.
        let columns = before
            .iter()
            .rposition(|token| token.is("("))
            .filter(|_| before.last().is_some_and(|last| last.is(")")));
        let name = before.get(..columns.unwrap_or(at)).and_then(<[Token]>::last).and_then(Token::name);
        names.extend(name.filter(|_| opens && token.is("as")));
    }
    names
}

/// The tables that a statement names.
fn uses(tokens: &[Token]) -> Vec<Use> {
    let mut found = Vec::new();
    // Whether each group of brackets around holds a query: `extract (year from x)` reads no table.
    let mut queries = vec![false];
    for (at, token) in tokens.iter().enumerate() {
        match nesting(token) {
            1 => queries.push(false),
            -1 if queries.len() > 1 => {
                queries.pop();
            }
            _ => {}
        }
        if ["select", "delete", "update"].iter().any(|word| token.is(word)) {
            queries.last_mut().into_iter().for_each(|query| *query = true);
        }
        let before = at.checked_sub(1).and_then(|at| tokens.get(at));
        let follows = |word: &str| before.is_some_and(|before| before.is(word));
        let rest = group(tokens.get(at + 1..).unwrap_or_default());
        let reads =
            (token.is("from") && queries.last() == Some(&true) && !follows("distinct")) || token.is("join");
        found.extend(match token.text.as_str() {
            "into" if token.is("into") && follows("insert") => insert(rest),
            "update" if token.is("update") => update(rest),
            _ if reads => read(rest),
            _ => None,
        });
    }
    found
}

/// The tokens up to the end of the brackets that they stand in.
fn group(tokens: &[Token]) -> &[Token] {
    let mut depth = 0;
    let end = tokens.iter().position(|token| {
        depth += nesting(token);
        depth < 0
    });
    tokens.get(..end.unwrap_or(tokens.len())).unwrap_or_default()
}

fn read(tokens: &[Token]) -> Option<Use> {
    let mut cursor = Cursor::new(tokens);
    let _ = cursor.eat("only") || cursor.eat("lateral");
    let name = cursor.path()?;
    if cursor.sees("(") {
        return None;
    }
    cursor.eat("*");
    Some(Use { name, alias: alias(&mut cursor), columns: Vec::new(), filled: None })
}

fn alias(cursor: &mut Cursor<'_>) -> Option<String> {
    const NEXT: [&str; 30] = [
        "where",
        "join",
        "inner",
        "left",
        "right",
        "full",
        "cross",
        "natural",
        "on",
        "using",
        "set",
        "group",
        "order",
        "limit",
        "offset",
        "fetch",
        "for",
        "returning",
        "union",
        "intersect",
        "except",
        "having",
        "window",
        "values",
        "select",
        "loop",
        "tablesample",
        "default",
        "overriding",
        "with",
    ];
    let named = cursor.eat("as") || !NEXT.iter().any(|word| cursor.sees(word));
    if named { cursor.name() } else { None }
}

fn update(tokens: &[Token]) -> Option<Use> {
    let mut cursor = Cursor::new(tokens);
    cursor.eat("only");
    let name = cursor.path()?;
    cursor.eat("*");
    let alias = alias(&mut cursor);
    cursor.eat("set").then_some(())?;
    let mut columns = Vec::new();
    for part in split_commas(cursor.until(&["from", "where", "returning"])) {
        match part {
            [name, equal, ..] if equal.is("=") => columns.extend(name.name().map(str::to_owned)),
            [open, ..] if open.is("(") => columns.extend(Cursor::new(part).columns()?),
            _ => {}
        }
    }
    Some(Use { name, alias, columns, filled: None })
}

fn insert(tokens: &[Token]) -> Option<Use> {
    let mut cursor = Cursor::new(tokens);
    let name = cursor.path()?;
    let alias = if cursor.eat("as") { cursor.name() } else { None };
    let mut ahead = cursor;
    let listed = ahead.brackets().filter(|inner| {
        !inner.first().is_some_and(|word| ["select", "values", "with"].iter().any(|query| word.is(query)))
    });
    let columns = if listed.is_some() { cursor.columns()? } else { Vec::new() };
    let filled = if listed.is_some() {
        Some(Filled::Named)
    } else if cursor.eat("default values") {
        Some(Filled::First(0))
    } else if cursor.eat("values") {
        cursor.brackets().map(|row| split_commas(row).len()).filter(|_| !whole(tokens)).map(Filled::First)
    } else {
        None
    };
    Some(Use { name, alias, columns, filled })
}

/// Whether a star stands for several values.
fn whole(tokens: &[Token]) -> bool {
    tokens.windows(2).any(|pair| matches!(pair, [dot, star] if dot.is(".") && star.is("*")))
}

/// `alias.column` that the table of the alias lacks.
fn no_columns(tokens: &[Token], tables: &BTreeMap<String, Option<&Relation>>) -> Option<String> {
    tokens.iter().enumerate().find_map(|(at, token)| {
        let [dot, column, after @ ..] = tokens.get(at + 1..)? else { return None };
        let first = at.checked_sub(1).and_then(|at| tokens.get(at)).is_none_or(|before| !before.is("."));
        let last = !after.first().is_some_and(|next| next.is(".") || next.is("("));
        let table = (*tables.get(token.name()?)?)?;
        let column = column.name().filter(|_| first && last && dot.is("."))?;
        (table.column(column).is_none() && !SYSTEM.contains(&column))
            .then(|| format!("{} has no column {column} (42703)", token.text))
    })
}
