//! What calls get of a function that stays: whether it runs where an argument is null, whether it may write, and what
//! stands for an argument that is left out.

use super::Judge;
use crate::catalogue::{Function, is_null};
use crate::cursor::Cursor;
use crate::judge::effect;
use crate::judge::evaluate::{self, Value};
use crate::lower;
use crate::name::Path;
use crate::replay::Aspect;
use crate::rule::Rule;
use crate::syntax::{self, Step, flat};
use crate::token::{Kind, Token, line};

/// Whether a body writes, as far as it is read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Writes {
    Never,
    Itself,
    /// By what it calls, or puts together when it runs; or it cannot be read.
    Perhaps,
}

impl Judge<'_> {
    /// Judges what calls of an old function get from the one that answers them now.
    pub(super) fn calls(&mut self, path: &Path, old: &Function, new: &Function) {
        self.strictness(path, old, new);
        self.stability(path, old, new);
        self.left_out(path, old, new);
        self.body_names(path, old, new);
    }

    /// A strict function does not run where an argument is null: it is null then (PostgreSQL docs, `CREATE FUNCTION`).
    fn strictness(&mut self, path: &Path, old: &Function, new: &Function) {
        let of = (new.id, Aspect::Shape);
        if old.strict == new.strict || new.input_parameters().next().is_none() || is_null_anyway(new) {
            return;
        }
        let signature = old.signature(path);
        if !new.strict {
            let message = format!("{signature} runs where an argument is null now, and was null there");
            self.review(Rule::FunctionBody, of, message);
        } else if let Some(parameter) =
            new.input_parameters().find(|parameter| parameter.default && is_null(&parameter.left_out))
        {
            let name = parameter.name.as_deref().unwrap_or("an argument");
            let message = format!("{signature} is null now for each call that leaves {name} out");
            self.breaking(Rule::FunctionBody, of, message);
        } else {
            let message = format!("{signature} is null now where an argument is null, and no longer runs");
            self.review(Rule::FunctionBody, of, message);
        }
    }

    /// A function that is stable or immutable may not write (PostgreSQL docs, function volatility categories).
    pub(super) fn stability(&mut self, path: &Path, old: &Function, new: &Function) {
        if !new.stable || (old.stable && same_body(old, new)) {
            return;
        }
        let of = (new.id, Aspect::Shape);
        let signature = old.signature(path);
        match self.writes(new) {
            Writes::Never => {}
            Writes::Itself if old.stable && self.writes(old) == Writes::Itself => {}
            Writes::Itself => {
                let message = format!("{signature} writes, and is not volatile: its writes fail (0A000)");
                self.breaking(Rule::FunctionBody, of, message);
            }
            Writes::Perhaps if old.stable => {}
            Writes::Perhaps => {
                let message = format!(
                    "{signature} is no longer volatile: if it writes, that fails (0A000, 25006 where calls of such functions get transactions that only read)"
                );
                self.review(Rule::FunctionBody, of, message);
            }
        }
    }

    /// Another value for what a call leaves out.
    fn left_out(&mut self, path: &Path, old: &Function, new: &Function) {
        let parameters = old.input_parameters().zip(new.input_parameters());
        let other =
            parameters.filter(|(before, after)| before.default && after.default).find(|(before, after)| {
                let constant = |sql: &[Token]| evaluate::value(sql, &|_| Value::Unknown);
                let known = |value: &Value| !matches!(value, Value::Unknown | Value::Something);
                let (was, is) = (constant(&before.left_out), constant(&after.left_out));
                line(&before.left_out) != line(&after.left_out) && !(was == is && known(&was))
            });
        if let Some((_, parameter)) = other {
            let name = parameter.name.as_deref().unwrap_or("an argument");
            let message =
                format!("calls of {} that leave {name} out give it another value", old.signature(path));
            self.review(Rule::FunctionBody, (new.id, Aspect::Shape), message);
        }
    }

    fn writes(&self, function: &Function) -> Writes {
        let Some(statements) = statements(function) else { return Writes::Perhaps };
        if statements.iter().flatten().any(|tokens| is_write(tokens)) {
            return Writes::Itself;
        }
        let hidden = statements
            .iter()
            .any(|statement| statement.as_ref().is_none_or(|tokens| self.calls_a_writer(tokens)));
        if hidden { Writes::Perhaps } else { Writes::Never }
    }

    /// Whether a statement calls a function of the history that writes, or takes the next number of a sequence.
    fn calls_a_writer(&self, tokens: &[Token]) -> bool {
        lower::calls(tokens).iter().any(|name| {
            let known = self.now().functions.iter().filter(|(path, _)| {
                path.name == name.name && name.schema.as_ref().is_none_or(|schema| *schema == path.schema)
            });
            let mut overloads = known.flat_map(|(_, overloads)| overloads);
            ["nextval", "setval"].contains(&name.name.as_str())
                || overloads.any(|one| {
                    let writes =
                        |tokens: &Option<Vec<Token>>| tokens.as_ref().is_none_or(|all| is_write(all));
                    !one.stable && statements(one).is_none_or(|all| all.iter().any(writes))
                })
        })
    }
}

/// Whether two functions have one body.
pub(super) fn same_body(one: &Function, other: &Function) -> bool {
    let (before, after) = (one.body.as_ref(), other.body.as_ref());
    one.language == other.language && before.map(|body| &body.text) == after.map(|body| &body.text)
}

/// The statements and expressions of a body, `None` for one that is put together when it runs; `None` for a body that
/// cannot be read.
pub(super) fn statements(function: &Function) -> Option<Vec<Option<Vec<Token>>>> {
    if function.language == "sql" {
        let script = syntax::script(&function.body.as_ref()?.text);
        return script.errors.is_empty().then(|| script.statements.into_iter().map(Some).collect());
    }
    let body = effect::read(function)?;
    let tokens = |step: &Step| match step {
        Step::Run { tokens, .. } | Step::Evaluate { tokens } => Some(Some(tokens.clone())),
        Step::Assign { value, .. } | Step::Declare { value, .. } | Step::Return { value, .. } => {
            Some(Some(value.clone()))
        }
        Step::Each { values, .. } => Some(Some(values.clone())),
        Step::Execute { query, .. } => match query.as_slice() {
            [text] if text.kind == Kind::Text => Some(Some(syntax::words(&text.text))),
            _ => Some(None),
        },
        Step::Raise { .. } | Step::Caught { .. } | Step::Other => None,
    };
    Some(flat(&body.steps).filter_map(tokens).collect())
}

/// Whether a statement is one that functions which are not volatile may not run: all but queries that lock no rows.
fn is_write(tokens: &[Token]) -> bool {
    const COMMANDS: [&str; 16] = [
        "insert", "update", "delete", "merge", "truncate", "create", "drop", "alter", "notify", "lock",
        "call", "set", "refresh", "copy", "grant", "revoke",
    ];
    let command = tokens.first().is_some_and(|word| COMMANDS.iter().any(|command| word.is(command)));
    let inside = tokens.windows(2).any(|pair| {
        let [first, second] = pair else { return false };
        (second.is("into") && (first.is("insert") || first.is("merge")))
            || (first.is("delete") && second.is("from"))
            || (first.is("for") && ["update", "share", "no", "key"].iter().any(|word| second.is(word)))
    });
    let updates = tokens.iter().enumerate().any(|(at, word)| {
        let mut cursor = Cursor::new(tokens.get(at + 1..).unwrap_or_default());
        cursor.eat("only");
        let named = word.is("update") && cursor.path().is_some();
        cursor.eat("as");
        named && (cursor.eat("set") || (cursor.name().is_some() && cursor.eat("set")))
    });
    command || inside || updates
}

/// Whether a function is null wherever an argument is, whatever it says of that.
fn is_null_anyway(function: &Function) -> bool {
    let Some(body) = function.body.as_ref().filter(|_| !function.set_of) else { return false };
    let value = match function.language.as_str() {
        "sql" => syntax::words(&body.text).get(1..).unwrap_or_default().to_vec(),
        _ => match effect::read(function).as_ref().map(|body| body.steps.as_slice()) {
            Some([Step::Return { value, .. }]) => value.clone(),
            _ => return false,
        },
    };
    let mut names = function.input_parameters().map(|parameter| parameter.name.as_deref());
    names.all(|name| {
        let null = |other: &str| if Some(other) == name { Value::Null } else { Value::Unknown };
        name.is_some() && evaluate::value(&value, &null) == Value::Null
    })
}
