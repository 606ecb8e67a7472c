//! The directories that must be owned.

use manifest::{Glob, GlobError, Manifest};

/// What they are unless the manifest says so: applications, and packages of a namespace (ADR-053 D19).
const USUAL: [&str; 2] = ["apps/*", "src/*/*"];

/// The roots of a manifest.
#[derive(Debug)]
pub(crate) struct Roots {
    /// As written, or the usual ones.
    pub(crate) texts: Vec<String>,
    /// What each matches.
    pub(crate) globs: Vec<Glob>,
    /// Whether the manifest names them.
    pub(crate) are_set: bool,
}

impl Roots {
    /// # Errors
    /// One is longer than a pattern may be.
    pub(crate) fn of(manifest: &Manifest) -> Result<Self, GlobError> {
        let are_set = !manifest.roots.is_empty();
        let texts = if are_set { manifest.roots.clone() } else { USUAL.map(ToOwned::to_owned).to_vec() };
        let globs = texts.iter().map(|text| glob(text)).collect::<Result<_, _>>()?;
        Ok(Self { texts, globs, are_set })
    }
}

/// A root without wildcards stands for the directories in it.
fn glob(root: &str) -> Result<Glob, GlobError> {
    let children = if root.contains(['*', '?']) { "" } else { "/*" };
    // A name that begins with a `!` negates nothing here.
    let escape = if root.starts_with('!') { "\\" } else { "" };
    Glob::parse(&format!("{escape}{root}{children}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(root: &str, directory: &str) -> bool {
        let set = manifest::GlobSet::new([&glob(root).unwrap()]);
        !set.matcher().matches(directory.as_bytes()).is_empty()
    }

    #[test]
    fn a_root_is_its_children_or_what_it_matches() {
        for (root, directory) in [
            ("apps", "apps/a"),
            ("apps/*", "apps/a"),
            ("src/*/*", "src/a/b"),
            ("!x", "!x/a"),
            ("*", "a"),
            ("a-?", "a-1"),
        ] {
            assert!(matches(root, directory), "{root} {directory}");
        }
        for (root, directory) in [
            ("apps", "apps"),
            ("apps", "apps/a/b"),
            ("apps/*", "apps"),
            ("src/*/*", "src/a"),
            ("*", "a/b"),
            ("a-?", "a-12"),
        ] {
            assert!(!matches(root, directory), "{root} {directory}");
        }
    }
}
