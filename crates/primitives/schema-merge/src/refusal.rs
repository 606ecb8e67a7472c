//! What is said when nothing is merged, or when a merge added something else.

use action::Failure;
use migration_history::{Drift, list};

use crate::decision::{Delta, Refusal, Versions};
use crate::job::Job;
use crate::report::Names;
use crate::unfit::{Unfit, Why};

/// So many that a person reads them.
const SHOWN: usize = 10;

/// Why no merge was asked for.
pub(crate) fn failure(refusal: &Refusal, job: &Job, names: &Names) -> Failure {
    let (branch, commit) = (&job.branch, &job.commit);
    match refusal {
        Refusal::OtherDatabase => other_database(job),
        Refusal::Drift(drift) => of_drift(drift),
        Refusal::NotApplied(versions) => {
            let listed = list(&names.of(versions));
            Failure::stale(format!("input `acknowledge` lists what is not applied in production: {listed}"))
                .hint("list exactly what the failed run says is applied; leave the input out when no merge is open")
        }
        Refusal::Unfit(unfit, pending) => of_unfit(unfit, pending, names),
        Refusal::Ahead(versions) => Failure::stale(format!(
            "branch {branch} would add to production what commit {commit} lacks: {}",
            list(&names.of(versions))
        ))
        .hint("nothing was merged; production stays as it is")
        .hint("deploy a commit that has these files, such as the newest that staging verified"),
        Refusal::Behind(versions) => Failure::stale(format!(
            "commit {commit} has what branch {branch} would not add to production: {}",
            list(&names.of(versions))
        ))
        .hint("nothing was merged; production stays as it is")
        .hint("let staging deploy this commit first, so that the branch has its migrations, then run again"),
        Refusal::Missing(versions) => Failure::failed(format!(
            "the merge of branch {branch} is over, and production still lacks {}",
            list(&names.of(versions))
        ))
        .hint("nothing of them is applied, so no acknowledgement is needed: find out why, then run again")
        .hint(format!("see the runs of the project: https://supabase.com/dashboard/project/{}", job.project)),
    }
}

fn other_database(job: &Job) -> Failure {
    let project = &job.project;
    Failure::stale(format!(
        "the migrations in the database of DATABASE_URL are not those of project {project}: it is another database, or \
         somebody migrates right now"
    ))
    .hint(format!("let DATABASE_URL lead to project {project}: Supabase, Connect, session pooler"))
    .hint("nothing was merged")
}

fn of_drift(drift: &[Drift]) -> Failure {
    let more = match drift.len() {
        0 | 1 => String::new(),
        count => format!(" (and {} more)", count - 1),
    };
    let first = drift.first().map(ToString::to_string).unwrap_or_default();
    let failure = Failure::stale(format!("files and databases tell different stories: {first}{more}"));
    let hint = |failure: Failure, drift: &Drift| failure.hint(format!("{drift}: {}", drift.fix()));
    drift.iter().take(SHOWN).fold(failure, hint).hint("nothing was merged")
}

/// The first of them; what is done about it by hand goes file by file.
fn of_unfit(unfit: &[Unfit], pending: &Versions, names: &Names) -> Failure {
    let Some(first) = unfit.first() else { return Failure::bug("no file is unfit to be merged") };
    let also = |failure: Failure, other: &Unfit| failure.hint(format!("also: {other}"));
    let failure = unfit.iter().skip(1).take(SHOWN).fold(Failure::refused(first.to_string()), also);
    let failure = failure.hint("nothing was merged; production stays as it is");
    let version = &first.version;
    match &first.why {
        Why::Script(problem) => failure.hint(problem.fix()),
        Why::Outside { .. } => {
            let before: Versions = pending.iter().filter(|&one| one < version).cloned().collect();
            let failure = match before.is_empty() {
                true => failure,
                false => failure.hint(format!(
                    "what is pending before it goes first: deploy a commit that ends with it: {}",
                    list(&names.of(&before))
                )),
            };
            failure.hint(format!(
                "run {} on production by hand, outside a transaction, and once it is whole record it: \
                 `supabase migration repair {version} --status applied`; then run again, and it is not pending any more",
                first.file
            ))
        }
    }
}

/// Whose merge it was that added something else than expected.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Whose {
    /// This run asked for it.
    Ours,
    /// An earlier run did.
    Earlier(u64),
}

/// A merge that added something else than expected: the way to recover, step by step.
pub(crate) fn partial(delta: &Delta, whose: Whose, job: &Job, names: &Names) -> Failure {
    let (applied, missing) = (list(&names.of(&delta.applied)), list(&names.of(&delta.missing)));
    let extra = match delta.extra.is_empty() {
        true => String::new(),
        false => format!("; beyond what was expected: {}", list(&names.of(&delta.extra))),
    };
    let told = format!("applied: {applied}; not applied: {missing}{extra}");
    let failure = match whose {
        Whose::Ours => Failure::failed(format!("the merge added something else than expected: {told}")),
        Whose::Earlier(run) => {
            Failure::stale(format!("the merge of run {run} added something else than expected: {told}"))
        }
    };
    let failure = if job.acknowledged.is_empty() {
        failure
    } else {
        let listed = list(&names.of(&job.acknowledged));
        failure.hint(format!("input `acknowledge` lists {listed}, which is not exactly what was applied"))
    };
    failure
        .hint("do not merge again blindly: look at production and at the summary's way to recover first")
        .hint("nothing else of the cutover has happened: what serves goes on serving, with the new schema")
        .hint(format!(
            "once it is clear that what is applied may stay, run again with `acknowledge: {}`",
            delta.gained().into_iter().collect::<Vec<_>>().join(", ")
        ))
}
