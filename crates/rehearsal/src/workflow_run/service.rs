//! GitHub's side: events come in, runs go out.

mod attempt;
mod check;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::watch;
use workflow::Workflow;
use workflow::concurrency::{Groups, Order};
use workflow::triggers::Pushed;

use super::contexts::Identity;
use super::drive::kept;
use super::event::{Event, EventKind, Reference};
use super::hooks::{Hooks, NoHooks};
use super::record::Job;
use super::settings::Settings;
use super::source::Source;
use super::stand_in::{Checkout, StandIn};
use super::tokens::{Tokens, Unchecked};
use super::{Parts, WorkflowRunError};

pub use attempt::Handle;

use attempt::{Entry, Key, Live};

/// A service that is being put together.
#[derive(Debug)]
pub struct Builder {
    settings: Settings,
    parts: Parts,
}

impl Builder {
    /// Who issues tokens; without this nobody checks them.
    #[must_use]
    pub fn tokens(mut self, tokens: Arc<dyn Tokens>) -> Self {
        self.parts.tokens = tokens;
        self
    }

    /// What a scenario does at the moments of each run.
    #[must_use]
    pub fn hooks(mut self, hooks: Arc<dyn Hooks>) -> Self {
        self.parts.hooks = hooks;
        self
    }

    /// Declares what does the work of an external action, `owner/name`. `actions/checkout` is there already.
    #[must_use]
    pub fn stand_in(mut self, action: &str, stand_in: Arc<dyn StandIn>) -> Self {
        self.parts.stand_ins.insert(action.to_ascii_lowercase(), stand_in);
        self
    }

    /// The service.
    #[must_use]
    pub fn build(self) -> Service {
        let settings = Mutex::new(Arc::new(self.settings));
        Service(Arc::new(Inner { parts: Arc::new(self.parts), settings, state: Mutex::default() }))
    }
}

/// Workflows of one repository, on runners of this machine. Cloning shares it.
#[derive(Debug, Clone)]
pub struct Service(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    parts: Arc<Parts>,
    settings: Mutex<Arc<Settings>>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    runs: u64,
    /// Runs so far, by workflow file.
    numbers: BTreeMap<String, u64>,
    groups: Groups<Key>,
    live: BTreeMap<Key, Live>,
    /// The newest attempt of each run that is over.
    past: BTreeMap<u64, Past>,
}

#[derive(Debug, Clone)]
struct Past {
    identity: Arc<Identity>,
    workflow: Arc<Workflow>,
    jobs: Vec<Job>,
}

/// What starts one run, or runs it again.
struct Start {
    identity: Identity,
    workflow: Arc<Workflow>,
    kept: BTreeMap<String, Job>,
}

impl Service {
    /// A service for a git repository in a local folder; `actions/checkout` has its stand-in.
    ///
    /// # Errors
    /// When the folder is not there, or none can be made for the repository's actions.
    pub fn builder(settings: Settings, repository: &Path) -> Result<Builder, WorkflowRunError> {
        let checkout: Arc<dyn StandIn> = Arc::new(Checkout);
        let parts = Parts {
            source: Source::new(repository)?,
            tokens: Arc::new(Unchecked),
            hooks: Arc::new(NoHooks),
            stand_ins: BTreeMap::from([("actions/checkout".to_owned(), checkout)]),
        };
        Ok(Builder { settings, parts })
    }

    /// Changes the repository's settings, for runs that start from now on.
    pub fn change(&self, change: impl FnOnce(&mut Settings)) {
        change(Arc::make_mut(&mut lock(&self.0.settings)));
    }

    /// A branch or a tag was pushed, as it is now. Gives the runs that this starts, in the order of their files.
    ///
    /// # Errors
    /// When there is no such ref, or a workflow file of that commit cannot be executed here; nothing has been
    /// started then.
    pub async fn push(&self, reference: &Reference) -> Result<Vec<Handle>, WorkflowRunError> {
        let commit = self.0.parts.source.commit(&reference.to_string()).await?;
        let event = Event { reference: reference.clone(), commit, kind: EventKind::Push };
        let workflows = self.workflows(&event.commit).await?;
        let mut started = Vec::new();
        let pushed = match reference {
            Reference::Branch(name) => Pushed::Branch(name),
            Reference::Tag(name) => Pushed::Tag(name),
        };
        for (file, workflow) in workflows {
            if workflow.on.start_on(pushed) {
                started.push(self.first(file, workflow, event.clone()));
            }
        }
        started.into_iter().map(|start| self.start(start)).collect()
    }

    /// Somebody starts a workflow by hand, at a branch or tag. Inputs that are not given have their defaults.
    ///
    /// # Errors
    /// When there is no such ref or file, the file cannot be executed here or is not started by hand, or an input
    /// is unknown, missing or of the wrong kind.
    pub async fn dispatch(
        &self,
        file: &str,
        reference: &Reference,
        inputs: BTreeMap<String, String>,
    ) -> Result<Handle, WorkflowRunError> {
        let (commit, file, workflow) = self.workflow(file, reference).await?;
        let inputs = check::dispatched(&workflow, inputs)
            .map_err(|problem| WorkflowRunError::Refused(format!("start {file} by hand: {problem}")))?;
        let booleans = check::booleans(&workflow);
        let kind = EventKind::Dispatch { file: file.clone(), inputs, booleans };
        let event = Event { reference: reference.clone(), commit, kind };
        self.start(self.first(file, workflow, event))
    }

    /// The clock starts a workflow, at the default branch.
    ///
    /// # Errors
    /// When there is no such branch or file, the file cannot be executed here or has no `schedule`.
    pub async fn tick(&self, file: &str, default: &Reference) -> Result<Handle, WorkflowRunError> {
        let (commit, file, workflow) = self.workflow(file, default).await?;
        if workflow.on.schedule.is_empty() {
            return Err(WorkflowRunError::Refused(format!(
                "start {file} by the clock: it has no `schedule`"
            )));
        }
        let event = Event { reference: default.clone(), commit, kind: EventKind::Schedule };
        self.start(self.first(file, workflow, event))
    }

    /// Runs a run that is over once more, with the same event and commit and the settings of now.
    ///
    /// # Errors
    /// When there is no such run, or it is not over.
    pub fn rerun(&self, run: u64) -> Result<Handle, WorkflowRunError> {
        let past = self.past(run)?;
        self.again(past, BTreeMap::new())
    }

    /// Runs the jobs of a run once more that failed or were cancelled, and all that need them; the others keep
    /// their results.
    ///
    /// # Errors
    /// When there is no such run, it is not over, or nothing of it failed.
    pub fn rerun_failed(&self, run: u64) -> Result<Handle, WorkflowRunError> {
        let past = self.past(run)?;
        let kept = kept(&past.workflow, &past.jobs);
        if kept.len() == past.workflow.jobs.len() {
            return Err(WorkflowRunError::Refused(format!("run {run} has no failed jobs")));
        }
        self.again(past, kept)
    }

    fn again(&self, past: Past, kept: BTreeMap<String, Job>) -> Result<Handle, WorkflowRunError> {
        let identity = Identity { attempt: past.identity.attempt + 1, ..(*past.identity).clone() };
        self.start(Start { identity, workflow: past.workflow, kept })
    }

    fn past(&self, run: u64) -> Result<Past, WorkflowRunError> {
        let past = self.state().past.get(&run).cloned();
        past.ok_or_else(|| WorkflowRunError::Refused(format!("there is no run {run} that is over")))
    }

    /// One workflow file at a branch or tag, with the commit.
    async fn workflow(
        &self,
        file: &str,
        reference: &Reference,
    ) -> Result<(String, String, Workflow), WorkflowRunError> {
        let commit = self.0.parts.source.commit(&reference.to_string()).await?;
        let found = self.workflows(&commit).await?.into_iter().find(|(known, _)| known == file);
        let (file, workflow) = found.ok_or_else(|| {
            WorkflowRunError::Refused(format!("there is no workflow {file} at {reference}"))
        })?;
        Ok((commit, file, workflow))
    }

    /// Every enabled workflow file of a commit, read and found to be executable here.
    async fn workflows(&self, commit: &str) -> Result<Vec<(String, Workflow)>, WorkflowRunError> {
        let settings = self.settings();
        let mut workflows = Vec::new();
        for (file, text) in self.0.parts.source.workflows(commit).await? {
            if settings.disabled.contains(&file) {
                continue;
            }
            let workflow = Workflow::parse(&text)
                .map_err(|problem| WorkflowRunError::File { file: file.clone(), problem })?;
            check::executable(&file, &workflow, &settings, &self.0.parts)?;
            workflows.push((file, workflow));
        }
        Ok(workflows)
    }

    fn first(&self, file: String, workflow: Workflow, event: Event) -> Start {
        let mut state = self.state();
        state.runs += 1;
        let id = self.settings().first_run + state.runs - 1;
        let number = state.numbers.entry(file.clone()).and_modify(|number| *number += 1).or_insert(1);
        let name = workflow.name.clone().unwrap_or_else(|| format!(".github/workflows/{file}"));
        let identity = Identity { id, number: *number, attempt: 1, file, name, event };
        Start { identity, workflow: Arc::new(workflow), kept: BTreeMap::new() }
    }

    /// Lets a run queue up in its concurrency group, and work when it is its turn.
    fn start(&self, start: Start) -> Result<Handle, WorkflowRunError> {
        let queued = Instant::now();
        let Start { identity, workflow, kept } = start;
        let group = group(&identity, &workflow, &self.settings())?;
        let key = Key { run: identity.id, attempt: identity.attempt };
        let (gate, opened) = watch::channel(false);
        let (cancelled, asked) = watch::channel(false);
        let live = Live { gate, cancelled, remark: Arc::default() };
        {
            let mut state = self.state();
            state.past.remove(&identity.id);
            state.live.insert(key, live.clone());
            let orders = match (&group, &workflow.concurrency) {
                (Some(group), Some(rules)) => state.groups.arrive(group, key, rules),
                _ => vec![Order::Start(key)],
            };
            state.obey(orders);
        }
        let entry = Entry { service: self.clone(), key, group, queued, opened, asked, live: live.clone() };
        let task = tokio::spawn(entry.follow(Arc::new(identity), workflow, kept));
        Ok(Handle { key, live, task })
    }

    fn settings(&self) -> Arc<Settings> {
        Arc::clone(&lock(&self.0.settings))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0.state)
    }
}

impl State {
    fn obey(&mut self, orders: Vec<Order<Key>>) {
        for order in orders {
            match order {
                Order::Start(key) => {
                    if let Some(live) = self.live.get(&key) {
                        live.gate.send_replace(true);
                    }
                }
                Order::Cancel(key, why) => {
                    if let Some(live) = self.live.get(&key) {
                        live.cancel(&why.to_string());
                    }
                }
            }
        }
    }
}

/// The name of a run's concurrency group.
fn group(
    identity: &Identity,
    workflow: &Workflow,
    settings: &Settings,
) -> Result<Option<String>, WorkflowRunError> {
    let Some(concurrency) = &workflow.concurrency else { return Ok(None) };
    let name = concurrency.group.evaluate_text(&identity.contexts(settings)).map_err(|problem| {
        WorkflowRunError::Expression { place: format!("{}, concurrency", identity.file), problem }
    })?;
    Ok(Some(name))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
