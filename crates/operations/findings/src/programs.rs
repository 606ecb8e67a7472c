//! Findings for programs.

use action::Severity;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::finding::{Finding, Place, Rule};

/// A finding as a JSON object; its keys are as stable as the outputs. `instead` is there where it is known; lines and
/// columns are null without a place.
#[must_use]
pub fn as_json(finding: &Finding) -> Value {
    let number = |of: fn(Place) -> usize| finding.place.map(of);
    let mut object = json!({
        "rule": finding.rule.name,
        "level": finding.level.word,
        "file": finding.file,
        "line": number(|place| place.line),
        "column": number(|place| place.column),
        "endLine": number(|place| place.end_line),
        "endColumn": number(|place| place.end_column),
        "message": finding.message,
        "covered": finding.covered,
    });
    if let Some(instead) = &finding.instead {
        add(&mut object, "instead", json!(instead));
    }
    object
}

/// SARIF 2.1.0 (OASIS), as GitHub's code scanning takes it. `rules` are those of the lint `tool`, in its order; the
/// document has those that found something.
#[must_use]
pub fn as_sarif(tool: &str, rules: impl IntoIterator<Item = Rule>, findings: &[Finding]) -> Value {
    let used = |rule: &Rule| findings.iter().any(|finding| finding.rule.name == rule.name);
    let rules: Vec<Value> = rules.into_iter().filter(used).map(rule_of).collect();
    let results: Vec<Value> = findings.iter().map(result).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": tool, "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn rule_of(rule: Rule) -> Value {
    json!({
        "id": rule.name,
        "shortDescription": { "text": rule.summary },
        "help": { "text": rule.page, "markdown": rule.page },
    })
}

fn result(finding: &Finding) -> Value {
    let level = match finding.level.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Notice => "note",
    };
    // GitHub refuses a result without a location, but wants no region (GitHub docs, SARIF support for code scanning).
    let mut location = json!({ "artifactLocation": { "uri": uri(&finding.file) } });
    if let Some(Place { line, column, end_line, end_column }) = finding.place {
        let region =
            json!({ "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column });
        add(&mut location, "region", region);
    }
    let instead = finding.instead.as_ref().map(|instead| format!("; instead: {instead}")).unwrap_or_default();
    let mut result = json!({
        "ruleId": finding.rule.name,
        "level": level,
        "message": { "text": format!("{}{instead}", finding.message) },
        "locations": [{ "physicalLocation": location }],
    });
    if let Some(reason) = &finding.covered {
        add(&mut result, "suppressions", json!([{ "kind": "inSource", "justification": reason }]));
    }
    result
}

/// A path as a relative URI (SARIF 2.1.0, 3.4.3): a space or a `#` in it would name another file, or none.
fn uri(path: &str) -> String {
    const KEPT: &AsciiSet =
        &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(path, KEPT).to_string()
}

fn add(object: &mut Value, key: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Level;

    const RULE: Rule = Rule { name: "a-rule", summary: "It is so.", page: "# a-rule\n\nIt is so.\n" };
    const OTHER: Rule = Rule { name: "other", summary: "", page: "" };

    fn finding(severity: Severity, instead: Option<&str>, covered: Option<&str>) -> Finding {
        Finding {
            rule: RULE,
            level: Level { word: "bad", severity },
            file: "a.yml".to_owned(),
            place: Some(Place { line: 1, column: 2, end_line: 3, end_column: 4 }),
            message: "it is so".to_owned(),
            instead: instead.map(ToOwned::to_owned),
            covered: covered.map(ToOwned::to_owned),
        }
    }

    #[test]
    fn json_tells_what_to_write_where_that_is_known() {
        assert_eq!(as_json(&finding(Severity::Error, None, None)).get("instead"), None);
        let object = as_json(&finding(Severity::Error, Some("b"), Some("c")));
        assert_eq!((&object["instead"], &object["covered"]), (&json!("b"), &json!("c")));
        assert_eq!((&object["line"], &object["endColumn"]), (&json!(1), &json!(4)));
    }

    #[test]
    fn what_no_line_has_is_told_of_the_file() {
        let finding = Finding { place: None, ..finding(Severity::Error, None, None) };
        assert_eq!((&as_json(&finding)["file"], &as_json(&finding)["line"]), (&json!("a.yml"), &Value::Null));
        let sarif = as_sarif("a-lint", [RULE], std::slice::from_ref(&finding));
        let location = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(*location, json!({ "artifactLocation": { "uri": "a.yml" } }));
        assert_eq!(finding.line(), "a.yml: bad [a-rule] it is so");
    }

    #[test]
    fn sarif_names_a_file_by_a_uri() {
        let finding =
            Finding { file: "db/1_50% of #a é.sql".to_owned(), ..finding(Severity::Error, None, None) };
        let sarif = as_sarif("a-lint", [RULE], std::slice::from_ref(&finding));
        let location = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(location["artifactLocation"]["uri"], "db/1_50%25%20of%20%23a%20%C3%A9.sql");
    }

    #[test]
    fn sarif_has_its_own_words_for_levels_and_the_rules_that_found_something() {
        for (severity, level) in
            [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Notice, "note")]
        {
            let sarif = as_sarif("a-lint", [OTHER, RULE], &[finding(severity, Some("b"), None)]);
            let run = &sarif["runs"][0];
            assert_eq!(run["tool"]["driver"]["rules"].as_array().unwrap().len(), 1);
            assert_eq!(run["tool"]["driver"]["rules"][0]["id"], "a-rule");
            assert_eq!(run["results"][0]["level"], level);
            assert_eq!(run["results"][0]["message"]["text"], "it is so; instead: b");
            assert_eq!(run["results"][0].get("suppressions"), None);
        }
    }
}
