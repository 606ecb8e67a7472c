//! Text with expressions in it: `a ${{ x }} b`.

use crate::value::Value;

use super::{EvaluationError, Expression, ExpressionError, ExpressionProblem, Place, References, Scope};

/// A text that may hold expressions between `${{` and `}}`.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq)]
enum Part {
    Text(String),
    Expression(Expression),
}

impl Template {
    /// Reads a text. An expression ends at the first `}}` outside of its quoted texts (actions/runner,
    /// `TemplateReader.ParseScalar`); what an expression gives is not read again.
    ///
    /// # Errors
    ///
    /// `${{` without `}}`, and whatever [`Expression::parse`] refuses; offsets count from the text's beginning.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        let (mut parts, mut at) = (Vec::new(), 0);
        while let Some((before, behind)) = text.get(at..).and_then(|rest| rest.split_once("${{")) {
            let start = at + before.len() + 3;
            let Some(length) = expression_length(behind) else {
                let open = start - 3;
                let length = text.len() - open;
                return Err(ExpressionError::new(text, open, length, ExpressionProblem::Unclosed));
            };
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            let source = behind.get(..length).unwrap_or_default();
            parts.push(Part::Expression(Expression::parse_behind(source, start)?));
            at = start + length + 2;
        }
        let rest = text.get(at..).unwrap_or_default();
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self { parts })
    }

    /// The expressions, in order.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        self.parts.iter().filter_map(|part| match part {
            Part::Expression(expression) => Some(expression),
            Part::Text(_) => None,
        })
    }

    /// The only expression, when there is no text beside it; only then its value keeps its kind.
    pub fn lone_expression(&self) -> Option<&Expression> {
        match self.parts.as_slice() {
            [Part::Expression(expression)] => Some(expression),
            _ => None,
        }
    }

    /// The text, when it holds no expression.
    pub fn literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether every expression may stand at this place; see [`Expression::check`].
    ///
    /// # Errors
    ///
    /// The first context or function that may not be used there.
    pub fn check(&self, place: Place) -> Result<(), ExpressionError> {
        self.expressions().try_for_each(|expression| expression.check(place))
    }

    /// What all expressions together read and call.
    pub fn references(&self) -> References {
        let mut references = References::default();
        self.expressions().for_each(|expression| references.extend(expression.references()));
        references
    }

    /// The value: that of a lone expression as it is, else a text.
    ///
    /// # Errors
    ///
    /// Those of [`Expression::evaluate`].
    pub fn evaluate(&self, scope: &dyn Scope) -> Result<Value, EvaluationError> {
        match self.lone_expression() {
            Some(expression) => expression.evaluate(scope),
            None => self.evaluate_text(scope).map(Value::String),
        }
    }

    /// The value as text, as environment variables, `run` and `with` take it.
    ///
    /// # Errors
    ///
    /// Those of [`Expression::evaluate`].
    pub fn evaluate_text(&self, scope: &dyn Scope) -> Result<String, EvaluationError> {
        let text = |part: &Part| match part {
            Part::Text(text) => Ok(text.clone()),
            Part::Expression(expression) => Ok(expression.evaluate(scope)?.to_text()),
        };
        self.parts.iter().map(text).collect()
    }
}

/// How many bytes stand before the `}}` that ends the expression.
fn expression_length(behind: &str) -> Option<usize> {
    let mut in_quotes = false;
    for (at, byte) in behind.bytes().enumerate() {
        match byte {
            b'\'' => in_quotes = !in_quotes,
            b'}' if !in_quotes && behind.as_bytes().get(at + 1) == Some(&b'}') => return Some(at),
            _ => {}
        }
    }
    None
}
