//! What a primitive says beside another tool's rules: `crates/primitives/NAME/beside.json`, a file that few have.
//!
//! The README of its action gets a table from it. Each row has an example, on which the primitive's own test holds
//! what is said of the primitive, and `cargo xtask bench NAME-beside` what is said of the tool.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::table::Table;
use crate::workspace::Workspace;

/// Another tool, rule by rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Beside {
    /// The tool's name and version.
    tool: String,
    /// What is to be said before the table, as paragraphs of Markdown.
    intro: Vec<String>,
    pub(crate) rows: Vec<Row>,
}

/// One rule of the tool. The example's deployed schema, `base`, is for the primitive's own test.
#[derive(Debug, Deserialize)]
pub(crate) struct Row {
    pub(crate) rule: String,
    /// Whether the tool applies it without being asked.
    pub(crate) usual: bool,
    /// Whether it asks what running clients feel, as opposed to locks, style or ways to work.
    pub(crate) clients: bool,
    /// What it catches.
    catches: String,
    /// The pending file of the example, in which the tool's rule finds something.
    pub(crate) sql: String,
    /// What the tool must be told beside that.
    #[serde(default)]
    pub(crate) arguments: Vec<String>,
    /// The level and the rule of this project on the example, such as `breaking drop-column`, or nothing.
    ours: Option<String>,
    /// Why they differ, or what is looked at beyond the tool's rule.
    why: String,
}

impl Beside {
    /// The file of a primitive, if it has one.
    ///
    /// # Errors
    /// When it is there and cannot be read as such a file.
    pub(crate) fn read(workspace: &Workspace, primitive: &str) -> Result<Option<Self>> {
        let place = workspace.root().join("crates/primitives").join(primitive).join("beside.json");
        if !place.is_file() {
            return Ok(None);
        }
        let text = fs::read_to_string(&place).with_context(|| format!("read {}", place.display()))?;
        serde_json::from_str(&text).map(Some).with_context(|| format!("read {}", place.display()))
    }

    /// The names of the rules that are so.
    pub(crate) fn names(&self, is_so: impl Fn(&Row) -> bool) -> BTreeSet<&str> {
        self.rows.iter().filter(|row| is_so(row)).map(|row| row.rule.as_str()).collect()
    }

    /// The section of the README.
    pub(crate) fn markdown(&self) -> String {
        let mut table = Table::new(&["rule", "what it catches", "here", "why"]);
        for row in &self.rows {
            let opt_in = if row.usual { "" } else { " (opt-in)" };
            let ours = row.ours.as_deref().map_or("not reported".to_owned(), |ours| {
                let (level, rule) = ours.split_once(' ').unwrap_or((ours, ""));
                format!("{level} `{rule}`")
            });
            table.row([format!("`{}`{opt_in}", row.rule), row.catches.clone(), ours, row.why.clone()]);
        }
        format!("\n## Beside {}\n\n{}\n\n{}", self.tool, self.intro.join("\n\n"), table.markdown())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{"tool": "t 1", "intro": ["One.", "Two."], "rows": [
        {"rule": "a", "usual": true, "clients": true, "catches": "x", "base": "", "sql": "y", "ours": "breaking b", "why": "z"},
        {"rule": "c", "usual": false, "clients": false, "catches": "x", "base": "", "sql": "y", "ours": null, "why": "z"}]}"#;

    #[test]
    fn a_file_becomes_a_section() {
        let folder = tempfile::tempdir().unwrap();
        let workspace = Workspace::at(folder.path().to_owned());
        assert!(Beside::read(&workspace, "p").unwrap().is_none());
        let place = folder.path().join("crates/primitives/p");
        fs::create_dir_all(&place).unwrap();
        fs::write(place.join("beside.json"), TEXT).unwrap();
        let beside = Beside::read(&workspace, "p").unwrap().unwrap();
        assert_eq!(
            beside.markdown(),
            "\n## Beside t 1\n\nOne.\n\nTwo.\n\n| rule | what it catches | here | why |\n| --- | --- | --- | --- |\n\
             | `a` | x | breaking `b` | z |\n| `c` (opt-in) | x | not reported | z |\n"
        );
        assert_eq!(beside.names(|row| !row.usual), BTreeSet::from(["c"]));
        fs::write(place.join("beside.json"), TEXT.replace("\"why\"", "\"because\"")).unwrap();
        assert!(Beside::read(&workspace, "p").is_err(), "a row without a reason");
    }
}
