//! What a trigger does to the writes of running code, as far as the body of its function tells.

mod right;
mod row;
mod write;

use super::Judge;
use super::expression::{Scope, Sure};
use super::moment::Moment;
use crate::catalogue::{Function, Relation, Trigger};
use crate::lower;
use crate::name::Path;
use crate::statement::Action;
use crate::syntax::{self, Body, Step};
use crate::token::{Token, line};

/// What a trigger does to a write.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Effect {
    /// The write comes through as it was.
    None,
    /// It may fail, or come out otherwise.
    Doubtful,
    /// It never comes through; why not.
    Refused(&'static str),
}

/// How deep triggers on new tables are followed.
const DEPTH: u8 = 3;

/// A trigger, and the table that it stands on.
#[derive(Clone, Copy)]
pub(super) struct Fired<'f> {
    pub(super) path: &'f Path,
    pub(super) old: &'f Relation,
    pub(super) new: &'f Relation,
    pub(super) moment: &'f Moment,
    pub(super) function: &'f Function,
    depth: u8,
}

impl Judge<'_> {
    /// What a trigger does to what running code writes.
    pub(super) fn effect(&self, path: &Path, old: &Relation, new: &Relation, trigger: &Trigger) -> Effect {
        let moment = Moment::of(trigger);
        if self.never_fires(new, &moment) {
            return Effect::None;
        }
        if self.fills_by_extension(new, trigger, &moment) {
            return Effect::None;
        }
        let Some(function) = self.runs(trigger) else { return Effect::Doubtful };
        let Some(body) = read(function) else { return Effect::Doubtful };
        if let Some(why) = refusal(&body.steps, &moment).filter(|_| moment.is_certain()) {
            return Effect::Refused(why);
        }
        let fired = Fired { path, old, new, moment: &moment, function, depth: DEPTH };
        if trigger.instead || !self.is_harmless(fired, &body, &|_| true) {
            Effect::Doubtful
        } else {
            Effect::None
        }
    }

    /// Whether a function that comes with PostgreSQL fills a new column: the words of texts, or the time (PostgreSQL
    /// docs, text search, triggers; `moddatetime`).
    fn fills_by_extension(&self, new: &Relation, trigger: &Trigger, moment: &Moment) -> bool {
        if !(moment.before && moment.row) || self.runs(trigger).is_some() {
            return false;
        }
        let arguments =
            trigger.definition.rsplit_once(" | ").map(|(_, arguments)| arguments).unwrap_or_default();
        let mut names = arguments.split(',').map(|word| word.trim().trim_matches(['\'', '"']));
        let is_of = |name: &str, types: &[&str]| {
            let ty = new.column(name).and_then(|column| column.ty.as_ref());
            ty.is_some_and(|ty| types.contains(&ty.name.as_str()) && !ty.array)
        };
        let fills = names.next().and_then(|name| new.column(name)).filter(|column| !self.is_old(column.id));
        let Some(filled) = fills else { return false };
        match trigger.function.name.as_str() {
            "moddatetime" => is_of(&filled.name, &["timestamp", "timestamptz"]),
            "tsvector_update_trigger" => {
                is_of(&filled.name, &["tsvector"])
                    && names.skip(1).all(|name| is_of(name, &["text", "varchar", "bpchar"]))
            }
            _ => false,
        }
    }

    /// A trigger with the body that it runs now.
    pub(super) fn fired<'f>(
        &self,
        path: &'f Path,
        old: &'f Relation,
        new: &'f Relation,
        moment: &'f Moment,
        function: &'f Function,
    ) -> Fired<'f> {
        Fired { path, old, new, moment, function, depth: DEPTH }
    }

    /// The function that a trigger runs: it takes no arguments, so that there is one of its name.
    pub(super) fn runs(&self, trigger: &Trigger) -> Option<&Function> {
        self.now().functions.get(&trigger.function)?.first()
    }

    /// Whether a trigger on a new table lets rows pass.
    fn passes(&self, path: &Path, relation: &Relation, trigger: &Trigger, depth: u8) -> bool {
        let moment = Moment::of(trigger);
        let Some(function) = self.runs(trigger) else { return false };
        let Some(body) = read(function) else { return false };
        let fired = Fired { path, old: relation, new: relation, moment: &moment, function, depth };
        self.is_harmless(fired, &body, &|_| true)
    }

    /// Whether the steps that count fill new columns or write to new tables and do nothing else, and cannot fail: how
    /// a schema is expanded.
    pub(super) fn is_harmless(&self, fired: Fired<'_>, body: &Body, counts: &dyn Fn(&Step) -> bool) -> bool {
        let mut scope = Scope {
            replay: self.replay,
            row: Some(fired.new),
            bare: None,
            variables: std::collections::BTreeMap::new(),
            search: fired.function.search_path.clone().unwrap_or_else(|| vec![String::from("public")]),
            depth: fired.depth,
        };
        let fails = |when: &[Token]| !when.is_empty() && scope.sure(when).is_none();
        if !ends_in_return(&body.steps) || fails(&fired.moment.when) {
            return false;
        }
        body.steps.iter().all(|step| {
            let holds = self.step(fired, step, &mut scope, false);
            holds || !counts(step)
        })
    }

    fn step(&self, fired: Fired<'_>, step: &Step, scope: &mut Scope<'_>, caught: bool) -> bool {
        match step {
            Step::Declare { .. } => scope.declares(step, caught),
            Step::Assign { name, value, .. } => match name.strip_prefix("new . ") {
                Some(column) => self.fills(fired, column, value, scope, caught),
                None => scope.assigns(name, value, caught),
            },
            Step::Evaluate { tokens } => caught || scope.sure(tokens).is_some(),
            Step::Return { value, .. } => returns_the_row(fired.moment, value),
            Step::Run { tokens, .. } => self.runs_well(fired, tokens, scope, caught),
            Step::Caught { steps } => steps.iter().all(|step| self.step(fired, step, scope, true)),
            Step::Raise { .. } => caught,
            Step::Execute { .. } | Step::Each { .. } | Step::Other => false,
        }
    }

    fn runs_well(&self, fired: Fired<'_>, tokens: &[Token], scope: &Scope<'_>, caught: bool) -> bool {
        match lower::statement(tokens).action {
            Action::Insert { table, .. } => self.inserts(fired, &table, tokens, scope, caught),
            Action::Update { table, .. } => self.updates(fired, &table, tokens, scope, caught),
            Action::Delete { table, .. } => self.deletes(fired, &table, tokens, scope, caught),
            _ => match tokens {
                [notify, ..] if notify.is("notify") => true,
                [perform, call @ ..] if perform.is("perform") => {
                    notifies(call, scope) || scope.sure(call).is_some()
                }
                _ => false,
            },
        }
    }
}

/// The body of a function in PL/pgSQL, if all of it can be read.
pub(super) fn read(function: &Function) -> Option<Body> {
    let text = function.body.as_ref().filter(|_| function.language == "plpgsql")?;
    let body = syntax::body(&text.text, text.verbatim, text.span);
    (body.errors.is_empty() && !body.steps.is_empty()).then_some(body)
}

/// `pg_notify` takes up to 8,000 bytes (PostgreSQL docs, `NOTIFY`); a number or a short text is shorter.
fn notifies(call: &[Token], scope: &Scope<'_>) -> bool {
    let [name, open, inner @ .., close] = call else { return false };
    let parts = crate::token::split_commas(inner);
    let [_, payload] = parts.as_slice() else { return false };
    let payload = match payload {
        [value @ .., cast, ty] if cast.is("::") && ty.is("text") => value,
        payload => payload,
    };
    let short = match payload {
        [object, open, inner @ .., close] if open.is("(") && close.is(")") => {
            let object = object.is("json_build_object") || object.is("jsonb_build_object");
            let parts = crate::token::split_commas(inner);
            object && parts.len() < 20 && parts.iter().all(|part| is_short(part, scope))
        }
        payload => is_short(payload, scope),
    };
    name.is("pg_notify") && open.is("(") && close.is(")") && scope.sure(payload).is_some() && short
}

fn is_short(value: &[Token], scope: &Scope<'_>) -> bool {
    const SHORT: [&str; 7] = ["uuid", "int2", "int4", "int8", "bool", "timestamptz", "date"];
    match scope.sure(value) {
        Some(Sure::Literal(_) | Sure::Number(_) | Sure::Null) => true,
        Some(Sure::Of(ty)) => {
            let limit = ty.modifiers.first().filter(|_| ty.name == "varchar");
            let own = matches!(value, [word] if word.text.starts_with("tg_"));
            own || SHORT.contains(&ty.name.as_str()) || limit.is_some_and(|limit| *limit < 300)
        }
        _ => false,
    }
}

/// Whether what a trigger gives back lets the write go on with the row as it is.
fn returns_the_row(moment: &Moment, value: &[Token]) -> bool {
    let value = line(value);
    if !(moment.before && moment.row) {
        return ["new", "old", "null", "coalesce ( new , old )", ""].contains(&value.as_str());
    }
    match value.as_str() {
        "coalesce ( new , old )" => true,
        // It is null for a delete, which then does nothing.
        "new" => !moment.is_on("delete"),
        // It is null for an insert, and an update with it changes nothing.
        "old" => moment.is_only_on("delete"),
        _ => false,
    }
}

/// Whether a body ends with a `return`, be it in branches: without one it fails (2F005).
fn ends_in_return(steps: &[Step]) -> bool {
    match steps.last() {
        Some(Step::Return { .. }) => true,
        Some(Step::Caught { steps }) => ends_in_return(steps),
        _ => false,
    }
}

/// Why no write comes through a body, if that is certain.
pub(super) fn refusal(steps: &[Step], moment: &Moment) -> Option<&'static str> {
    for step in steps {
        match step {
            Step::Raise { guarded: false } => return Some("raises an error (P0001)"),
            Step::Return { guarded: true, .. } | Step::Caught { .. } => return None,
            Step::Return { value, .. } => {
                let drops = match line(value).as_str() {
                    "null" => true,
                    "new" => moment.is_only_on("delete"),
                    "old" => moment.is_only_on("insert"),
                    _ => false,
                };
                return (drops && moment.before && moment.row)
                    .then_some("returns no row, so that nothing is written");
            }
            _ => {}
        }
    }
    Some("ends without `return` (2F005)")
}
