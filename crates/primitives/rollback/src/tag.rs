//! Which tag deploys the code from before.

use action::Failure;
use cutover::rollback::{Decision, tags};

use crate::look::Found;

/// So many names are tried. Nobody rolls one version back as often.
const TRIED: usize = 100;

/// The first name that neither the ledger nor the repository knows; a tag that is there
/// already, on the very commit, and was never deployed, is the right one too.
pub(crate) async fn choose(decision: &Decision, found: &Found) -> Result<Option<String>, Failure> {
    let Some((commit, prior)) = decision.commit_to_tag().zip(found.around.prior.as_ref()) else {
        return Ok(None);
    };
    for name in tags(prior.tag.as_deref(), prior.generation).take(TRIED) {
        if found.around.tags.contains(&name) {
            continue;
        }
        let there = match &found.repository {
            Some(repository) => repository.commit(&format!("refs/tags/{name}")).await?,
            None => None,
        };
        if there.is_none_or(|there| there.as_str() == commit) {
            return Ok(Some(name));
        }
    }
    Err(Failure::stale(format!("the commit {commit} was tagged for a rollback {TRIED} times"))
        .hint("go forward: fix the code and push a new tag"))
}
