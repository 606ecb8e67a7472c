//! Which crate may know which: imports go down the floors only.

use std::collections::BTreeSet;
use std::fmt;

use super::Finding;
use super::tree::{Dependency, Package, Tree};

/// A floor of the house, from the folder that a crate is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Floor {
    Base,
    Vendors,
    Domain,
    Operations,
    Primitives,
    Rehearsal,
    Xtask,
}

impl Floor {
    fn of(folder: &str) -> Option<Self> {
        let floor = match folder.split('/').collect::<Vec<_>>()[..] {
            ["crates", "base", _] => Self::Base,
            ["crates", "vendors", _] => Self::Vendors,
            ["crates", "domain", _] => Self::Domain,
            ["crates", "operations", _] => Self::Operations,
            ["crates", "primitives", _] => Self::Primitives,
            ["crates", "rehearsal"] => Self::Rehearsal,
            ["xtask"] => Self::Xtask,
            _ => return None,
        };
        Some(floor)
    }

    /// Whether code of this floor may import that one. Crates of `base` have an order of their own.
    fn may_import(self, other: Self) -> bool {
        use Floor::{Base, Domain, Operations, Primitives, Rehearsal, Vendors, Xtask};
        match self {
            Base | Domain => false,
            Vendors => other == Base,
            Operations => matches!(other, Base | Vendors | Domain),
            Primitives => matches!(other, Base | Vendors | Domain | Operations),
            Rehearsal => matches!(other, Base | Domain),
            Xtask => matches!(other, Base | Rehearsal),
        }
    }

    /// Whether its tests may: whoever talks to a vendor is tested in the rehearsal, which runs primitives.
    fn tests_may_import(self, other: Self) -> bool {
        match self {
            Self::Vendors | Self::Operations | Self::Primitives => other == Self::Rehearsal,
            Self::Rehearsal => matches!(other, Self::Operations | Self::Primitives),
            Self::Base | Self::Domain | Self::Xtask => false,
        }
    }
}

impl fmt::Display for Floor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format!("{self:?}").to_lowercase())
    }
}

/// The crates of `base`, each below the next.
const BASE: [&str; 3] = ["crates/base/action", "crates/base/wait", "crates/base/http"];

/// How files are read, which more than one rule builds on: below all else of `domain`.
const READER: &str = "crates/domain/yaml";

/// Imports go down floors only, in `base` in its order, and never sideways.
pub(super) fn imports_go_down(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for Package { folder, dependencies } in &tree.packages {
        let Some(floor) = Floor::of(folder) else {
            findings.push(Finding::new(folder, "is on no floor: see the folders of `crates`"));
            continue;
        };
        for dependency in dependencies {
            let Some(target) = dependency.folder.as_deref() else { continue };
            let Some(other) = Floor::of(target) else { continue };
            let allowed = floor.may_import(other)
                || is_below(target, folder)
                || dependency.dev && floor.tests_may_import(other);
            if !allowed {
                findings.push(Finding::new(folder, format!("{floor} may not import {target} ({other})")));
            }
        }
    }
    findings
}

fn is_below(lower: &str, upper: &str) -> bool {
    if lower == READER && upper != READER {
        return Floor::of(upper) == Some(Floor::Domain);
    }
    let place = |folder: &str| BASE.iter().position(|&known| known == folder);
    place(lower).zip(place(upper)).is_some_and(|(lower, upper)| lower < upper)
}

/// Rules are pure: no runtime and no client, not even through another crate of the workspace.
pub(super) fn domain_is_pure(tree: &Tree) -> Vec<Finding> {
    let impure = |name: &str| matches!(name, "tokio" | "reqwest" | "hyper" | "octocrab");
    on_floor(tree, Floor::Domain)
        .flat_map(|package| {
            imports(package).filter(|dependency| impure(&dependency.name)).map(|dependency| {
                Finding::new(&package.folder, format!("does I/O through {}", dependency.name))
            })
        })
        .collect()
}

/// A twin that shared a client's types would share its misreadings, so the rehearsal reaches no vendor crate and
/// not the HTTP client either, by whatever way.
pub(super) fn rehearsal_shares_no_client(tree: &Tree) -> Vec<Finding> {
    let forbidden = |folder: &str| Floor::of(folder) == Some(Floor::Vendors) || folder == "crates/base/http";
    reached(tree, "crates/rehearsal")
        .into_iter()
        .filter(|folder| forbidden(folder))
        .map(|folder| {
            Finding::new("crates/rehearsal", format!("reaches {folder}, whose types are a client's"))
        })
        .collect()
}

/// The folders that a crate reaches through imports, itself included; its tests do not count.
fn reached<'a>(tree: &'a Tree, from: &'a str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(folder) = open.pop() {
        if reached.insert(folder) {
            let package = tree.packages.iter().find(|package| package.folder == folder);
            open.extend(package.into_iter().flat_map(imports).filter_map(|found| found.folder.as_deref()));
        }
    }
    reached
}

/// An HTTP client belongs to one crate, which sets its timeouts, retries and redaction.
pub(super) fn clients_stay_private(tree: &Tree) -> Vec<Finding> {
    let owners = [("reqwest", "crates/base/http"), ("octocrab", "crates/vendors/github")];
    let mut findings = Vec::new();
    for package in &tree.packages {
        for (client, owner) in owners {
            if package.folder != owner && package.dependencies.iter().any(|found| found.name == client) {
                findings.push(Finding::new(&package.folder, format!("only {owner} may use {client}")));
            }
        }
    }
    findings
}

fn on_floor(tree: &Tree, floor: Floor) -> impl Iterator<Item = &Package> {
    tree.packages.iter().filter(move |package| Floor::of(&package.folder) == Some(floor))
}

fn imports(package: &Package) -> impl Iterator<Item = &Dependency> {
    package.dependencies.iter().filter(|dependency| !dependency.dev)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `folder` with imports and dev-imports; a name with a `/`, and `xtask`, is a crate of the workspace.
    fn package(folder: &str, imports: &[&str], dev: &[&str]) -> Package {
        let dependency = |dev: bool| {
            move |name: &&str| Dependency {
                name: name.rsplit('/').next().unwrap().to_owned(),
                dev,
                folder: (name.contains('/') || *name == "xtask").then(|| (*name).to_owned()),
            }
        };
        let dependencies =
            imports.iter().map(dependency(false)).chain(dev.iter().map(dependency(true))).collect();
        Package { folder: folder.to_owned(), dependencies }
    }

    fn places(rule: super::super::Rule, packages: Vec<Package>) -> Vec<String> {
        rule(&Tree { packages, ..Tree::default() }).into_iter().map(|finding| finding.message).collect()
    }

    fn allowed(folder: &str, import: &str, dev: bool) -> bool {
        let import = [import];
        let (imports, dev): (&[&str], &[&str]) = if dev { (&[], &import) } else { (&import, &[]) };
        places(imports_go_down, vec![package(folder, imports, dev)]).is_empty()
    }

    #[test]
    fn imports_go_down_only() {
        for (folder, import) in [
            ("crates/base/http", "crates/base/wait"),
            ("crates/base/wait", "crates/base/action"),
            ("crates/vendors/render", "crates/base/http"),
            ("crates/operations/flip", "crates/vendors/cloudflare"),
            ("crates/primitives/cname-flip", "crates/operations/flip"),
            ("crates/primitives/cname-flip", "crates/domain/manifest"),
            ("crates/domain/manifest", "crates/domain/yaml"),
            ("crates/rehearsal", "crates/base/action"),
            ("xtask", "crates/rehearsal"),
        ] {
            assert!(allowed(folder, import, false), "{folder} -> {import}");
            assert!(!allowed(import, folder, false), "{import} -> {folder}");
        }
        for (folder, import) in [
            ("crates/vendors/render", "crates/domain/manifest"),
            ("crates/vendors/render", "crates/domain/yaml"),
            ("crates/domain/manifest", "crates/domain/workflow"),
            ("crates/domain/manifest", "crates/vendors/render"),
            ("crates/domain/manifest", "crates/base/action"),
            ("crates/vendors/render", "crates/vendors/git"),
            ("crates/primitives/kv-bind", "crates/primitives/cname-flip"),
            ("crates/rehearsal", "crates/vendors/render"),
            ("crates/rehearsal", "crates/primitives/kv-bind"),
            ("xtask", "crates/primitives/kv-bind"),
        ] {
            assert!(!allowed(folder, import, false), "{folder} -> {import}");
        }
    }

    #[test]
    fn only_tests_reach_up() {
        assert!(allowed("crates/primitives/kv-bind", "crates/rehearsal", true));
        assert!(!allowed("crates/primitives/kv-bind", "crates/rehearsal", false));
        assert!(allowed("crates/rehearsal", "crates/primitives/kv-bind", true));
        assert!(!allowed("crates/primitives/kv-bind", "crates/primitives/cname-flip", true));
        assert!(!allowed("crates/rehearsal", "crates/vendors/render", true));
        assert!(!allowed("crates/domain/manifest", "crates/rehearsal", true));
    }

    #[test]
    fn a_crate_outside_the_floors_is_refused() {
        let found = places(imports_go_down, vec![package("crates/helpers", &[], &[])]);
        assert_eq!(found, ["is on no floor: see the folders of `crates`"]);
    }

    #[test]
    fn a_rule_that_does_io_is_refused() {
        assert_eq!(
            places(domain_is_pure, vec![package("crates/domain/manifest", &["tokio"], &[])]),
            ["does I/O through tokio"]
        );
        assert!(
            places(domain_is_pure, vec![package("crates/domain/manifest", &["serde"], &["tokio"])])
                .is_empty()
        );
    }

    #[test]
    fn the_rehearsal_reaches_no_client_by_any_way() {
        let packages = vec![
            package("crates/rehearsal", &["crates/operations/deploy"], &["crates/primitives/kv-bind"]),
            package("crates/operations/deploy", &["crates/vendors/render"], &[]),
            package("crates/vendors/render", &["crates/base/http"], &[]),
            package("crates/primitives/kv-bind", &["crates/vendors/cloudflare"], &[]),
        ];
        assert_eq!(
            places(rehearsal_shares_no_client, packages),
            [
                "reaches crates/base/http, whose types are a client's",
                "reaches crates/vendors/render, whose types are a client's"
            ]
        );
    }

    #[test]
    fn a_client_outside_its_crate_is_refused() {
        for (folder, client, count) in [
            ("crates/base/http", "reqwest", 0),
            ("crates/vendors/render", "reqwest", 1),
            ("crates/vendors/github", "octocrab", 0),
            ("crates/primitives/kv-bind", "octocrab", 1),
        ] {
            let found = places(clients_stay_private, vec![package(folder, &[client], &[])]);
            assert_eq!(found.len(), count, "{folder} {client}");
        }
        assert_eq!(
            places(clients_stay_private, vec![package("crates/rehearsal", &[], &["reqwest"])]).len(),
            1
        );
    }
}
