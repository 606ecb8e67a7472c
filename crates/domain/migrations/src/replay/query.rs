//! The columns of a query, as far as its text and the catalogue tell.

use super::Replay;
use crate::catalogue::{Id, ViewColumn};
use crate::cursor::Cursor;
use crate::name::{Name, Path};
use crate::token::{Kind, Token, line, spelled, split_commas};
use crate::types::TypeName;

/// What ends a target list or a `from`.
const CLAUSES: [&str; 13] = [
    "from",
    "where",
    "group by",
    "having",
    "window",
    "union",
    "intersect",
    "except",
    "order by",
    "limit",
    "offset",
    "fetch",
    "for",
];

/// Words that continue an expression, so that they are no alias.
const NO_ALIAS: [&str; 5] = ["null", "true", "false", "end", "all"];

/// What a query shows.
pub(super) struct Shape {
    pub(super) columns: Option<Vec<ViewColumn>>,
    /// All but the first target list, as one line.
    pub(super) rest: String,
    pub(super) sources: Vec<Path>,
    /// Whether a view of it takes writes (PostgreSQL docs, `CREATE VIEW`, updatable views).
    pub(super) updatable: bool,
}

struct Source {
    alias: String,
    path: Option<Path>,
}

impl Replay {
    /// Reads a query.
    pub(super) fn query(&self, tokens: &[Token]) -> Shape {
        let tokens = crate::token::without_parentheses(tokens);
        let mut cursor = Cursor::new(tokens);
        cursor.until(&["select", "values", "table"]);
        let head = tokens.get(..tokens.len() - cursor.rest().len()).unwrap_or_default();
        if !cursor.eat("select") {
            return Shape { columns: None, rest: line(tokens), sources: Vec::new(), updatable: false };
        }
        let start = cursor.rest();
        let _ = cursor.eat("all");
        if cursor.eat("distinct") && cursor.eat("on") {
            cursor.brackets();
        }
        let quantifier = start.get(..start.len() - cursor.rest().len()).unwrap_or_default();
        let targets = cursor.until(&CLAUSES);
        let tail = cursor.rest();
        let sources = if cursor.eat("from") { self.sources(cursor.until(&CLAUSES)) } else { Vec::new() };
        let updatable = head.is_empty()
            && quantifier.is_empty()
            && sources.len() == 1
            && is_flat(tail)
            && !aggregates(targets);
        let tail = match sources.as_slice() {
            [only] => unqualified(tail, &only.alias),
            _ => tail.to_vec(),
        };
        let rest = [line(head), line(quantifier), line(&self.in_full(&tail))].join(" | ");
        Shape {
            columns: self.targets(targets, &sources, !head.is_empty()),
            rest,
            sources: sources.into_iter().filter_map(|source| source.path).collect(),
            updatable,
        }
    }

    /// The rest of a query with the schema before each relation's name, however it was written.
    fn in_full(&self, tokens: &[Token]) -> Vec<Token> {
        let mut full: Vec<Token> = Vec::new();
        for token in tokens {
            let first = full.last().is_some_and(|last| last.is("from") || last.is("join"));
            let name =
                token.name().filter(|_| first).map(|name| Name { schema: None, name: name.to_owned() });
            let path = name.and_then(|name| self.now.relation_path(&name, &self.search));
            if let Some(path) = path {
                let of = |kind, text: &str| Token { kind, text: text.to_owned(), ..token.clone() };
                full.extend([of(Kind::Quoted, &path.schema), of(Kind::Symbol, ".")]);
            }
            full.push(token.clone());
        }
        full
    }

    /// The relations that a query reads anywhere in it; those that `with` makes are none.
    pub(super) fn reads(&self, tokens: &[Token]) -> Vec<Id> {
        let common: Vec<&str> = (tokens.windows(3))
            .filter(|window| window.iter().skip(1).map(|token| token.text.as_str()).eq(["as", "("]))
            .filter_map(|window| window.first()?.name())
            .collect();
        let mut found = Vec::new();
        for (at, token) in tokens.iter().enumerate() {
            if ![",", "from", "join", "only", "lateral", "table"].iter().any(|word| token.is(word)) {
                continue;
            }
            let mut cursor = Cursor::new(tokens.get(at + 1..).unwrap_or_default());
            let Some(name) = cursor.path() else { continue };
            // After a comma a column may stand as well: only what can be nothing else counts.
            let column = token.is(",") && name.schema.is_none();
            if column || (name.schema.is_none() && common.contains(&name.name.as_str())) {
                continue;
            }
            let path = self.now.relation_path(&name, &self.search);
            found.extend(path.and_then(|path| Some(self.now.relations.get(&path)?.id)));
        }
        found
    }

    fn sources(&self, tokens: &[Token]) -> Vec<Source> {
        let mut found = Vec::new();
        for part in split_commas(tokens) {
            let mut cursor = Cursor::new(part);
            loop {
                cursor.eat("lateral");
                cursor.eat("only");
                if let Some(source) = self.source(&mut cursor) {
                    found.push(source);
                }
                cursor.until(&["join"]);
                if !cursor.eat("join") {
                    break;
                }
            }
        }
        found
    }

    fn source(&self, cursor: &mut Cursor<'_>) -> Option<Source> {
        if cursor.sees("(") {
            cursor.brackets();
            cursor.eat("as");
            return Some(Source { alias: cursor.name().unwrap_or_default(), path: None });
        }
        let name = cursor.path()?;
        let call = cursor.sees("(");
        if call {
            cursor.brackets();
        }
        cursor.eat("as");
        let joins =
            ["join", "left", "right", "inner", "full", "cross", "natural", "on", "using", "tablesample"];
        let alias = if joins.iter().any(|word| cursor.sees(word)) { None } else { cursor.name() };
        let path = if call { None } else { self.now.relation_path(&name, &self.search) };
        Some(Source { alias: alias.unwrap_or(name.name), path })
    }

    fn targets(&self, tokens: &[Token], sources: &[Source], common: bool) -> Option<Vec<ViewColumn>> {
        let mut columns = Vec::new();
        for part in split_commas(tokens) {
            match part {
                [star] if star.is("*") => {
                    for source in sources {
                        columns.extend(self.all_of(source, sources.len() == 1)?);
                    }
                }
                [alias, dot, star] if dot.is(".") && star.is("*") => {
                    let source = sources.iter().find(|source| alias.name() == Some(&source.alias))?;
                    columns.extend(self.all_of(source, sources.len() == 1)?);
                }
                _ => columns.push(self.target(part, sources)),
            }
        }
        // A query with `with` may read names that hide tables: its stars cannot be told.
        let starred = tokens.iter().any(|token| token.is("*"));
        if common && starred { None } else { Some(columns) }
    }

    fn all_of(&self, source: &Source, alone: bool) -> Option<Vec<ViewColumn>> {
        let relation = self.now.relations.get(source.path.as_ref()?).filter(|relation| relation.complete)?;
        let column = |column: &crate::catalogue::Column| ViewColumn {
            name: column.name.clone(),
            expression: if alone {
                spelled(&column.name)
            } else {
                format!("{} . {}", spelled(&source.alias), spelled(&column.name))
            },
            ty: column.ty.clone(),
        };
        Some(relation.columns.iter().map(column).collect())
    }

    fn target(&self, tokens: &[Token], sources: &[Source]) -> ViewColumn {
        let (expression, alias) = aliased(tokens);
        let name = alias.unwrap_or_else(|| figure_name(expression));
        let alone = sources.len() == 1;
        let bare = match expression {
            [_, dot, column] if alone && dot.is(".") => std::slice::from_ref(column),
            other => other,
        };
        ViewColumn { name, expression: line(bare), ty: self.type_of(expression, sources) }
    }

    /// The type of a column or of a cast; of anything else it is not known.
    fn type_of(&self, tokens: &[Token], sources: &[Source]) -> Option<TypeName> {
        if let Some(at) = tokens.iter().rposition(|token| token.is("::")) {
            let mut cursor = Cursor::new(tokens.get(at + 1..).unwrap_or_default());
            let ty = TypeName::read(&mut cursor)?;
            return cursor.is_empty().then(|| self.resolved(&ty));
        }
        let (alias, column) = match tokens {
            [column] => (None, column.name()?),
            [alias, dot, column] if dot.is(".") => (alias.name(), column.name()?),
            _ => return None,
        };
        let fits = |source: &&Source| alias.is_none_or(|alias| source.alias == alias);
        let relations =
            sources.iter().filter(fits).filter_map(|source| self.now.relations.get(source.path.as_ref()?));
        relations.filter_map(|relation| relation.column(column)).find_map(|column| column.ty.clone())
    }
}

/// Whether what follows the columns takes rows of one relation as they are.
fn is_flat(tail: &[Token]) -> bool {
    let mut cursor = Cursor::new(tail);
    cursor.until(&[
        "group by",
        "having",
        "limit",
        "offset",
        "fetch",
        "union",
        "intersect",
        "except",
        "window",
    ]);
    cursor.is_empty()
}

/// Whether columns are worked out over several rows.
fn aggregates(targets: &[Token]) -> bool {
    const AGGREGATES: [&str; 16] = [
        "count",
        "sum",
        "avg",
        "min",
        "max",
        "array_agg",
        "string_agg",
        "json_agg",
        "jsonb_agg",
        "bool_and",
        "bool_or",
        "every",
        "json_object_agg",
        "jsonb_object_agg",
        "generate_series",
        "unnest",
    ];
    targets.windows(2).any(|pair| match pair {
        [name, open] => {
            name.is("over") || (open.is("(") && AGGREGATES.iter().any(|known| name.name() == Some(*known)))
        }
        _ => false,
    })
}

/// The rest of a query on one table, without that table's alias.
fn unqualified(tokens: &[Token], alias: &str) -> Vec<Token> {
    let named = |at: usize| tokens.get(at).is_some_and(|token| token.name() == Some(alias));
    let symbol = |at: usize, text: &str| tokens.get(at).is_some_and(|token| token.is(text));
    let clause = |at: usize| tokens.get(at).is_none_or(|token| CLAUSES.iter().any(|word| token.is(word)));
    let mut kept = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let qualifies = named(at) && symbol(at + 1, ".");
        // `from t a` and `from t as a`, where the table itself is not called so.
        let declares =
            named(at) && clause(at + 1) && at > 1 && !symbol(at - 1, ".") && !symbol(at - 1, "from");
        if qualifies {
            at += 2;
            continue;
        }
        if !(declares || (token.is("as") && named(at + 1) && clause(at + 2))) {
            kept.push(token.clone());
        }
        at += 1;
    }
    kept
}

/// An expression and its alias, if it has one.
fn aliased(tokens: &[Token]) -> (&[Token], Option<String>) {
    match tokens {
        [expression @ .., word, alias] if word.is("as") && !expression.is_empty() => {
            (expression, alias.name().map(ToOwned::to_owned))
        }
        [expression @ .., before, alias] if is_alias(before, alias) => {
            let end = expression.len() + 1;
            (tokens.get(..end).unwrap_or_default(), alias.name().map(ToOwned::to_owned))
        }
        _ => (tokens, None),
    }
}

/// Whether a name right after another token renames what stands before it.
fn is_alias(before: &Token, alias: &Token) -> bool {
    let names = alias.name().is_some() && !NO_ALIAS.iter().any(|word| alias.is(word));
    let ends = match before.kind {
        Kind::Symbol => before.is(")") || before.is("]"),
        Kind::Word => !["and", "or", "not", "is", "in", "like", "then", "else", "between", "distinct"]
            .iter()
            .any(|word| before.is(word)),
        _ => true,
    };
    names && ends
}

/// The name that PostgreSQL gives a column without an alias (`FigureColname` in its source).
fn figure_name(tokens: &[Token]) -> String {
    let unknown = || String::from("?column?");
    let tokens = crate::token::without_parentheses(tokens);
    let cut = tokens.iter().position(|token| token.is("::"));
    let head = tokens.get(..cut.unwrap_or(tokens.len())).unwrap_or_default();
    if head.first().is_some_and(|token| token.is("case")) {
        return String::from("case");
    }
    let mut cursor = Cursor::new(head);
    match cursor.path() {
        Some(path) if cursor.is_empty() && head.first().is_some_and(|token| token.name().is_some()) => {
            path.name
        }
        Some(path) if cursor.sees("(") => {
            cursor.brackets();
            if cursor.is_empty() || cursor.sees("over") || cursor.sees("filter") {
                path.name
            } else {
                unknown()
            }
        }
        _ => {
            let ty = cut.and_then(|cut| TypeName::read(&mut Cursor::new(tokens.get(cut + 1..)?)));
            ty.map_or_else(unknown, |ty| ty.name)
        }
    }
}
