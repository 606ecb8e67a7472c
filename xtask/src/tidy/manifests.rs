//! The manifests: what is set once in the workspace is set nowhere else.

use toml::{Table, Value};

use super::Finding;
use super::tree::Tree;

/// The root manifest.
const ROOT: &str = "Cargo.toml";

/// Package fields that every crate takes from the workspace.
const INHERITED: [&str; 5] = ["version", "edition", "rust-version", "license", "publish"];

/// Every crate inherits version, edition, licence and lints, and says what it is.
pub(super) fn crates_inherit(tree: &Tree) -> Vec<Finding> {
    crates(tree, |path, manifest, findings| {
        for field in INHERITED {
            if at(manifest, &["package", field, "workspace"]) != Some(&Value::Boolean(true)) {
                findings.push(Finding::new(path, format!("needs `{field}.workspace = true`")));
            }
        }
        if at(manifest, &["lints", "workspace"]) != Some(&Value::Boolean(true)) {
            findings.push(Finding::new(path, "needs `[lints]` with `workspace = true`"));
        }
        if at(manifest, &["package", "description"]).is_none_or(|found| found.as_str() == Some("")) {
            findings.push(Finding::new(path, "needs a `description`"));
        }
    })
}

/// Every dependency of every crate is declared in the workspace; a crate adds features at most.
pub(super) fn dependencies_come_from_the_workspace(tree: &Tree) -> Vec<Finding> {
    crates(tree, |path, manifest, findings| {
        for (name, dependency) in dependencies(manifest) {
            if dependency.get("workspace") != Some(&Value::Boolean(true)) {
                findings.push(Finding::new(path, format!("needs `{name}.workspace = true`")));
            }
        }
    })
}

/// Every dependency from outside has a reason beside it, on one line.
pub(super) fn dependencies_have_reasons(tree: &Tree) -> Vec<Finding> {
    let Some(text) = tree.files.get(ROOT) else { return vec![Finding::new(ROOT, "is missing")] };
    let mut findings = Vec::new();
    let mut inside = false;
    for (index, line) in text.lines().enumerate() {
        if line.starts_with('[') {
            inside = line == "[workspace.dependencies]";
            if line.starts_with("[workspace.dependencies.") {
                findings.push(Finding::at(ROOT, index, "a dependency is one line, with its reason"));
            }
            continue;
        }
        let Some((name, rest)) = line.split_once(" = ").filter(|_| inside && !line.starts_with('#')) else {
            continue;
        };
        let reason = rest.rsplit_once(" # ").is_some_and(|(_, reason)| !reason.trim().is_empty());
        if !rest.contains("path = ") && !reason {
            findings.push(Finding::at(ROOT, index, format!("say beside `{name}` what it is for: ` # ...`")));
        }
    }
    findings
}

fn crates(tree: &Tree, check: impl Fn(&str, &Table, &mut Vec<Finding>)) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.ending("/Cargo.toml").filter(|(path, _)| is_member(path)) {
        match text.parse::<Table>() {
            Ok(manifest) => check(path, &manifest, &mut findings),
            Err(error) => findings.push(Finding::new(path, error.to_string())),
        }
    }
    findings
}

fn is_member(path: &str) -> bool {
    path.starts_with("crates/") || path == "xtask/Cargo.toml"
}

/// The entries of every dependency table, those of `[target.'cfg(..)']` too.
fn dependencies(manifest: &Table) -> Vec<(&String, &Value)> {
    const TABLES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];
    let targets = manifest.get("target").and_then(Value::as_table).into_iter().flat_map(Table::values);
    [manifest]
        .into_iter()
        .chain(targets.filter_map(Value::as_table))
        .flat_map(|table| TABLES.iter().filter_map(|name| table.get(*name)?.as_table()))
        .flatten()
        .collect()
}

fn at<'a>(manifest: &'a Table, path: &[&str]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(manifest.get(*first)?, |value, key| value.get(key))
}

#[cfg(test)]
mod tests {
    use super::super::tree::tests::planted;
    use super::*;

    const GOOD: &str = "\
[package]
name = \"x\"
description = \"X.\"
version.workspace = true
edition.workspace = true
rust-version.workspace = true
license.workspace = true
publish.workspace = true

[lints]
workspace = true

[dependencies]
serde.workspace = true
tokio = { workspace = true, features = [\"rt\"] }
";

    fn messages(rule: super::super::Rule, path: &str, text: &str) -> Vec<String> {
        rule(&planted(&[(path, text)])).into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn a_crate_that_inherits_is_fine() {
        assert_eq!(messages(crates_inherit, "crates/base/x/Cargo.toml", GOOD), [""; 0]);
        assert_eq!(messages(dependencies_come_from_the_workspace, "crates/base/x/Cargo.toml", GOOD), [""; 0]);
    }

    #[test]
    fn a_crate_that_does_not_inherit_is_refused() {
        for (from, to, message) in [
            ("version.workspace = true", "version = \"1.0.0\"", "needs `version.workspace = true`"),
            ("publish.workspace = true\n", "", "needs `publish.workspace = true`"),
            ("[lints]\nworkspace = true\n", "", "needs `[lints]` with `workspace = true`"),
            ("description = \"X.\"\n", "", "needs a `description`"),
        ] {
            let text = GOOD.replacen(from, to, 1);
            assert_eq!(messages(crates_inherit, "xtask/Cargo.toml", &text), [message]);
        }
    }

    #[test]
    fn a_dependency_of_its_own_is_refused() {
        for added in [
            "[dev-dependencies]\nrand = \"1\"\n",
            "[build-dependencies]\nrand = { version = \"1\" }\n",
            "[target.'cfg(unix)'.dependencies]\nrand = { path = \"../rand\" }\n",
            "[dependencies.rand]\nversion = \"1\"\n",
        ] {
            let text = format!("{GOOD}\n{added}");
            let found = messages(dependencies_come_from_the_workspace, "crates/base/x/Cargo.toml", &text);
            assert_eq!(found, ["needs `rand.workspace = true`"], "{added}");
        }
    }

    #[test]
    fn a_broken_manifest_is_a_finding() {
        assert_eq!(messages(crates_inherit, "xtask/Cargo.toml", "[").len(), 1);
    }

    #[test]
    fn a_dependency_without_a_reason_is_refused() {
        let root = "\
[workspace.dependencies]
# The house.
wait = { path = \"crates/base/wait\" }
serde = \"1\" # data
rand = \"1\"
url = { version = \"2\" } #

[workspace.lints.rust]
missing_docs = \"warn\"
";
        let found = dependencies_have_reasons(&planted(&[("Cargo.toml", root)]));
        let places: Vec<_> = found.iter().map(|finding| finding.place.as_str()).collect();
        assert_eq!(places, ["Cargo.toml:5", "Cargo.toml:6"]);
        let table = messages(dependencies_have_reasons, "Cargo.toml", "[workspace.dependencies.rand]\n");
        assert_eq!(table.len(), 1);
    }
}
