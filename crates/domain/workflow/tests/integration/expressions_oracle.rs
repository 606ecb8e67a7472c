//! GitHub's own evaluator, npm `@actions/expressions`, and this crate agree.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value as Json, json};
use workflow::expression::{Contexts, Expression, ExpressionProblem, Place, StatusFunction};
use workflow::value::Value;

use crate::expressions_generator::{Batch, Generator};

/// How many generated expressions are compared, and how many of them in the same contexts.
const COMPARED: usize = 20_000;
const BATCH: usize = 40;

const STATUS: [StatusFunction; 4] =
    [StatusFunction::Always, StatusFunction::Cancelled, StatusFunction::Failure, StatusFunction::Success];

/// What an expression is worth: the value in the oracle's writing, its text, whether it is true; or that it has none.
type Outcome = Option<(Json, String, bool)>;

#[test]
fn every_generated_expression_is_worth_what_github_says() {
    let mut generator = Generator::new(0x6772_6565_6e72_6f6f);
    let batches: Vec<Batch> =
        std::iter::repeat_with(|| generator.batch(BATCH, |expression| !is_refused_on_purpose(expression)))
            .take(COMPARED / BATCH)
            .collect();
    let expressions = batches.iter().flat_map(|batch| &batch.expressions);
    let ours: Vec<Outcome> = batches.iter().flat_map(evaluated).collect();
    let theirs = evaluated_by_github(&batches);
    let all: Vec<(&String, &Outcome, &Json)> = expressions
        .zip(&ours)
        .zip(&theirs)
        .map(|((expression, ours), theirs)| (expression, ours, theirs))
        .collect();
    assert_eq!((all.len(), theirs.len()), (COMPARED, COMPARED));
    let disagreements: Vec<String> = all
        .iter()
        .filter(|(_, ours, theirs)| **ours != outcome(theirs))
        .map(|(expression, ours, theirs)| format!("{expression}\n   here {ours:?}\n github {theirs}"))
        .collect();
    let shown = &disagreements[..disagreements.len().min(20)];
    assert!(disagreements.is_empty(), "{} disagree:\n{}", disagreements.len(), shown.join("\n"));
    assert_variety(&all);
}

/// The comparison means something: enough have a value, enough have none, and all of the language occurs.
fn assert_variety(all: &[(&String, &Outcome, &Json)]) {
    let with_value: Vec<(&String, &Json)> =
        all.iter().filter_map(|(expression, outcome, _)| Some((*expression, &outcome.as_ref()?.0))).collect();
    let without = all.len() - with_value.len();
    assert!(with_value.len() > COMPARED / 2, "{} have a value", with_value.len());
    assert!(without > COMPARED / 20, "{without} have none");
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, value) in &with_value {
        *kinds.entry(value.as_object().unwrap().keys().next().unwrap()).or_default() += 1;
    }
    assert_eq!(kinds.len(), 6, "{kinds:?}");
    assert!(kinds.values().all(|&count| count > COMPARED / 50), "{kinds:?}");
    for part in [
        "contains(",
        "startsWith(",
        "endsWith(",
        "format(",
        "join(",
        "toJSON(",
        "fromJSON(",
        "case(",
        "success()",
        "cancelled()",
        "failure()",
        "always()",
        "==",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "&&",
        "||",
        "!",
        ".*",
        "[*]",
        "['",
        "GITHUB",
        "ß",
        "ı",
        "😀",
        "{{",
        "0xff",
        "NaN",
    ] {
        let count = with_value.iter().filter(|(expression, _)| expression.contains(part)).count();
        assert!(count >= 50, "`{part}` occurs in {count} expressions that have a value");
    }
}

/// What the documentation of `workflow::expression` says of differences is so, on both sides.
#[test]
fn the_known_differences_are_as_documented() {
    let text = |text: &str| Some(json!({ "string": text }));
    let number = |number: f64| Some(json!({ "number": format!("{:x}", number.to_bits()) }));
    let object = |pairs: Json| Some(json!({ "object": pairs }));
    let one = json!({ "number": format!("{:x}", 1_f64.to_bits()) });
    let deep = format!("toJSON(fromJSON('{}{}')) == ''", "[".repeat(200), "]".repeat(200));
    let chain = format!("1{}", " || 1".repeat(501));
    let members = format!("github{}", ".a".repeat(60));
    let cases: Vec<(&str, Option<Json>, Option<Json>)> = vec![
        ("'a''b''c'", text("a'b'c"), text("a'b''c")),
        ("format('{0}', 1,)", None, text("1")),
        ("format('{0:x}', 1)", None, text("1")),
        ("format('{0 x}', 1)", None, text("1")),
        ("0xFFFFFFFF", None, number(4_294_967_295.0)),
        ("0b1", None, number(1.0)),
        ("0X1", None, number(1.0)),
        ("0O7", None, number(7.0)),
        ("1e400", None, number(f64::INFINITY)),
        ("1\u{c}== 1", Some(json!({ "bool": true })), None),
        (r#"fromJSON('{"constructor":1}').constructor"#, number(1.0), Some(json!({ "null": true }))),
        (
            r#"fromJSON('{"b":1,"1":1}')"#,
            object(json!([["b", one], ["1", one]])),
            object(json!([["1", one], ["b", one]])),
        ),
        (&deep, None, Some(json!({ "bool": false }))),
        ("fromJSON('1e400')", None, number(f64::INFINITY)),
        (r#"fromJSON('"\ud800"') == ''"#, None, Some(json!({ "bool": false }))),
        (&members, Some(json!({ "null": true })), None),
        (&chain, None, number(1.0)),
    ];
    let batch = Batch {
        expressions: cases.iter().map(|(expression, ..)| (*expression).to_owned()).collect(),
        contexts: r#"{"github":{}}"#.to_owned(),
        status: [true, false, false, true],
    };
    let answers = evaluated_by_github(std::slice::from_ref(&batch));
    assert_eq!(answers.len(), cases.len());
    for (((expression, ours, theirs), here), answer) in cases.iter().zip(evaluated(&batch)).zip(&answers) {
        assert_eq!(&here.map(|(value, ..)| value), ours, "here: {expression}");
        assert_eq!(answer.get("value"), theirs.as_ref(), "GitHub's package: {expression}: {answer}");
    }
}

/// A slip of the generator can make what GitHub's package takes and its service and this crate do not.
fn is_refused_on_purpose(expression: &str) -> bool {
    let problems = [ExpressionProblem::TrailingComma, ExpressionProblem::DoubtfulNumber];
    Expression::parse(expression).is_err_and(|error| problems.contains(error.problem()))
}

/// What the expressions are worth here.
fn evaluated(batch: &Batch) -> Vec<Outcome> {
    let Value::Object(contexts) = Value::from_json(&batch.contexts).unwrap() else { unreachable!() };
    let scope = contexts.iter().fold(Contexts::new(), |scope, (name, value)| scope.with(name, value.clone()));
    let answers = STATUS.into_iter().zip(batch.status);
    let scope = answers.fold(scope, |scope, (function, answer)| scope.with_status(function, answer));
    batch.expressions.iter().map(|expression| worth(expression, &scope)).collect()
}

fn worth(expression: &str, scope: &Contexts) -> Outcome {
    let expression = Expression::parse(expression).ok()?;
    expression.check(Place::StepIf).ok()?;
    let value = expression.evaluate(scope).ok()?;
    Some((plain(&value), value.to_text(), value.is_true()))
}

/// The value as `evaluate.mjs` writes it.
fn plain(value: &Value) -> Json {
    match value {
        Value::Null => json!({ "null": true }),
        Value::Bool(value) => json!({ "bool": value }),
        Value::Number(value) if value.is_nan() => json!({ "number": "NaN" }),
        Value::Number(value) => json!({ "number": format!("{:x}", value.to_bits()) }),
        Value::String(text) => json!({ "string": text }),
        Value::Array(array) => json!({ "array": array.items().iter().map(plain).collect::<Vec<_>>() }),
        Value::Object(object) => {
            let pairs: Vec<Json> = object.iter().map(|(name, value)| json!([name, plain(value)])).collect();
            json!({ "object": pairs })
        }
    }
}

fn outcome(answer: &Json) -> Outcome {
    let value = answer.get("value")?.clone();
    Some((value, answer["text"].as_str().unwrap().to_owned(), answer["isTrue"].as_bool().unwrap()))
}

/// One process of node for all of them; the outcomes in the order of the expressions.
fn evaluated_by_github(batches: &[Batch]) -> Vec<Json> {
    let folder = installed();
    let questions: Vec<Json> = batches.iter().map(question).collect();
    let file = tempfile::NamedTempFile::new_in(&folder).unwrap();
    fs::write(file.path(), Json::from(questions).to_string()).unwrap();
    let copy = tempfile::Builder::new().suffix(".mjs").tempfile_in(&folder).unwrap();
    fs::copy(sources().join("evaluate.mjs"), copy.path()).unwrap();
    let output = Command::new("node")
        .arg(copy.path())
        .arg(file.path())
        .output()
        .unwrap_or_else(|error| panic!("node could not be started: {error}; install Node.js 20+"));
    assert!(output.status.success(), "evaluate.mjs failed:\n{}", errors(&output));
    let outcomes: Vec<Vec<Json>> = serde_json::from_slice(&output.stdout).unwrap();
    outcomes.into_iter().flatten().collect()
}

fn question(batch: &Batch) -> Json {
    let names = STATUS.map(|function| function.to_string());
    let status: serde_json::Map<String, Json> = names.into_iter().zip(batch.status.map(Json::from)).collect();
    json!({ "expressions": batch.expressions, "contexts": batch.contexts, "status": status })
}

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle")
}

/// The folder with the package of the lock file, installed once below the build folder.
fn installed() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("expressions-oracle");
    fs::create_dir_all(&folder).unwrap();
    // Another test may be installing at the same moment.
    let lock = File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    let wanted = fs::read(sources().join("package-lock.json")).unwrap();
    let stamp = folder.join("installed-from");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return folder;
    }
    for file in ["package.json", "package-lock.json"] {
        fs::copy(sources().join(file), folder.join(file)).unwrap();
    }
    let output = Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
        .current_dir(&folder)
        .output()
        .unwrap_or_else(|error| panic!("npm could not be started: {error}; install Node.js 20+ with npm"));
    assert!(output.status.success(), "npm ci failed:\n{}", errors(&output));
    fs::write(stamp, wanted).unwrap();
    folder
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
