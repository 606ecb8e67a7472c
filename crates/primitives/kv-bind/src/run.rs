//! The order of events: find, read, approve, create, bind, read back.

use std::time::Duration;

use action::{Context, Done, Ending, Failure, Permit, Plan, markdown};
use cloudflare::{Cloudflare, Namespace};
use http::Outcome;
use wait::{Ended, Ensured, Fault, Look, Schedule};

use crate::bindings::{Bindings, Verdict};
use crate::namespace::{self, Wanted};
use crate::target::ReadError;
use crate::{BindOutputs, Job};

/// How long the API has to show what was written.
const READ_BACK: Schedule =
    Schedule { deadline: Duration::from_secs(30), cadence: Duration::from_secs(5), first: Duration::ZERO };

/// Runs the job.
pub(crate) async fn run(job: &Job, context: &Context, outputs: &mut BindOutputs) -> Result<Done, Failure> {
    let api = Cloudflare::new(context, context.secret("CLOUDFLARE_API_TOKEN")?)?;
    let found = job.wanted.find(&api, &job.account).await?;
    tell(outputs, found.as_ref());
    let configuration = job.target.read(&api, &job.account).await.map_err(|error| nothing_yet(job, error))?;
    let id = found.as_ref().map(|namespace| namespace.id.as_str());
    let verdict = configuration.bindings.judge(&job.binding, id)?;
    outputs.changed = Some(false);
    outputs.deploy_needed = Some(false);
    let Verdict::Bind { instead_of } = verdict else {
        tracing::info!("{} of {} holds the namespace already", job.binding, job.target);
        bound_before(job, context, outputs);
        return Ok(Done::Unchanged);
    };
    let permit = context.approve(&plan(job, found.as_ref(), instead_of.as_deref()))?;
    let run = Run { job, context, api: &api, permit: &permit };
    let namespace = run.namespace(found, outputs).await?;
    run.bind(&namespace, outputs).await?;
    summarise(job, context, &namespace, instead_of.as_deref());
    Ok(Done::Success)
}

/// What would be changed.
fn plan(job: &Job, found: Option<&Namespace>, instead_of: Option<&str>) -> Plan {
    let mut plan = Plan::new();
    let becomes = match (found, &job.wanted) {
        (Some(namespace), _) => format!("KV namespace `{}` ({})", namespace.title, namespace.id),
        (None, Wanted::Title { title, .. }) => {
            plan.change(format!("KV namespace `{title}`"), "not there", "created");
            format!("KV namespace `{title}` (new)")
        }
        (None, Wanted::Id(id)) => format!("KV namespace {id}"),
    };
    let now = instead_of.map_or_else(|| "not bound".to_owned(), |id| format!("KV namespace {id}"));
    plan.change(format!("{} of {}", job.binding, job.target), now, becomes);
    plan
}

/// A run that may change things.
struct Run<'a> {
    job: &'a Job,
    context: &'a Context,
    api: &'a Cloudflare,
    permit: &'a Permit,
}

impl Run<'_> {
    /// The namespace, created if it has to be.
    async fn namespace(
        &self,
        found: Option<Namespace>,
        outputs: &mut BindOutputs,
    ) -> Result<Namespace, Failure> {
        let (None, Wanted::Title { title, .. }) = (&found, &self.job.wanted) else {
            return found.ok_or_else(|| Failure::bug("a namespace given by its id was not looked up"));
        };
        let ensured =
            namespace::ensure(self.context, self.api, &self.job.account, title, self.permit).await?;
        let created = matches!(ensured, Ensured::Created(_));
        let namespace = ensured.into_inner();
        if created {
            outputs.changed = Some(true);
            tracing::info!("created KV namespace `{title}` ({})", namespace.id);
        }
        tell(outputs, Some(&namespace));
        self.context.publish(outputs)?;
        Ok(namespace)
    }

    /// Reads once more, writes, and reads back. The read just before the write
    /// keeps the time short in which somebody else's change would be lost: the API
    /// knows no conditional requests.
    async fn bind(&self, namespace: &Namespace, outputs: &mut BindOutputs) -> Result<(), Failure> {
        let Job { target, binding, account, .. } = self.job;
        let before = target.read(self.api, account).await.map_err(|error| error.into_failure(target))?;
        if before.bindings.judge(binding, Some(&namespace.id))? == Verdict::Bound {
            self.context.leaves_behind("");
            bound_before(self.job, self.context, outputs);
            return Ok(());
        }
        self.context.leaves_behind(format!(
            "{binding} of {target} may have been bound to KV namespace {}; a second run finds out",
            namespace.id
        ));
        let created = outputs.changed;
        outputs.changed = Some(true);
        outputs.deploy_needed = Some(target.waits_for_a_deployment());
        // Before the write, as if it had happened: a killed step keeps what it wrote.
        self.context.publish(outputs)?;
        let wanted = (binding.as_str(), namespace.id.as_str());
        let lost = match target.bind(self.api, account, &before, wanted, self.permit).await {
            Ok(()) => None,
            Err(error) if error.outcome() == Outcome::Unknown => Some(error),
            Err(error) => {
                self.context.leaves_behind("");
                (outputs.changed, outputs.deploy_needed) = (created, Some(false));
                return Err(Failure::from(error)
                    .context(format!("bind {binding} of {target}"))
                    .hint("no binding has been changed"));
            }
        };
        let after = self.read_back(namespace, lost.as_ref()).await?;
        self.context.leaves_behind("");
        let missing = before.bindings.missing_from(&after, binding);
        if missing.is_empty() {
            return Ok(());
        }
        Err(Failure::failed(format!("{target} has lost or changed bindings since {binding} was bound: {}", missing.join(", ")))
            .hint("somebody else removed or changed them at the same time, or Cloudflare did; look at them before the next deployment"))
    }

    /// Looks until the binding is there; `lost` is why the write had no answer.
    async fn read_back(
        &self,
        namespace: &Namespace,
        lost: Option<&http::Error>,
    ) -> Result<Bindings, Failure> {
        let Job { target, binding, account, .. } = self.job;
        if let Some(error) = lost {
            tracing::info!("{error}; looking whether it was applied");
        }
        let api = self.api.once();
        let what = format!("{binding} of {target}");
        let looked = wait::until(self.context.clock(), READ_BACK, &what, async |_| {
            match target.read(&api, account).await {
                Ok(read) => Ok(match read.bindings.judge(binding, Some(&namespace.id)) {
                    Ok(Verdict::Bound) => Look::Done(read.bindings),
                    Ok(Verdict::Bind { instead_of: None }) => Look::NotYet("not bound".to_owned()),
                    Ok(Verdict::Bind { instead_of: Some(id) }) => Look::NotYet(format!("bound to {id}")),
                    Err(refusal) => Look::NotYet(refusal.message().to_owned()),
                }),
                Err(ReadError::Http(error)) if error.is_passing() => Ok(Look::Fault(Fault::from(&error))),
                Err(error) => Err(error),
            }
        });
        let (ending, why) = match looked.await {
            Ok(bindings) => return Ok(bindings),
            Err(Ended::TimedOut(timed_out)) if lost.is_some() => (Ending::Unreachable, timed_out.to_string()),
            Err(Ended::TimedOut(timed_out)) => (Ending::Failed, timed_out.to_string()),
            Err(Ended::Failed(error)) => {
                let why = error.to_string();
                (error.into_failure(target).ending(), why)
            }
        };
        let told = match lost {
            Some(error) => format!("whether {what} was bound cannot be seen: {error}; {why}"),
            None => format!("{what} was bound, but that cannot be seen: {why}"),
        };
        Err(Failure::new(ending, told)
            .hint(format!("run again: it binds {} if it is not bound", namespace.id)))
    }
}

fn tell(outputs: &mut BindOutputs, namespace: Option<&Namespace>) {
    outputs.namespace_id = namespace.map(|namespace| namespace.id.clone());
}

/// Somebody bound it before this run: an earlier one that was killed, another one, or a person. The API tells neither
/// when a Pages project was changed nor what is bound in a deployment of it, so nothing shows that one has it: the
/// variables of a deployment are listed, its bindings are not (API reference, "Pages deployments").
fn bound_before(job: &Job, context: &Context, outputs: &mut BindOutputs) {
    let unknown = job.target.waits_for_a_deployment();
    outputs.deploy_needed = Some(unknown);
    if unknown {
        context.notice(&format!(
            "{} of {} was bound before; whether a deployment has had it since cannot be seen, so one counts as needed",
            job.binding, job.target
        ));
    }
}

fn nothing_yet(job: &Job, error: ReadError) -> Failure {
    error.into_failure(&job.target).hint("nothing has been changed")
}

fn summarise(job: &Job, context: &Context, namespace: &Namespace, instead_of: Option<&str>) {
    let row = [
        markdown::code(&job.binding),
        markdown::text(&job.target.to_string()),
        instead_of.map_or_else(|| "-".to_owned(), markdown::code),
        markdown::text(&format!("{} ({})", namespace.title, namespace.id)),
    ];
    let mut text = format!("### KV binding\n\n{}", markdown::table(["Binding", "Of", "Was", "Is"], [row]));
    if job.target.waits_for_a_deployment() {
        text.push_str("\nThe next deployment of the project will have it.\n");
    }
    context.summarise(&text);
}
