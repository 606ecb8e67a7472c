//! `on`.

use yaml::Node;

use super::Read;
use super::cursor::{Cursor, Keys};
use super::id::is_id;
use crate::triggers::{Cron, Dispatch, Input, InputKind, Pattern, Patterns, Push, Triggers};

const ON: Keys = Keys {
    what: "`on`",
    known: &["push", "schedule", "workflow_dispatch"],
    unsupported: &[
        "branch_protection_rule",
        "check_run",
        "check_suite",
        "create",
        "delete",
        "deployment",
        "deployment_status",
        "discussion",
        "discussion_comment",
        "fork",
        "gollum",
        "image_version",
        "issue_comment",
        "issues",
        "label",
        "merge_group",
        "milestone",
        "page_build",
        "public",
        "pull_request",
        "pull_request_review",
        "pull_request_review_comment",
        "pull_request_target",
        "registry_package",
        "release",
        "repository_dispatch",
        "status",
        "watch",
        "workflow_call",
        "workflow_run",
    ],
};
const PUSH: Keys = Keys {
    what: "`push`",
    known: &["branches", "tags"],
    unsupported: &["branches-ignore", "tags-ignore", "paths", "paths-ignore"],
};
const SCHEDULE: Keys = Keys { what: "an item of `schedule`", known: &["cron"], unsupported: &["timezone"] };
const DISPATCH: Keys = Keys { what: "`workflow_dispatch`", known: &["inputs"], unsupported: &[] };
const INPUT: Keys = Keys {
    what: "an input",
    known: &["description", "required", "default", "type", "options"],
    unsupported: &["deprecationMessage"],
};
/// How many inputs a dispatch may have (GitHub's REST API, "Create a workflow dispatch event").
const MAX_INPUTS: usize = 25;

impl Cursor<'_> {
    pub(super) fn read_triggers(&self) -> Read<Triggers> {
        if !matches!(self.node, Node::Map(_)) {
            return Err(self.fault("name each event as a key of a mapping, such as `push:`"));
        }
        let mut keys = self.keys(&ON)?;
        let triggers = Triggers {
            push: keys.read("push", push)?,
            dispatch: keys.read("workflow_dispatch", dispatch)?,
            schedule: keys.read("schedule", schedule)?.unwrap_or_default(),
        };
        if triggers.push.is_none() && triggers.dispatch.is_none() && triggers.schedule.is_empty() {
            return Err(self.fault("no event starts this workflow"));
        }
        Ok(triggers)
    }
}

fn push(cursor: &Cursor<'_>) -> Read<Push> {
    let mut keys = cursor.keys(&PUSH)?;
    Ok(Push { branches: keys.read("branches", patterns)?, tags: keys.read("tags", patterns)? })
}

fn patterns(cursor: &Cursor<'_>) -> Read<Patterns> {
    let items = cursor.items()?;
    let read =
        |item: &Cursor<'_>| Pattern::parse(&item.text()?).map_err(|error| item.fault(error.to_string()));
    let patterns = items.iter().map(read).collect::<Read<Vec<Pattern>>>()?;
    Patterns::new(patterns).map_err(|why| cursor.fault(why))
}

fn schedule(cursor: &Cursor<'_>) -> Read<Vec<Cron>> {
    let read = |item: &Cursor<'_>| {
        let cron = item.keys(&SCHEDULE)?.require("cron")?;
        Cron::parse(&cron.text()?).map_err(|why| cron.fault(why))
    };
    cursor.items()?.iter().map(read).collect()
}

fn dispatch(cursor: &Cursor<'_>) -> Read<Dispatch> {
    let inputs = cursor.keys(&DISPATCH)?.read("inputs", inputs)?;
    Ok(Dispatch { inputs: inputs.unwrap_or_default() })
}

fn inputs(cursor: &Cursor<'_>) -> Read<Vec<Input>> {
    let inputs: Vec<Input> =
        cursor.entries()?.into_iter().map(|(name, value)| input(name, &value)).collect::<Read<_>>()?;
    if inputs.len() > MAX_INPUTS {
        return Err(cursor.fault(format!("GitHub takes {MAX_INPUTS} inputs, and these are {}", inputs.len())));
    }
    Ok(inputs)
}

fn input(name: &str, cursor: &Cursor<'_>) -> Read<Input> {
    if !is_id(name) {
        return Err(cursor.name_fault(format!(
            "`{name}` cannot be the name of an input: a letter or `_` first, then letters, digits, `-` and `_`"
        )));
    }
    let mut keys = cursor.keys(&INPUT)?;
    let options = keys.take("options");
    let kind = match keys.take("type") {
        Some(kind) => input_kind(&kind, options.as_ref())?,
        None => InputKind::Text,
    };
    if let (Some(options), false) = (&options, matches!(kind, InputKind::Choice(_))) {
        return Err(options.name_fault("`options` belong to an input with `type: choice`"));
    }
    let default = keys.take("default");
    let input = Input {
        name: name.to_owned(),
        description: keys.read("description", Cursor::text)?.unwrap_or_default(),
        required: keys.read("required", Cursor::literal_bool)?.unwrap_or(false),
        default: default.as_ref().map(Cursor::scalar).transpose()?,
        kind,
    };
    match (&input.default, &default) {
        (Some(value), Some(place)) => input.check(value).map(|()| input).map_err(|why| place.fault(why)),
        _ => Ok(input),
    }
}

fn input_kind(cursor: &Cursor<'_>, options: Option<&Cursor<'_>>) -> Read<InputKind> {
    match (cursor.text()?.as_str(), options) {
        ("string", _) => Ok(InputKind::Text),
        ("boolean", _) => Ok(InputKind::Boolean),
        ("number", _) => Ok(InputKind::Number),
        ("environment", _) => Ok(InputKind::Environment),
        ("choice", Some(options)) => {
            let options: Vec<String> = options.items()?.iter().map(Cursor::scalar).collect::<Read<_>>()?;
            if options.is_empty() {
                return Err(cursor.fault("a choice needs `options`"));
            }
            Ok(InputKind::Choice(options))
        }
        ("choice", None) => Err(cursor.fault("a choice needs `options`")),
        (other, _) => Err(cursor.fault(format!(
            "`{other}` is no type of an input: it is string, boolean, number, choice or environment"
        ))),
    }
}
