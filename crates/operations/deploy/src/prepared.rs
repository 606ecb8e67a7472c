//! A request that was compared with the world, and how it is carried out.

use std::time::Duration;

use action::{Context, Done, Failure, Permit, Plan};
use render::{API_KEY, Render, Service};

use crate::admission;
use crate::conclude::Origin;
use crate::decision::{Decision, decide};
use crate::history::History;
use crate::listener::Listener;
use crate::mark::{self, Intent, Mark};
use crate::request::Request;
use crate::run::{Found, Run};
use crate::target::shipped;
use crate::variables;

/// What is to be done about a [`Request`], as the world was a moment ago.
pub struct Prepared<'a> {
    run: Run<'a>,
    history: History,
    found: Found,
    decision: Decision,
}

/// Reads the service, its deploys and its variables, refuses what must not be
/// deployed, and decides what is to be done. Changes nothing.
///
/// # Errors
/// `invalid`: no key, a variable that is not set, a target that does not fit;
/// `refused`: a service that must not be deployed from here; and those of Render.
pub async fn prepare<'a>(request: &'a Request, context: &'a Context) -> Result<Prepared<'a>, Failure> {
    let run = open(request, context).await?;
    // Deploys before variables: variables as wanted and no mark then mean that
    // no other run was in the middle of its work since.
    let history = run.history().await?;
    let found = run
        .compare(&run.render)
        .await
        .map_err(|error| Failure::from(error).context(format!("list the variables of {}", run.name())))?;
    let decision = decide(&run.wanted(), &found.stored(), &history);
    Ok(Prepared { run, history, found, decision })
}

/// Reads what never changes during the run, and refuses what must not be deployed.
async fn open<'a>(request: &'a Request, context: &'a Context) -> Result<Run<'a>, Failure> {
    let started = context.clock().now();
    let key = context.secret(API_KEY)?;
    let variables = variables::resolve(&request.variables, context)?;
    let intent = Intent::new(&key, &request.service, &request.target, &variables)
        .ok_or_else(|| Failure::bug("HMAC refused the API key"))?;
    let render = Render::new(context, key).map_err(|error| {
        Failure::from(error).hint("check or unset RENDER_API_URL, SSL_CERT_FILE and GREENROOM_HOSTS")
    })?;
    let service = render
        .service(&request.service)
        .await
        .map_err(|error| Failure::from(error).context(format!("read the service {}", request.service)))?;
    admission::admit(&service, &request.target)?;
    Ok(Run { request, context, render, service, variables, intent, started })
}

impl Prepared<'_> {
    /// The service.
    #[must_use]
    pub const fn service(&self) -> &Service {
        &self.run.service
    }

    /// Whether what is wanted is live already.
    #[must_use]
    pub const fn is_unchanged(&self) -> bool {
        matches!(self.decision, Decision::Unchanged(_))
    }

    /// Whether what is wanted is live, and only a mark is left to be removed.
    #[must_use]
    pub const fn is_only_marked(&self) -> bool {
        matches!(self.decision, Decision::Finish(_))
    }

    /// Adds everything that the run may change to `plan`, without any value, and
    /// says in the log why a deploy is begun.
    pub fn plan(&self, plan: &mut Plan) {
        let Self { run, history, found, decision } = self;
        let variable = |key: &str| format!("variable {key} of {}", run.service.name);
        let mark = variable(mark::KEY);
        match (&found.mark, found.changes.is_empty()) {
            _ if self.is_unchanged() => return,
            (Some(_), _) => plan.change(mark, describe(&found.mark, &run.intent), "removed once live"),
            (None, false) => plan.change(mark, "not set", "set first, removed once live"),
            (None, true) => {}
        }
        for change in &found.changes {
            let now = if change.is_new { "not set" } else { "another value" };
            plan.change(variable(&change.key), now, "the given value");
        }
        match decision {
            Decision::Attach(deploy) => {
                plan.change(
                    format!("deploy {} of {}", deploy.id, run.name()),
                    deploy.status.word(),
                    "waited for",
                );
            }
            Decision::Begin(_) | Decision::Search => {
                let live = history.live().map_or_else(|| "nothing live".to_owned(), shipped);
                plan.change(format!("deploy of {}", run.name()), live, run.request.target.to_string());
            }
            Decision::Finish(_) | Decision::Unchanged(_) => {}
        }
        if let Decision::Begin(reason) = decision {
            tracing::info!("deploying {} to {}, because {}", run.request.target, run.name(), reason.words());
        }
    }

    /// Says that nothing was to be done: tells `listener` of the live deploy, and writes the summary.
    ///
    /// # Errors
    /// The listener's; `bug` unless [it is so](Self::is_unchanged).
    pub fn leave(self, listener: &mut impl Listener) -> Result<Done, Failure> {
        let Decision::Unchanged(deploy) = &self.decision else {
            return Err(Failure::bug(format!("{} is to be deployed", self.run.name())));
        };
        listener.took(Duration::ZERO);
        self.run.announce(deploy, listener)?;
        self.run.summarise(deploy, Origin::Unchanged, &[], Duration::ZERO);
        Ok(Done::Unchanged)
    }

    /// Does what is to be done, and waits until the service is live.
    ///
    /// # Errors
    /// `failed`: the deploy ended badly, or somebody cancelled it; `stale`: a newer one took its place, or
    /// somebody changed the variables meanwhile; `timed-out`; the listener's, and those of Render.
    pub async fn carry_out(self, permit: &Permit, listener: &mut impl Listener) -> Result<Done, Failure> {
        if self.is_unchanged() {
            return self.leave(listener);
        }
        let Self { run, history, found, mut decision } = self;
        if decision == Decision::Search
            && let Some(news) = run.search_for_earlier(&found).await?
        {
            decision = news;
        }
        let now = run.context.clock().now();
        let (mut deploy, mark, origin, since) = match decision {
            Decision::Attach(deploy) => (deploy, found.mark.clone(), Origin::Attached, now),
            Decision::Finish(deploy) | Decision::Unchanged(deploy) => {
                (deploy, found.mark.clone(), Origin::Finished, now)
            }
            Decision::Search | Decision::Begin(_) => {
                let begun = run.begin(&found, &history, permit).await?;
                run.request.set_begun(Some(begun.deploy.id.clone()));
                (begun.deploy, begun.mark, Origin::Begun, begun.asked)
            }
        };
        run.announce(&deploy, listener)?;
        let followed = run.follow(&mut deploy, listener).await;
        let took = run.context.clock().now() - since;
        listener.took(took);
        let changed = found.keys();
        run.summarise(&deploy, origin, &changed, took);
        followed?;
        run.request.set_begun(None);
        run.conclude(&deploy, &changed, took).await?;
        if let Some(mark) = &mark {
            run.clear(mark, &deploy, permit).await?;
        }
        Ok(Done::Success)
    }
}

impl std::fmt::Debug for Prepared<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prepared").field("decision", &self.decision).finish_non_exhaustive()
    }
}

fn describe(mark: &Option<Mark>, own: &Intent) -> &'static str {
    match mark {
        Some(mark) if mark.is_of(own) => "set by an earlier run like this one",
        _ => "set by another run",
    }
}
