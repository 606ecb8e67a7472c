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
