//! The text of a workflow file -> its types, or the first thing that is wrong with it.

mod cursor;
mod id;
mod job;
mod scalar;
mod step;
mod trigger;

use yaml::Node;

use crate::concurrency::{Concurrency, Queue};
use crate::permissions::{Access, Permissions, SCOPES};
use crate::problem::{Fault, Path, Problem};
use crate::references;
use crate::workflow::{Job, Values, Workflow};
use cursor::{Cursor, Keys};

/// The largest file, in bytes: a bound of this reader, far above the largest of GitHub's examples.
pub const MAX_BYTES: usize = 1 << 20;

type Read<T> = Result<T, Fault>;

const WORKFLOW: Keys = Keys {
    what: "a workflow",
    known: &["name", "on", "permissions", "concurrency", "env", "jobs"],
    unsupported: &["run-name", "defaults"],
};
const CONCURRENCY: Keys =
    Keys { what: "`concurrency`", known: &["group", "cancel-in-progress", "queue"], unsupported: &[] };

impl Workflow {
    /// Reads a workflow file, and checks what can be told without running it: that every `needs` names a job and
    /// no job waits for itself, that every expression can be read, uses only the contexts that GitHub gives it at
    /// its place, and refers to jobs, steps, outputs and inputs that exist.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place. What GitHub knows and this crate does not is refused by
    /// name: a matrix, services, containers, reusable workflows, `defaults`, `hashFiles`, other events.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        if text.len() > MAX_BYTES {
            return Err(whole_file(format!("the file is larger than {MAX_BYTES} bytes")).place(""));
        }
        let node = Node::parse(text).map_err(|error| Problem {
            position: error.position,
            path: String::new(),
            message: error.message,
        })?;
        let workflow = read(&node).map_err(|fault| fault.place(text))?;
        references::check(&workflow).map_err(|fault| fault.place(text))?;
        Ok(workflow)
    }
}

fn whole_file(message: String) -> Fault {
    Path::default().fault(message)
}

fn read(node: &Node) -> Read<Workflow> {
    let mut keys = Cursor::top(node).keys(&WORKFLOW)?;
    let workflow = Workflow {
        name: keys.read("name", Cursor::text)?,
        on: keys.require("on")?.read_triggers()?,
        permissions: keys.read("permissions", permissions)?,
        concurrency: keys.read("concurrency", concurrency)?,
        env: keys.read("env", Cursor::values)?.unwrap_or_default(),
        jobs: jobs(&keys.require("jobs")?)?,
    };
    Ok(workflow)
}

fn jobs(cursor: &Cursor<'_>) -> Read<Vec<Job>> {
    let jobs: Vec<Job> =
        cursor.entries()?.into_iter().map(|(id, job)| job::read(id, &job)).collect::<Read<_>>()?;
    if jobs.is_empty() {
        return Err(cursor.fault("there is no job"));
    }
    Ok(jobs)
}

/// `permissions` of a workflow or of a job.
fn permissions(cursor: &Cursor<'_>) -> Read<Permissions> {
    if let Node::Text(all) = cursor.node {
        return Err(cursor.fault(format!(
            "`{all}` grants more than any job needs and is not supported here: name the scopes, or write {{}}"
        )));
    }
    let scopes = cursor.entries()?.into_iter().map(|(scope, access)| {
        if !SCOPES.contains(&scope) {
            let known = SCOPES.join(", ");
            return Err(access.name_fault(format!("there is no scope `{scope}`; the scopes are {known}")));
        }
        let granted = match access.text()?.as_str() {
            "none" => Access::None,
            "read" if scope != "id-token" => Access::Read,
            "write" if scope != "models" => Access::Write,
            other => return Err(access.fault(format!("`{other}` cannot be granted on `{scope}`"))),
        };
        Ok((scope.to_owned(), granted))
    });
    Ok(Permissions(scopes.collect::<Read<_>>()?))
}

fn concurrency(cursor: &Cursor<'_>) -> Read<Concurrency> {
    let mut keys = cursor.keys(&CONCURRENCY)?;
    let concurrency = Concurrency {
        group: keys.require("group")?.template()?,
        cancel_in_progress: keys.read("cancel-in-progress", Cursor::literal_bool)?.unwrap_or(false),
        queue: keys.read("queue", queue)?.unwrap_or_default(),
    };
    if concurrency.cancel_in_progress && concurrency.queue == Queue::Max {
        return Err(cursor.fault(
            "`queue: max` and `cancel-in-progress: true` exclude each other: GitHub refuses the file",
        ));
    }
    Ok(concurrency)
}

fn queue(cursor: &Cursor<'_>) -> Read<Queue> {
    match cursor.text()?.as_str() {
        "single" => Ok(Queue::Single),
        "max" => Ok(Queue::Max),
        other => Err(cursor.fault(format!("`queue` is `single` or `max`, not `{other}`"))),
    }
}

impl Cursor<'_> {
    /// Names with text or templates: `env`, `with`, `outputs`.
    fn values(&self) -> Read<Values> {
        self.entries()?.into_iter().map(|(name, value)| Ok((name.to_owned(), value.template()?))).collect()
    }
}
