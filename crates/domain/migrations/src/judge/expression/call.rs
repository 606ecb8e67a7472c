//! Functions that do not fail, and what they give (PostgreSQL docs, functions and operators).

use super::{Scope, Sure, fit, of};
use crate::cursor::Cursor;
use crate::name::Path;
use crate::syntax::{self, Step};
use crate::token::{Kind, Token, split_commas};
use crate::types::TypeName;

/// Of a text, and of what stands there; they give a text.
const TEXT: [&str; 19] = [
    "lower",
    "upper",
    "initcap",
    "trim",
    "btrim",
    "ltrim",
    "rtrim",
    "reverse",
    "md5",
    "replace",
    "translate",
    "regexp_replace",
    "left",
    "right",
    "lpad",
    "rpad",
    "quote_literal",
    "unaccent",
    "split_part",
];

/// Without arguments, or with such as do not matter, and what they give.
const PLAIN: [(&str, &str); 16] = [
    ("now", "timestamptz"),
    ("clock_timestamp", "timestamptz"),
    ("statement_timestamp", "timestamptz"),
    ("transaction_timestamp", "timestamptz"),
    ("gen_random_uuid", "uuid"),
    ("uuid_generate_v4", "uuid"),
    ("uuid_generate_v1", "uuid"),
    ("uuidv4", "uuid"),
    ("uuidv7", "uuid"),
    ("random", "float8"),
    ("txid_current", "int8"),
    ("pg_backend_pid", "int4"),
    ("pg_trigger_depth", "int4"),
    ("current_database", "text"),
    ("current_schema", "text"),
    ("nextval", "int8"),
];

impl Scope<'_> {
    /// A call.
    pub(super) fn call(&self, tokens: &[Token], depth: u8) -> Option<Sure> {
        let mut cursor = Cursor::new(tokens);
        let name = cursor.path()?;
        let inner = cursor.brackets()?;
        cursor.is_empty().then_some(())?;
        if let Some(path) = self.replay.now.function_path(&name, &self.search) {
            return self.own(&path, inner, depth);
        }
        match (name.schema.as_deref(), name.name.as_str()) {
            (_, "cast") => {
                let mut parts = Cursor::new(inner);
                let value = parts.until(&["as"]);
                parts.eat("as").then_some(())?;
                self.cast(value, parts.rest(), depth)
            }
            (_, "extract") => {
                let mut parts = Cursor::new(inner);
                parts.until(&["from"]);
                parts.eat("from").then_some(())?;
                fit::is_time(&self.any(parts.rest(), depth)?).then(|| of("numeric"))
            }
            (_, "trim") if inner.iter().any(|token| token.is("from")) => {
                let mut parts = Cursor::new(inner);
                let _ = parts.eat("both") || parts.eat("leading") || parts.eat("trailing");
                let cut = parts.until(&["from"]);
                parts.eat("from").then_some(())?;
                let text = self.any(parts.rest(), depth)?;
                let constant = matches!(cut, [] | [Token { kind: Kind::Text, .. }]);
                (constant && fit::is_texty(self.replay, &text)).then(|| of("text"))
            }
            (Some("auth"), "uid") => Some(of("uuid")),
            (Some("auth"), "role" | "email") => Some(of("text")),
            (Some("auth"), "jwt") => Some(of("jsonb")),
            (None | Some("pg_catalog" | "extensions" | "public"), known) => {
                let parts = split_commas(inner);
                let values = parts.iter().map(|part| self.any(part, depth)).collect::<Option<Vec<_>>>()?;
                self.known(known, &parts, &values)
            }
            _ => None,
        }
    }

    fn known(&self, name: &str, parts: &[&[Token]], values: &[Sure]) -> Option<Sure> {
        if let Some((_, ty)) = PLAIN.iter().find(|(known, _)| *known == name) {
            let constant = values.iter().all(|value| matches!(value, Sure::Literal(_)));
            return constant.then(|| of(ty));
        }
        let first = values.first();
        let is_text = first.is_some_and(|value| fit::is_texty(self.replay, value));
        let is_time = values.get(1).is_some_and(fit::is_time);
        let literal = |at: usize| matches!(parts.get(at), Some([text]) if text.kind == Kind::Text);
        match name {
            "coalesce" | "greatest" | "least" => fit::common(self.replay, values),
            "nullif" => {
                let [value, other] = values else { return None };
                fit::compare(self.replay, value, other).then(|| value.clone())
            }
            "split_part" if parts.get(2).is_none_or(|part| !constant(part, |number| number > 0.0)) => None,
            "regexp_replace" if !literal(1) => None,
            _ if TEXT.contains(&name) && is_text => {
                let rest = values.iter().skip(1);
                let fits =
                    |value: &Sure| matches!(value, Sure::Number(_)) || fit::is_texty(self.replay, value);
                rest.into_iter().all(fits).then(|| of("text"))
            }
            "substring" | "substr" if is_text => {
                let counts = parts.iter().skip(1);
                let fits = counts.into_iter().all(|part| constant(part, |number| number >= 0.0));
                fits.then(|| of("text"))
            }
            "length" | "char_length" | "octet_length" if is_text => Some(of("int4")),
            "concat" => Some(of("text")),
            "concat_ws" if is_text => Some(of("text")),
            "abs" | "round" | "floor" | "ceil" | "ceiling" | "trunc" if values.len() == 1 => match first? {
                Sure::Of(ty) if fit::is_number(ty) => Some(Sure::Of(TypeName::own(&ty.name))),
                Sure::Number(text) => Some(Sure::Number(text.clone())),
                _ => None,
            },
            "date_trunc" if literal(0) && is_time => values.get(1).cloned(),
            "date_part" if literal(0) && is_time => Some(of("float8")),
            "to_char" if literal(1) => Some(of("text")),
            "to_json" | "row_to_json" | "to_jsonb" => {
                let typed = matches!(first?, Sure::Of(_) | Sure::Row | Sure::Any);
                typed.then(|| of(if name == "to_jsonb" { "jsonb" } else { "json" }))
            }
            "jsonb_build_object" | "json_build_object" => {
                let keys = (0..parts.len()).step_by(2).all(literal) && parts.len().is_multiple_of(2);
                keys.then(|| of(name.trim_end_matches("_build_object")))
            }
            "jsonb_build_array" => Some(of("jsonb")),
            "num_nulls" | "num_nonnulls" => Some(of("int4")),
            "current_setting" if values.len() == 2 => Some(of("text")),
            "to_tsvector" if parts.len() == 1 && is_text => Some(of("tsvector")),
            "to_tsvector"
                if literal(0) && values.get(1).is_some_and(|value| fit::is_texty(self.replay, value)) =>
            {
                Some(of("tsvector"))
            }
            "setweight" if matches!(first?, Sure::Of(ty) if ty.name == "tsvector") => Some(of("tsvector")),
            _ => None,
        }
    }

    /// A function that a migration made: all of its body must hold.
    fn own(&self, path: &Path, inner: &[Token], depth: u8) -> Option<Sure> {
        let parts = split_commas(inner);
        let values = parts.iter().map(|part| self.any(part, depth)).collect::<Option<Vec<_>>>()?;
        let [function] = self.replay.now.functions.get(path)?.as_slice() else { return None };
        let parameters: Vec<_> = function.input_parameters().collect();
        let fits = parameters.len() == values.len()
            && parameters.iter().zip(&values).all(|(parameter, value)| takes(self, &parameter.ty, value));
        let plain = !function.set_of && !function.procedure && function.outputs().is_empty();
        let body = function.body.as_ref().filter(|_| fits && plain)?;
        let returns = function.returns.clone()?;
        let mut scope = Scope {
            replay: self.replay,
            row: None,
            bare: None,
            variables: super::BTreeMap::new(),
            search: function.search_path.clone().unwrap_or_else(|| self.search.clone()),
            depth: self.depth.checked_sub(1)?,
        };
        for (at, parameter) in parameters.iter().enumerate() {
            scope.variables.insert(format!("${}", at + 1), Some(parameter.ty.clone()));
            if let Some(name) = &parameter.name {
                scope.variables.insert(name.clone(), Some(parameter.ty.clone()));
            }
        }
        let holds = match function.language.as_str() {
            "sql" => scope.selects(&body.text, &returns),
            "plpgsql" => scope.computes(&body.text, &returns),
            _ => false,
        };
        holds.then_some(Sure::Of(returns))
    }

    /// Whether a text is `select` with one expression that a type takes.
    fn selects(&self, text: &str, returns: &TypeName) -> bool {
        let script = syntax::script(text);
        let [statement] = script.statements.as_slice() else { return false };
        let [select, expression @ ..] = statement.as_slice() else { return false };
        script.errors.is_empty()
            && select.is("select")
            && self.sure(expression).is_some_and(|value| fit::takes(self.replay, returns, &value))
    }

    /// Whether a body works out a value and does nothing else.
    fn computes(&mut self, text: &str, returns: &TypeName) -> bool {
        let body = syntax::body(text, None, crate::source::Span::default());
        let ends = matches!(body.steps.last(), Some(Step::Return { .. }));
        body.errors.is_empty() && ends && body.steps.iter().all(|step| self.step(step, returns))
    }

    fn step(&mut self, step: &Step, returns: &TypeName) -> bool {
        match step {
            Step::Declare { .. } => self.declares(step, false),
            Step::Assign { name, value, .. } => self.assigns(name, value, false),
            Step::Evaluate { tokens } => self.sure(tokens).is_some(),
            Step::Return { value, .. } => {
                self.sure(value).is_some_and(|value| fit::takes(self.replay, returns, &value))
            }
            _ => false,
        }
    }

    /// Takes a variable into the scope; tells whether its first value does not fail.
    pub(in crate::judge) fn declares(&mut self, step: &Step, caught: bool) -> bool {
        let Step::Declare { name, ty, value } = step else { return false };
        let mut cursor = Cursor::new(ty);
        let read = TypeName::read(&mut cursor).filter(|ty| cursor.is_empty() && ty.suffix.is_empty());
        let ty = read.filter(|ty| ty.name != "record").map(|ty| fit::resolved(self.replay, ty, &self.search));
        let holds = value.is_empty() || caught || self.value_fits(ty.as_ref(), value);
        self.variables.insert(name.clone(), ty);
        holds
    }

    /// Whether a value may be assigned to a variable.
    pub(in crate::judge) fn assigns(&self, name: &str, value: &[Token], caught: bool) -> bool {
        let Some(ty) = self.variables.get(name) else { return false };
        caught || self.value_fits(ty.as_ref(), value)
    }

    fn value_fits(&self, ty: Option<&TypeName>, value: &[Token]) -> bool {
        match (ty, self.sure(value)) {
            (Some(ty), Some(value)) => fit::takes(self.replay, ty, &value),
            (None, Some(Sure::Row | Sure::Null)) => true,
            _ => false,
        }
    }
}

fn takes(scope: &Scope<'_>, ty: &TypeName, value: &Sure) -> bool {
    fit::takes(scope.replay, ty, value)
}

fn constant(part: &[Token], fits: impl Fn(f64) -> bool) -> bool {
    matches!(part, [number] if number.kind == Kind::Number && number.text.parse::<f64>().is_ok_and(fits))
}
