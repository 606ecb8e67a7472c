//! What a workflow passes, raw and validated.

use action::BadInput;
use findings::{Format, LintInputs};

use crate::rule::Rule;

/// What a workflow passes.
#[derive(clap::Args, Debug)]
pub struct Inputs {
    /// Path of the manifest, from the top of the repository, as it is on disk; an absolute path names a file anywhere
    #[arg(long, default_value = ".github/deploy-manifest.yml")]
    manifest: String,

    #[command(flatten)]
    lint: LintInputs,
}

/// Validated inputs.
#[derive(Debug)]
pub enum Job {
    /// Print the page of a rule.
    Explain(Rule),
    /// Judge a manifest.
    Lint(Lint),
}

/// What to judge, and how.
#[derive(Debug)]
pub struct Lint {
    /// Without a leading `./`.
    pub(crate) manifest: String,
    pub(crate) strict: bool,
    pub(crate) format: Option<Format>,
}

impl TryFrom<Inputs> for Job {
    type Error = BadInput;

    fn try_from(inputs: Inputs) -> Result<Self, BadInput> {
        if let Some(rule) = inputs.lint.explained(Rule::ALL, Rule::name)? {
            return Ok(Self::Explain(rule));
        }
        let manifest = path(&inputs.manifest)?;
        Ok(Self::Lint(Lint { manifest, strict: inputs.lint.strict, format: inputs.lint.format }))
    }
}

fn path(text: &str) -> Result<String, BadInput> {
    let path = text.strip_prefix("./").unwrap_or(text);
    let is_text = !path.contains(char::is_control);
    let is_relative = || !path.split('/').any(|segment| ["", ".", ".."].contains(&segment));
    if is_text && (path.starts_with('/') || is_relative()) {
        return Ok(path.to_owned());
    }
    Err(BadInput::new("manifest", format!("{text:?} is not the path of a file in the repository"))
        .hint("write it from the top of the repository, such as `.github/deploy-manifest.yml`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_a_manifest() {
        for (text, wanted) in [("./a/b", "a/b"), ("a", "a"), ("/a/../b", "/a/../b"), ("a b/[c]*", "a b/[c]*")]
        {
            assert_eq!(path(text).unwrap(), wanted);
        }
        for text in ["", "./", "../a", "a/../b", "a//b", "a/", "././a", "a\0", "/a\n"] {
            assert!(path(text).is_err(), "{text:?}");
        }
    }
}
