//! The few expressions that a composite action of this repository uses.
//!
//! `${{ inputs.NAME }}`, `${{ env.NAME }}`, `${{ steps.ID.outputs.NAME }}`, and several of them joined by `||`.
//! Anything else is refused by name rather than guessed at.

use std::collections::BTreeMap;

/// Why a template cannot be evaluated here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum ExpressionError {
    /// `${{` without `}}`.
    #[error("the expression is not closed: {0}")]
    Open(String),
    /// A context, an operator or a function that composite actions may use, but this stand-in does not know.
    #[error(
        "the expression `{0}` is none of inputs.NAME, env.NAME, steps.ID.outputs.NAME, or these joined by ||"
    )]
    Unsupported(String),
}

/// A string that may hold `${{ }}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    FirstOf(Vec<Operand>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Operand {
    Input(String),
    Env(String),
    Output { step: String, name: String },
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
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some((before, behind)) = rest.split_once("${{") {
            let (expression, after) =
                behind.split_once("}}").ok_or_else(|| ExpressionError::Open(text.to_owned()))?;
            parts.push(Part::Text(before.to_owned()));
            parts.push(Part::FirstOf(operands(expression)?));
            rest = after;
        }
        parts.push(Part::Text(rest.to_owned()));
        Ok(Self(parts))
    }

    /// A text in which nothing is evaluated any more.
    pub(super) fn literal(text: String) -> Self {
        Self(vec![Part::Text(text)])
    }

    /// The text; what is missing is empty, as on GitHub.
    pub(super) fn evaluate(&self, contexts: &Contexts) -> String {
        self.0.iter().map(|part| part.evaluate(contexts)).collect()
    }
}

impl Part {
    fn evaluate(&self, contexts: &Contexts) -> String {
        match self {
            Self::Text(text) => text.clone(),
            // `||` gives the first operand that is true; among strings only the empty one is not.
            Self::FirstOf(operands) => {
                let values = operands.iter().map(|operand| operand.value(contexts));
                values.flatten().find(|value| !value.is_empty()).cloned().unwrap_or_default()
            }
        }
    }
}

impl Operand {
    fn parse(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split('.').collect();
        if !words.iter().all(|word| is_name(word)) {
            return None;
        }
        let is = |word: &str, name: &str| word.eq_ignore_ascii_case(name);
        match words[..] {
            [inputs, name] if is(inputs, "inputs") => Some(Self::Input(name.to_ascii_lowercase())),
            [env, name] if is(env, "env") => Some(Self::Env(name.to_owned())),
            [steps, step, outputs, name] if is(steps, "steps") && is(outputs, "outputs") => {
                Some(Self::Output { step: step.to_ascii_lowercase(), name: name.to_ascii_lowercase() })
            }
            _ => None,
        }
    }

    fn value<'a>(&self, contexts: &'a Contexts) -> Option<&'a String> {
        match self {
            Self::Input(name) => contexts.inputs.get(name),
            Self::Env(name) => contexts.env.get(name),
            Self::Output { step, name } => contexts.steps.get(step)?.get(name),
        }
    }
}

fn operands(expression: &str) -> Result<Vec<Operand>, ExpressionError> {
    let unsupported = || ExpressionError::Unsupported(expression.trim().to_owned());
    expression.split("||").map(|operand| Operand::parse(operand.trim()).ok_or_else(unsupported)).collect()
}

fn is_name(word: &str) -> bool {
    let starts = word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    starts && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
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
        Template::parse(text).unwrap().evaluate(&contexts())
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
    fn everything_else_is_refused_by_name() {
        for text in [
            "github.token",
            "inputs",
            "inputs['a']",
            "!inputs.a",
            "inputs.a && env.B",
            "'x'",
            "steps.a.outcome",
            "",
        ] {
            let refused = Template::parse(&format!("a ${{{{ {text} }}}}")).unwrap_err();
            assert_eq!(refused, ExpressionError::Unsupported(text.to_owned()));
        }
        assert!(matches!(Template::parse("${{ inputs.a"), Err(ExpressionError::Open(_))));
    }
}
