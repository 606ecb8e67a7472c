//! Values that are written out or named by a variable of the workflow.

use std::fmt;

/// A value of the manifest: literal, or `${{ vars.NAME }}`.
///
/// The manifest is a file, so GitHub evaluates no expression in it; a primitive
/// looks the name up in its environment, where the workflow puts it
/// (`env: { NAME: "${{ vars.NAME }}" }`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Value {
    /// The value itself.
    Literal(String),
    /// The name of the variable that holds it.
    Variable(String),
}

/// Why a text is no value.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ValueError {
    /// Nothing, or blanks only.
    #[error("it is empty")]
    Empty,
    /// A blank or a control character in it.
    #[error("it has a blank or a control character in it")]
    Blank,
    /// `${{ .. }}` of another form.
    #[error("`${{{{ vars.NAME }}}}` must be the whole value, and NAME letters, digits and `_`")]
    Expression,
}

/// A variable that the environment does not have, or has empty.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("variable {name} is not set")]
pub struct UnsetVariable {
    /// Its name.
    pub name: String,
}

impl Value {
    /// Reads a value.
    ///
    /// # Errors
    /// An empty text, one with blanks, or an expression other than one variable.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        if text.trim().is_empty() {
            return Err(ValueError::Empty);
        }
        if text.contains("${{") || text.contains("}}") {
            return variable_name(text)
                .map(|name| Self::Variable(name.to_owned()))
                .ok_or(ValueError::Expression);
        }
        if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(ValueError::Blank);
        }
        Ok(Self::Literal(text.to_owned()))
    }

    /// The value, with a variable looked up by `lookup`.
    ///
    /// # Errors
    /// A variable that `lookup` does not know, or knows as empty.
    pub fn resolve(&self, lookup: impl Fn(&str) -> Option<String>) -> Result<String, UnsetVariable> {
        match self {
            Self::Literal(value) => Ok(value.clone()),
            Self::Variable(name) => lookup(name)
                .filter(|value| !value.is_empty())
                .ok_or_else(|| UnsetVariable { name: name.clone() }),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(value) => f.write_str(value),
            Self::Variable(name) => write!(f, "${{{{ vars.{name} }}}}"),
        }
    }
}

/// Whether `name` can name a variable of GitHub or of a process.
#[must_use]
pub fn is_variable_name(name: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !name.is_empty() && name.chars().all(word) && !name.starts_with(|c: char| c.is_ascii_digit())
}

fn variable_name(text: &str) -> Option<&str> {
    let inner = text.trim().strip_prefix("${{")?.strip_suffix("}}")?;
    let name = inner.trim().strip_prefix("vars.")?;
    is_variable_name(name).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        let literal = |text: &str| Ok(Value::Literal(text.to_owned()));
        let variable = |text: &str| Ok(Value::Variable(text.to_owned()));
        assert_eq!(Value::parse("srv-1"), literal("srv-1"));
        assert_eq!(Value::parse("${{ vars.API_BLUE }}"), variable("API_BLUE"));
        assert_eq!(Value::parse("${{vars.a}}"), variable("a"));
        for text in [
            "${{ secrets.A }}",
            "https://${{ vars.A }}.example",
            "${{ vars.A-B }}",
            "${{ vars.1 }}",
            "${{ vars.A }} ${{ vars.B }}",
            "${{ vars.A",
            "vars.A }}",
        ] {
            assert_eq!(Value::parse(text), Err(ValueError::Expression), "{text}");
        }
        assert_eq!(Value::parse(" "), Err(ValueError::Empty));
        assert_eq!(Value::parse("a b"), Err(ValueError::Blank));
    }

    #[test]
    fn resolution() {
        let lookup = |name: &str| match name {
            "SET" => Some("srv-1".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        };
        let resolve = |text| Value::parse(text).unwrap().resolve(lookup);
        let unset = |name: &str| Err(UnsetVariable { name: name.to_owned() });
        assert_eq!(resolve("srv-2"), Ok("srv-2".to_owned()));
        assert_eq!(resolve("${{ vars.SET }}"), Ok("srv-1".to_owned()));
        assert_eq!(resolve("${{ vars.EMPTY }}"), unset("EMPTY"));
        assert_eq!(resolve("${{ vars.GONE }}"), unset("GONE"));
    }
}
