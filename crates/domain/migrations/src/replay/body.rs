//! Code that a migration runs: `do` blocks, functions that it calls, statements that it puts together.

use std::collections::BTreeMap;

use super::{Event, Replay};
use crate::cursor::Cursor;
use crate::lower;
use crate::name::Name;
use crate::rule::{Level, Rule};
use crate::syntax::{self, Step};
use crate::token::{Kind, Token, split_commas};

/// How deep bodies run bodies; deeper ones are not followed.
const DEPTH: u8 = 4;

/// First words of statements that take nothing away, so that their unknown rest does not matter.
const HARMLESS: [&str; 16] = [
    "grant",
    "comment",
    "analyze",
    "notify",
    "select",
    "set",
    "refresh",
    "create table",
    "create index",
    "create schema",
    "create extension",
    "create sequence",
    "create type",
    "create publication",
    "insert",
    "vacuum",
];

/// Longer texts are not put together, in bytes.
const LONGEST: usize = 1024 * 1024;

/// Functions that send a statement through another connection.
const DBLINK: [&str; 3] = ["dblink_exec", "dblink_send_query", "dblink"];

/// What variables hold; `None` when it cannot be told. One that has no value yet is not in it.
type Variables = BTreeMap<String, Option<String>>;

impl Replay {
    pub(super) fn block(&mut self, body: &Token, plpgsql: bool) {
        if !plpgsql {
            self.event(
                Rule::DynamicSql,
                Level::NeedsReview,
                String::from("what this `do` block runs is in a language that is not read"),
            );
            return;
        }
        self.run_body(body, Level::Breaking);
    }

    /// Runs a body; one that does not parse matters as much as said.
    fn run_body(&mut self, text: &Token, unread: Level) {
        if self.depth >= DEPTH {
            return;
        }
        let body = syntax::body(&text.text, text.verbatim, text.span);
        if let Some(fault) = body.errors.first() {
            let (outer, message) = (self.site.span, format!("the body does not parse: {}", fault.message));
            self.site.span = fault.span;
            if !self.pending && unread == Level::Breaking {
                let (rule, level) = (Rule::ParseError, Level::NeedsReview);
                self.unread.push(Event { rule, level, site: self.site, message: message.clone() });
            }
            self.event(Rule::ParseError, unread, message);
            self.site.span = outer;
        }
        self.depth += 1;
        let mut variables = Variables::new();
        self.steps(&body.steps, &mut variables);
        self.depth -= 1;
    }

    fn steps(&mut self, steps: &[Step], variables: &mut Variables) {
        for step in steps {
            match step {
                Step::Run { tokens, guarded } => self.guarded_run(tokens, *guarded),
                Step::Execute { query, guarded } => self.execute(query, *guarded, variables),
                Step::Declare { name, value, .. } => {
                    variables.remove(name);
                    if !value.is_empty() {
                        variables.insert(name.clone(), folded(value, variables));
                        self.evaluated(value);
                    }
                }
                Step::Assign { name, value, guarded } => {
                    // In a branch or a loop, a value that it had before may stay.
                    let lost = *guarded && variables.contains_key(name);
                    let known = if lost { None } else { folded(value, variables) };
                    variables.insert(name.clone(), known);
                    self.evaluated(value);
                }
                Step::Each { name, values, steps } => self.each(name, values, steps, variables),
                Step::Evaluate { tokens } if let Some(changes) = changing(tokens) => {
                    self.guarded_run(changes, true);
                }
                Step::Evaluate { tokens } | Step::Return { value: tokens, .. } => self.evaluated(tokens),
                Step::Caught { steps } => self.steps(steps, variables),
                Step::Raise { .. } | Step::Other => {}
            }
        }
    }

    fn guarded_run(&mut self, tokens: &[Token], guarded: bool) {
        let outer = self.guarded;
        let span = self.site.span;
        self.guarded |= guarded;
        self.run(tokens);
        self.guarded = outer;
        self.site.span = span;
    }

    /// `foreach x in array array['a', 'b']`: once for each.
    fn each(&mut self, name: &str, values: &[Token], steps: &[Step], variables: &mut Variables) {
        let mut cursor = Cursor::new(values);
        cursor.eat("array");
        let parts = cursor.brackets().map(split_commas).unwrap_or_default();
        let known: Vec<Option<String>> = parts.iter().map(|part| folded(part, variables)).collect();
        let rounds = if known.is_empty() { vec![None] } else { known };
        for value in rounds {
            variables.insert(name.to_owned(), value);
            self.steps(steps, variables);
        }
        variables.insert(name.to_owned(), None);
    }

    /// `execute`: of a text that can be worked out it is as if it stood there.
    fn execute(&mut self, query: &[Token], guarded: bool, variables: &Variables) {
        let span = crate::lower::span(query);
        if let Some(text) = folded(query, variables) {
            self.text(&text, query, guarded, span);
            return;
        }
        let start = beginning(query).to_lowercase();
        let mut words = start.split_whitespace();
        let first: Vec<&str> = words.by_ref().take(2).collect();
        if HARMLESS.iter().any(|harmless| first.join(" ").starts_with(harmless)) {
            return;
        }
        self.opaque = true;
        let outer = std::mem::replace(&mut self.site.span, span);
        let what =
            if start.is_empty() { String::from("a statement") } else { format!("`{} ...`", first.join(" ")) };
        self.event(
            Rule::DynamicSql,
            Level::NeedsReview,
            format!("runs {what} whose text is known only when it runs"),
        );
        self.site.span = outer;
    }

    fn text(&mut self, text: &str, query: &[Token], guarded: bool, span: crate::source::Span) {
        let script = syntax::script(text);
        if let Some(fault) = script.errors.first() {
            let outer = std::mem::replace(&mut self.site.span, span);
            self.event(
                Rule::ParseError,
                Level::Breaking,
                format!("the text to execute does not parse: {}", fault.message),
            );
            self.site.span = outer;
        }
        let verbatim = match query {
            [only] => only.verbatim,
            _ => None,
        };
        for mut tokens in script.statements {
            for token in &mut tokens {
                relocate(token, verbatim, span);
            }
            self.guarded_run(&tokens, guarded);
        }
    }

    /// An expression runs what its functions do.
    pub(super) fn evaluated(&mut self, tokens: &[Token]) {
        self.calls(&lower::calls(tokens));
        self.elsewhere(tokens);
    }

    /// Says what is sent through a connection of its own (PostgreSQL docs, `dblink`): where it ends is not known here.
    pub(super) fn elsewhere(&mut self, tokens: &[Token]) {
        let Some(at) =
            tokens.iter().position(|token| token.name().is_some_and(|name| DBLINK.contains(&name)))
        else {
            return;
        };
        let arguments = Cursor::new(tokens.get(at + 1..).unwrap_or_default()).brackets().map(split_commas);
        let Some(arguments) = arguments else { return };
        let known: Vec<String> = arguments.iter().filter_map(|one| folded(one, &Variables::new())).collect();
        let is_statement = |text: &&String| {
            let script = syntax::script(text);
            script.errors.is_empty() && !script.statements.is_empty()
        };
        let quiet = match known.iter().find(is_statement) {
            Some(text) => {
                let text = text.trim_start().to_lowercase();
                HARMLESS.iter().any(|harmless| text.starts_with(harmless))
            }
            // A query may well be put together.
            None => tokens.get(at).is_some_and(|token| token.is("dblink")),
        };
        if !quiet {
            let text = "runs a statement through a connection of its own: what it changes is not known here";
            self.event(Rule::DynamicSql, Level::NeedsReview, text.to_owned());
        }
    }

    /// A query runs what its functions do.
    pub(super) fn calls(&mut self, functions: &[Name]) {
        for name in functions {
            let Some(path) = self.now.function_path(name, &self.search) else { continue };
            let overloads = self.now.functions.get(&path).cloned().unwrap_or_default();
            for function in overloads {
                // Once in a statement is enough to see what it does.
                if let Some(body) = function.body.filter(|_| self.called.insert(function.id)) {
                    self.run_called(&body, &function.language);
                }
            }
        }
    }

    /// Findings in a function are found where it is called.
    pub(super) fn run_called(&mut self, body: &Token, language: &str) {
        if self.depth >= DEPTH {
            return;
        }
        let here = Token { span: self.site.span, verbatim: None, ..body.clone() };
        match language {
            "plpgsql" => self.run_body(&here, Level::NeedsReview),
            "sql" => {
                self.depth += 1;
                self.text(&body.text, &[], false, here.span);
                self.depth -= 1;
            }
            _ => {}
        }
    }
}

/// The statement on rows, perhaps in a `with`, whose result is given or gone over: `return query delete ...` and
/// `for x in delete ...`.
fn changing(tokens: &[Token]) -> Option<&[Token]> {
    let mut cursor = Cursor::new(tokens);
    if cursor.eat("for") {
        cursor.until(&["in"]);
        cursor.eat("in");
    } else {
        cursor.eat("return query");
    }
    let words = ["delete", "update", "insert", "merge", "with"];
    words.iter().any(|word| cursor.sees(word)).then_some(cursor.rest())
}

fn relocate(token: &mut Token, verbatim: Option<usize>, span: crate::source::Span) {
    match verbatim {
        Some(start) => {
            token.span.start += start;
            token.span.end += start;
            token.verbatim = token.verbatim.map(|at| at + start);
        }
        None => {
            token.span = span;
            token.verbatim = None;
        }
    }
}

/// The text that an expression of constants makes: strings, `||`, `format`, `quote_ident` and known variables.
fn folded(tokens: &[Token], variables: &Variables) -> Option<String> {
    let tokens = crate::token::without_parentheses(tokens);
    let parts = split_concatenation(tokens);
    if parts.len() > 1 {
        let mut whole = String::new();
        for part in parts {
            whole.push_str(&folded(part, variables)?);
            // Each assignment may double it.
            if whole.len() > LONGEST {
                return None;
            }
        }
        return Some(whole);
    }
    match tokens {
        [text] if text.kind == Kind::Text => Some(text.text.clone()),
        [text, cast, ty] if text.kind == Kind::Text && cast.is("::") && ty.name().is_some() => {
            Some(text.text.clone())
        }
        [name] => variables.get(name.name()?).cloned().flatten(),
        [function, open, inner @ .., close] if open.is("(") && close.is(")") => {
            call(function.name()?, inner, variables)
        }
        _ => None,
    }
}

fn call(function: &str, inner: &[Token], variables: &Variables) -> Option<String> {
    let arguments = split_commas(inner);
    let values: Option<Vec<String>> = arguments.iter().map(|argument| folded(argument, variables)).collect();
    let values = values?;
    match (function, values.as_slice()) {
        ("quote_ident", [value]) => Some(quoted(value)),
        ("quote_literal", [value]) => Some(format!("'{}'", value.replace('\'', "''"))),
        ("concat", values) => Some(values.concat()),
        ("lower", [value]) => Some(value.to_lowercase()),
        ("format", [pattern, rest @ ..]) => formatted(pattern, rest),
        _ => None,
    }
}

/// PostgreSQL's `format` for `%s`, `%I`, `%L` and `%%`, with or without a position (docs, string functions).
fn formatted(pattern: &str, arguments: &[String]) -> Option<String> {
    let mut out = String::new();
    let mut next = 0;
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        let position =
            after.get(..digits).filter(|_| after.get(digits..).is_some_and(|tail| tail.starts_with('$')));
        let (index, after) = match position {
            Some(number) if !number.is_empty() => {
                (number.parse::<usize>().ok()?.checked_sub(1)?, after.get(digits + 1..)?)
            }
            _ => (next, after),
        };
        let mut characters = after.chars();
        let kind = characters.next()?;
        rest = characters.as_str();
        if kind == '%' {
            out.push('%');
            continue;
        }
        let value = arguments.get(index).filter(|_| out.len() <= LONGEST)?;
        next = index + 1;
        match kind {
            's' => out.push_str(value),
            'I' => out.push_str(&quoted(value)),
            'L' => out.push_str(&format!("'{}'", value.replace('\'', "''"))),
            _ => return None,
        }
    }
    out.push_str(rest);
    Some(out)
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn split_concatenation(tokens: &[Token]) -> Vec<&[Token]> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0, 0);
    for (at, token) in tokens.iter().enumerate() {
        depth += crate::token::nesting(token);
        if depth == 0 && token.is("||") {
            parts.push(tokens.get(start..at).unwrap_or_default());
            start = at + 1;
        }
    }
    parts.push(tokens.get(start..).unwrap_or_default());
    parts
}

/// The constant text that an expression begins with.
fn beginning(tokens: &[Token]) -> &str {
    let text = tokens.iter().take(3).find(|token| token.kind == Kind::Text);
    text.map(|token| token.text.trim_start()).unwrap_or_default()
}
