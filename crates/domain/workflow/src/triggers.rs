//! `on`: which events start a workflow.

mod cron;
mod pattern;

pub use cron::Cron;
pub use pattern::{Pattern, PatternError, Patterns};

/// `on`.
#[derive(Clone, Debug, Default)]
pub struct Triggers {
    /// `push`.
    pub push: Option<Push>,
    /// `workflow_dispatch`.
    pub dispatch: Option<Dispatch>,
    /// `schedule`; the clock starts the file of the default branch.
    pub schedule: Vec<Cron>,
}

/// `push`: of branches, tags, or both.
#[derive(Clone, Debug, Default)]
pub struct Push {
    /// `branches`.
    pub branches: Option<Patterns>,
    /// `tags`.
    pub tags: Option<Patterns>,
}

/// What was pushed, by its short name, such as `main`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Pushed<'n> {
    /// `refs/heads/NAME`.
    Branch(&'n str),
    /// `refs/tags/NAME`.
    Tag(&'n str),
}

impl Triggers {
    /// Whether a push starts the workflow; a deleted ref is no push.
    #[must_use]
    pub fn start_on(&self, pushed: Pushed<'_>) -> bool {
        self.push.as_ref().is_some_and(|push| push.starts(pushed))
    }
}

impl Push {
    /// Whether a push of this ref is meant: without patterns every one is, and patterns of one kind alone shut the
    /// other kind out (GitHub, "Workflow syntax", `on.push.<branches|tags|branches-ignore|tags-ignore>`).
    fn starts(&self, pushed: Pushed<'_>) -> bool {
        let (own, other, name) = match pushed {
            Pushed::Branch(name) => (&self.branches, &self.tags, name),
            Pushed::Tag(name) => (&self.tags, &self.branches, name),
        };
        own.as_ref().map_or(other.is_none(), |patterns| patterns.admit(name))
    }
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

#[cfg(test)]
mod tests {
    use super::{Pushed, Triggers};
    use crate::Workflow;

    fn triggers(on: &str) -> Triggers {
        let text = format!("on: {on}\njobs: {{a: {{runs-on: x, steps: [{{run: x}}]}}}}\n");
        Workflow::parse(&text).unwrap_or_else(|problem| panic!("{problem}\n{text}")).on
    }

    /// GitHub, "Workflow syntax", `on.push.<branches|tags|branches-ignore|tags-ignore>`.
    #[test]
    fn patterns_of_one_kind_shut_the_other_out() {
        for (on, main, other, tag) in [
            ("{push: {}}", true, true, true),
            ("{push: {branches: [main]}}", true, false, false),
            ("{push: {tags: ['v*']}}", false, false, true),
            ("{push: {branches: [main], tags: ['v*']}}", true, false, true),
            ("{push: {branches: [main], tags: ['w*']}}", true, false, false),
            ("{push: {branches: ['**', '!main']}}", false, true, false),
            ("{workflow_dispatch: {}}", false, false, false),
        ] {
            let read = triggers(on);
            let starts = [Pushed::Branch("main"), Pushed::Branch("v1"), Pushed::Tag("v1")]
                .map(|ref_| read.start_on(ref_));
            assert_eq!(starts, [main, other, tag], "{on}");
        }
    }
}
