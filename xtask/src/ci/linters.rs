//! Linters of workflows, actions, shell scripts and YAML, from pinned wheels of PyPI in a folder of their own.
//!
//! `xtask/linters/requirements.txt` holds every version and digest; `requirements.in` beside it names the five
//! tools and says how the other file is made.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::wheels;
use crate::workspace::{self, Workspace};

const REQUIREMENTS: &str = "xtask/linters/requirements.txt";
/// The manifest's schema for editors, and the folder of complete examples.
const SCHEMA: &str = "crates/domain/manifest/deploy-manifest.schema.json";
const EXAMPLES: &str = "crates/domain/manifest/tests/cases/";
const YAMLLINT: &str = "xtask/linters/yamllint.yml";

/// Runs every linter over the files that it is for.
///
/// # Errors
/// When the tools cannot be installed, or one of them finds something.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let tools = wheels::install(workspace, "linters", REQUIREMENTS)?;
    let files = Files::of(workspace)?;
    let lint =
        |tool: &str, arguments: &[&str], files: &[String]| lint(workspace, &tools, tool, arguments, files);

    let shellcheck = tools.join("shellcheck");
    let shellcheck = format!("-shellcheck={}", shellcheck.display());
    lint("actionlint", &[&shellcheck, "-pyflakes="], &files.workflows)?;
    lint("shellcheck", &["--external-sources"], &files.scripts)?;
    let sound = [&files.workflows[..], &files.actions[..], &files.dependabot[..]].concat();
    lint("zizmor", &["--offline", "--no-progress", "--quiet", "--persona=pedantic"], &sound)?;
    lint("yamllint", &["--strict", "--config-file", YAMLLINT], &files.yaml)?;
    for (schema, files) in [
        ("vendor.github-workflows", &files.workflows),
        ("vendor.github-actions", &files.actions),
        ("vendor.dependabot", &files.dependabot),
    ] {
        lint("check-jsonschema", &["--builtin-schema", schema], files)?;
    }
    lint("check-jsonschema", &["--check-metaschema"], &[SCHEMA.to_owned()])?;
    lint("check-jsonschema", &["--schemafile", SCHEMA], &files.manifests)
}

/// What there is to lint: files that git knows or would add.
#[derive(Debug, Default, PartialEq, Eq)]
struct Files {
    workflows: Vec<String>,
    actions: Vec<String>,
    dependabot: Vec<String>,
    manifests: Vec<String>,
    scripts: Vec<String>,
    yaml: Vec<String>,
}

impl Files {
    fn of(workspace: &Workspace) -> Result<Self> {
        Ok(Self::sorted(workspace.files()?.iter().map(String::as_str)))
    }

    fn sorted<'a>(paths: impl Iterator<Item = &'a str>) -> Self {
        let mut files = Self::default();
        for path in paths {
            if path.ends_with(".sh") || path == ".ci/run" {
                files.scripts.push(path.to_owned());
            }
            if !path.ends_with(".yml") && !path.ends_with(".yaml") {
                continue;
            }
            files.yaml.push(path.to_owned());
            if path.starts_with(".github/workflows/") {
                files.workflows.push(path.to_owned());
            } else if path == ".github/dependabot.yml" {
                files.dependabot.push(path.to_owned());
            } else if path.starts_with(EXAMPLES) || path.ends_with("/deploy-manifest.yml") {
                files.manifests.push(path.to_owned());
            } else if path.starts_with("actions/") {
                files.actions.push(path.to_owned());
            }
        }
        files
    }
}

fn lint(workspace: &Workspace, tools: &Path, tool: &str, arguments: &[&str], files: &[String]) -> Result<()> {
    if files.is_empty() {
        return Ok(());
    }
    println!("{tool} {}: {} files", arguments.join(" "), files.len());
    let mut command = Command::new(tools.join(tool));
    workspace::run(command.current_dir(workspace.root()).args(arguments).args(files))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_goes_to_the_linters_that_it_is_for() {
        let paths = [
            ".ci/run",
            ".github/dependabot.yml",
            ".github/workflows/ci.yml",
            "actions/kv-bind/action.yml",
            "actions/launch/launch.sh",
            "crates/domain/manifest/tests/cases/a.yml",
            ".github/deploy-manifest.yml",
            "README.md",
        ];
        let files = Files::sorted(paths.into_iter());
        assert_eq!(files.scripts, [".ci/run", "actions/launch/launch.sh"]);
        assert_eq!(files.workflows, [".github/workflows/ci.yml"]);
        assert_eq!(files.actions, ["actions/kv-bind/action.yml"]);
        assert_eq!(files.dependabot, [".github/dependabot.yml"]);
        assert_eq!(
            files.manifests,
            ["crates/domain/manifest/tests/cases/a.yml", ".github/deploy-manifest.yml"]
        );
        assert_eq!(files.yaml.len(), 5);
    }
}
