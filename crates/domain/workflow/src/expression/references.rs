//! What an expression reads and calls, without evaluating it.

use super::Function;
use super::parse::{Access, Node};
use crate::value::Value;

/// Everything that an expression may read and call.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct References {
    /// Every place where a context is read, in the order of the text.
    pub contexts: Vec<Reference>,
    /// Every call, in the order of the text, an outer one before the inner ones.
    pub functions: Vec<Function>,
}

/// One place where a context is read: `needs.build.outputs['url']` is `needs` and three steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The name of the context as written; it ignores case.
    pub context: String,
    /// What is taken out of it. No steps: all of it may be read.
    pub steps: Vec<Step>,
}

/// One step into a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// `.name`, `['name']` or `[0]`.
    Name(String),
    /// `.*` or `[*]`: every item.
    Every,
    /// `[..]` with something that is known only when it is evaluated: any item.
    Computed,
}

impl References {
    /// Whether a status function occurs; a condition without one means `success() && (..)` (GitHub Docs, "Evaluate
    /// expressions", status check functions).
    pub fn has_status_function(&self) -> bool {
        self.functions.iter().any(|function| matches!(function, Function::Status(_)))
    }

    /// The reads of one context, by its name without regard to case.
    pub fn of<'a>(&'a self, context: &'a str) -> impl Iterator<Item = &'a Reference> {
        self.contexts.iter().filter(move |reference| reference.context.eq_ignore_ascii_case(context))
    }

    pub(super) fn extend(&mut self, other: Self) {
        self.contexts.extend(other.contexts);
        self.functions.extend(other.functions);
    }
}

impl Reference {
    /// The names of the steps, when all of them are names: `needs.build.outputs.url` gives `build`, `outputs`, `url`.
    pub fn names(&self) -> Option<Vec<&str>> {
        self.steps.iter().map(Step::name).collect()
    }
}

impl Step {
    fn name(&self) -> Option<&str> {
        match self {
            Self::Name(name) => Some(name),
            Self::Every | Self::Computed => None,
        }
    }
}

pub(super) fn of(root: &Node) -> References {
    let mut references = References::default();
    collect(root, &mut references);
    references
}

fn collect(node: &Node, references: &mut References) {
    match node {
        Node::Literal(_) => {}
        Node::Context(name) => add(&name.text, &[], references),
        Node::Access(head, accesses) => {
            match head.as_ref() {
                Node::Context(name) => add(&name.text, accesses, references),
                other => collect(other, references),
            }
            for access in accesses {
                if let Access::Index(index) = access {
                    collect(index, references);
                }
            }
        }
        Node::Call(call) => {
            references.functions.push(call.function);
            call.arguments.iter().for_each(|argument| collect(argument, references));
        }
        Node::Not(operand) => collect(operand, references),
        Node::All(operands) | Node::Any(operands) => {
            operands.iter().for_each(|operand| collect(operand, references));
        }
        Node::Comparison(_, left, right) => {
            collect(left, references);
            collect(right, references);
        }
    }
}

fn add(context: &str, accesses: &[Access], references: &mut References) {
    let step = |access: &Access| match access {
        Access::Name(name) => Step::Name(name.clone()),
        Access::Every => Step::Every,
        Access::Index(Node::Literal(value)) => Step::Name(Value::to_text(value)),
        Access::Index(_) => Step::Computed,
    };
    let steps = accesses.iter().map(step).collect();
    references.contexts.push(Reference { context: context.to_owned(), steps });
}
