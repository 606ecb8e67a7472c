//! `new-primitive NAME`: a crate that compiles and runs, its action, and its row in the README.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::codegen;
use crate::definition::{self, Definition, is_kebab_case};
use crate::mode::Mode;
use crate::workspace::{self, Workspace};

/// The files of a new crate, with `{{name}}`, `{{ident}}` and `{{type}}` to be replaced.
const TEMPLATES: [(&str, &str); 4] = [
    ("Cargo.toml", include_str!("new_primitive/Cargo.toml.in")),
    ("src/main.rs", include_str!("new_primitive/main.rs.in")),
    ("src/lib.rs", include_str!("new_primitive/lib.rs.in")),
    ("tests/integration/main.rs", include_str!("new_primitive/tests.rs.in")),
];

/// Writes the crate, then generates its action from what the crate says of itself.
///
/// # Errors
/// When the name is not usable or the crate does not build.
pub(crate) fn run(workspace: &Workspace, name: &str) -> Result<()> {
    let lock = fs::read_to_string(workspace.root().join("Cargo.lock")).context("read Cargo.lock")?;
    let others = workspace.primitives()?;
    if let Some(reason) = refusal(name, &lock) {
        bail!("call a primitive `{name}`: {reason}");
    }
    let folder = workspace.root().join("crates/primitives").join(name);
    write(&folder, name)?;
    println!("wrote crates/primitives/{name}");

    let describe = ["run", "--quiet", "--package", name, "--", "--describe"];
    let json = workspace::read(workspace.cargo().args(describe))?;
    let mut definitions = definition::load(&others)?;
    definitions.push(Definition::parse(name, &json)?);
    definitions.sort_by(|one, other| one.name.cmp(&other.name));
    codegen::generate(workspace, Mode::Write, &definitions)?;

    println!("next: say in crates/primitives/{name}/src/lib.rs what it does, then `cargo xtask codegen`");
    Ok(())
}

/// Why a primitive cannot have this name, if it cannot.
fn refusal(name: &str, lock: &str) -> Option<&'static str> {
    if !is_kebab_case(name) {
        return Some("a name is words of lower-case letters and digits joined by hyphens");
    }
    if lock.lines().any(|line| line == format!("name = \"{name}\"")) {
        return Some("a package of that name is in Cargo.lock already");
    }
    if !name.contains('-') {
        return Some("a name says what is done to what, in two words or more, as in `version-poll`");
    }
    None
}

fn write(folder: &Path, name: &str) -> Result<()> {
    if folder.exists() {
        bail!("create {}: it is there already", folder.display());
    }
    for (path, template) in TEMPLATES {
        let place = folder.join(path);
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent).with_context(|| format!("create {}", parent.display()))?;
        }
        fs::write(&place, filled(template, name)).with_context(|| format!("write {}", place.display()))?;
    }
    Ok(())
}

fn filled(template: &str, name: &str) -> String {
    template
        .replace("{{name}}", name)
        .replace("{{ident}}", &name.replace('-', "_"))
        .replace("{{type}}", &type_name(name))
}

/// `version-poll` is `VersionPoll`.
fn type_name(name: &str) -> String {
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    name.split('-').map(capital).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let lock = "[[package]]\nname = \"version-poll\"\n";
        assert_eq!(refusal("drain-wait", lock), None);
        for name in ["Drain-Wait", "drain_wait", "../drain", "drain-", "drain", "version-poll", ""] {
            assert!(refusal(name, lock).is_some(), "{name}");
        }
        assert_eq!(type_name("k8s-drain-2"), "K8sDrain2");
    }

    #[test]
    fn nothing_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let crate_folder = folder.path().join("drain-wait");
        write(&crate_folder, "drain-wait").unwrap();
        assert!(
            fs::read_to_string(crate_folder.join("src/main.rs")).unwrap().contains("drain_wait::DrainWait")
        );
        assert!(write(&crate_folder, "drain-wait").unwrap_err().to_string().contains("is there already"));
    }
}
