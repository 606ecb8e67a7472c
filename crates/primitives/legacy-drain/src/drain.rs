//! One drain, from the service to its deletion.

use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use action::{Context, Done, Ending, Failure, Permit, Plan, Primitive as _};
use deploy::{Line, Listener, Request, Seen, Target};
use git::Repository;
use postgres::Ledger;
use render::{API_KEY, NewWorker, Render, Service};

use crate::job::{COOLING, DRAIN_AND_EXIT, GENERATION, Order};
use crate::stranded::Stranded;
use crate::temporary::{self, Temporary};
use crate::watch::{Signal, Watch};
use crate::{DrainOutputs, LegacyDrain, report};

/// A deploy takes 25 minutes at most (ADR-053 D10).
const DEPLOY: Duration = Duration::from_secs(25 * 60);

/// Drains `stranded`.
///
/// # Errors
/// `refused`, `stale`, `timed-out`, `failed`; and those of git, Render and the database.
pub(crate) async fn run(
    order: &Order,
    stranded: &Stranded,
    ledger: &Ledger,
    context: &Context,
    outputs: &mut DrainOutputs,
) -> Result<Done, Failure> {
    let started = context.clock().now();
    prove_commit(order, stranded, context).await?;
    let render = Render::new(context, context.secret(API_KEY)?).map_err(|error| {
        Failure::from(error).hint("check or unset RENDER_API_URL, SSL_CERT_FILE and GREENROOM_HOSTS")
    })?;
    let model = render.service(&order.model).await;
    let model =
        model.map_err(|error| Failure::from(error).context(format!("read the service {}", order.model)))?;
    let new = temporary::like(&model, &temporary::name_for(stranded.deployment.generation))?;
    let temporary = Temporary { render: &render, clock: context.clock(), new: &new };
    let found = temporary.find().await?;
    let is_begun = match &found {
        Some(service) => temporary.is_begun(service).await?,
        None => false,
    };
    // Once it was deployed, the running workers are its own.
    if !is_begun {
        stranded.refuse_while_worked_on(ledger).await?;
    }
    let rest = match (&found, stranded.left.is_empty() && !is_begun) {
        (None, true) => {
            report::of_drain(context, stranded, &[("Drained", "nothing was left".to_owned())]);
            return Ok(Done::Unchanged);
        }
        (Some(service), true) => Rest::OnlyTheService(service),
        (_, false) => Rest::Everything,
    };
    let permit = context.approve(&plan(order, stranded, found.as_ref(), &new, &rest))?;
    let drain = Drain { order, stranded, context, temporary, started };
    let done = match rest {
        Rest::OnlyTheService(service) => {
            outputs.service_id = Some(service.id.to_string());
            drain.delete(service, &permit).await.map(|()| Done::Success)
        }
        Rest::Everything => drain.everything(&permit, outputs).await,
    };
    done.map_err(|failure| match report::stays(outputs) {
        Some(hint) => failure.hint(hint),
        None => failure,
    })
}

/// What is to be done.
enum Rest<'a> {
    /// A killed run has left the service behind, and nothing is left to drain.
    OnlyTheService(&'a Service),
    Everything,
}

/// Render builds the commit only if the repository still has it.
async fn prove_commit(order: &Order, stranded: &Stranded, context: &Context) -> Result<(), Failure> {
    let folder = context.directory().join(Path::new(&order.checkout));
    let commit = &stranded.deployment.sha;
    let repository = Repository::open(&folder, context.environment()).await?;
    match repository.commit(commit).await? {
        Some(_) => Ok(()),
        None => Err(Failure::stale(format!("the checkout {} has no commit {commit}", order.checkout))
            .hint("check out the output `commit` of `mode: read`, and name its `path` in `checkout`")
            .hint("a commit that the repository has lost cannot be built again: its rows need a person (ADR-053 D14.5)")),
    }
}

fn plan(
    order: &Order,
    stranded: &Stranded,
    found: Option<&Service>,
    new: &NewWorker,
    rest: &Rest<'_>,
) -> Plan {
    let mut plan = Plan::new();
    let service = format!("service {}", new.name);
    let now = found.map_or_else(|| "not there".to_owned(), |service| service.id.to_string());
    if let Rest::OnlyTheService(_) = rest {
        plan.change(service, now, "deleted");
        return plan;
    }
    if found.is_none() {
        plan.change(
            service.clone(),
            now,
            format!("created like {}, its first deploy cancelled", order.model),
        );
    }
    for group in &order.groups {
        plan.change(format!("env group {group}"), "as it is", format!("linked to {}", new.name));
    }
    for line in variables(order, stranded) {
        plan.change(format!("variable {} of {}", line.key(), new.name), "as it is", "the given value");
    }
    plan.change(format!("deploy of {}", new.name), "as it is", format!("commit {}", stranded.deployment.sha));
    plan.change(stranded.name(), stranded.left_in_words(), "drained");
    plan.change(service, "up", "deleted");
    plan
}

/// What makes it drain, and what the workflow gave.
fn variables(order: &Order, stranded: &Stranded) -> Vec<Line> {
    let mut lines = order.variables.clone();
    lines.push(Line::literal(GENERATION, stranded.deployment.generation.to_string()));
    lines.push(Line::literal(DRAIN_AND_EXIT, "true"));
    lines.extend(order.cooling.map(|cooling| Line::literal(COOLING, cooling.as_secs().to_string())));
    lines
}

/// A drain that was approved.
struct Drain<'a> {
    order: &'a Order,
    stranded: &'a Stranded,
    context: &'a Context,
    temporary: Temporary<'a>,
    started: Instant,
}

impl Drain<'_> {
    async fn everything(&self, permit: &Permit, outputs: &mut DrainOutputs) -> Result<Done, Failure> {
        let created = self.temporary.ensure(permit).await?;
        let service = created.service.clone();
        outputs.service_id = Some(service.id.to_string());
        self.context.publish(outputs)?;
        self.context.leaves_behind(format!("{} ({}) is not drained", self.stranded.name(), service.name));
        self.temporary.stop_first_deploy(&created, permit).await?;
        let is_linked_now = self.temporary.link(&service, &self.order.groups, permit).await?;
        let target = Target::Commit(self.stranded.deployment.sha.to_ascii_lowercase());
        let variables = variables(self.order, self.stranded);
        let mut request = Request::new(LegacyDrain::NAME, service.id.clone(), target, variables);
        request.timeout = self.left().min(DEPLOY);
        // What is live was made without the group.
        request.force = is_linked_now;
        let mut deploying = Deploying { context: self.context, outputs, made: None };
        let deployed = match deploy::prepare(&request, self.context).await {
            Ok(prepared) => prepared.carry_out(permit, &mut deploying).await,
            Err(failure) => Err(failure),
        };
        let since = deploying.made;
        self.context.leaves_behind(format!("{} ({}) is not drained", self.stranded.name(), service.name));
        let watch = self.watch(&service, since)?;
        let signal = match deployed {
            Ok(_) => watch.until_drained(self.left()).await?,
            // A worker that was done before Render called it live counts as one that has crashed.
            Err(failure) if failure.ending() == Ending::Failed && watch.is_drained().await => {
                tracing::info!("{}; but it has drained: {}", failure.message(), Signal::Log.in_words());
                Signal::Log
            }
            Err(failure) => return Err(failure),
        };
        outputs.signal = Some(signal.word().to_owned());
        if signal == Signal::Outbox {
            self.context.warn(&format!("{}: {}", self.stranded.name(), signal.in_words()));
        }
        self.delete(&service, permit).await?;
        let rows = [
            ("Drained", self.stranded.left_in_words().replace(" and ", ", ")),
            ("Known because", signal.in_words().to_owned()),
            ("Service", format!("{} ({}), deleted", service.id, service.name)),
        ];
        report::of_drain(self.context, self.stranded, &rows);
        Ok(Done::Success)
    }

    fn watch<'w>(&'w self, service: &'w Service, since: Option<SystemTime>) -> Result<Watch<'w>, Failure> {
        Ok(Watch {
            context: self.context,
            render: self.temporary.render.once(),
            ledger: Ledger::open(self.context)?.once(),
            service,
            generation: self.stranded.deployment.generation,
            since,
            cooling: self.order.cooling.unwrap_or_default(),
        })
    }

    async fn delete(&self, service: &Service, permit: &Permit) -> Result<(), Failure> {
        let deleted = self.temporary.delete(service, permit).await;
        deleted.map_err(|failure| {
            failure
                .context(format!("delete {} ({})", service.id, service.name))
                .hint(format!("{} is drained", self.stranded.name()))
        })?;
        self.context.leaves_behind("");
        tracing::info!("deleted {} ({})", service.id, service.name);
        Ok(())
    }

    fn left(&self) -> Duration {
        self.order.timeout.saturating_sub(self.context.clock().now() - self.started)
    }
}

/// Turns what is learnt of the deploy into outputs.
struct Deploying<'a> {
    context: &'a Context,
    outputs: &'a mut DrainOutputs,
    /// When it was made, by Render's clock.
    made: Option<SystemTime>,
}

impl Listener for Deploying<'_> {
    fn identified(&mut self, seen: Seen<'_>) -> Result<(), Failure> {
        self.outputs.deploy_id = Some(seen.deploy.id.to_string());
        self.seen(seen);
        self.context.publish(self.outputs)
    }

    fn seen(&mut self, seen: Seen<'_>) {
        self.made = seen.deploy.created_at;
    }

    fn took(&mut self, _: Duration) {}
}
