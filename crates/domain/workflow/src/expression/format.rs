//! The function `format`.

use crate::value::Value;

use super::{EvaluationError, MAX_TEXT};

/// The text with `{0}`, `{1}` and so on replaced; `{{` and `}}` are single braces. `call` is named in errors.
pub(super) fn format(template: &str, values: &[Value], call: &str) -> Result<String, EvaluationError> {
    let (mut text, mut rest) = (String::new(), template);
    while let Some(at) = rest.find(['{', '}']) {
        let (before, behind) = rest.split_at(at);
        text.push_str(before);
        rest = match piece(behind, values, call)? {
            Piece::Brace(brace, rest) => {
                text.push(brace);
                rest
            }
            Piece::Value(value, rest) => {
                text.push_str(&value.to_text());
                rest
            }
        };
        if text.len() > MAX_TEXT {
            return Err(EvaluationError::TooLong(call.to_owned()));
        }
    }
    text.push_str(rest);
    Ok(text)
}

enum Piece<'a> {
    Brace(char, &'a str),
    Value(&'a Value, &'a str),
}

/// Of a text that begins with a brace, what the brace means and what follows.
fn piece<'a>(text: &'a str, values: &'a [Value], call: &str) -> Result<Piece<'a>, EvaluationError> {
    let invalid = || EvaluationError::Format(call.to_owned());
    if let Some(rest) = text.strip_prefix("{{") {
        return Ok(Piece::Brace('{', rest));
    }
    if let Some(rest) = text.strip_prefix("}}") {
        return Ok(Piece::Brace('}', rest));
    }
    let (number, rest) = text.strip_prefix('{').and_then(|text| text.split_once('}')).ok_or_else(invalid)?;
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(invalid());
    }
    let value = number.parse().ok().and_then(|number: usize| values.get(number));
    let missing = || EvaluationError::FormatArguments {
        expression: call.to_owned(),
        number: number.to_owned(),
        count: values.len(),
    };
    Ok(Piece::Value(value.ok_or_else(missing)?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(template: &str) -> Result<String, EvaluationError> {
        format(template, &[Value::from("{1}"), Value::Null], "format(..)")
    }

    #[test]
    fn values_and_doubled_braces() {
        assert_eq!(made("a{0}b{1}c{{0}}d{{{0}}}").unwrap(), "a{1}bc{0}d{{1}}");
        assert_eq!(made("").unwrap(), "");
        assert_eq!(made("{00}").unwrap(), "{1}");
    }

    #[test]
    fn single_braces_are_refused() {
        for template in ["{", "}", "{}", "{a}", "{0", "{ 0}", "{0 }", "{0:x}", "a}b", "{-1}", "{{}"] {
            assert_eq!(made(template), Err(EvaluationError::Format("format(..)".to_owned())), "{template}");
        }
        for template in ["{2}", "{99999999999999999999999}"] {
            assert!(matches!(made(template), Err(EvaluationError::FormatArguments { count: 2, .. })));
        }
    }
}
