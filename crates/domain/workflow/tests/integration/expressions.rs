//! What authors of workflow files write, and what they are told when it is wrong.

use workflow::expression::{
    Condition, Contexts, EvaluationError, Expression, ExpressionError, ExpressionProblem, Function, Place,
    StatusFunction, Step, Template,
};
use workflow::value::{NameCase, Object, Value};

fn scope() -> Contexts {
    let json = |text| Value::from_json(text).unwrap();
    let env = Object::new(NameCase::Kept, [("KEY", Value::from("big")), ("key", Value::from("small"))]);
    Contexts::new()
        .with("github", json(r#"{"ref":"refs/tags/v1.2.3","event":{"inputs":{"reason":"}} it's"}}}"#))
        .with("needs", json(r#"{"select":{"result":"success","outputs":{"targets":"[\"api\",\"web\"]"}}}"#))
        .with("inputs", json(r#"{"api-key":"","count":3,"dry-run":false}"#))
        .with("vars", Object::default())
        .with("env", env)
        .with_status(StatusFunction::Success, true)
}

fn value(text: &str) -> Value {
    Expression::parse(text).unwrap().evaluate(&scope()).unwrap()
}

fn text(template: &str) -> String {
    Template::parse(template).unwrap().evaluate_text(&scope()).unwrap()
}

fn told(error: Result<impl std::fmt::Debug, ExpressionError>) -> String {
    error.unwrap_err().to_string()
}

#[test]
fn the_expressions_of_deploy_workflows() {
    assert_eq!(value("needs.SELECT.Result == 'SUCCESS'"), Value::from(true));
    assert_eq!(value("contains(fromJSON(needs.select.outputs.targets), 'api')"), Value::from(true));
    assert_eq!(value("fromJSON(needs.select.outputs.targets)[1]"), Value::from("web"));
    assert_eq!(
        value("fromJSON(needs.select.outputs.targets)[0.9]"),
        Value::from("api"),
        "positions round down"
    );
    assert_eq!(value("needs.*.result"), value("fromJSON('[\"success\"]')"));
    assert_eq!(value("join(needs.*.result, '+')"), Value::from("success"));
    assert_eq!(value("inputs.api-key || env.KEY"), Value::from("big"));
    assert_eq!(value("env.key"), Value::from("small"), "variables keep their case");
    assert_eq!(value("env.Key"), Value::Null);
    assert_eq!(value("startsWith(github.ref, 'refs/tags/')"), Value::from(true));
    assert_eq!(value("github.nothing.at.all"), Value::Null);
    assert_eq!(value("vars.window || '30s'"), Value::from("30s"));
}

#[test]
fn a_text_with_expressions_is_a_text_and_a_lone_one_keeps_its_kind() {
    assert_eq!(text("v${{ inputs.count }}-${{ inputs.dry-run }}${{ null }}."), "v3-false.");
    assert_eq!(text("plain } }} $ { {{"), "plain } }} $ { {{");
    assert_eq!(text("${{ github.event.inputs.reason }}"), "}} it's", "values are not read again");
    assert_eq!(text("${{ '}} ''quoted''' }}!"), "}} 'quoted'!", "a quoted }} ends nothing");
    let lone = Template::parse("${{ inputs.count }}").unwrap();
    assert_eq!(lone.evaluate(&scope()).unwrap(), Value::from(3.0));
    let beside = Template::parse(" ${{ inputs.count }}").unwrap();
    assert_eq!(beside.evaluate(&scope()).unwrap(), Value::from(" 3"));
    assert_eq!(Template::parse("").unwrap().literal(), Some(""));
    assert_eq!(Template::parse("a").unwrap().literal(), Some("a"));
    assert_eq!(lone.literal(), None);
}

#[test]
fn a_condition_implies_success_unless_it_asks_itself() {
    let failed =
        scope().with_status(StatusFunction::Success, false).with_status(StatusFunction::Cancelled, false);
    let holds =
        |condition: &str, scope: &Contexts| Condition::parse(condition).unwrap().holds(scope).unwrap();
    for (condition, when_well, when_failed) in [
        ("true", true, false),
        ("${{ inputs.count == 3 }}", true, false),
        ("inputs.dry-run", false, false),
        ("!cancelled()", true, true),
        ("${{ !Cancelled() && inputs.count > 2 }}", true, true),
        ("format('{0}', success())", true, true),
        ("'false'", true, false),
    ] {
        let well = failed.clone().with_status(StatusFunction::Success, true);
        assert_eq!(holds(condition, &well), when_well, "{condition}");
        assert_eq!(holds(condition, &failed), when_failed, "{condition}");
    }
    assert!(!Condition::success().holds(&failed).unwrap());
    assert!(Condition::success().implies_success());
    let unanswered = Condition::parse("failure()").unwrap().holds(&scope()).unwrap_err();
    assert_eq!(unanswered, EvaluationError::NoStatus(StatusFunction::Failure));
    let broken = Condition::parse("fromJSON('')").unwrap();
    assert!(!broken.holds(&failed).unwrap(), "what success() has decided is not evaluated");
}

#[test]
fn a_condition_that_is_always_true_is_refused() {
    for condition in [
        "${{ inputs.a }} && inputs.b",
        "!${{ inputs.a }}",
        "${{ inputs.a }}\n",
        "${{ inputs.a }} == 'x'",
        "${{ inputs.a }}${{ inputs.b }}",
    ] {
        let error = Condition::parse(condition).unwrap_err();
        assert_eq!(error.problem(), &ExpressionProblem::AlwaysTrue, "{condition}");
    }
    assert_eq!(
        told(Condition::parse("${{ inputs.a }} && inputs.b")),
        "the expression `${{ inputs.a }} && inputs.b` is wrong: the condition is always true, because text beside \
         `${{ }}` makes it a text that is not empty; put the whole condition inside, or leave `${{ }}` out"
    );
    assert_eq!(Condition::parse(" ").unwrap_err().problem(), &ExpressionProblem::Empty);
}

#[test]
fn errors_tell_where_and_what() {
    let cases = [
        ("a = b", 2, "the expression `a = b` is wrong at character 3, `=`: expected `==`"),
        ("é.x", 0, "the expression `é.x` is wrong: unexpected symbol"),
        ("'é' == é", 8, "the expression `'é' == é` is wrong at character 8, `é`: unexpected symbol"),
        ("github.", 7, "the expression `github.` is wrong at its end: expected an identifier or `*`"),
        ("a == 'b", 5, "the expression `a == 'b` is wrong at character 6, `'b`: unterminated string literal"),
        (" a && b c", 8, "the expression `a && b c` is wrong at character 8, `c`: unexpected trailing input"),
        (
            "join(a,)",
            6,
            "the expression `join(a,)` is wrong at character 7, `,`: the comma before `)` is one too many",
        ),
        (
            "a || hashFiles('x')",
            5,
            "the expression `a || hashFiles('x')` is wrong at character 6, `hashFiles('x')`: the function `hashFiles` \
             is not supported here",
        ),
        (
            "'nope' == nope(1)",
            10,
            "the expression `'nope' == nope(1)` is wrong at character 11, `nope`: there is no function `nope`; there \
             are case, contains, endsWith, format, fromJSON, join, startsWith, toJSON and, in conditions, always, \
             cancelled, failure, success",
        ),
        (
            "a && ENDSWITH('x')",
            5,
            "the expression `a && ENDSWITH('x')` is wrong at character 6, `ENDSWITH`: `endsWith` takes exactly 2 \
             arguments",
        ),
        (
            "format()",
            0,
            "the expression `format()` is wrong: `format` takes at least 1 argument and at most 255",
        ),
        (
            "1 == 0xFFFFFFFF",
            5,
            "the expression `1 == 0xFFFFFFFF` is wrong at character 6, `0xFFFFFFFF`: GitHub does not read this number \
             everywhere alike; write it as a decimal number",
        ),
        ("", 0, "there is no expression; write one, or leave the key out"),
    ];
    for (text, offset, words) in cases {
        let error = Expression::parse(text).unwrap_err();
        assert_eq!((error.to_string().as_str(), error.offset()), (words, offset), "{text}");
    }
    let inside = Template::parse("ab ${{ x }} ${{ a = b }}").unwrap_err();
    assert_eq!((inside.offset(), inside.text()), (18, "="), "offsets count from the beginning of the text");
    let open = Template::parse("ab ${{ it's }}").unwrap_err();
    assert_eq!((open.offset(), open.problem()), (3, &ExpressionProblem::Unclosed));
    assert_eq!(told(Template::parse("${{ }}")), "there is no expression; write one, or leave the key out");
}

#[test]
fn a_context_or_function_that_is_not_there_is_refused_by_name() {
    let check = |text: &str, place| Template::parse(text).unwrap().check(place);
    check("${{ needs.a.result }}${{ toJSON(github) }}", Place::JobName).unwrap();
    check("${{ SECRETS.token }}", Place::StepEnv).unwrap();
    assert_eq!(
        told(check("x ${{ github.sha || secrets.token }}", Place::JobIf)),
        "the expression `github.sha || secrets.token` is wrong at character 15, `secrets`: there is no context \
         `secrets` in `jobs.<job_id>.if`, only github, needs, vars, inputs"
    );
    let error = check("x ${{ github[env.a] }}", Place::RunName).unwrap_err();
    assert_eq!((error.offset(), error.text()), (13, "env"));
    let error = check("${{ always() }}", Place::StepRun).unwrap_err();
    let function = Function::Status(StatusFunction::Always);
    let key = "jobs.<job_id>.steps.run";
    assert_eq!(error.problem(), &ExpressionProblem::FunctionNotHere { function, key });
    Condition::parse("always() && steps.a.outcome").unwrap().check(Place::StepIf).unwrap();
    assert!(Condition::parse("steps.a.outcome").unwrap().check(Place::JobIf).is_err());
    for place in [Place::ActionIf, Place::ActionStep, Place::ActionOutput] {
        assert!(check("${{ secrets.a }}", place).is_err());
        assert!(check("${{ needs.a }}", place).is_err());
        check("${{ inputs.a }}${{ steps.b.outputs.c }}${{ env.D }}", place).unwrap();
    }
}

#[test]
fn no_error_holds_a_value() {
    let scope = Contexts::new().with("secrets", Value::from_json(r#"{"a":"canary }"}"#).unwrap());
    for (text, words) in [
        (
            "fromJSON(secrets.a)",
            "`fromJSON(secrets.a)` is not possible: the text is not JSON at line 1, column 1",
        ),
        (
            "fromJSON(secrets.b)",
            "`fromJSON(secrets.b)` is not possible: the text is empty, which is not JSON",
        ),
        (
            "format(secrets.a, 1)",
            "`format(secrets.a, 1)` is not possible: the text has a brace that is neither doubled nor `{0}`, `{1}` \
             and so on",
        ),
        (
            "format('{0}{1}', secrets.a)",
            "`format('{0}{1}', secrets.a)` is not possible: the text asks for value 1, and there are 1",
        ),
        (
            "case(secrets.a, 1, 2)",
            "`case(secrets.a, 1, 2)` is not possible: each condition of `case` must be true or false, not another \
             kind of value",
        ),
        ("github.sha", "the context `github` has no value here"),
    ] {
        let error = Expression::parse(text).unwrap().evaluate(&scope).unwrap_err();
        assert_eq!(error.to_string(), words);
    }
}

#[test]
fn references_tell_what_is_read() {
    let references = Condition::parse(
        "${{ !failure() && needs.build.outputs['url'] == Needs.*.result && needs[github.job].x && toJSON(needs) }}",
    )
    .unwrap()
    .references();
    assert!(references.has_status_function());
    assert_eq!(references.functions, [Function::Status(StatusFunction::Failure), Function::ToJson]);
    let needs: Vec<_> = references.of("needs").map(|reference| reference.steps.clone()).collect();
    let name = |name: &str| Step::Name(name.to_owned());
    assert_eq!(
        needs,
        [
            vec![name("build"), name("outputs"), name("url")],
            vec![Step::Every, name("result")],
            vec![Step::Computed, name("x")],
            vec![],
        ]
    );
    assert_eq!(references.of("GITHUB").next().unwrap().names(), Some(vec!["job"]));
    assert_eq!(references.of("needs").nth(1).unwrap().names(), None);
    let template = Template::parse("${{ a.b }}-${{ c[0] }}").unwrap().references();
    assert_eq!(template.contexts.len(), 2);
    assert!(!template.has_status_function());
}
