//! What the rules look at: the text files that git knows or would add, and what cargo says of the crates.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::workspace::{self, Workspace};

/// The workspace as the rules see it. Paths are relative to its top folder, with `/`.
#[derive(Debug, Default)]
pub(super) struct Tree {
    /// Text files; others are left out.
    pub(super) files: BTreeMap<String, String>,
    /// The crates.
    pub(super) packages: Vec<Package>,
}

/// One crate.
#[derive(Debug)]
pub(super) struct Package {
    /// Its folder, such as `crates/base/wait`.
    pub(super) folder: String,
    /// What it depends on directly.
    pub(super) dependencies: Vec<Dependency>,
}

/// One direct dependency.
#[derive(Debug)]
pub(super) struct Dependency {
    /// The package's name.
    pub(super) name: String,
    /// Whether only tests, examples and benchmarks see it.
    pub(super) dev: bool,
    /// The folder of a crate of this workspace.
    pub(super) folder: Option<String>,
}

impl Tree {
    /// Reads it all.
    ///
    /// # Errors
    /// When git or cargo fails, or a file cannot be read.
    pub(super) fn read(workspace: &Workspace) -> Result<Self> {
        Ok(Self { files: files(workspace)?, packages: packages(workspace)? })
    }

    /// The files whose path ends so.
    pub(super) fn ending<'a>(&'a self, end: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.files
            .iter()
            .filter(move |(path, _)| path.ends_with(end))
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// The names of the folders directly in `folder` (which ends in `/`) that hold a file called `file`.
    pub(super) fn folders_with<'a>(
        &'a self,
        folder: &'a str,
        file: &'a str,
    ) -> impl Iterator<Item = &'a str> {
        self.files.keys().filter_map(move |path| {
            let (name, rest) = path.strip_prefix(folder)?.split_once('/')?;
            (rest == file).then_some(name)
        })
    }
}

fn files(workspace: &Workspace) -> Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    for path in workspace.files()? {
        let bytes = fs::read(workspace.root().join(&path)).with_context(|| format!("read {path}"))?;
        if let Ok(text) = String::from_utf8(bytes) {
            files.insert(path, text);
        }
    }
    Ok(files)
}

/// The parts of `cargo metadata` that matter (The Cargo Book, "cargo metadata").
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<MetadataPackage>,
}

#[derive(Deserialize)]
struct MetadataPackage {
    manifest_path: PathBuf,
    dependencies: Vec<MetadataDependency>,
}

#[derive(Deserialize)]
struct MetadataDependency {
    name: String,
    kind: Option<String>,
    path: Option<PathBuf>,
}

fn packages(workspace: &Workspace) -> Result<Vec<Package>> {
    let root = workspace.root().canonicalize()?;
    let json = workspace::read(workspace.cargo().args(["metadata", "--format-version=1", "--no-deps"]))?;
    let metadata: Metadata = serde_json::from_str(&json).context("read the output of cargo metadata")?;
    let relative = |path: &Path| {
        let path = path.canonicalize().ok()?;
        Some(path.strip_prefix(&root).ok()?.to_string_lossy().into_owned())
    };
    let dependency = |found: MetadataDependency| Dependency {
        folder: found.path.as_deref().and_then(relative),
        dev: found.kind.as_deref() == Some("dev"),
        name: found.name,
    };
    metadata
        .packages
        .into_iter()
        .map(|package| {
            let folder = package.manifest_path.parent().and_then(relative);
            Ok(Package {
                folder: folder.context("find a crate inside the workspace")?,
                dependencies: package.dependencies.into_iter().map(dependency).collect(),
            })
        })
        .collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A tree with these files and no crates.
    pub(crate) fn planted(files: &[(&str, &str)]) -> Tree {
        let files = files.iter().map(|&(path, text)| (path.to_owned(), text.to_owned())).collect();
        Tree { files, packages: Vec::new() }
    }

    #[test]
    fn the_own_workspace_is_read() {
        let tree = Tree::read(&Workspace::own()).unwrap();
        assert!(tree.files["xtask/src/tidy/tree.rs"].contains("the_own_workspace_is_read"));
        assert!(tree.folders_with("crates/primitives/", "Cargo.toml").any(|name| name == "version-poll"));
        let wait = tree.packages.iter().find(|package| package.folder == "crates/base/wait").unwrap();
        assert!(
            wait.dependencies.iter().any(|d| d.folder.as_deref() == Some("crates/base/action") && !d.dev)
        );
        assert!(wait.dependencies.iter().any(|d| d.name == "tokio" && d.folder.is_none()));
    }
}
