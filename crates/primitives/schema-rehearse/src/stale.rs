//! Branches that earlier rehearsals left for good: told, never deleted, for another run may own them.

use std::time::{Duration, SystemTime};

use action::Context;
use migration_history::list;
use supabase::Branch;

use crate::job::{Job, PREFIX};

/// Older than a job can be: on GitHub's own runners one ends after six hours (GitHub docs, Actions limits).
const OLD: Duration = Duration::from_secs(24 * 60 * 60);

/// Warns of branches of other rehearsals that no run can be at work on any more: a runner that was lost for good comes
/// to no clean-up, and no later run has its name.
pub(crate) fn warn(context: &Context, job: &Job, own: &str, branches: &[Branch]) {
    let left = left(branches, own, context.clock().wall());
    let Some(first) = left.first() else { return };
    let what = match left.len() {
        1 => format!("branch {first} was left by a rehearsal more than a day ago"),
        count => format!("{count} branches were left by rehearsals more than a day ago: {}", list(&left)),
    };
    let project = &job.project;
    context.warn(&format!(
        "{what}. Supabase bills a branch as long as it is there. Once nobody needs it any more: `schema-rehearse --mode \
         clean-up --project-ref {project} --branch {first}`, for each"
    ));
}

/// By what a rehearsal's own branch is: of its name, a preview branch, and following nothing.
fn left(branches: &[Branch], own: &str, now: SystemTime) -> Vec<String> {
    let is_rehearsals = |branch: &&Branch| {
        branch.name.starts_with(PREFIX)
            && branch.name != own
            && !branch.is_default
            && !branch.persistent
            && branch.git_branch.is_none()
    };
    // One from the future is young.
    let is_old = |branch: &&Branch| now.duration_since(branch.created_at).is_ok_and(|age| age > OLD);
    branches.iter().filter(is_rehearsals).filter(is_old).map(|branch| branch.name.clone()).collect()
}
