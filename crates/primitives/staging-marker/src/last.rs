//! The newest marked commit, by first parents.

use action::{Context, Done, Failure};
use github::GitHub;

use crate::MarkerOutputs;
use crate::job::Job;
use crate::marker::{self, Marking, unread};

/// Walks back from the commit to the first one whose marker is good.
///
/// # Errors
/// A read failed: then nothing is known, and nobody may take that for "none".
pub(crate) async fn run(
    job: &Job,
    context: &Context,
    github: &GitHub,
    outputs: &mut MarkerOutputs,
) -> Result<Done, Failure> {
    let mut commit = job.revision.resolve(github).await?;
    for looked in 1..=job.depth {
        let marking = marker::read(github, &job.marker, &commit).await?;
        if let Marking::Good(_) = marking {
            marking.tell(outputs);
            marking.summarise(context, &job.marker, &commit);
            tracing::info!("{commit} is the newest marked commit, after {looked} looks: {}", marking.words());
            outputs.commit = Some(commit.to_string());
            return Ok(Done::Success);
        }
        tracing::debug!("{commit}: {}", marking.words());
        let read = github.commit(&commit).await.map_err(|error| unread(error, format!("read {commit}")))?;
        let Some(read) = read else {
            return Err(Failure::unreachable(format!(
                "GitHub names {commit} as a parent, and does not know it"
            ))
            .hint("a read that fails is not the end of a history; run again")
            .hint("nothing has been changed"));
        };
        let Some(parent) = read.first_parent() else {
            return Ok(none(
                context,
                outputs,
                &format!("none of the {looked} commits up to the root is marked"),
            ));
        };
        commit = parent.clone();
    }
    let words = format!("none of the newest {} commits is marked; `depth` looks further", job.depth);
    Ok(none(context, outputs, &words))
}

/// Says that there is none, and what that means.
fn none(context: &Context, outputs: &mut MarkerOutputs, words: &str) -> Done {
    outputs.found = Some(false);
    outputs.commit = Some(String::new());
    context.notice(&format!("{words}: everything counts as affected"));
    Done::Success
}
