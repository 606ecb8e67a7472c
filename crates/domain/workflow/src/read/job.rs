//! `jobs.<id>`.

use yaml::Node;

use super::cursor::{Cursor, Keys};
use super::id::is_id;
use super::{Read, permissions, step};
use crate::problem::Fault;
use crate::workflow::{Environment, Job, Step};

const JOB: Keys = Keys {
    what: "a job",
    known: &[
        "needs",
        "if",
        "runs-on",
        "timeout-minutes",
        "environment",
        "permissions",
        "outputs",
        "env",
        "steps",
    ],
    unsupported: &[
        "name",
        "strategy",
        "services",
        "container",
        "snapshot",
        "uses",
        "with",
        "secrets",
        "defaults",
        "concurrency",
        "continue-on-error",
    ],
};
const ENVIRONMENT: Keys =
    Keys { what: "`environment`", known: &["name", "url"], unsupported: &["deployment"] };

pub(super) fn read(id: &str, cursor: &Cursor<'_>) -> Read<Job> {
    check_id(id, cursor)?;
    let mut keys = cursor.keys(&JOB)?;
    Ok(Job {
        id: id.to_owned(),
        needs: keys.read("needs", needs)?.unwrap_or_default(),
        condition: keys.read("if", Cursor::condition)?,
        runs_on: label(&keys.require("runs-on")?)?,
        timeout_minutes: keys.read("timeout-minutes", Cursor::minutes)?,
        environment: keys.read("environment", environment)?,
        permissions: keys.read("permissions", permissions)?,
        outputs: keys.read("outputs", Cursor::values)?.unwrap_or_default(),
        env: keys.read("env", Cursor::values)?.unwrap_or_default(),
        steps: steps(&keys.require("steps")?)?,
    })
}

fn check_id(id: &str, cursor: &Cursor<'_>) -> Read<()> {
    if is_id(id) {
        return Ok(());
    }
    Err(cursor.name_fault(format!(
        "`{id}` cannot be the id of a job: a letter or `_` first, then letters, digits, `-` and `_`"
    )))
}

fn needs(cursor: &Cursor<'_>) -> Read<Vec<String>> {
    if matches!(cursor.node, Node::Text(_)) {
        return Ok(vec![cursor.text()?]);
    }
    let mut ids = Vec::new();
    for item in cursor.items()? {
        let id = item.text()?;
        if ids.contains(&id) {
            return Err(item.fault(format!("`{id}` stands twice in `needs`")));
        }
        ids.push(id);
    }
    Ok(ids)
}

fn label(cursor: &Cursor<'_>) -> Read<crate::expression::Template> {
    match cursor.node {
        Node::Text(_) => cursor.template(),
        _ => {
            Err(cursor.fault("several labels or a group of runners are not supported here: write one label"))
        }
    }
}

fn environment(cursor: &Cursor<'_>) -> Read<Environment> {
    if !matches!(cursor.node, Node::Map(_)) {
        return Ok(Environment { name: cursor.template()?, url: None });
    }
    let mut keys = cursor.keys(&ENVIRONMENT)?;
    Ok(Environment { name: keys.require("name")?.template()?, url: keys.read("url", Cursor::template)? })
}

fn steps(cursor: &Cursor<'_>) -> Read<Vec<Step>> {
    let mut steps: Vec<Step> = Vec::new();
    for item in cursor.items()? {
        let step = step::read(&item)?;
        if steps.iter().any(|earlier| is_same_id(earlier, &step)) {
            return Err(twice(&item, &step));
        }
        steps.push(step);
    }
    if steps.is_empty() {
        return Err(cursor.fault("a job needs a step"));
    }
    Ok(steps)
}

/// GitHub tells ids apart without regard to case.
fn is_same_id(one: &Step, other: &Step) -> bool {
    one.id.as_ref().zip(other.id.as_ref()).is_some_and(|(one, other)| one.eq_ignore_ascii_case(other))
}

fn twice(item: &Cursor<'_>, step: &Step) -> Fault {
    let id = step.id.as_deref().unwrap_or_default();
    item.path.key("id").fault(format!("an earlier step of this job has the id `{id}` already"))
}
