//! Findings in a manifest and a tree that a test writes down.

use bstr::BStr;
use git::Kind;
use manifest::{Manifest, Owners};

use crate::lists::List;
use crate::place;
use crate::roots::Roots;
use crate::rules;
use crate::survey::Compiled;

/// What the rules find: `line:column-end rule: message | instead`. A path with a slash at its end is a submodule.
pub(crate) fn found(manifest: &str, paths: &[&str]) -> Vec<String> {
    let parsed = Manifest::parse("m.yml", manifest.as_bytes()).unwrap();
    let (lists, roots) = (List::all(&parsed), Roots::of(&parsed).unwrap());
    let compiled = Compiled::new(Owners::new(&parsed, None), &lists, &roots);
    let mut survey = compiled.survey();
    let mut sorted = paths.to_vec();
    sorted.sort_unstable();
    for path in sorted {
        match path.strip_suffix('/') {
            Some(submodule) => survey.add(BStr::new(submodule), Kind::Directory),
            None => survey.add(BStr::new(path), Kind::File),
        }
    }
    let flaws = rules::all(&parsed, &lists, &roots, &survey).into_iter();
    let mut found: Vec<_> = flaws.map(|flaw| (place::of(manifest, &flaw.at), flaw)).collect();
    found.sort_by_key(|(place, flaw)| (*place, flaw.rule));
    let told = found.into_iter().map(|(place, flaw)| {
        let (line, column, end) = (place.line, place.column, place.end_column);
        format!("{line}:{column}-{end} {}: {} | {}", flaw.rule.name(), flaw.message, flaw.instead)
    });
    told.collect()
}

/// The rules alone that find something.
pub(crate) fn rules_of(manifest: &str, paths: &[&str]) -> Vec<String> {
    let word = |found: &String| found.split([' ', ':']).nth(2).unwrap_or_default().to_owned();
    found(manifest, paths).iter().map(word).collect()
}
