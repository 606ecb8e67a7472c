//! No text makes the parser or the evaluation panic, overflow the stack or grow without bounds.

use proptest::prelude::*;
use workflow::expression::{
    Condition, Contexts, EvaluationError, Expression, ExpressionProblem, MAX_LENGTH, MAX_OPERATORS, Place,
    Template,
};
use workflow::value::Value;

/// Pieces that parse more often than characters at random.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "(",
        ")",
        "[",
        "]",
        ".",
        ",",
        "*",
        "!",
        "==",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "&&",
        "||",
        "=",
        "&",
        "|",
        "'",
        "'a'",
        "''",
        " ",
        "a",
        "github",
        "é",
        "1",
        "-",
        "0x",
        "0b1",
        "1e9",
        "NaN",
        "null",
        "true",
        "format(",
        "fromJSON('",
        "toJSON(",
        "case(",
        "success()",
        "hashFiles(",
        "${{",
        "}}",
        "{",
        "}",
        "{0}",
        "\\",
        "\n",
        "\u{c}",
        "\u{a0}",
        "😀",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn try_all(text: &str) {
    let scope = Contexts::new().with("github", Value::from_json(r#"{"a":[1,{"a":"b"}]}"#).unwrap());
    for parsed in [Expression::parse(text), Condition::parse(text).map(|it| it.expression().unwrap().clone())]
    {
        match parsed {
            Ok(expression) => {
                let _ = expression.check(Place::StepIf).map_err(|error| error.to_string());
                let _ = expression.evaluate(&scope).map_err(|error| error.to_string());
                let _ = expression.references();
            }
            Err(error) => {
                assert!(text.is_char_boundary(error.offset()), "{error:?}");
                assert!(text[error.offset()..].starts_with(error.text()), "{error:?}");
                assert!(!error.to_string().is_empty());
            }
        }
    }
    match Template::parse(text) {
        Ok(template) => drop(template.evaluate(&scope)),
        Err(error) => assert!(text[error.offset()..].starts_with(error.text()), "{error:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        try_all(&text);
    }

    #[test]
    fn any_pieces_are_read_or_refused(text in pieces()) {
        try_all(&text);
    }

    #[test]
    fn a_text_without_expressions_stays_as_it_is(text in "[^$]*") {
        let template = Template::parse(&text).unwrap();
        prop_assert_eq!(template.literal(), Some(text.as_str()));
    }

    #[test]
    fn a_quoted_text_is_itself(text in any::<String>()) {
        let quoted = format!("x${{{{ '{}' }}}}", text.replace('\'', "''"));
        let made = Template::parse(&quoted).unwrap().evaluate_text(&Contexts::new()).unwrap();
        prop_assert_eq!(made, format!("x{text}"));
    }

    #[test]
    fn json_that_is_written_is_read_again(number in any::<f64>(), text in any::<String>(), name in any::<String>()) {
        prop_assume!(number.is_finite());
        let object = workflow::value::Object::new(
            workflow::value::NameCase::Ignored,
            [(name, Value::from(text)), ("n".to_owned(), Value::from(number))],
        );
        let value = Value::Object(object);
        prop_assert_eq!(Value::from_json(&value.to_json()).unwrap(), value);
    }
}

#[test]
fn depth_is_bounded() {
    for (open, close) in [("(", ")"), ("!", ""), ("a[", "]"), ("toJSON(", ")"), ("a && (", ")")] {
        let nested = format!("{}a{}", open.repeat(2_000), close.repeat(2_000));
        let error = Expression::parse(&nested).unwrap_err();
        assert!(
            matches!(error.problem(), ExpressionProblem::TooDeep | ExpressionProblem::TooManyOperators),
            "{open}: {error}"
        );
        assert!(error.to_string().len() < 500, "the text is shortened: {error}");
    }
    let nested = format!("{}1{}", "(".repeat(10_000), ")".repeat(10_000));
    assert_eq!(Expression::parse(&nested).unwrap_err().problem(), &ExpressionProblem::TooDeep);
    let nested = format!("{}1{}", "(".repeat(40), ")".repeat(40));
    assert_eq!(Expression::parse(&nested).unwrap().evaluate(&Contexts::new()).unwrap(), Value::from(1.0));
}

#[test]
fn length_is_bounded() {
    for operator in ["==", "<", "&&", "||", "!="] {
        let at_limit = format!("1{}", format!("{operator}1").repeat(MAX_OPERATORS));
        Expression::parse(&at_limit).unwrap().evaluate(&Contexts::new()).unwrap();
        let beyond = format!("{at_limit}{operator}1");
        assert_eq!(Expression::parse(&beyond).unwrap_err().problem(), &ExpressionProblem::TooManyOperators);
    }
    let quoted = format!("'{}'", "<".repeat(MAX_LENGTH - 2));
    Expression::parse(&quoted).unwrap();
    let beyond = format!("'{}'", "<".repeat(MAX_LENGTH - 1));
    assert_eq!(Expression::parse(&beyond).unwrap_err().problem(), &ExpressionProblem::TooLong);
    let members = format!("a{}", ".b".repeat(10_000));
    let scope = Contexts::new().with("a", Value::Null);
    assert_eq!(Expression::parse(&members).unwrap().evaluate(&scope).unwrap(), Value::Null);
}

#[test]
fn results_are_bounded() {
    let doubled = (0..40).fold("'ab'".to_owned(), |inner, _| format!("format('{{0}}{{0}}', {inner})"));
    let error = Expression::parse(&doubled).unwrap().evaluate(&Contexts::new()).unwrap_err();
    assert!(matches!(error, EvaluationError::TooLong(_)), "{error}");
}
