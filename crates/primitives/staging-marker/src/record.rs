//! Setting the marker, once; or what voids it.

use std::time::Duration;

use action::{Context, Done, Failure, Permit, Plan};
use github::{GitHub, NewStatus, Sha};
use http::Outcome;
use wait::{Created, EnsureError, Ensured, Fault, Look, Schedule};

use crate::MarkerOutputs;
use crate::job::Job;
use crate::marker::{self, Marking};
use crate::revision::Revision;

/// How long a status whose making had no answer is looked for.
const SEARCH: Schedule = Schedule {
    deadline: Duration::from_secs(60),
    cadence: Duration::from_secs(10),
    first: Duration::from_secs(1),
};

/// Sets the status unless the newest one says the same.
///
/// # Errors
/// GitHub's refusal; failed when the token is not that of `creator`.
pub(crate) async fn run(
    job: &Job,
    context: &Context,
    github: &GitHub,
    outputs: &mut MarkerOutputs,
) -> Result<Done, Failure> {
    let commit = match &job.revision {
        // Not looked up: that would need one more permission, and the write tells.
        Revision::Sha(sha) => sha.clone(),
        tag @ Revision::Tag(_) => tag.resolve(github).await?,
    };
    outputs.commit = Some(commit.to_string());
    let before = marker::read(github, &job.marker, &commit).await?;
    if let Marking::Good(_) = before {
        before.tell(outputs);
        before.summarise(context, &job.marker, &commit);
        tracing::info!("{commit} is marked already: {}", before.words());
        return Ok(Done::Unchanged);
    }
    let mut plan = Plan::new();
    plan.change(
        format!("status {} of {commit}", job.marker.context),
        before.words(),
        format!("{} by {}", job.marker.state, job.marker.creator),
    );
    let permit = context.approve(&plan)?;
    let ensured = ensure(job, context, github, &commit, &permit).await?;
    let (done, marking) = match ensured {
        Ensured::Found(marking) => (Done::Unchanged, marking),
        Ensured::Created(marking) => (Done::Success, marking),
    };
    marking.tell(outputs);
    marking.summarise(context, &job.marker, &commit);
    if let Marking::Forged(status) = marking {
        return Err(Failure::failed(format!(
            "the marker was set by `{}`, and only one by `{}` counts",
            status.creator(),
            job.marker.creator
        ))
        .hint("pass the job's own token, `github.token`, or name the token's account in `creator` everywhere")
        .hint("the status stays; `verify` refuses it"));
    }
    tracing::info!("{commit} is marked: {}", marking.words());
    Ok(done)
}

async fn ensure(
    job: &Job,
    context: &Context,
    github: &GitHub,
    commit: &Sha,
    permit: &Permit,
) -> Result<Ensured<Marking>, Failure> {
    let once = github.once();
    let find = async || match once.newest_status(commit, &job.marker.context).await {
        Ok(newest) => Ok(match Marking::of(newest, &job.marker) {
            good @ Marking::Good(_) => Look::Done(good),
            other => Look::NotYet(other.words()),
        }),
        Err(error) if error.is_passing() => Ok(Look::Fault(Fault::from(&error))),
        Err(error) => Err(marker::unread(error, format!("read the statuses of {commit}"))),
    };
    let status = NewStatus {
        state: job.marker.state.clone(),
        context: job.marker.context.clone(),
        description: job.description.clone(),
        target_url: job.target_url(context),
    };
    let create = async || {
        context.leaves_behind("the marker may have been set; a second run finds it");
        let made = github.create_status(commit, &status, permit).await;
        match made {
            Ok(status) => Ok(Created::Made(Marking::of(Some(status), &job.marker))),
            Err(error) if error.outcome() == Outcome::Unknown => Ok(Created::Unclear(error.to_string())),
            Err(error) => {
                let is_unknown = error.status() == Some(422);
                let failure = marker::rights(error, "`statuses: write`").context(format!("mark {commit}"));
                let failure = failure.hint("nothing has been changed");
                Err(if is_unknown {
                    failure.hint("the commit must be in the repository, with fewer than 1,000 statuses of this context")
                } else {
                    failure
                })
            }
        }
    };
    let ensured = wait::ensure(context.clock(), SEARCH, "marker", find, create).await;
    context.leaves_behind("");
    ensured.map_err(|error| match error {
        EnsureError::Failed(failure) => failure,
        EnsureError::Unseen(search) => {
            Failure::unreachable(format!("whether {commit} is marked cannot be seen: {search}"))
                .hint("nothing has been changed; run again")
        }
        EnsureError::Unclear { attempt, search } => {
            Failure::unreachable(format!("whether {commit} was marked cannot be seen: {attempt}; {search}"))
                .hint("it was asked for once; run again: a second run finds the marker, or sets it")
        }
    })
}
