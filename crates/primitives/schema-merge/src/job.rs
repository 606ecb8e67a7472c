//! Validated inputs.

use std::time::Duration;

use action::{BadInput, Context, Failure};
use git::CommitId;
use supabase::ProjectRef;

use crate::Inputs;
use crate::decision::Versions;

/// Where the runner says which run this is (GitHub docs, default environment variables).
const RUN_ID: &str = "GITHUB_RUN_ID";

/// What to merge where.
#[derive(Debug)]
pub struct Job {
    pub(crate) project: ProjectRef,
    pub(crate) branch: ProjectRef,
    pub(crate) folder: String,
    pub(crate) commit: CommitId,
    pub(crate) acknowledged: Versions,
    pub(crate) timeout: Duration,
    pub(crate) shows_within: Duration,
    run_id: Option<u64>,
}

impl TryFrom<Inputs> for Job {
    type Error = BadInput;

    fn try_from(inputs: Inputs) -> Result<Self, BadInput> {
        let project = reference("project-ref", &inputs.project_ref)?;
        let branch = reference("branch-ref", &inputs.branch_ref)?;
        if project == branch {
            return Err(BadInput::new("branch-ref", "is that of production itself").hint(
                "a branch is a project with a reference of its own; GET /v1/projects/REF/branches lists them",
            ));
        }
        let commit = inputs.commit.to_ascii_lowercase();
        let commit = CommitId::parse(&commit).filter(|id| !id.is_zero()).ok_or_else(|| {
            let problem = format!("`{}` is not a full commit SHA of 40 hexadecimal digits", inputs.commit);
            BadInput::new("commit", problem).hint("`${{ github.sha }}` is one")
        })?;
        if inputs.timeout.is_zero() {
            return Err(BadInput::new("timeout", "must be longer than nothing").hint("such as `15m`"));
        }
        if inputs.run_id == Some(0) {
            return Err(BadInput::new("run-id", "must be at least 1"));
        }
        Ok(Self {
            project,
            branch,
            folder: migration_files::folder("migrations", &inputs.migrations)?,
            commit,
            acknowledged: acknowledged(inputs.acknowledge.as_deref().unwrap_or_default())?,
            timeout: inputs.timeout,
            shows_within: inputs.shows_within,
            run_id: inputs.run_id,
        })
    }
}

impl Job {
    /// The run that asks.
    ///
    /// # Errors
    /// `invalid` when neither the input nor the runner tells.
    pub(crate) fn run_id(&self, context: &Context) -> Result<u64, Failure> {
        let of_runner = || context.variable(RUN_ID)?.parse().ok().filter(|&number| number > 0);
        self.run_id.or_else(of_runner).ok_or_else(|| {
            Failure::invalid(format!("input `run-id`: not given, and {RUN_ID} holds no whole number"))
                .hint("GitHub's runner sets it; by hand, give any number")
        })
    }
}

fn reference(input: &'static str, text: &str) -> Result<ProjectRef, BadInput> {
    text.parse::<ProjectRef>().map_err(|error| {
        BadInput::new(input, error.to_string())
            .hint("it stands in the project's address, https://supabase.com/dashboard/project/REF")
    })
}

/// Versions, or file names with or without `.sql`, with line ends, commas or blanks between them: a variable of the
/// repository is often pasted as one line.
fn acknowledged(text: &str) -> Result<Versions, BadInput> {
    let version = |word: &str| {
        let digits = word.split('_').next().unwrap_or_default();
        let is_version =
            !digits.is_empty() && digits.len() <= 20 && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_version.then(|| digits.to_owned()).ok_or_else(|| {
            let shown: String = word.chars().filter(|found| !found.is_control()).take(80).collect();
            BadInput::new("acknowledge", format!("`{shown}` is no version of a migration")).hint(
                "list versions or file names, such as 20260422170300_core_event_handled, one a line or with commas between",
            )
        })
    };
    let is_between = |found: char| found == ',' || found.is_whitespace();
    text.split(is_between).filter(|word| !word.is_empty()).map(version).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_acknowledged_are_versions_however_they_are_written() {
        let found = acknowledged("20260101000000\r\n 20260102000000_b \n\n20260103000000_c.sql\n").unwrap();
        assert_eq!(
            found.into_iter().collect::<Vec<_>>(),
            ["20260101000000", "20260102000000", "20260103000000"]
        );
        for one_line in [
            "20260101000000, 20260102000000_b",
            "20260101000000 20260102000000,\n",
            "20260101000000,20260102000000",
        ] {
            let found = acknowledged(one_line).unwrap();
            assert_eq!(
                found.into_iter().collect::<Vec<_>>(),
                ["20260101000000", "20260102000000"],
                "{one_line}"
            );
        }
        for nothing in ["", " \n", ","] {
            assert!(acknowledged(nothing).unwrap().is_empty(), "{nothing:?}");
        }
        for bad in [
            "all",
            "20260101000000;20260102000000",
            "20260101000000\\n20260102000000",
            "-",
            "_a",
            "2026-01-01",
        ] {
            assert!(acknowledged(bad).is_err(), "{bad}");
        }
    }
}
