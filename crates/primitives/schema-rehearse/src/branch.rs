//! The life of the branch: found, made, ready, reached, deleted.

use std::cell::Cell;
use std::time::{Duration, Instant};

use action::{Context, ExposeSecret as _, Failure, Permit, Plan, SecretString};
use http::Outcome;
use postgres::Database;
use supabase::{ACCESS_TOKEN, Branch, BranchStatus, NewBranch, ProjectRef, ProjectStatus, Supabase};
use wait::{Created, Ended, EnsureError, Fault, Look, Schedule};

use crate::job::{Job, Made};

/// A branch comes up in a minute or two.
const CADENCE: Duration = Duration::from_secs(5);

/// How long a list may be without a branch that was just made.
const SHOWS_WITHIN: Duration = Duration::from_secs(15);

/// How long deleting may take, whatever is left of the run's own time.
const DELETES_WITHIN: Duration = Duration::from_secs(120);

/// Branches of one project under one name.
pub(crate) struct Branches<'a> {
    pub(crate) job: &'a Job,
    pub(crate) context: &'a Context,
    pub(crate) supabase: &'a Supabase,
    pub(crate) name: &'a str,
}

impl Branches<'_> {
    /// All branches of the project.
    ///
    /// # Errors
    /// As the API's answer has it.
    pub(crate) async fn all(&self) -> Result<Vec<Branch>, Failure> {
        Ok(self.supabase.branches(&self.job.project).await?)
    }

    /// The branch of the name among all, if there is one that may be deleted.
    ///
    /// # Errors
    /// `stale` when it is somebody else's.
    pub(crate) fn leftover(&self, all: &[Branch]) -> Result<Option<Branch>, Failure> {
        let Some(branch) = all.iter().find(|branch| branch.name == self.name) else { return Ok(None) };
        let odd = if branch.is_default {
            "it stands for production"
        } else if branch.persistent {
            "it is persistent"
        } else if branch.git_branch.is_some() {
            "it follows a branch of the repository"
        } else {
            return Ok(Some(branch.clone()));
        };
        Err(Failure::stale(format!("branch {} is not a rehearsal's: {odd}", self.name))
            .hint("it was left alone; give the rehearsal another name with `branch`"))
    }

    /// Makes the branch, once.
    pub(crate) async fn make(&self, left: Duration, permit: &Permit) -> Result<Branch, Failure> {
        let (supabase, name) = (self.supabase.once(), self.name);
        let what = format!("branch {name}");
        let find = async || match supabase.branch_named(&self.job.project, name).await {
            Ok(Some(branch)) => Ok(Look::Done(branch)),
            Ok(None) => Ok(Look::NotYet("it is not in the list of branches".to_owned())),
            Err(error) if error.is_passing() => Ok(Look::Fault(Fault::from(&error))),
            Err(error) => Err(error),
        };
        let create = async || {
            self.job.set_made(Made::Asked(name.to_owned()));
            match self.supabase.create_branch(&self.job.project, &NewBranch::preview(name), permit).await {
                Ok(branch) => Ok(Created::Made(branch)),
                Err(error) if error.outcome() == Outcome::Unknown => Ok(Created::Unclear(error.to_string())),
                Err(error) => Err(error),
            }
        };
        let schedule = Schedule::new(left.min(DELETES_WITHIN), CADENCE);
        match wait::ensure(self.context.clock(), schedule, &what, find, create).await {
            Ok(ensured) => Ok(ensured.into_inner()),
            Err(EnsureError::Failed(error)) => Err(Failure::from(error).context("make the branch")),
            Err(EnsureError::Unseen(late)) => {
                Err(Failure::timed_out(format!("whether {what} exists is not known: {late}")))
            }
            Err(EnsureError::Unclear { attempt, search }) => Err(Failure::unreachable(format!(
                "{what} was asked for ({attempt}) and did not appear: {search}"
            ))
            .hint("run again; the step with `mode: clean-up` deletes it should it appear later")),
        }
    }

    /// Waits until its database is up and has production's migrations.
    pub(crate) async fn ready(&self, branch: &Branch, left: Duration) -> Result<(), Failure> {
        let supabase = self.supabase.once();
        let unseen_since = Cell::new(None);
        let look = async |_| {
            let found = match supabase.branch_named(&self.job.project, self.name).await {
                Ok(found) => found,
                Err(error) if error.is_passing() => return Ok(Look::Fault(Fault::from(&error))),
                Err(error) => return Err(Failure::from(error)),
            };
            match found.filter(|found| found.reference == branch.reference) {
                Some(found) => {
                    unseen_since.set(None);
                    self.readiness(&found)
                }
                None if self.is_just_unseen(&unseen_since) => {
                    Ok(Look::NotYet("it is not in the list of branches".to_owned()))
                }
                None => Err(Failure::stale(format!("branch {} is gone: somebody deleted it", self.name))
                    .hint("let one rehearsal at a time use a name, and run again")),
            }
        };
        let what = format!("branch {}", self.name);
        let waited = wait::until(self.context.clock(), Schedule::new(left, CADENCE), &what, look).await;
        waited.map_err(|ended| match ended {
            Ended::Failed(failure) => failure,
            Ended::TimedOut(late) => Failure::timed_out(format!("{what} did not become ready: {late}"))
                .hint("see the branch's own page at Supabase, or give it more `timeout`"),
        })
    }

    /// A list may be older than the branch.
    fn is_just_unseen(&self, since: &Cell<Option<Instant>>) -> bool {
        let now = self.context.clock().now();
        let first = since.get().unwrap_or(now);
        since.set(Some(first));
        now - first < SHOWS_WITHIN
    }

    fn readiness(&self, branch: &Branch) -> Result<Look<(), String>, Failure> {
        let seen = || {
            let status = branch.project_status.as_ref().map_or("unknown", ProjectStatus::word);
            format!("project {status}, migrations {}", branch.status)
        };
        if branch.project_status.as_ref().is_some_and(ProjectStatus::is_lost) {
            return Err(Failure::failed(format!("branch {} cannot come up: {}", self.name, seen()))
                .hint("run again; if it happens again, see Supabase's status page"));
        }
        if branch.status == BranchStatus::MigrationsFailed {
            return Err(Failure::failed(format!(
                "production's own migrations cannot be replayed on branch {}: {}",
                self.name,
                seen()
            ))
            .hint("a branch begins empty and replays what production's table records; what was changed by hand there is missing")
            .hint("write what is missing as a migration that production skips, or mend the recorded statements"));
        }
        let whole = matches!(
            branch.status,
            BranchStatus::MigrationsPassed | BranchStatus::FunctionsDeployed | BranchStatus::FunctionsFailed
        );
        let up = branch.project_status == Some(ProjectStatus::ActiveHealthy);
        Ok(if whole && up { Look::Done(()) } else { Look::NotYet(seen()) })
    }

    /// The way to its database: the session pooler, since GitHub's runners have no IPv6.
    /// Address and password are masked from here on.
    pub(crate) async fn address(&self, branch: &Branch, left: Duration) -> Result<SecretString, Failure> {
        let config = self.supabase.branch_config(&branch.reference).await?;
        let password = config.password.ok_or_else(|| {
            Failure::denied(format!("the access token may not see the password of branch {}", self.name))
                .hint("use a token of a user who may read the branch's database settings")
        })?;
        let _ = self.context.hide(password.expose_secret());
        let once = self.supabase.once();
        let look = async |_| match once.primary_pooler(&branch.reference).await {
            Ok(Some(pooler)) => Ok(Look::Done(pooler)),
            Ok(None) => Ok(Look::NotYet("it has none yet")),
            Err(error) if error.is_passing() => Ok(Look::Fault(Fault::from(&error))),
            Err(error) => Err(error),
        };
        let schedule = Schedule::new(left.min(DELETES_WITHIN), CADENCE).at_once();
        let pooler = wait::until(self.context.clock(), schedule, "the branch's pooler", look).await;
        let pooler = pooler.map_err(|ended| match ended {
            Ended::Failed(error) => Failure::from(error),
            Ended::TimedOut(late) => {
                Failure::timed_out(format!("branch {} has no pooler: {late}", self.name))
                    .hint("run again; if it happens again, see the branch's own page at Supabase")
            }
        })?;
        let address = pooler.session_address(&password);
        for part in parts(address.expose_secret()) {
            let _ = self.context.hide(part);
        }
        Ok(address)
    }

    /// Deletes every branch of the name until none is seen any more.
    pub(crate) async fn delete(&self, permit: &Permit) -> Result<(), Failure> {
        let (once, is_asked) = (self.supabase.once(), Cell::new(false));
        let look = async |_| {
            let deleted = async {
                let found = match self.job.made() {
                    // A list may be older than the branch.
                    Made::There(_, reference) if !is_asked.get() => Some(reference),
                    _ => {
                        once.branch_named(&self.job.project, self.name).await?.map(|branch| branch.reference)
                    }
                };
                let Some(reference) = found else { return Ok(Look::Done(())) };
                once.delete_branch(&reference, permit).await?;
                is_asked.set(true);
                Ok(Look::Near("it is being deleted"))
            };
            match deleted.await {
                Ok(look) => Ok(look),
                Err(error) if http::Error::is_passing(&error) => Ok(Look::Fault(Fault::from(&error))),
                Err(error) => Err(error),
            }
        };
        let what = format!("end of branch {}", self.name);
        let schedule = Schedule::new(DELETES_WITHIN, CADENCE).at_once();
        match wait::until(self.context.clock(), schedule, &what, look).await {
            Ok(()) => {
                self.job.set_made(Made::Nothing);
                self.context.leaves_behind("");
                Ok(())
            }
            Err(Ended::Failed(error)) => Err(self.left_over(Failure::from(error))),
            Err(Ended::TimedOut(late)) => Err(self.left_over(Failure::timed_out(late.to_string()))),
        }
    }

    fn left_over(&self, failure: Failure) -> Failure {
        let (name, project) = (self.name, &self.job.project);
        failure
            .context(format!("branch {name} could not be deleted"))
            .hint(format!("run `schema-rehearse --mode clean-up --project-ref {project} --branch {name}`: it costs as long as it is there"))
    }
}

/// The address, and the password as it stands in it.
fn parts(address: &str) -> impl Iterator<Item = &str> {
    let login = address.split_once("://").and_then(|(_, rest)| rest.split_once('@')).map(|(login, _)| login);
    let password = login.and_then(|login| login.split_once(':')).map(|(_, password)| password);
    [Some(address), password].into_iter().flatten().filter(|part| !part.is_empty())
}

/// Logs in until it works: the first connections to a branch may time out (Supabase
/// docs, branching, troubleshooting).
pub(crate) async fn first_look(
    context: &Context,
    database: &Database,
    left: Duration,
) -> Result<Vec<migration_history::Applied>, Failure> {
    let schedule = Schedule::new(left.min(DELETES_WITHIN), CADENCE).at_once();
    let look = async |_| match migrate::applied(database).await {
        Ok(rows) => Ok(Look::<_, String>::Done(rows)),
        Err(error) if error.is_passing() => Ok(Look::Fault((&error).into())),
        Err(error) => Err(error),
    };
    wait::until(context.clock(), schedule, "the branch's database", look).await.map_err(|ended| match ended {
        Ended::Failed(error) => refused_by_branch(error).context("log in to the branch"),
        Ended::TimedOut(late) => Failure::timed_out(format!("the branch's database lets nobody in: {late}"))
            .hint("run again; if it happens again, see the branch's own page at Supabase"),
    })
}

/// What a branch's database says. Its address and its rights are Supabase's, so what holds for production's own
/// `DATABASE_URL` does not help here.
pub(crate) fn refused_by_branch(error: postgres::Error) -> Failure {
    let text = error.to_string();
    Failure::new(Failure::from(error).ending(), text)
        .hint("the address and the rights are those that Supabase gave the branch: run again, and if it happens again, see the branch's own page at Supabase")
}

/// One attempt to delete what a stopped run made.
pub(crate) async fn interrupted(job: &Job, context: &Context) -> Vec<String> {
    let (name, known) = match job.made() {
        Made::Nothing => return Vec::new(),
        Made::Asked(name) => (name, None),
        Made::There(name, reference) => (name, Some(reference)),
    };
    vec![match attempt(job, context, &name, known).await {
        Ok(Some(_)) => format!("branch {name} was deleted"),
        Ok(None) => {
            format!("branch {name} was asked for and is not to be seen; let `mode: clean-up` look again")
        }
        Err(failure) => {
            format!("branch {name} may be left; let `mode: clean-up` delete it: {}", failure.message())
        }
    }]
}

async fn attempt(
    job: &Job,
    context: &Context,
    name: &str,
    known: Option<ProjectRef>,
) -> Result<Option<ProjectRef>, Failure> {
    let mut plan = Plan::new();
    plan.change(format!("branch {name}"), "there", "deleted");
    let permit = context.approve(&plan)?;
    let supabase = Supabase::new(context, context.secret(ACCESS_TOKEN)?)?.once();
    let found = match known {
        Some(known) => Some(known),
        None => supabase.branch_named(&job.project, name).await?.map(|branch| branch.reference),
    };
    if let Some(found) = &found {
        supabase.delete_branch(found, &permit).await?;
    }
    Ok(found)
}
