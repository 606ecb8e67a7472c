//! Functions, procedures and aggregates.

use crate::cursor::Cursor;
use crate::name::Name;
use crate::statement::{Action, CreateFunction, FunctionChange, FunctionOptions, FunctionTarget, Parameter};
use crate::token::{Kind, Token, split_commas};
use crate::types::TypeName;

/// Reads the rest of `create function` or `create procedure`.
pub(super) fn create(cursor: &mut Cursor<'_>, or_replace: bool, procedure: bool) -> Option<Action> {
    let name = cursor.path()?;
    let mut function = CreateFunction {
        name,
        or_replace,
        parameters: parameters(cursor.brackets()?),
        returns: None,
        set_of: false,
        returns_table: false,
        definer: false,
        search_path: None,
        language: String::from("sql"),
        body: None,
        bound: false,
        procedure,
        strict: false,
        stable: false,
    };
    if cursor.eat("returns table") {
        function.returns_table = true;
        function.set_of = true;
        let columns = split_commas(cursor.brackets()?);
        function.parameters.extend(columns.iter().filter_map(|part| table_column(part)));
    } else if cursor.eat("returns") {
        function.set_of = cursor.eat("setof");
        function.returns = TypeName::read(cursor);
    }
    function.search_path = search_path(cursor.rest());
    options(cursor, &mut function);
    Some(Action::Function(function))
}

fn table_column(tokens: &[Token]) -> Option<Parameter> {
    let mut cursor = Cursor::new(tokens);
    let name = cursor.name();
    let ty = TypeName::read(&mut cursor)?;
    Some(Parameter {
        name,
        ty,
        default: false,
        left_out: Vec::new(),
        input: false,
        output: true,
        variadic: false,
    })
}

fn options(cursor: &mut Cursor<'_>, function: &mut CreateFunction) {
    while !cursor.is_empty() {
        if cursor.eat("security definer") {
            function.definer = true;
        } else if let Some(strict) = strictness(cursor) {
            function.strict = strict;
        } else if let Some(stable) = stability(cursor) {
            function.stable = stable;
        } else if cursor.eat("set") {
            setting(cursor);
        } else if cursor.eat("language") {
            function.language = cursor.next().map(|token| token.text.to_lowercase()).unwrap_or_default();
        } else if cursor.eat("as") {
            function.body = cursor.text().cloned();
        } else if cursor.eat("begin atomic") {
            let inner = cursor.rest();
            function.body = written_out("", inner.get(..inner.len() - 1).unwrap_or_default());
            function.bound = true;
            return;
        } else if cursor.eat("return") {
            function.body = written_out("select ", cursor.rest());
            function.bound = true;
            return;
        } else {
            cursor.skip();
        }
    }
}

/// A body that stands there as SQL, as the text that it would be in a string: signs that touch go on touching.
fn written_out(start: &str, tokens: &[Token]) -> Option<Token> {
    let first = tokens.first()?;
    let mut text = start.to_owned();
    let mut end = first.span.start;
    for token in tokens {
        if token.span.start > end {
            text.push(' ');
        }
        match token.kind {
            Kind::Text => text.push_str(&format!("'{}'", token.text.replace('\'', "''"))),
            Kind::Quoted => text.push_str(&format!("\"{}\"", token.text.replace('"', "\"\""))),
            _ => text.push_str(&token.text),
        }
        end = token.span.end;
    }
    Some(Token { kind: Kind::Text, text, span: super::span(tokens), verbatim: None })
}

/// An aggregate counts as a function of its parameters.
pub(super) fn create_aggregate(cursor: &mut Cursor<'_>, or_replace: bool) -> Option<Action> {
    let name = cursor.path()?;
    Some(Action::Function(CreateFunction {
        name,
        or_replace,
        parameters: parameters(cursor.brackets()?),
        returns: None,
        set_of: false,
        returns_table: false,
        definer: false,
        search_path: None,
        language: String::from("internal"),
        body: None,
        bound: false,
        procedure: false,
        strict: false,
        stable: false,
    }))
}

fn parameters(tokens: &[Token]) -> Vec<Parameter> {
    split_commas(tokens).iter().filter_map(|part| parameter(part)).collect()
}

fn parameter(tokens: &[Token]) -> Option<Parameter> {
    let mut cursor = Cursor::new(tokens);
    let mut found = Parameter {
        name: None,
        ty: TypeName::default(),
        default: false,
        left_out: Vec::new(),
        input: true,
        output: false,
        variadic: false,
    };
    let mode = cursor.eat_one(&["in out", "inout", "out", "in", "variadic"]);
    found.input = mode != Some("out");
    found.output = matches!(mode, Some("in out" | "inout" | "out"));
    found.variadic = mode == Some("variadic");
    // The mode may stand after the name, too.
    let declared = cursor.until(&["default", "=", ":="]);
    found.default = !cursor.is_empty();
    found.left_out = cursor.rest().get(1..).unwrap_or_default().to_vec();
    let (name, ty) = named_type(declared);
    found.name = name;
    found.ty = ty?;
    Some(found)
}

/// A name and a type, or a type alone: what a type leaves over decides.
fn named_type(tokens: &[Token]) -> (Option<String>, Option<TypeName>) {
    let mut alone = Cursor::new(tokens);
    let ty = TypeName::read(&mut alone);
    if alone.is_empty() {
        return (None, ty);
    }
    let mut named = Cursor::new(tokens);
    let name = named.name();
    let _ = named.eat("in out") || named.eat("inout") || named.eat("out") || named.eat("in");
    (name, TypeName::read(&mut named))
}

/// A function as other statements name it.
pub(super) fn target(cursor: &mut Cursor<'_>) -> Option<FunctionTarget> {
    let name = cursor.path()?;
    if !cursor.sees("(") {
        return Some(FunctionTarget { name, parameters: None });
    }
    let listed = parameters(cursor.brackets()?);
    let inputs = listed.into_iter().filter(|parameter| parameter.input).map(|parameter| parameter.ty.bare());
    Some(FunctionTarget { name, parameters: Some(inputs.collect()) })
}

/// Several of them, separated by commas.
pub(super) fn targets(tokens: &[Token]) -> Vec<FunctionTarget> {
    split_commas(tokens).iter().filter_map(|part| target(&mut Cursor::new(part))).collect()
}

/// Reads the rest of `alter function`.
pub(super) fn alter(cursor: &mut Cursor<'_>) -> Option<Action> {
    let target = target(cursor)?;
    if cursor.eat("rename to") {
        return Some(Action::AlterFunction { target, change: FunctionChange::Rename { to: cursor.name()? } });
    }
    if cursor.eat("set schema") {
        return Some(Action::AlterFunction { target, change: FunctionChange::Schema { to: cursor.name()? } });
    }
    if cursor.eat("owner to") {
        return Some(Action::AlterFunction { target, change: FunctionChange::Owner { to: cursor.name()? } });
    }
    let mut options =
        FunctionOptions { search_path: search_path(cursor.rest()), ..FunctionOptions::default() };
    while !cursor.is_empty() {
        if cursor.eat("security") {
            options.definer = Some(cursor.sees("definer"));
        } else if let Some(strict) = strictness(cursor) {
            options.strict = Some(strict);
        } else if let Some(stable) = stability(cursor) {
            options.stable = Some(stable);
        } else if cursor.eat("set") {
            setting(cursor);
        } else {
            cursor.skip();
        }
    }
    Some(Action::AlterFunction { target, change: FunctionChange::Options(options) })
}

/// Whether a function runs where an argument is null, if that is what comes next.
fn strictness(cursor: &mut Cursor<'_>) -> Option<bool> {
    const SAYS: [&str; 3] = ["strict", "returns null on null input", "called on null input"];
    Some(cursor.eat_one(&SAYS)? != "called on null input")
}

/// Whether a function says that it does not write, if that is what comes next.
fn stability(cursor: &mut Cursor<'_>) -> Option<bool> {
    Some(cursor.eat_one(&["stable", "immutable", "volatile"])? != "volatile")
}

/// Skips the name of a setting and its first value, which may be called like an option.
fn setting(cursor: &mut Cursor<'_>) {
    cursor.path();
    if cursor.eat("=") || cursor.eat("to") {
        cursor.skip();
    }
}

/// The schemas of `set search_path`, among the options of a function.
fn search_path(options: &[Token]) -> Option<Vec<String>> {
    let mut cursor = Cursor::new(options);
    cursor.until(&["set search_path"]);
    cursor.eat("set search_path").then_some(())?;
    let _ = cursor.eat("=") || cursor.eat("to");
    let mut schemas = Vec::new();
    loop {
        let token = cursor.next()?;
        schemas.extend(Some(token.text.clone()).filter(|schema| !schema.is_empty()));
        if !cursor.eat(",") {
            return Some(schemas);
        }
    }
}

/// The functions that a query calls, as far as names before brackets tell.
pub(crate) fn calls(tokens: &[Token]) -> Vec<Name> {
    let mut found = Vec::new();
    let mut cursor = Cursor::new(tokens);
    while !cursor.is_empty() {
        let mut ahead = cursor;
        match ahead.path() {
            Some(path) => {
                if ahead.sees("(") {
                    found.push(path);
                }
                cursor = ahead;
            }
            None => cursor.skip(),
        }
    }
    found
}
