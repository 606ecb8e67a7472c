//! What new columns do to the bodies of functions, whose texts PostgreSQL reads again when they run: a name means the
//! column now, or may mean two things, and a star stands for more columns than there is room for.

use super::Judge;
use super::effect::read;
use crate::catalogue::{Function, Id, Relation};
use crate::cursor::Cursor;
use crate::name::Path;
use crate::replay::Aspect;
use crate::rule::Rule;
use crate::syntax::{self, Step, flat};
use crate::token::{Token, line, nesting};

/// A table that was there before, with columns that are new.
struct Grown<'g> {
    path: &'g Path,
    relation: &'g Relation,
    new: Vec<(&'g str, Id)>,
}

/// A statement of a body.
struct Part {
    tokens: Vec<Token>,
    /// Whether its rows are those of the function.
    returned: bool,
}

impl Judge<'_> {
    /// Judges the functions that were there before by the columns that are new.
    pub(super) fn bodies(&mut self) {
        let replay = self.replay;
        let grown: Vec<Grown<'_>> = (replay.now.relations.iter())
            .filter(|(path, relation)| {
                replay.before.relations.get(*path).is_some_and(|old| old.id == relation.id)
                    && relation.complete
            })
            .filter_map(|(path, relation)| {
                let new = relation.columns.iter().filter(|column| !replay.is_old(column.id));
                let new: Vec<(&str, Id)> = new.map(|column| (column.name.as_str(), column.id)).collect();
                (!new.is_empty()).then_some(Grown { path, relation, new })
            })
            .collect();
        if grown.is_empty() {
            return;
        }
        for (path, overloads) in &replay.now.functions {
            for function in overloads.iter().filter(|function| replay.is_old(function.id) && !function.bound)
            {
                self.body_reads(path, function, &grown);
            }
        }
    }

    fn body_reads(&mut self, path: &Path, function: &Function, grown: &[Grown<'_>]) {
        let Some(text) = &function.body else { return };
        let named: Vec<&Grown<'_>> = grown.iter().filter(|one| text.text.contains(&one.path.name)).collect();
        let touched = |one: &&Grown<'_>| {
            text.text.contains('*') || one.new.iter().any(|(name, _)| text.text.contains(name))
        };
        if !named.iter().any(touched) || text.text.contains("#variable_conflict") {
            return;
        }
        let Some((parts, variables)) = parts(function) else { return };
        let search = function.search_path.clone().unwrap_or_else(|| vec![String::from("public")]);
        for part in &parts {
            let read = self.read_by(&part.tokens, &search);
            for one in named.iter().filter(|one| read.iter().any(|(_, id)| *id == one.relation.id)) {
                self.names_in(path, function, part, one, &variables, &read);
                self.stars_in(path, function, part, one, &search);
            }
        }
    }

    /// The relations that a statement reads from, and those that it changes in place.
    fn read_by(&self, tokens: &[Token], search: &[String]) -> Vec<(Path, Id)> {
        let mut found = Vec::new();
        for (at, token) in tokens.iter().enumerate() {
            let into = token.is("into") && at > 0 && tokens.get(at - 1).is_some_and(|verb| verb.is("insert"));
            let mut cursor = Cursor::new(tokens.get(at + 1..).unwrap_or_default());
            if into || !["from", "join", "update", "using", ","].iter().any(|word| token.is(word)) {
                continue;
            }
            cursor.eat("only");
            let path = cursor
                .path()
                .filter(|_| !cursor.sees("("))
                .and_then(|name| self.now().relation_path(&name, search));
            // After a comma a column may stand as well.
            let path = path.filter(|_| {
                !token.is(",") || cursor.is_empty() || cursor.peek().is_some_and(|next| next.name().is_some())
            });
            if let Some((path, relation)) = path.and_then(|path| self.now().relations.get_key_value(&path)) {
                found.push((path.clone(), relation.id));
            }
        }
        found
    }

    /// A name that was a variable's, or a column's of another table, and is a column of this one now.
    fn names_in(
        &mut self,
        path: &Path,
        function: &Function,
        part: &Part,
        one: &Grown<'_>,
        variables: &[String],
        read: &[(Path, Id)],
    ) {
        let alone = part.tokens.iter().filter(|token| token.is("select")).count() < 2;
        for (name, id) in &one.new {
            if !has_bare(&part.tokens, name) {
                continue;
            }
            let variable = variables.iter().any(|variable| variable == name);
            let other = read.iter().any(|(path, other)| {
                let relation = self.now().relations.get(path);
                *other != one.relation.id && relation.is_some_and(|relation| relation.column(name).is_some())
            });
            let signature = function.signature(path);
            let message = match (variable, other) {
                (_, true) => {
                    format!("in {signature} the name {name} means columns of two tables now (42702)")
                }
                (true, _) if function.language == "sql" => {
                    format!(
                        "in {signature} the name {name} means the column of {} now, and no longer the parameter",
                        one.path
                    )
                }
                (true, _) => format!(
                    "in {signature} the name {name} means a variable and a column of {} (42702)",
                    one.path
                ),
                _ => continue,
            };
            let of = (*id, Aspect::Shape);
            if alone {
                self.breaking(Rule::FunctionBody, of, message)
            } else {
                self.review(Rule::FunctionBody, of, message)
            }
        }
    }

    /// A star that stands for one column more.
    fn stars_in(
        &mut self,
        path: &Path,
        function: &Function,
        part: &Part,
        one: &Grown<'_>,
        search: &[String],
    ) {
        let mut cursor = Cursor::new(&part.tokens);
        cursor.until(&["select"]);
        let head = part.tokens.get(..part.tokens.len() - cursor.rest().len()).unwrap_or_default();
        cursor.eat("select");
        let targets = cursor.until(&["from"]);
        let star = match targets {
            [star] => star.is("*"),
            [_, dot, star] => dot.is(".") && star.is("*"),
            _ => false,
        };
        cursor.eat("from");
        let first = cursor.path().and_then(|name| self.now().relation_path(&name, search));
        let joined =
            cursor.rest().iter().any(|token| token.is("join") || token.is(",")) && targets.len() == 1;
        if !star || joined || first.as_ref() != Some(one.path) {
            return;
        }
        let width = one.relation.columns.len();
        let room = match head {
            [] if part.returned => self.width_of_result(function),
            [insert, into, ..] if insert.is("insert") && into.is("into") => self.room_in(head, search),
            _ => None,
        };
        if let (Some(room), Some((_, id))) = (room.filter(|room| *room < width), one.new.first()) {
            let message = format!(
                "{} takes all columns of {}, which are {width} now, where {room} have room (42601, 42804, 42P13)",
                function.signature(path),
                one.path
            );
            self.breaking(Rule::FunctionBody, (*id, Aspect::Shape), message);
        }
    }

    /// How many columns a function says that it returns, where that does not follow a table.
    fn width_of_result(&self, function: &Function) -> Option<usize> {
        let outputs = function.outputs().len();
        (outputs > 0).then_some(outputs)
    }

    /// How many columns an insert fills that names none.
    fn room_in(&self, head: &[Token], search: &[String]) -> Option<usize> {
        let mut cursor = Cursor::new(head);
        cursor.eat("insert into");
        let path = self.now().relation_path(&cursor.path()?, search)?;
        let relation =
            self.now().relations.get(&path).filter(|relation| relation.complete && cursor.is_empty())?;
        Some(relation.columns.len())
    }

    /// Triggers that put whole rows of a table that grew into one without a column for each.
    pub(super) fn whole_rows(&mut self, path: &Path, new: &Relation, trigger: &crate::catalogue::Trigger) {
        let column = new.columns.iter().find(|column| !self.is_old(column.id)).filter(|_| new.complete);
        let replay = self.replay;
        let overloads = replay.now.functions.get(&trigger.function);
        let function = overloads.and_then(|all| all.first()).filter(|function| replay.is_old(function.id));
        let (Some(column), Some(function)) = (column, function) else { return };
        let Some(body) = read(function).filter(|_| trigger.enabled) else { return };
        let search = function.search_path.clone().unwrap_or_else(|| vec![String::from("public")]);
        let short = flat(&body.steps).any(|step| {
            let Step::Run { tokens, .. } = step else { return false };
            let mut cursor = Cursor::new(tokens);
            let head = cursor.until(&["values", "select"]);
            let _ = cursor.eat("values") || cursor.eat("select");
            let value = line(cursor.until(&["on conflict", "returning"]));
            let whole = ["new . *", "old . *", "( new ) . *", "( old ) . *"].contains(&value.as_str());
            whole && self.room_in(head, &search).is_some_and(|room| room < new.columns.len())
        });
        if short {
            let message = format!(
                "the trigger {} of {path} writes whole rows where there is no room for {} (42601)",
                trigger.name, column.name
            );
            self.breaking(Rule::FunctionBody, (column.id, Aspect::Shape), message);
        }
        let unequal = new.columns.iter().find(|column| {
            !self.is_old(column.id)
                && column.ty.as_ref().is_some_and(|ty| !super::expression::has_equality(ty))
        });
        let text = function.body.as_ref().map(|body| line(&syntax::words(&body.text))).unwrap_or_default();
        let compares = [&trigger.definition, &text].into_iter().any(|text| {
            ["old . *", "new . *", "new is distinct from old", "old is distinct from new"]
                .iter()
                .any(|row| text.contains(row))
                && (text.contains("distinct") || text.contains('='))
        });
        if let Some(column) = unequal.filter(|_| compares) {
            let message = format!(
                "the trigger {} of {path} compares whole rows, and the type of {} has no `=` (42883)",
                trigger.name, column.name
            );
            self.review(Rule::FunctionBody, (column.id, Aspect::Shape), message);
        }
    }
}

/// The statements of a body, and the names of its parameters and variables.
fn parts(function: &Function) -> Option<(Vec<Part>, Vec<String>)> {
    let text = function.body.as_ref()?;
    let mut variables: Vec<String> =
        function.input_parameters().filter_map(|parameter| parameter.name.clone()).collect();
    match function.language.as_str() {
        "sql" => {
            let script = syntax::script(&text.text);
            let last = script.statements.len();
            let part = |(at, tokens): (usize, Vec<Token>)| Part { tokens, returned: at + 1 == last };
            let parts = script.statements.into_iter().enumerate().map(part).collect();
            script.errors.is_empty().then_some((parts, variables))
        }
        "plpgsql" => {
            let body = read(function)?;
            variables.extend(function.parameters.iter().filter_map(|parameter| parameter.name.clone()));
            let mut parts = Vec::new();
            for step in flat(&body.steps) {
                let tokens = match step {
                    Step::Declare { name, .. } => {
                        variables.push(name.clone());
                        continue;
                    }
                    Step::Run { tokens, .. } | Step::Evaluate { tokens } => tokens,
                    Step::Assign { value, .. } | Step::Return { value, .. } => value,
                    _ => continue,
                };
                let query = match tokens.as_slice() {
                    [first, second, rest @ ..] if first.is("return") && second.is("query") => Some(rest),
                    _ => None,
                };
                parts.push(Part { tokens: query.unwrap_or(tokens).to_vec(), returned: query.is_some() });
            }
            Some((parts, variables))
        }
        _ => None,
    }
}

/// Whether a name stands alone where a column or a variable may stand.
fn has_bare(tokens: &[Token], name: &str) -> bool {
    let is = |at: Option<usize>, words: &[&str]| {
        at.and_then(|at| tokens.get(at)).is_some_and(|token| words.iter().any(|word| token.is(word)))
    };
    let listed = columns_of_insert(tokens);
    tokens.iter().enumerate().any(|(at, token)| {
        let before = at.checked_sub(1);
        let target = is(before, &["set", ","])
            && is(Some(at + 1), &["="])
            && tokens.iter().any(|token| token.is("set"));
        token.name() == Some(name)
            && !listed.contains(&at)
            && !target
            && !is(before, &[".", "as", "from", "join", "into", "update", "using"])
            && !is(Some(at + 1), &[".", "(", "=>", ":="])
    })
}

/// Where the columns of an `insert` stand.
fn columns_of_insert(tokens: &[Token]) -> std::ops::Range<usize> {
    let insert = tokens.first().is_some_and(|token| token.is("insert"));
    let open = tokens.iter().position(|token| token.is("(") || token.is("select") || token.is("values"));
    let Some(open) = open.filter(|at| insert && tokens.get(*at).is_some_and(|token| token.is("("))) else {
        return 0..0;
    };
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        depth += nesting(token);
        if depth == 0 {
            return open..at;
        }
    }
    open..tokens.len()
}
