//! Workflow files and actions: what runs is pinned, and may do no more than it must.

use serde_yaml::{Mapping, Value};

use super::Finding;
use super::tree::Tree;

/// What a `uses:` names is a whole commit SHA with its version beside it, or a path of this repository.
pub(super) fn uses_are_pinned(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in files(tree) {
        for (index, line) in text.lines().enumerate() {
            let line = line.trim_start().trim_start_matches("- ");
            let Some(uses) = line.strip_prefix("uses:").map(str::trim) else { continue };
            // `$/` is this repository at the commit of the workflow, `./` what was checked out.
            if uses.starts_with("$/") || uses.starts_with("./") {
                continue;
            }
            let (action, comment) = uses.split_once(" # ").unwrap_or((uses, ""));
            let sha = action.trim().rsplit_once('@').map_or("", |(_, reference)| reference);
            if sha.len() != 40 || !sha.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                findings.push(Finding::at(
                    path,
                    index,
                    format!("`{action}` is not pinned to a whole commit SHA"),
                ));
            } else if !comment.starts_with('v') {
                findings.push(Finding::at(path, index, format!("`{action}` needs its version: ` # v1.2.3`")));
            }
        }
    }
    findings
}

/// A workflow starts with no permission at all; each job takes what it needs.
pub(super) fn permissions_are_least(tree: &Tree) -> Vec<Finding> {
    each_workflow(tree, |path, workflow, findings| {
        if workflow.get("permissions") != Some(&Value::Mapping(Mapping::new())) {
            findings
                .push(Finding::new(path, "must say `permissions: {}` at its top; jobs take what they need"));
        }
        for (name, job) in jobs(workflow) {
            if job.get("permissions").is_some_and(Value::is_string) {
                findings.push(Finding::new(path, format!("job `{name}` must name each permission")));
            }
        }
    })
}

/// A checkout leaves no token in `.git/config` for later steps to find.
pub(super) fn credentials_are_not_kept(tree: &Tree) -> Vec<Finding> {
    each_workflow(tree, |path, workflow, findings| {
        for (name, job) in jobs(workflow) {
            for step in job.get("steps").and_then(Value::as_sequence).into_iter().flatten() {
                let uses = step.get("uses").and_then(Value::as_str).unwrap_or("");
                let kept = step.get("with").and_then(|with| with.get("persist-credentials"));
                if uses.starts_with("actions/checkout@") && kept != Some(&Value::Bool(false)) {
                    let message = format!("the checkout of job `{name}` needs `persist-credentials: false`");
                    findings.push(Finding::new(path, message));
                }
            }
        }
    })
}

/// A job that hangs holds a runner for six hours otherwise.
pub(super) fn jobs_are_bounded(tree: &Tree) -> Vec<Finding> {
    each_workflow(tree, |path, workflow, findings| {
        for (name, job) in jobs(workflow) {
            if job.get("timeout-minutes").is_none() && job.get("uses").is_none() {
                findings.push(Finding::new(path, format!("job `{name}` needs `timeout-minutes`")));
            }
        }
    })
}

fn files(tree: &Tree) -> impl Iterator<Item = (&str, &str)> {
    tree.files.iter().map(|(path, text)| (path.as_str(), text.as_str())).filter(|(path, _)| {
        let yaml = path.ends_with(".yml") || path.ends_with(".yaml");
        yaml && (path.starts_with(".github/workflows/") || path.starts_with("actions/"))
    })
}

fn each_workflow(tree: &Tree, check: impl Fn(&str, &Value, &mut Vec<Finding>)) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in files(tree).filter(|(path, _)| path.starts_with(".github/")) {
        match serde_yaml::from_str::<Value>(text) {
            Ok(workflow) => check(path, &workflow, &mut findings),
            Err(error) => findings.push(Finding::new(path, error.to_string())),
        }
    }
    findings
}

fn jobs(workflow: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let jobs = workflow.get("jobs").and_then(Value::as_mapping);
    jobs.into_iter().flatten().map(|(name, job)| (name.as_str().unwrap_or("?"), job))
}

#[cfg(test)]
mod tests {
    use super::super::tree::tests::planted;
    use super::*;

    const GOOD: &str = "\
name: a
on: push
permissions: {}
jobs:
  a:
    runs-on: ubuntu-latest
    timeout-minutes: 5
    permissions:
      contents: read
    steps:
      - uses: actions/checkout@8e8c483db84b4bee98b60c0593521ed34d9990e8 # v6.0.1
        with:
          persist-credentials: false
      - uses: ./actions/version-poll
";

    fn count(rule: super::super::Rule, from: &str, to: &str) -> usize {
        let text = GOOD.replacen(from, to, 1);
        assert!(from.is_empty() || text != GOOD, "{from}");
        rule(&planted(&[(".github/workflows/a.yml", text.as_str())])).len()
    }

    #[test]
    fn a_good_workflow_is_fine() {
        for rule in [uses_are_pinned, permissions_are_least, credentials_are_not_kept, jobs_are_bounded] {
            assert_eq!(count(rule, "", ""), 0);
        }
    }

    #[test]
    fn what_is_not_pinned_is_refused() {
        assert_eq!(count(uses_are_pinned, "@8e8c483db84b4bee98b60c0593521ed34d9990e8", "@v6"), 1);
        assert_eq!(count(uses_are_pinned, "@8e8c483db84b4bee98b60c0593521ed34d9990e8", "@8e8c483"), 1);
        assert_eq!(count(uses_are_pinned, " # v6.0.1", ""), 1);
        assert_eq!(count(uses_are_pinned, "./actions/version-poll", "o/r@main"), 1);
    }

    #[test]
    fn wide_permissions_are_refused() {
        assert_eq!(count(permissions_are_least, "permissions: {}\n", ""), 1);
        assert_eq!(count(permissions_are_least, "permissions: {}", "permissions:\n  contents: write"), 1);
        assert_eq!(
            count(permissions_are_least, "permissions:\n      contents: read", "permissions: write-all"),
            1
        );
    }

    #[test]
    fn kept_credentials_are_refused() {
        assert_eq!(
            count(credentials_are_not_kept, "persist-credentials: false", "persist-credentials: true"),
            1
        );
        assert_eq!(
            count(credentials_are_not_kept, "          persist-credentials: false", "          ref: x"),
            1
        );
    }

    #[test]
    fn an_unbounded_job_is_refused() {
        assert_eq!(count(jobs_are_bounded, "    timeout-minutes: 5\n", ""), 1);
    }

    #[test]
    fn a_broken_workflow_is_a_finding() {
        assert_eq!(count(jobs_are_bounded, "jobs:", "jobs: ["), 1);
    }
}
