//! Tables of patterns and paths with the verdict that each must get.

use bstr::BStr;
use manifest::{Glob, Manifest, Owners, Ownership, PatternList, Refusal};
use serde_json::Value;

use crate::matches;

fn table(name: &str) -> Vec<Value> {
    let file = format!("{}/tests/cases/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&file).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn text<'a>(case: &'a Value, key: &str) -> &'a str {
    case[key].as_str().unwrap()
}

fn refusal(why: &str) -> Refusal {
    match why {
        "extglob" => Refusal::Extglob,
        "globstar inside a segment" => Refusal::GlobstarInSegment,
        "range" => Refusal::Range,
        "absolute" => Refusal::Absolute,
        "empty segment" => Refusal::EmptySegment,
        "dot segment" => Refusal::DotSegment,
        "surrounding blanks" => Refusal::SurroundingBlanks,
        other => panic!("a reason that this test does not know: {other}"),
    }
}

#[test]
fn every_pattern_of_the_table() {
    let cases = table("globs.json");
    for case in &cases {
        let (pattern, path) = (text(case, "pattern"), text(case, "path"));
        match text(case, "expect") {
            "match" => assert!(matches(pattern, path), "{case}"),
            "no match" => assert!(!matches(pattern, path), "{case}"),
            "reject" => {
                let error = Glob::parse(pattern).unwrap_err();
                assert_eq!(error.refusal, refusal(text(case, "why")), "{case}");
                assert!(pattern.contains(&error.offending), "{case}: {error}");
            }
            other => panic!("{other}"),
        }
    }
    assert_eq!(cases.len(), 248);
}

#[test]
fn every_list_of_the_table() {
    let cases = table("glob_lists.json");
    for case in &cases {
        let patterns: Vec<&str> =
            case["patterns"].as_array().unwrap().iter().map(|pattern| pattern.as_str().unwrap()).collect();
        let wanted = case["match"].as_bool().unwrap();
        match PatternList::parse(&patterns) {
            Ok(_) => assert_eq!(belongs(&patterns, text(case, "path")), wanted, "{case}"),
            // A list that no path can belong to, or one with a refused pattern.
            Err(_) => assert!(!wanted, "{case}"),
        }
    }
    assert_eq!(cases.len(), 20);
}

/// Whether a target with these paths is affected by a change to `path`.
fn belongs(patterns: &[&str], path: &str) -> bool {
    let paths = serde_json::to_string(patterns).unwrap();
    let text = format!("version: 1\ntargets:\n  t:\n    paths: {paths}\n");
    let manifest = Manifest::parse("m.yml", text.as_bytes()).unwrap();
    let owners = Owners::new(&manifest, None);
    owners.classifier().classify(BStr::new(path)) == Ownership::Targets(&[0])
}

/// Patterns and paths drawn at random, with what npm picomatch 4.0.7 says of
/// them under `{ dot: true }`. Left out: patterns that this grammar refuses, and
/// those on which the documentation of `manifest::glob` disagrees on purpose.
#[test]
fn picomatch_agrees() {
    let cases = table("picomatch.json");
    for case in &cases {
        let (pattern, path) = (case[0].as_str().unwrap(), case[1].as_str().unwrap());
        let wanted = case[2].as_bool().unwrap();
        assert_eq!(matches(pattern, path), wanted, "{case}");
    }
    assert!(cases.len() > 1500, "only {} cases", cases.len());
}
