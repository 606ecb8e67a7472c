//! Every directory under the roots belongs to a target, or is known to belong to none (ADR-053 D19).

use bstr::ByteSlice as _;
use yaml::Step;

use crate::flaw::{Flaw, counted};
use crate::lists::{List, key, written};
use crate::nearest;
use crate::roots::Roots;
use crate::rule::Rule;
use crate::survey::{Directory, Pattern, Survey};

pub(super) fn check(lists: &[List<'_>], roots: &Roots, survey: &Survey<'_>) -> Vec<Flaw> {
    if survey.under_roots().is_empty() {
        return vec![no_directory(roots)];
    }
    let idle = (0..roots.texts.len()).filter(|&root| roots.are_set && survey.of_root(root) == 0);
    let idle = idle.map(|root| unmatched_root(roots, root));
    let directories = survey.under_roots().iter().filter_map(|directory| judge(lists, roots, directory));
    idle.chain(directories).collect()
}

fn no_directory(roots: &Roots) -> Flaw {
    let texts: Vec<String> = roots.texts.iter().map(|root| format!("{root:?}")).collect();
    let (at, which) = if roots.are_set {
        (vec![key("roots")], "the roots")
    } else {
        (Vec::new(), "the usual roots, since the manifest has none,")
    };
    Flaw::new(
        Rule::NoDirectory,
        at,
        format!("git tracks no directory under {which} {}, so none was looked at", texts.join(", ")),
        "set `roots` to where this repository has what it deploys, such as `roots: [services]`",
    )
}

fn unmatched_root(roots: &Roots, root: usize) -> Flaw {
    Flaw::new(
        Rule::UnmatchedRoot,
        vec![key("roots"), Step::Item(root)],
        format!("the root {:?} matches no directory that git tracks", roots.texts[root]),
        "correct it, or take it out",
    )
}

fn judge(lists: &[List<'_>], roots: &Roots, directory: &Directory) -> Option<Flaw> {
    let Directory { deployed, taken, unmentioned, .. } = *directory;
    if deployed == 0 && taken + unmentioned > 0 {
        return Some(uncovered(lists, roots, directory));
    }
    (unmentioned > 0).then(|| partly_covered(lists, roots, directory))
}

fn uncovered(lists: &[List<'_>], roots: &Roots, directory: &Directory) -> Flaw {
    let path = directory.path.to_str_lossy();
    let files = counted(directory.files, "file", "files");
    let belongs = format!("directory {path:?} ({files}) belongs to no target and not to `non_deployed`");
    if let (Some(place), 0) = (directory.taken_by, directory.unmentioned) {
        let (list, pattern) = named(lists, place);
        return Flaw::new(
            Rule::UncoveredDirectory,
            lists[place.0].at(place.1),
            format!("{belongs}: {pattern:?} of {list} takes it away"),
            format!("add {:?} to `non_deployed`, or narrow {pattern:?}", everything_in(&path)),
        );
    }
    let near = nearest::pattern(directory.path.as_bstr(), lists);
    let Some(place) = near else {
        return Flaw::new(
            Rule::UncoveredDirectory,
            at_root(roots, directory),
            format!("{belongs}, and no pattern comes near it"),
            format!("add {:?} to the `paths` of a target, or to `non_deployed`", everything_in(&path)),
        );
    };
    let (list, pattern) = named(lists, place);
    let to = lists[place.0].target.map_or_else(|| list.to_owned(), |name| format!("the `paths` of `{name}`"));
    let or = if list == "`non_deployed`" { "to the `paths` of a target" } else { "to `non_deployed`" };
    Flaw::new(
        Rule::UncoveredDirectory,
        lists[place.0].at(place.1),
        format!("{belongs}; the nearest pattern is {pattern:?} of {list}"),
        format!("add {:?} to {to} beside it, or {or}", everything_in(&path)),
    )
}

fn partly_covered(lists: &[List<'_>], roots: &Roots, directory: &Directory) -> Flaw {
    let path = directory.path.to_str_lossy();
    let first: Vec<String> = directory.first.iter().map(|path| format!("{path:?}")).collect();
    let more = if directory.unmentioned > first.len() { ", .." } else { "" };
    let place = nearest::pattern(directory.path.as_bstr(), lists);
    Flaw::new(
        Rule::PartlyCoveredDirectory,
        place.map_or_else(|| at_root(roots, directory), |(list, entry)| lists[list].at(entry)),
        format!(
            "{} of the {} in directory {path:?} belong to no target and not to `non_deployed`: {}{more}",
            directory.unmentioned,
            counted(directory.files, "file", "files"),
            first.join(", ")
        ),
        format!("write {:?}, or add them to `non_deployed`", everything_in(&path)),
    )
}

/// The name of a pattern's list, and the pattern as it is written there.
fn named<'l>(lists: &'l [List<'_>], (list, entry): Pattern) -> (&'l str, String) {
    (&lists[list].name, written(&lists[list].entries[entry]))
}

/// The first root that matches a directory, if the manifest names it.
fn at_root(roots: &Roots, directory: &Directory) -> Vec<Step> {
    match directory.roots.first() {
        Some(&root) if roots.are_set => vec![key("roots"), Step::Item(root)],
        _ => vec![key("targets")],
    }
}

/// The pattern of everything in a directory, its own name taken as it is.
fn everything_in(directory: &str) -> String {
    let mut pattern = String::with_capacity(directory.len() + 3);
    for char in directory.chars() {
        if matches!(char, '*' | '?' | '[' | ']' | '{' | '}' | '\\') {
            pattern.push('\\');
        }
        pattern.push(char);
    }
    pattern + "/**"
}
