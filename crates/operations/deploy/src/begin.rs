//! Beginning a deploy: mark, variables, mark, request; or finding the one that an
//! unclear request began.

use std::cell::Cell;
use std::time::{Duration, Instant};

use action::{Failure, Permit, SecretString};
use http::Outcome;
use render::{Deploy, Triggered};
use wait::{Created, EnsureError, Look, Schedule, TimedOut};

use crate::decision::{Decision, begun, decide};
use crate::history::History;
use crate::mark::{self, Mark, Newest};
use crate::run::{Found, Run, Unseen, look};
use crate::words::{STILL_SERVES, short};

/// After an empty 202 Render's own command line tool looks for the new deploy for
/// a minute; twice that, since nothing is asked for a second time.
const APPEARS_WITHIN: Duration = Duration::from_secs(120);

/// The pause between two looks for it, at most.
const SEARCH_CADENCE: Duration = Duration::from_secs(3);

/// How long a run looks for the deploy that an earlier run, killed at that very
/// moment, may have asked for. A deploy too many is the worst that follows.
const EARLIER_APPEARS_WITHIN: Duration = Duration::from_secs(10);

/// A deploy that this run asked for.
pub(crate) struct Begun {
    pub(crate) deploy: Deploy,
    pub(crate) mark: Option<Mark>,
    /// When it was asked for.
    pub(crate) asked: Instant,
}

impl Run<'_> {
    /// Writes what has to be written, asks for the deploy once, and returns it.
    pub(crate) async fn begin(
        &self,
        found: &Found,
        history: &History,
        permit: &Permit,
    ) -> Result<Begun, Failure> {
        self.check_time()?;
        if !found.changes.is_empty() {
            self.write(found, permit).await.map_err(|failure| not_asked(failure, found))?;
        }
        let (newest, mark) =
            self.take_stock(found, history, permit).await.map_err(|failure| not_asked(failure, found))?;
        let is_asked = Cell::new(false);
        let asked_at = Cell::new(self.context.clock().now());
        let ensured = wait::ensure(
            self.context.clock(),
            Schedule::new(APPEARS_WITHIN.min(self.left()), SEARCH_CADENCE),
            &format!("deploy of {}", self.name()),
            async || match is_asked.get() {
                true => self.find(&newest).await,
                // Nothing is newer than the newest.
                false => Ok(Look::NotYet(Unseen)),
            },
            async || {
                asked_at.set(self.context.clock().now());
                let asked = self.ask(permit).await?;
                is_asked.set(true);
                Ok(asked)
            },
        )
        .await;
        match ensured {
            Ok(deploy) => Ok(Begun { deploy: deploy.into_inner(), mark, asked: asked_at.get() }),
            Err(EnsureError::Failed(failure)) if is_asked.get() => Err(self.out_of_sight(failure)),
            Err(EnsureError::Failed(failure)) => Err(not_asked(failure, found)),
            Err(EnsureError::Unclear { attempt, search }) => {
                Err(leftovers(self.never_appeared(&attempt, &search), found))
            }
            Err(EnsureError::Unseen(search)) => {
                Err(not_asked(Failure::unreachable(format!("look for deploys: {search}")), found))
            }
        }
    }

    /// Writes the variables that differ, one by one, under a mark.
    async fn write(&self, found: &Found, permit: &Permit) -> Result<(), Failure> {
        self.context.leaves_behind(format!(
            "variables of {} are partly written, and no deploy has taken them along; run again to go on",
            self.name()
        ));
        self.set_mark(&Mark::Writing(self.intent.clone()), permit).await?;
        for change in &found.changes {
            let value = &self.variables[change.index].value;
            let written = self.render.set_variable(&self.service.id, &change.key, value, permit).await;
            written.map_err(|error| {
                Failure::from(error).context(format!("set {} of {}", change.key, self.name()))
            })?;
            tracing::info!("{} is {}", change.key, if change.is_new { "set" } else { "changed" });
        }
        Ok(())
    }

    /// Nothing is begun once the time is up: nobody would wait for it.
    fn check_time(&self) -> Result<(), Failure> {
        if !self.left().is_zero() {
            return Ok(());
        }
        let time = short(self.request.timeout);
        Err(Failure::timed_out(format!("{time} were over before a deploy of {} was asked for", self.name()))
            .hint("Render's API was slow to answer; run again, or raise `timeout`"))
    }

    async fn set_mark(&self, mark: &Mark, permit: &Permit) -> Result<(), Failure> {
        let value = SecretString::from(mark.to_string());
        let written = self.render.set_variable(&self.service.id, mark::KEY, &value, permit).await;
        written.map_err(|error| Failure::from(error).context(format!("set {} of {}", mark::KEY, self.name())))
    }

    /// The newest deploy before anything is asked for. A run that leaves a mark looks
    /// anew, since variables have been written after its first look, and notes in
    /// the mark what it saw.
    async fn take_stock(
        &self,
        found: &Found,
        history: &History,
        permit: &Permit,
    ) -> Result<(Newest, Option<Mark>), Failure> {
        if found.changes.is_empty() && found.mark.is_none() {
            return Ok((history.newest(), None));
        }
        let newest = self.history().await?.newest();
        let mark = Mark::Asked { intent: self.intent.clone(), after: newest.clone() };
        self.set_mark(&mark, permit).await?;
        Ok((newest, Some(mark)))
    }

    /// Looks for the deploy that was begun, perhaps.
    async fn find(&self, newest: &Newest) -> Result<Look<Deploy, Unseen>, Failure> {
        Ok(match look(self.look_at_deploys().await)? {
            Ok(history) => match begun(&self.request.target, history.since(newest)) {
                Some(deploy) => Look::Done(deploy),
                None => Look::NotYet(Unseen),
            },
            Err(fault) => Look::Fault(fault),
        })
    }

    /// Asks for the deploy, once.
    async fn ask(&self, permit: &Permit) -> Result<Created<Deploy>, Failure> {
        self.check_time()?;
        self.context.leaves_behind(format!(
            "a deploy of {} may have been asked for; run again to find it, or look at its page",
            self.name()
        ));
        let request = self.request.target.request(self.request.clear_cache);
        match self.render.trigger_deploy(&self.service.id, &request, permit).await {
            Ok(Triggered::Deploy(deploy)) => Ok(Created::Made(deploy)),
            Ok(Triggered::Accepted) => {
                Ok(Created::Unclear("Render accepted the deploy without naming it".to_owned()))
            }
            Err(error) if error.outcome() == Outcome::Unknown => Ok(Created::Unclear(error.to_string())),
            Err(error) => Err(Failure::from(error).context(format!("deploy {}", self.name()))),
        }
    }

    /// The request was unclear, and looking for its deploy became impossible.
    fn out_of_sight(&self, failure: Failure) -> Failure {
        failure
            .context(format!("look for the deploy of {} that was asked for", self.name()))
            .hint("it may well be on its way; run again to attach to it, or look at its page")
    }

    fn never_appeared(&self, attempt: &str, search: &TimedOut<Unseen>) -> Failure {
        let failure = Failure::timed_out(format!(
            "no deploy of {} appeared in {} after an unclear request: {attempt}",
            self.name(),
            short(search.waited)
        ));
        failure
            .hint("it may still come: Render cannot tell two requests for the same deploy apart, so none was repeated")
            .hint("run again: a deploy that has appeared by then is attached to")
    }

    /// Looks for a deploy that an earlier run may have asked for. `None` when none
    /// has appeared.
    pub(crate) async fn search_for_earlier(&self, found: &Found) -> Result<Option<Decision>, Failure> {
        tracing::info!("an earlier run may have asked for this deploy; looking for it");
        let schedule = Schedule::new(EARLIER_APPEARS_WITHIN.min(self.left()), SEARCH_CADENCE);
        let searched = wait::until(self.context.clock(), schedule, "earlier deploy", async |_| {
            Ok::<_, Failure>(match look(self.look_at_deploys().await)? {
                Ok(history) => match decide(&self.wanted(), &found.stored(), &history) {
                    Decision::Search => Look::NotYet(Unseen),
                    decision => Look::Done(decision),
                },
                Err(fault) => Look::Fault(fault),
            })
        });
        match searched.await {
            Ok(decision) => Ok(Some(decision)),
            Err(wait::Ended::TimedOut(_)) => Ok(None),
            Err(wait::Ended::Failed(failure)) => Err(failure),
        }
    }
}

/// Nothing was asked for.
fn not_asked(failure: Failure, found: &Found) -> Failure {
    leftovers(failure.hint(STILL_SERVES), found)
}

/// Adds what stays as it is when a run ends between the variables and the deploy.
fn leftovers(failure: Failure, found: &Found) -> Failure {
    if found.changes.is_empty() {
        return failure;
    }
    failure.hint(format!(
        "variables that may be changed already: {}; they take effect at the next deploy, and {} stands beside them \
         until a run succeeds",
        found.keys().join(", "),
        mark::KEY
    ))
}
