//! What a generator does with the files that it made: write them, or only compare.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use crate::workspace::Workspace;

/// What happens to generated files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// They are written where they differ.
    Write,
    /// They are compared, and a difference is an error.
    Check,
}

/// One file that a generator made.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Generated {
    /// Its place in the workspace.
    pub(crate) path: PathBuf,
    /// Its whole text.
    pub(crate) text: String,
}

/// Writes the files or compares them.
///
/// # Errors
/// When a file cannot be written; in [`Mode::Check`], the paths that are out of date, each with its first line
/// that differs, and the command that mends it.
pub(crate) fn settle(workspace: &Workspace, mode: Mode, files: &[Generated]) -> Result<()> {
    let mut stale = String::new();
    for file in files {
        let place = workspace.root().join(&file.path);
        let found = fs::read_to_string(&place).ok();
        if found.as_ref() == Some(&file.text) {
            continue;
        }
        match mode {
            Mode::Check => {
                stale +=
                    &format!("\n  {}: {}", file.path.display(), difference(found.as_deref(), &file.text));
            }
            Mode::Write => {
                if let Some(folder) = place.parent() {
                    fs::create_dir_all(folder).with_context(|| format!("create {}", folder.display()))?;
                }
                fs::write(&place, &file.text).with_context(|| format!("write {}", place.display()))?;
                println!("wrote {}", file.path.display());
            }
        }
    }
    if !stale.is_empty() {
        bail!("generated files are out of date:{stale}\nhint: run `cargo xtask codegen`");
    }
    Ok(())
}

fn difference(found: Option<&str>, wanted: &str) -> String {
    let Some(found) = found else { return "is missing".to_owned() };
    let same = found.lines().zip(wanted.lines()).take_while(|(found, wanted)| found == wanted).count();
    let line = |text: &str| text.lines().nth(same).map_or("the end".to_owned(), |line| format!("`{line}`"));
    format!("line {} is {} and should be {}", same + 1, line(found), line(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_names_what_differs_and_write_mends_it() {
        let folder = tempfile::tempdir().unwrap();
        let workspace = Workspace::at(folder.path().to_owned());
        let file = |text: &str| [Generated { path: "actions/x/action.yml".into(), text: text.to_owned() }];

        let error = settle(&workspace, Mode::Check, &file("a\n")).unwrap_err().to_string();
        assert!(error.contains("actions/x/action.yml: is missing"), "{error}");

        settle(&workspace, Mode::Write, &file("a\nb\n")).unwrap();
        settle(&workspace, Mode::Check, &file("a\nb\n")).unwrap();

        let error = settle(&workspace, Mode::Check, &file("a\nc\n")).unwrap_err().to_string();
        assert!(error.contains("line 2 is `b` and should be `c`"), "{error}");
        assert!(error.ends_with("hint: run `cargo xtask codegen`"), "{error}");
        assert_eq!(fs::read_to_string(folder.path().join("actions/x/action.yml")).unwrap(), "a\nb\n");
    }

    #[test]
    fn a_shorter_file_differs_at_its_end() {
        assert_eq!(difference(Some("a\n"), "a\nb\n"), "line 2 is the end and should be `b`");
    }
}
