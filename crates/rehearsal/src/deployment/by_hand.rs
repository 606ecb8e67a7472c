//! The operator's own hands: the lines that a summary gives, run as they stand there.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Instant;

use action::markdown;
use anyhow::{Context as _, Result};
use tokio::process::Command;

use crate::executables::executables;
use crate::workflow_run::{Conclusion, Job, Run, Settings, Step};

/// What such a run is called in place of a workflow's file.
pub(super) const NAME: &str = "by hand";

/// The environment whose secrets the operator has at hand.
const ENVIRONMENT: &str = "production";

/// Runs the lines of the last block of code in the summary of a job, each in a shell of its own, until one fails.
/// Each becomes a job, named after its program, and what it prints becomes that job's summary.
///
/// # Errors
/// The job or its lines are not there, or a shell cannot be started.
pub(super) async fn run(of: &Run, job: &str, settings: &Settings) -> Result<Run> {
    let summary = of.job(job).with_context(|| format!("find the job {job}"))?.summary();
    let lines =
        lines(&summary).with_context(|| format!("find lines to run in the summary of {job}: {summary}"))?;
    let hands = Hands::new(settings)?;
    let began = Instant::now();
    let mut jobs: Vec<Job> = Vec::new();
    for line in lines {
        let goes_on = jobs.iter().all(|job| job.conclusion == Conclusion::Success);
        jobs.push(if goes_on { hands.run(line).await? } else { Job::skipped(program(line)) });
    }
    let all = jobs.iter().all(|job| job.conclusion == Conclusion::Success);
    Ok(Run {
        file: NAME.to_owned(),
        attempt: 1,
        conclusion: if all { Conclusion::Success } else { Conclusion::Failure },
        remark: None,
        queued: began,
        started: Some(began),
        ended: Instant::now(),
        jobs,
        ..of.clone()
    })
}

/// The lines of the last fenced block.
fn lines(summary: &str) -> Option<Vec<&str>> {
    let mut blocks: Vec<Vec<&str>> = Vec::new();
    let mut inside = false;
    for line in summary.lines() {
        match (line.starts_with("```"), inside) {
            (true, true) => inside = false,
            (true, false) => {
                inside = true;
                blocks.push(Vec::new());
            }
            (false, true) => blocks.last_mut()?.push(line),
            (false, false) => {}
        }
    }
    blocks.pop().filter(|lines| !lines.is_empty())
}

fn program(line: &str) -> &str {
    line.split_whitespace().next().unwrap_or_default()
}

/// The operator's shell.
struct Hands {
    variables: BTreeMap<String, String>,
    secrets: Vec<String>,
}

impl Hands {
    /// With the binaries on its path, the secrets of production, and what the machine knows of this world.
    fn new(settings: &Settings) -> Result<Self> {
        let environment =
            settings.environments.get(ENVIRONMENT).context("find the environment of production")?;
        let binaries = executables()?.dir().display().to_string();
        let path = std::env::var("PATH").unwrap_or_default();
        let mut variables = settings.machine.clone();
        variables.extend(environment.secrets.clone());
        variables.insert("PATH".to_owned(), format!("{binaries}:{path}"));
        Ok(Self { variables, secrets: environment.secrets.values().cloned().collect() })
    }

    async fn run(&self, line: &str) -> Result<Job> {
        let started = Instant::now();
        let mut shell = Command::new("bash");
        shell.args(["--noprofile", "--norc", "-c", line]).env_clear().envs(&self.variables);
        shell.stdin(Stdio::null()).kill_on_drop(true);
        let output = shell.output().await.context("start bash")?;
        let conclusion = if output.status.success() { Conclusion::Success } else { Conclusion::Failure };
        let log =
            [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned()).concat();
        let log = self.secrets.iter().fold(log, |log, secret| log.replace(secret, "***"));
        let step = Step {
            number: 1,
            id: None,
            name: "bash".to_owned(),
            uses: None,
            outcome: conclusion,
            conclusion,
            started,
            ended: Instant::now(),
            exit_code: output.status.code(),
            outputs: BTreeMap::new(),
            summary: markdown::block(&log),
            log,
            annotations: Vec::new(),
        };
        Ok(Job { conclusion, started: Some(started), steps: vec![step], ..Job::skipped(program(line)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_are_those_of_the_last_block() {
        let summary = "### A\n\n```text\nnot these\n```\n\nTo go back:\n\n```text\none --a $'x y'\ntwo\n```\n\nOr not.\n";
        assert_eq!(lines(summary).unwrap(), ["one --a $'x y'", "two"]);
        assert_eq!(lines("nothing"), None);
        assert_eq!(lines("```\n```\n"), None);
        assert_eq!(program("one --a $'x y'"), "one");
    }
}
