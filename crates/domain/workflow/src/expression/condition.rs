//! What stands behind `if:`.

use super::{
    EvaluationError, Expression, ExpressionError, ExpressionProblem, Place, References, Scope,
    StatusFunction, Template,
};

/// When a job or a step runs. Without a status function it means `success() && (..)`, as GitHub's documentation of
/// the status check functions says.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// None: only `success()`.
    expression: Option<Expression>,
    implies_success: bool,
}

impl Condition {
    /// The condition of a job or a step without `if:`.
    pub fn success() -> Self {
        Self { expression: None, implies_success: true }
    }

    /// Reads a condition, with `${{ }}` around the whole of it or without.
    ///
    /// # Errors
    ///
    /// An empty text, whatever [`Expression::parse`] refuses, and text beside `${{ }}` (a line break of a block
    /// scalar too): GitHub would take it for a text that is not empty, which is always true.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        let expression = if text.contains("${{") { lone(text)? } else { Expression::parse(text)? };
        let implies_success = !expression.references().has_status_function();
        Ok(Self { expression: Some(expression), implies_success })
    }

    /// The expression, unless the condition is only the implied `success()`.
    pub fn expression(&self) -> Option<&Expression> {
        self.expression.as_ref()
    }

    /// Whether `success()` is asked first because the condition asks no status function itself.
    pub fn implies_success(&self) -> bool {
        self.implies_success
    }

    /// Whether the condition may stand at this place; see [`Expression::check`].
    ///
    /// # Errors
    ///
    /// The first context or function that may not be used there.
    pub fn check(&self, place: Place) -> Result<(), ExpressionError> {
        self.expression.as_ref().map_or(Ok(()), |expression| expression.check(place))
    }

    /// What the condition reads and calls, the implied `success()` aside.
    pub fn references(&self) -> References {
        self.expression.as_ref().map(Expression::references).unwrap_or_default()
    }

    /// Whether the job or step runs. When `success()` is implied and false, nothing else is evaluated.
    ///
    /// # Errors
    ///
    /// Those of [`Expression::evaluate`].
    pub fn holds(&self, scope: &dyn Scope) -> Result<bool, EvaluationError> {
        if self.implies_success {
            let success = StatusFunction::Success;
            if !scope.status(success).ok_or(EvaluationError::NoStatus(success))? {
                return Ok(false);
            }
        }
        match &self.expression {
            Some(expression) => Ok(expression.evaluate(scope)?.is_true()),
            None => Ok(true),
        }
    }
}

fn lone(text: &str) -> Result<Expression, ExpressionError> {
    let template = Template::parse(text)?;
    match template.lone_expression() {
        Some(expression) => Ok(expression.clone()),
        None => Err(ExpressionError::new(text, 0, text.len(), ExpressionProblem::AlwaysTrue)),
    }
}
