//! The gate of production.

use action::{Context, Done, Failure};
use github::{GitHub, Sha};

use crate::MarkerOutputs;
use crate::job::Job;
use crate::marker::{self, Marking, unread};

/// Refuses unless the commit is on the branch and its newest status is the marker.
///
/// # Errors
/// Refused, with what is wrong; or a read failed, which is no answer either way.
pub(crate) async fn run(
    job: &Job,
    context: &Context,
    github: &GitHub,
    outputs: &mut MarkerOutputs,
) -> Result<Done, Failure> {
    let commit = job.revision.resolve(github).await?;
    outputs.commit = Some(commit.to_string());
    on_branch(github, &commit, &job.branch).await?;
    let marking = marker::read(github, &job.marker, &commit).await?;
    marking.tell(outputs);
    marking.summarise(context, &job.marker, &commit);
    let wanted = &job.marker.context;
    match &marking {
        Marking::Good(_) => {
            tracing::info!("{commit} passed: {}", marking.words());
            return Ok(Done::Success);
        }
        Marking::Missing => Err(Failure::refused(format!("{commit} has no status `{wanted}`"))
            .hint("deploy this very commit to staging first: push it, and wait until staging has marked it")
            .hint("a marker on another commit does not count, neither a parent's nor a merge's")),
        Marking::Stale(status) => Err(Failure::refused(format!(
            "the newest status `{wanted}` of {commit} is no success: {}",
            marking.words()
        ))
        .hint(if status.state == github::State::Pending {
            "wait until the run that set it has ended, then run this again"
        } else {
            "see why staging failed, then let it deploy this commit again"
        })
        .hint("an older success does not count any more")),
        Marking::Forged(_) => Err(Failure::refused(format!(
            "the status `{wanted}` of {commit} was not set by `{}`: {}",
            job.marker.creator,
            marking.words()
        ))
        .hint("find out who set it and why; then let staging mark the commit again")
        .hint("when another account is to set it, name that account in `creator`")),
    }
    .map_err(|refusal| refusal.hint("nothing has been deployed"))
}

/// Compares the commit with the branch's own commit, since a tag may have the
/// branch's name.
async fn on_branch(github: &GitHub, commit: &Sha, branch: &str) -> Result<(), Failure> {
    let reference = github.reference(&format!("heads/{branch}")).await;
    let reference = reference.map_err(|error| unread(error, format!("read the branch `{branch}`")))?;
    let Some(head) = reference.map(|reference| reference.object.sha) else {
        return Err(Failure::invalid(format!(
            "the repository {} has no branch `{branch}`",
            github.repository()
        ))
        .hint("name the branch that staging deploys in `branch`")
        .hint("nothing has been deployed"));
    };
    let compared = github.compare(commit.as_str(), head.as_str()).await;
    let compared = compared.map_err(|error| unread(error, format!("compare {commit} with `{branch}`")))?;
    // Two commits without any common ancestor cannot be compared (404).
    if compared.is_some_and(|comparison| comparison.contains_base()) {
        return Ok(());
    }
    Err(Failure::refused(format!("{commit} is not on `{branch}`, which is at {head}"))
        .hint(format!("only what is on `{branch}` goes to production: merge it, let staging deploy the merge, and tag that"))
        .hint("nothing has been deployed"))
}
