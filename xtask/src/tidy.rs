//! `tidy`: the rules of the house as code. One rule is one function with a test that shows it failing.

mod floors;
mod layout;
mod manifests;
mod sources;
mod text;
mod tree;
mod workflows;

use anyhow::{Result, bail};

use crate::workspace::Workspace;
use tree::Tree;

/// One place that breaks a rule.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    /// A path, with `:line` where there is one.
    place: String,
    /// What is wrong, and what would be right.
    message: String,
}

impl Finding {
    fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into() }
    }

    /// `index` counts lines from 0.
    fn at(path: &str, index: usize, message: impl Into<String>) -> Self {
        Self::new(format!("{path}:{}", index + 1), message)
    }

    /// The line, counted from 1; 1 where the place has none.
    fn line(&self) -> usize {
        self.place.rsplit(':').next().and_then(|number| number.parse().ok()).unwrap_or(1)
    }
}

type Rule = fn(&Tree) -> Vec<Finding>;

/// Every rule, by name.
const RULES: &[(&str, Rule)] = &[
    ("imports go down floors", floors::imports_go_down),
    ("domain does no I/O", floors::domain_is_pure),
    ("rehearsal shares no client", floors::rehearsal_shares_no_client),
    ("clients stay private", floors::clients_stay_private),
    ("crates inherit from the workspace", manifests::crates_inherit),
    ("dependencies come from the workspace", manifests::dependencies_come_from_the_workspace),
    ("dependencies have reasons", manifests::dependencies_have_reasons),
    ("known top level", layout::known_top_level),
    ("primitives and actions match", layout::primitives_and_actions_match),
    ("short mains", layout::mains_are_short),
    ("short files", layout::files_are_short),
    ("modern modules", layout::modules_are_modern),
    ("one test binary", layout::tests_are_one_binary),
    ("no leftovers", layout::no_leftovers),
    ("generated files say so", layout::generated_files_say_so),
    ("no unfinished marks", sources::no_unfinished_marks),
    ("nobody exits", sources::nobody_exits),
    ("only main reads the world", sources::only_main_reads_the_world),
    ("only tests panic", sources::only_tests_panic),
    ("silenced lints have reasons", sources::silenced_lints_have_reasons),
    ("clean text", text::lines_are_clean),
    ("pinned uses", workflows::uses_are_pinned),
    ("least permissions", workflows::permissions_are_least),
    ("no kept credentials", workflows::credentials_are_not_kept),
    ("bounded jobs", workflows::jobs_are_bounded),
];

/// Checks every rule.
///
/// # Errors
/// The findings, by rule.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let tree = Tree::read(workspace)?;
    let mut text = String::new();
    for (name, rule) in RULES {
        let findings = rule(&tree);
        if !findings.is_empty() {
            text += &format!("\n{name}:");
        }
        for Finding { place, message } in findings {
            text += &format!("\n  {place}: {message}");
        }
    }
    if !text.is_empty() {
        bail!("keep the rules of the house:{text}");
    }
    println!("{} rules hold in {} files", RULES.len(), tree.files.len());
    Ok(())
}
