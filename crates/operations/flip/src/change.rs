//! The change itself: one batch, a look at what became of it, and the way back.

use std::time::Duration;

use action::{Context, Ending, Failure, Permit};
use cloudflare::{Cloudflare, RecordPatch};
use http::{Error, Outcome};
use wait::{Ended, Fault, Look, Schedule};

use crate::host::Host;
use crate::report;
use crate::standing::{Place, Standing};
use crate::step::Step;
use crate::way_back::WayBack;
use crate::{Mode, plan};

/// The longest pause between two looks at what a batch did.
const CADENCE: Duration = Duration::from_secs(5);

/// How often the way back is tried, each time after a look: it only sets what was.
/// The flip itself is tried once.
const PUT_BACK_ATTEMPTS: u32 = 3;

/// Everything that the change needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flip<'a> {
    /// What the change is: a restore is never taken back by itself.
    pub(crate) mode: Mode,
    /// The zone's domain.
    pub(crate) apex: &'a Host,
    /// The run.
    pub(crate) context: &'a Context,
    /// Cloudflare.
    pub(crate) api: &'a Cloudflare,
    /// The zone's id.
    pub(crate) zone: &'a str,
    /// The steps that change a record; never empty.
    pub(crate) changes: &'a [&'a Step],
    /// How a person undoes them.
    pub(crate) way_back: &'a WayBack,
    /// Leave to change them.
    pub(crate) permit: &'a Permit,
    /// How long the API has to show what a batch did.
    pub(crate) read_back: Duration,
}

/// The change did not come to a good end.
#[derive(Debug)]
pub(crate) struct Stopped {
    /// What to tell.
    pub(crate) failure: Failure,
    /// Whether records are changed now; nothing when nobody can say.
    pub(crate) changed: Option<bool>,
}

impl Flip<'_> {
    /// Reads every record once more, right before the batch: the checks took a
    /// while, and the API knows no conditional requests.
    ///
    /// # Errors
    /// Stale, when a record is not what the plan was made for.
    pub(crate) async fn still_as_planned(&self) -> Result<(), Failure> {
        for step in self.changes {
            let records = self.api.dns_records(self.zone, step.host.as_str()).await.map_err(|error| {
                Failure::from(error).context("read the DNS records again").hint("no name has been moved")
            })?;
            let changed = format!("{} was changed while it was being checked", step.host);
            let problem = match plan::only_cname(&step.host, &records, self.apex) {
                Ok(record) if step.is_untouched(record) => continue,
                Ok(_) => changed,
                Err(refusal) => format!("{changed}: {}", refusal.message()),
            };
            return Err(Failure::stale(problem).hint("no name has been moved; run again"));
        }
        Ok(())
    }

    /// Sends the batch, once, and looks until the API shows it.
    ///
    /// # Errors
    /// [`Stopped`]: with nothing moved, with everything put back, or with words for
    /// what stands where.
    pub(crate) async fn carry_out(&self) -> Result<(), Stopped> {
        let names = report::hosts(self.changes);
        let back = self.way_back.sentence(self.changes);
        self.context.leaves_behind(format!(
            "a batch for {names} was sent: they may have moved; run again to find out, or {back}"
        ));
        let patches: Vec<RecordPatch> = self.changes.iter().filter_map(|step| step.patch.clone()).collect();
        let lost = match self.api.patch_dns_records(self.zone, &patches, self.permit).await {
            Ok(_) => None,
            Err(error) if error.outcome() == Outcome::Unknown => Some(error),
            Err(error) => return Err(self.untouched(refusal_of_the_batch(error))),
        };
        if let Some(error) = &lost {
            tracing::info!("{error}; looking whether the names have moved");
        }
        let Err(unseen) = self.wait_for(|place| place == Place::New).await else {
            self.context
                .leaves_behind(format!("{names} moved, not verified yet; run again to verify, or {back}"));
            return Ok(());
        };
        let standing = &unseen.standing;
        match lost {
            Some(error) if standing.all(|place| place == Place::Old) => {
                Err(self.untouched(nothing_moved(error)))
            }
            lost if standing.all(|place| place != Place::Unseen) => {
                let off = standing.describe(|place| place != Place::New);
                let problem = match lost {
                    Some(_) => format!("the batch's answer was lost, and {off}"),
                    None => format!("the batch was accepted, but {off}"),
                };
                Err(self.give_up(problem).await)
            }
            lost => Err(self.blind(&unseen, lost.as_ref())),
        }
    }

    /// Ends a change that cannot be verified: a flip is put back. A restore stays,
    /// since what it replaced is the state that somebody fled from (ADR-053 D14.2).
    ///
    /// Returns the failure that ends the run: `problem`, and what became of it.
    pub(crate) async fn give_up(&self, problem: String) -> Stopped {
        if self.mode != Mode::Restore {
            return self.put_back(problem).await;
        }
        self.context.leaves_behind("");
        let failure = Failure::failed(format!(
            "the restore was accepted and is left as it is, but {problem}"
        ))
        .hint("run again with the same inputs: it looks and verifies again, and moves only what is not back")
        .hint("`nameserver` names the servers to ask; `verify-dns: false` trusts the records");
        Stopped { failure, changed: Some(true) }
    }

    /// Takes the change back; a name that somebody else has moved on is left alone.
    ///
    /// Returns the failure that ends the run: `problem`, and what became of it.
    async fn put_back(&self, problem: String) -> Stopped {
        tracing::info!("{problem}; putting back what was");
        let back = self.way_back.sentence(self.changes);
        self.context
            .leaves_behind(format!("{problem}; the names were being put back; to do it by hand, {back}"));
        let failure = Failure::failed(problem);
        let mut why = String::new();
        for _ in 0..PUT_BACK_ATTEMPTS {
            match self.try_to_put_back().await {
                Ok(back) => return self.untouched(back.tell(failure)),
                Err(Stuck::Refused(refusal)) => return self.stuck(failure, &refusal),
                Err(Stuck::NotSeen(unseen)) => why = unseen,
            }
        }
        self.stuck(failure, &why)
    }

    /// Looks, sends one batch and looks whether it arrived. A name that seems to
    /// stand where it did is put there all the same: the look may have been stale,
    /// and twice is the same as once.
    async fn try_to_put_back(&self) -> Result<Back<'_>, Stuck> {
        let look = self.wait_for(|place| place != Place::Unseen).await;
        let before =
            look.map_err(|unseen| Stuck::NotSeen(format!("could not be looked at: {}", unseen.why)))?;
        let ours = before.hosts(|place| place != Place::Elsewhere);
        let ours: Vec<&Step> =
            self.changes.iter().copied().filter(|step| ours.contains(&&step.host)).collect();
        let undo: Vec<RecordPatch> = ours.iter().filter_map(|step| step.undo.clone()).collect();
        if !undo.is_empty()
            && let Err(error) = self.api.patch_dns_records(self.zone, &undo, self.permit).await
            && error.outcome() != Outcome::Unknown
        {
            return Err(Stuck::Refused(format!("could not be put back: {error}; {before}")));
        }
        match (Flip { changes: &ours, ..*self }).wait_for(|place| place == Place::Old).await {
            Ok(_) => Ok(Back { ours, before }),
            Err(unseen) => Err(Stuck::NotSeen(format!("could not be put back: {}", unseen.why))),
        }
    }

    /// Nothing is left behind.
    fn untouched(&self, failure: Failure) -> Stopped {
        self.context.leaves_behind("");
        Stopped { failure, changed: Some(false) }
    }

    /// The way back failed: say what stands where, and what a person can do.
    fn stuck(&self, failure: Failure, what: &str) -> Stopped {
        let failure = failure
            .hint(format!("{} {what}", report::hosts(self.changes)))
            .hint(format!("as soon as Cloudflare answers, {}", self.way_back.sentence(self.changes)));
        Stopped { failure, changed: Some(true) }
    }

    /// Nothing can be seen, so nothing is done.
    fn blind(&self, unseen: &Unseen, lost: Option<&Error>) -> Stopped {
        let (names, why) = (report::hosts(self.changes), &unseen.why);
        let what = match lost {
            Some(error) => format!("{error}; whether {names} moved cannot be seen: {why}"),
            None => format!("{names} moved, but cannot be looked at: {why}"),
        };
        let failure = Failure::new(unseen.ending, what)
            .hint("run again with the same inputs: it looks first, and then verifies or flips")
            .hint(format!("or {}", self.way_back.sentence(self.changes)));
        Stopped { failure, changed: lost.is_none().then_some(true) }
    }

    /// Looks until every name is where `arrived` wants it; gives where they stand.
    async fn wait_for(&self, arrived: impl Fn(Place) -> bool + Copy) -> Result<Standing, Unseen> {
        let api = self.api.once();
        let mut standing = Standing::unseen(self.changes);
        let schedule = Schedule::new(self.read_back, CADENCE).at_once();
        let looked = wait::until(self.context.clock(), schedule, "records", async |_| {
            match standing.look(&api, self.zone, self.changes, arrived).await {
                Ok(()) if standing.all(arrived) => Ok(Look::Done(())),
                Ok(()) => Ok(Look::NotYet(standing.to_string())),
                // A refusal does not pass; a fault does.
                Err(error) if !error.is_passing() => Err(error),
                Err(error) => Ok(Look::Fault(Fault::from(&error))),
            }
        });
        let (ending, why) = match looked.await {
            Ok(()) => return Ok(standing),
            Err(Ended::TimedOut(timed_out)) => (Ending::Unreachable, timed_out.to_string()),
            Err(Ended::Failed(error)) => {
                let why = error.to_string();
                (Failure::from(error).ending(), why)
            }
        };
        Err(Unseen { standing, ending, why })
    }
}

/// What was waited for was not seen.
struct Unseen {
    standing: Standing,
    /// How a run ends that can see no more than this.
    ending: Ending,
    why: String,
}

/// Cloudflare said no to the batch, which is one transaction.
fn refusal_of_the_batch(error: Error) -> Failure {
    let failure = if error.code() == Some(cloudflare::code::RECORD_NOT_FOUND) {
        Failure::stale(format!("a record was deleted in the meantime: {error}"))
    } else {
        Failure::from(error)
    };
    failure.hint("no name has been moved: a batch is one transaction")
}

/// The answer to the batch was lost, and every look showed the old state.
fn nothing_moved(lost: Error) -> Failure {
    Failure::from(lost)
        .context("the batch had no effect that could be seen")
        .hint("no name has moved so far; run again with the same inputs: it looks first")
}

/// Why names are not back.
enum Stuck {
    /// Cloudflare said no.
    Refused(String),
    /// They were not seen there, which may change.
    NotSeen(String),
}

/// The names that are back, and where all stood before.
struct Back<'a> {
    ours: Vec<&'a Step>,
    before: Standing,
}

impl Back<'_> {
    /// `failure`, with the names that are back and those that were not touched.
    fn tell(&self, failure: Failure) -> Failure {
        let back: Vec<String> =
            self.ours.iter().map(|step| format!("{} to {}", step.host, step.from)).collect();
        let failure =
            if back.is_empty() { failure } else { failure.hint(format!("put back: {}", back.join(", "))) };
        match self.before.describe(|place| place == Place::Elsewhere) {
            strangers if strangers.is_empty() => failure,
            strangers => failure.hint(format!("changed by somebody else, and left alone: {strangers}")),
        }
    }
}
