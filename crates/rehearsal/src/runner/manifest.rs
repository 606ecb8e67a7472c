//! `action.yml`, as far as a composite action of bash steps goes.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::expression::{ExpressionError, Template};
use super::shell::Shell;
use super::unique_map::UniqueMap;

/// A composite action, read and checked.
#[derive(Debug, Clone)]
pub struct Action {
    pub(super) dir: PathBuf,
    pub(super) name: String,
    pub(super) inputs: Vec<Input>,
    pub(super) outputs: Vec<(String, Template)>,
    pub(super) steps: Vec<RunStep>,
}

/// One declared input.
#[derive(Debug, Clone)]
pub(super) struct Input {
    pub(super) name: String,
    pub(super) default: String,
    pub(super) deprecation: Option<String>,
}

/// One `run` step.
#[derive(Debug, Clone)]
pub(super) struct RunStep {
    pub(super) id: Option<String>,
    pub(super) shell: Shell,
    pub(super) run: Template,
    pub(super) env: Vec<(String, Template)>,
    pub(super) working_directory: Template,
}

/// Why an `action.yml` cannot be run here.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ActionError {
    /// The file cannot be read.
    #[error("read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system answered.
        source: std::io::Error,
    },
    /// It is not YAML, or has a key that this stand-in does not know; the key is named.
    #[error("read {}: {reason}", path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// The parser's words.
        reason: String,
    },
    /// It asks for something that GitHub allows and this stand-in does not do.
    #[error("run {}: {place} is {found}, and only {known} runs here", path.display())]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// Which key.
        place: String,
        /// What it holds.
        found: String,
        /// What it may hold.
        known: &'static str,
    },
    /// An expression is not one of those that are known here.
    #[error("run {}: in {place}, {reason}", path.display())]
    Expression {
        /// The file.
        path: PathBuf,
        /// Which key.
        place: String,
        /// The expression, named.
        reason: String,
    },
}

impl Action {
    /// Reads `DIR/action.yml`.
    ///
    /// Keys are those of GitHub's metadata syntax for composite actions; everything outside bash `run` steps
    /// (`uses`, `if`, other shells, other expressions) is an error that names it. So is a key given twice.
    ///
    /// # Errors
    /// [`ActionError`], with the file and the place.
    pub fn load(dir: &Path) -> Result<Self, ActionError> {
        let path = dir.join("action.yml");
        let read = |source| ActionError::Read { path: path.clone(), source };
        let text = std::fs::read_to_string(&path).map_err(read)?;
        let file: File = serde_yaml::from_str(&text)
            .map_err(|e| ActionError::Parse { path: path.clone(), reason: e.to_string() })?;
        let dir = dir.canonicalize().map_err(read)?;
        file.check(dir, &path)
    }

    /// The folder of its `action.yml`: what `GITHUB_ACTION_PATH` says while it runs.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Its `name`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The names of its inputs, in the file's order.
    pub fn inputs(&self) -> impl Iterator<Item = &str> {
        self.inputs.iter().map(|input| input.name.as_str())
    }

    /// The names of its outputs, in the file's order.
    pub fn outputs(&self) -> impl Iterator<Item = &str> {
        self.outputs.iter().map(|(name, _)| name.as_str())
    }
}

/// The file's own shape (GitHub docs, "Metadata syntax reference").
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    #[serde(rename = "author")]
    _author: Option<String>,
    #[serde(rename = "description")]
    _description: String,
    #[serde(rename = "branding")]
    _branding: Option<Branding>,
    #[serde(default)]
    inputs: UniqueMap<InputEntry>,
    #[serde(default)]
    outputs: UniqueMap<OutputEntry>,
    runs: Runs,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Branding {
    #[serde(rename = "icon")]
    _icon: Option<String>,
    #[serde(rename = "color")]
    _color: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct InputEntry {
    #[serde(rename = "description")]
    _description: Option<String>,
    /// GitHub never enforces it, and neither does this.
    #[serde(rename = "required")]
    _required: Option<bool>,
    default: Option<Scalar>,
    deprecation_message: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OutputEntry {
    #[serde(rename = "description")]
    _description: Option<String>,
    value: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Runs {
    using: String,
    steps: Vec<StepEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct StepEntry {
    id: Option<String>,
    #[serde(rename = "name")]
    _name: Option<String>,
    shell: String,
    run: String,
    #[serde(default)]
    env: UniqueMap<Scalar>,
    #[serde(default)]
    working_directory: String,
}

/// A value that GitHub turns into a string. Floats are left out: YAML readers print them differently.
#[derive(Deserialize)]
#[serde(untagged)]
enum Scalar {
    Text(String),
    Bool(bool),
    Integer(i64),
    Nothing(()),
}

impl From<Scalar> for String {
    fn from(scalar: Scalar) -> Self {
        match scalar {
            Scalar::Text(text) => text,
            Scalar::Bool(value) => value.to_string(),
            Scalar::Integer(value) => value.to_string(),
            Scalar::Nothing(()) => Self::new(),
        }
    }
}

impl File {
    fn check(self, dir: PathBuf, path: &Path) -> Result<Action, ActionError> {
        let Self { name, inputs, outputs, runs, .. } = self;
        only(path, "runs.using", &runs.using, "composite")?;
        let outputs = outputs.into_iter().map(|(name, output)| {
            let value = template(path, || format!("outputs.{name}.value"), &output.value)?;
            Ok((name, value))
        });
        Ok(Action {
            dir,
            name,
            inputs: inputs
                .into_iter()
                .map(|(name, entry)| entry.check(name, path))
                .collect::<Result<_, _>>()?,
            outputs: outputs.collect::<Result<_, _>>()?,
            steps: runs
                .steps
                .into_iter()
                .enumerate()
                .map(|(at, step)| step.check(&format!("runs.steps[{at}]"), path))
                .collect::<Result<_, _>>()?,
        })
    }
}

impl InputEntry {
    fn check(self, name: String, path: &Path) -> Result<Input, ActionError> {
        let default = self.default.map(String::from).unwrap_or_default();
        if default.contains("${{") {
            return Err(ActionError::Unsupported {
                path: path.to_owned(),
                place: format!("inputs.{name}.default"),
                found: default,
                known: "a literal",
            });
        }
        Ok(Input { name, default, deprecation: self.deprecation_message })
    }
}

impl StepEntry {
    fn check(self, place: &str, path: &Path) -> Result<RunStep, ActionError> {
        only(path, &format!("{place}.shell"), &self.shell, "bash")?;
        let env = self.env.into_iter().map(|(name, value)| {
            let value = template(path, || format!("{place}.env.{name}"), &String::from(value))?;
            Ok((name, value))
        });
        Ok(RunStep {
            id: self.id,
            shell: Shell::Bash,
            run: template(path, || format!("{place}.run"), &self.run)?,
            env: env.collect::<Result<_, _>>()?,
            working_directory: template(
                path,
                || format!("{place}.working-directory"),
                &self.working_directory,
            )?,
        })
    }
}

fn only(path: &Path, place: &str, found: &str, known: &'static str) -> Result<(), ActionError> {
    if found == known {
        return Ok(());
    }
    Err(ActionError::Unsupported {
        path: path.to_owned(),
        place: place.to_owned(),
        found: found.to_owned(),
        known,
    })
}

fn template(path: &Path, place: impl FnOnce() -> String, text: &str) -> Result<Template, ActionError> {
    Template::parse(text).map_err(|reason: ExpressionError| ActionError::Expression {
        path: path.to_owned(),
        place: place(),
        reason: reason.to_string(),
    })
}
