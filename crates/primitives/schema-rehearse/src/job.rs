//! Validated inputs, and what outlives a run that a signal stops.

use std::cell::RefCell;
use std::time::Duration;

use action::{BadInput, Context, Failure};
use git::CommitId;
use supabase::ProjectRef;

use crate::{Inputs, Mode};

/// Where the runner says which run this is (GitHub docs, default environment variables).
const RUN_ID: &str = "GITHUB_RUN_ID";

/// How the name of every branch begins that is made here. Whatever has another name is
/// never deleted.
pub(crate) const PREFIX: &str = "greenroom-";

/// What to try where.
#[derive(Debug)]
pub struct Job {
    pub(crate) mode: Mode,
    pub(crate) project: ProjectRef,
    pub(crate) folder: String,
    pub(crate) commit: Option<CommitId>,
    pub(crate) smoke: Option<String>,
    pub(crate) smoke_timeout: Duration,
    pub(crate) timeout: Duration,
    branch: Option<String>,
    made: RefCell<Made>,
}

/// What became of the branch, as far as is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Made {
    /// None was asked for, or it is deleted.
    #[default]
    Nothing,
    /// One of this name was asked for.
    Asked(String),
    /// This is it.
    There(String, ProjectRef),
}

impl TryFrom<Inputs> for Job {
    type Error = BadInput;

    fn try_from(inputs: Inputs) -> Result<Self, BadInput> {
        let project = inputs.project_ref.parse::<ProjectRef>().map_err(|error| {
            BadInput::new("project-ref", error.to_string())
                .hint("it stands in the project's address, https://supabase.com/dashboard/project/REF")
        })?;
        let smoke = inputs.smoke.filter(|smoke| !smoke.trim().is_empty());
        if smoke.is_some() && inputs.mode == Mode::CleanUp {
            return Err(BadInput::new("smoke", "is for `mode: rehearse` only")
                .hint("leave it out of the clean-up step"));
        }
        for (input, duration) in [("timeout", inputs.timeout), ("smoke-timeout", inputs.smoke_timeout)] {
            if duration.is_zero() {
                return Err(BadInput::new(input, "must be longer than nothing").hint("such as `10m`"));
            }
        }
        Ok(Self {
            mode: inputs.mode,
            project,
            folder: migration_files::folder("migrations", &inputs.migrations)?,
            commit: inputs.commit.as_deref().map(commit).transpose()?,
            smoke,
            smoke_timeout: inputs.smoke_timeout,
            timeout: inputs.timeout,
            branch: inputs.branch.map(named).transpose()?,
            made: RefCell::default(),
        })
    }
}

impl Job {
    /// The branch's name.
    ///
    /// # Errors
    /// `invalid` when neither the input nor the runner tells.
    pub(crate) fn branch(&self, context: &Context) -> Result<String, Failure> {
        if let Some(branch) = &self.branch {
            return Ok(branch.clone());
        }
        let run = context.variable(RUN_ID).and_then(|text| text.parse::<u64>().ok());
        run.map(|run| format!("{PREFIX}{run}")).ok_or_else(|| {
            Failure::invalid(format!("input `branch`: not given, and {RUN_ID} holds no whole number"))
                .hint(format!("GitHub's runner sets it; by hand, give a name such as `{PREFIX}by-hand`"))
        })
    }

    pub(crate) fn made(&self) -> Made {
        self.made.borrow().clone()
    }

    pub(crate) fn set_made(&self, made: Made) {
        *self.made.borrow_mut() = made;
    }
}

fn commit(text: &str) -> Result<CommitId, BadInput> {
    CommitId::parse(&text.to_ascii_lowercase()).filter(|id| !id.is_zero()).ok_or_else(|| {
        let problem = format!("`{text}` is not a full commit SHA of 40 hexadecimal digits");
        BadInput::new("commit", problem)
            .hint("`${{ github.sha }}` is one; leave it out for what is checked out")
    })
}

fn named(branch: String) -> Result<String, BadInput> {
    let plain = |found: char| found.is_ascii_alphanumeric() || matches!(found, '-' | '_' | '.');
    let rest = branch.strip_prefix(PREFIX).filter(|rest| !rest.is_empty());
    if rest.is_some() && branch.len() <= 60 && branch.chars().all(plain) {
        return Ok(branch);
    }
    let shown: String = branch.chars().filter(|found| !found.is_control()).take(80).collect();
    Err(BadInput::new("branch", format!("`{shown}` is no name of a branch that may be deleted")).hint(
        format!("it begins with `{PREFIX}` and goes on with letters, digits, `-`, `_` and `.`, 60 in all"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_ours_are_taken() {
        assert!(named("greenroom-1234_b.c".into()).is_ok());
        for bad in [
            "",
            "staging",
            "main",
            "greenroom-",
            "greenroom",
            "greenroom-a b",
            "greenroom-a/b",
            "greenroom-\n",
        ] {
            assert!(named(bad.into()).is_err(), "{bad:?}");
        }
        assert!(named(format!("greenroom-{}", "x".repeat(51))).is_err());
    }
}
