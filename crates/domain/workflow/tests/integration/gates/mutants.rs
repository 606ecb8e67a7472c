//! The files with one gate taken out, each of which must be noticed.

use workflow::Workflow;

use super::rules::{PRODUCTION, Rule, STAGING};
use super::{conditions, walk};
use crate::files::text;

/// Who noticed a mutant.
#[derive(Debug, PartialEq)]
enum Noticed {
    Reader,
    Conditions,
    Walk,
    Nobody,
}

/// Whether a change of this job is noticed; the conditions of the other jobs are those of the file.
fn who(mutant: &str, job: &str, rules: &[Rule]) -> Noticed {
    let Ok(workflow) = Workflow::parse(mutant) else { return Noticed::Reader };
    let rule = rules.iter().position(|rule| rule.job == job).unwrap();
    if !conditions::all(&workflow, &rules[rule..=rule]).violations.is_empty() {
        return Noticed::Conditions;
    }
    if !walk::all(&workflow, rules).violations.is_empty() {
        return Noticed::Walk;
    }
    Noticed::Nobody
}

/// The text from the line of a job's id to the next job's.
fn section<'t>(text: &'t str, job: &str) -> &'t str {
    let start = text.find(&format!("\n  {job}:\n")).unwrap() + 1;
    let is_next = |line: &str| line.starts_with("  ") && !line.starts_with("   ") && line.ends_with(":\n");
    let mut end = start;
    for (index, line) in text[start..].split_inclusive('\n').enumerate() {
        if index > 0 && is_next(line) {
            break;
        }
        end += line.len();
    }
    &text[start..end]
}

/// The lines of each operand of the `&&` at the top of a folded `if`, in order.
fn conjuncts(section: &str) -> Vec<String> {
    let lines = section.split_inclusive('\n').skip_while(|line| !line.contains("if: >-")).skip(1);
    let mut found: Vec<String> = Vec::new();
    for line in lines.take_while(|line| line.starts_with("      ")) {
        match found.last_mut() {
            Some(last) if !line.trim_start().starts_with("&&") => last.push_str(line),
            _ => found.push(line.to_owned()),
        }
    }
    found
}

/// The file with one job's text changed, which must change it.
fn changed(text: &str, job: &str, from: &str, to: &str) -> String {
    let section = section(text, job);
    let mutant = section.replacen(from, to, 1);
    assert_ne!(section, mutant, "{job}: {from}");
    text.replacen(section, &mutant, 1)
}

fn without_each_conjunct(file: &str, job: &str) -> Vec<(String, String)> {
    let text = text(file);
    let conjuncts = conjuncts(section(&text, job));
    let mutants = conjuncts.iter().enumerate().map(|(index, conjunct)| {
        let to = if index == 0 { conjunct.replace("!cancelled()", "always()") } else { String::new() };
        (format!("{file}, {job}, without {}", conjunct.trim()), changed(&text, job, conjunct, &to))
    });
    mutants.collect()
}

fn without_each_need(file: &str, job: &str) -> Vec<(String, String)> {
    let text = text(file);
    let needs = &Workflow::parse(&text).unwrap().job(job).unwrap().needs.clone();
    let mutants = needs.iter().map(|need| {
        let rest: Vec<&str> = needs.iter().map(String::as_str).filter(|other| other != need).collect();
        let from = format!("needs: [{}]", needs.join(", "));
        (
            format!("{file}, {job}, no need of {need}"),
            changed(&text, job, &from, &format!("needs: [{}]", rest.join(", "))),
        )
    });
    mutants.collect()
}

#[test]
fn no_gate_can_be_taken_out_unnoticed() {
    let guarded: [(&str, &[Rule], &[&str]); 2] = [
        ("deploy-prod.yml", PRODUCTION, &["blue-quiet", "flip", "docs-user", "docs-codex", "recorded"]),
        ("deploy-staging.yml", STAGING, &["marker"]),
    ];
    let mut count = 0;
    for (file, rules, jobs) in guarded {
        for job in jobs {
            for (what, mutant) in without_each_conjunct(file, job) {
                assert_eq!(who(&mutant, job, rules), Noticed::Conditions, "{what}");
                count += 1;
            }
            for (what, mutant) in without_each_need(file, job) {
                assert_eq!(who(&mutant, job, rules), Noticed::Reader, "{what}");
                count += 1;
            }
        }
    }
    // 54 operands of `&&` and 44 entries of `needs`.
    assert_eq!(count, 98);
}

#[test]
fn no_gate_can_be_loosened_unnoticed() {
    let skip = "!contains(fromJSON(needs.changes.outputs.targets), 'api')";
    let mutants = [
        ("flip", skip, "true", Noticed::Conditions),
        (
            "flip",
            "needs.approval.result == 'success'",
            "needs.approval.result != 'failure'",
            Noticed::Conditions,
        ),
        ("confirm", "!cancelled() && needs.flip.result == 'success'", "!cancelled()", Noticed::Conditions),
        ("confirm", "!cancelled()", "always()", Noticed::Conditions),
        (
            "recorded",
            "needs.confirm.result == 'skipped' && needs.changes.outputs.flips == '[]'",
            "true",
            Noticed::Conditions,
        ),
        // These rest on `success()`, which only the job graph knows.
        ("marker", "needs: approval", "if: always()", Noticed::Conditions),
        (
            "heartbeat",
            "needs: [marker, changes, generation, workers]",
            "needs: [marker, changes, generation]",
            Noticed::Walk,
        ),
        (
            "api",
            "if: contains(fromJSON(needs.changes.outputs.targets), 'api')",
            "timeout-minutes: 9",
            Noticed::Reader,
        ),
        ("api", "'api')", "'workers')", Noticed::Walk),
        ("generation", "needs: [marker, changes, schema-merge]", "needs: [marker, changes]", Noticed::Walk),
        (
            "schema-merge",
            "needs: [marker, changes, schema-rehearse]",
            "needs: [marker, changes]",
            Noticed::Walk,
        ),
        ("schema-rehearse", "if: needs.changes.outputs.any == 'true'", "if: success()", Noticed::Conditions),
    ];
    let file = text("deploy-prod.yml");
    for (job, from, to, noticed) in mutants {
        assert_eq!(who(&changed(&file, job, from, to), job, PRODUCTION), noticed, "{job}: {from} -> {to}");
    }
}
