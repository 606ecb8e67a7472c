//! The expressions of a composite action, by the evaluator that workflow files have too.
//!
//! Only the contexts that the actions of this repository use are here: `inputs`, `env` and `steps`. Any other is
//! refused when the file is read, by name, rather than found empty.

use std::collections::BTreeMap;

use workflow::expression::{self, EvaluationError, Place};
use workflow::value::{NameCase, Object, Value};

/// The contexts that are known here.
const KNOWN: [&str; 3] = ["inputs", "env", "steps"];

/// Why a template cannot be evaluated here.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(super) enum ExpressionError {
    /// It is no expression, or may not stand in an action.
    #[error(transparent)]
    Wrong(#[from] expression::ExpressionError),
    /// A context that GitHub has and this stand-in has not.
    #[error("the context `{0}` is none of inputs, env and steps, which are those that are known here")]
    Context(String),
}

/// A string that may hold `${{ }}`.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Template {
    /// A text in which nothing is evaluated any more.
    Literal(String),
    /// One in which expressions are.
    Expressions(expression::Template),
}

/// What expressions may read. Names of inputs, steps and outputs ignore case; those of variables do not
/// (actions/runner, `CompositeActionHandler.cs`: only Windows has a case-insensitive `env` context).
#[derive(Debug, Default)]
pub(super) struct Contexts {
    pub(super) inputs: BTreeMap<String, String>,
    pub(super) env: BTreeMap<String, String>,
    pub(super) steps: BTreeMap<String, BTreeMap<String, String>>,
}

impl Template {
    pub(super) fn parse(text: &str) -> Result<Self, ExpressionError> {
        let template = expression::Template::parse(text)?;
        template.check(Place::ActionStep)?;
        let contexts = template.references().contexts;
        let known = |name: &str| KNOWN.iter().any(|known| known.eq_ignore_ascii_case(name));
        match contexts.into_iter().find(|reference| !known(&reference.context)) {
            Some(unknown) => Err(ExpressionError::Context(unknown.context)),
            None => Ok(Self::Expressions(template)),
        }
    }

    /// The text; what is missing is empty, as on GitHub.
    pub(super) fn evaluate(&self, contexts: &Contexts) -> Result<String, EvaluationError> {
        match self {
            Self::Literal(text) => Ok(text.clone()),
            Self::Expressions(template) => template.evaluate_text(&contexts.scope()),
        }
    }
}

impl Contexts {
    fn scope(&self) -> expression::Contexts {
        let object = |pairs: &BTreeMap<String, String>, case| {
            let pairs = pairs.iter().map(|(name, value)| (name.clone(), Value::from(value.clone())));
            Value::Object(Object::new(case, pairs))
        };
        let step = |outputs| {
            // A step that failed ends the action, so any that can be asked about succeeded.
            let outcome = || Value::from("success".to_owned());
            let about = [
                ("outputs", object(outputs, NameCase::Ignored)),
                ("outcome", outcome()),
                ("conclusion", outcome()),
            ];
            Value::Object(about.into_iter().collect())
        };
        let steps = self.steps.iter().map(|(id, outputs)| (id.clone(), step(outputs)));
        expression::Contexts::new()
            .with("inputs", object(&self.inputs, NameCase::Ignored))
            .with("env", object(&self.env, NameCase::Kept))
            .with("steps", Value::Object(steps.collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contexts() -> Contexts {
        let pairs = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        Contexts {
            inputs: pairs(&[("api-key", ""), ("url", "http://x/${{ inputs.url }}")]),
            env: pairs(&[("KEY", "from-env"), ("key", "small")]),
            steps: [("main".to_owned(), pairs(&[("deploy-id", "dep-1")]))].into(),
        }
    }

    fn value(text: &str) -> String {
        Template::parse(text).unwrap().evaluate(&contexts()).unwrap()
    }

    #[test]
    fn the_three_contexts_and_or() {
        assert_eq!(
            value("${{ inputs.url }}"),
            "http://x/${{ inputs.url }}",
            "values are not evaluated again"
        );
        assert_eq!(
            value("${{inputs.URL}}${{ env.KEY }}/${{ env.key }}"),
            "http://x/${{ inputs.url }}from-env/small"
        );
        assert_eq!(value("a ${{ steps.Main.outputs.Deploy-ID }} b"), "a dep-1 b");
        assert_eq!(value("${{ inputs.api-key || env.KEY }}"), "from-env");
        assert_eq!(value("${{ inputs.api-key || env.NONE || env.key }}"), "small");
    }

    #[test]
    fn what_is_missing_is_empty() {
        assert_eq!(
            value("[${{ inputs.x }}${{ env.Key }}${{ steps.a.outputs.b }}${{ steps.main.outputs.b }}]"),
            "[]"
        );
        assert_eq!(value("plain $ { text }}"), "plain $ { text }}");
    }

    #[test]
    fn what_workflow_files_have_works_here_too() {
        assert_eq!(value("${{ inputs['url'] == 'x' }} ${{ !inputs.api-key && env.KEY }}"), "false from-env");
        assert_eq!(value("${{ steps.main.outcome }} ${{ format('{0}', env.KEY) }}"), "success from-env");
    }

    #[test]
    fn everything_else_is_refused_by_name() {
        for context in ["github", "runner", "job"] {
            let refused = Template::parse(&format!("a ${{{{ {context}.x }}}}")).unwrap_err();
            assert_eq!(refused, ExpressionError::Context(context.to_owned()));
        }
        for text in ["secrets.KEY", "vars.X", "needs.a.result", "hashFiles('x')", "nothing()", "inputs[", ""]
        {
            let refused = Template::parse(&format!("a ${{{{ {text} }}}}"));
            assert!(matches!(refused, Err(ExpressionError::Wrong(_))), "{text}: {refused:?}");
        }
        assert!(matches!(Template::parse("${{ inputs.a"), Err(ExpressionError::Wrong(_))));
    }
}
