//! `on`: which events start a workflow.

/// `on`.
#[derive(Clone, Debug, Default)]
pub struct Triggers {
    /// `push`.
    pub push: Option<Push>,
    /// `workflow_dispatch`.
    pub dispatch: Option<Dispatch>,
}

/// `push`: of branches, tags, or both.
#[derive(Clone, Debug, Default)]
pub struct Push {
    /// `branches`: patterns.
    pub branches: Option<Vec<String>>,
    /// `tags`: patterns.
    pub tags: Option<Vec<String>>,
}

/// `workflow_dispatch`: started by hand.
#[derive(Clone, Debug, Default)]
pub struct Dispatch {
    /// `inputs`, in the order of the file.
    pub inputs: Vec<Input>,
}

/// One input of a workflow that is started by hand.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Input {
    /// Its key.
    pub name: String,
    /// `description`.
    pub description: String,
    /// `required`.
    pub required: bool,
    /// `default`, as text.
    pub default: Option<String>,
    /// `type`, with `options` of a choice.
    pub kind: InputKind,
}

/// `type` of an input.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum InputKind {
    /// `string`, the default.
    #[default]
    Text,
    /// `boolean`.
    Boolean,
    /// `number`.
    Number,
    /// `choice`, of these.
    Choice(Vec<String>),
    /// `environment`: the name of one.
    Environment,
}

impl Input {
    /// Whether a value fits its type; GitHub refuses a dispatch with one that does not.
    ///
    /// # Errors
    /// What it must be instead.
    pub fn check(&self, value: &str) -> Result<(), String> {
        match &self.kind {
            InputKind::Text | InputKind::Environment => Ok(()),
            InputKind::Boolean if matches!(value, "true" | "false") => Ok(()),
            InputKind::Boolean => Err(format!("the input `{}` is true or false", self.name)),
            InputKind::Number if value.parse::<f64>().is_ok_and(f64::is_finite) => Ok(()),
            InputKind::Number => Err(format!("the input `{}` is a number", self.name)),
            InputKind::Choice(options) if options.iter().any(|option| option == value) => Ok(()),
            InputKind::Choice(options) => {
                Err(format!("the input `{}` is one of {}", self.name, options.join(", ")))
            }
        }
    }
}
