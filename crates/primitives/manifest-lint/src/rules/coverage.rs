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
    let add = format!(
        "add {:?} to the `paths` of the target that is built from it, or to `non_deployed`",
        everything_in(&path)
    );
    let Some(near) = nearest::pattern(directory.path.as_bstr(), lists) else {
        let message = format!("{belongs}, and no pattern comes near it");
        return Flaw::new(Rule::UncoveredDirectory, at_root(roots, directory), message, add);
    };
    let (list, pattern) = named(lists, near.pattern);
    let instead = match near.is_slip {
        true => format!("write {:?} there if that was meant; else {add}", everything_in(&path)),
        false => add,
    };
    let at = lists[near.pattern.0].at(near.pattern.1);
    let message = format!("{belongs}; the nearest pattern is {pattern:?} of {list}");
    Flaw::new(Rule::UncoveredDirectory, at, message, instead)
}

fn partly_covered(lists: &[List<'_>], roots: &Roots, directory: &Directory) -> Flaw {
    let path = directory.path.to_str_lossy();
    let first: Vec<String> = directory.first.iter().map(|path| format!("{path:?}")).collect();
    let belong = if directory.unmentioned == 1 { "belongs" } else { "belong" };
    let more = if directory.unmentioned > first.len() { ", .." } else { "" };
    let near = nearest::pattern(directory.path.as_bstr(), lists).map(|near| near.pattern);
    Flaw::new(
        Rule::PartlyCoveredDirectory,
        near.map_or_else(|| at_root(roots, directory), |(list, entry)| lists[list].at(entry)),
        format!(
            "{} of the {} in directory {path:?} {belong} to no target and not to `non_deployed`: {}{more}",
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
        _ => vec![Step::Name("targets".to_owned())],
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

#[cfg(test)]
mod tests {
    use crate::example::{found, rules_of};

    /// One target, and what else the manifest has.
    fn with(more: &str) -> String {
        format!("version: 1\ntargets:\n  worker:\n    paths: [apps/worker/**]\n{more}")
    }

    #[test]
    fn a_directory_of_nobody_is_named_with_the_nearest_pattern() {
        let manifest = with("non_deployed: [docs/**]\n");
        assert_eq!(
            found(&manifest, &["apps/worker/a", "apps/wroker/a", "apps/wroker/b/c", "docs/x"]),
            [
                "4:13-27 uncovered-directory: directory \"apps/wroker\" (2 files) belongs to no target and not to `non_deployed`; the nearest pattern is \"apps/worker/**\" of target `worker` | write \"apps/wroker/**\" there if that was meant; else add \"apps/wroker/**\" to the `paths` of the target that is built from it, or to `non_deployed`"
            ]
        );
        assert_eq!(
            found(&manifest, &["apps/worker/a", "apps/new/a", "docs/x"]),
            [
                "4:13-27 uncovered-directory: directory \"apps/new\" (1 file) belongs to no target and not to `non_deployed`; the nearest pattern is \"apps/worker/**\" of target `worker` | add \"apps/new/**\" to the `paths` of the target that is built from it, or to `non_deployed`"
            ]
        );
    }

    #[test]
    fn a_directory_near_nothing_stands_at_its_root() {
        let manifest = with("roots: [apps, srv]\n");
        assert_eq!(
            found(&manifest, &["apps/worker/a", "srv/[x]/a"]),
            [
                "5:15-18 uncovered-directory: directory \"srv/[x]\" (1 file) belongs to no target and not to `non_deployed`, and no pattern comes near it | add \"srv/\\\\[x\\\\]/**\" to the `paths` of the target that is built from it, or to `non_deployed`"
            ]
        );
        assert_eq!(
            rules_of(&with("everything: [src/a/lock]\n"), &["apps/worker/a", "src/a/b/c", "src/a/lock"]),
            ["uncovered-directory"]
        );
    }

    #[test]
    fn what_belongs_somewhere_passes() {
        let manifest =
            with("everything: [apps/worker/lock]\nnon_deployed: [apps/old/**, '**/*.md', apps/sub]\n");
        let paths = [
            "apps/worker/a",
            "apps/worker/lock",
            "apps/old/x/y",
            "apps/texts/a.md",
            "apps/file",
            "apps/sub/",
            "other/a",
            "src/file",
        ];
        assert_eq!(found(&manifest, &paths), [""; 0]);
    }

    #[test]
    fn a_file_that_is_never_deployed_covers_no_directory() {
        let manifest = with("non_deployed: ['**/*.md']\n");
        assert_eq!(
            rules_of(&manifest, &["apps/worker/a", "apps/new/README.md", "apps/new/main.py"]),
            ["uncovered-directory"]
        );
    }

    #[test]
    fn a_submodule_is_a_directory() {
        let manifest = with("");
        assert_eq!(rules_of(&manifest, &["apps/worker/"]), [""; 0]);
        assert_eq!(
            rules_of(&manifest, &["apps/worker/a", "apps/sub/", "apps/sub2"]),
            ["uncovered-directory"]
        );
    }

    #[test]
    fn an_exclusion_is_named() {
        let manifest = "version: 1\ntargets:\n  all:\n    paths: ['apps/**', '!apps/old/**']\n";
        assert_eq!(
            found(manifest, &["apps/a/x", "apps/old/x", "apps/old/y"]),
            [
                "4:24-38 uncovered-directory: directory \"apps/old\" (2 files) belongs to no target and not to `non_deployed`: \"!apps/old/**\" of target `all` takes it away | add \"apps/old/**\" to `non_deployed`, or narrow \"!apps/old/**\""
            ]
        );
    }

    #[test]
    fn files_that_are_mentioned_nowhere_are_a_warning() {
        let manifest = "version: 1\ntargets:\n  api:\n    paths: [apps/api/src/**, '!**/*.md']\n";
        let paths =
            ["apps/api/src/a", "apps/api/src/b.md", "apps/api/c", "apps/api/d/e", "apps/api/f", "apps/api/g"];
        assert_eq!(
            found(manifest, &paths),
            [
                "4:13-28 partly-covered-directory: 4 of the 6 files in directory \"apps/api\" belong to no target and not to `non_deployed`: \"apps/api/c\", \"apps/api/d/e\", \"apps/api/f\", .. | write \"apps/api/**\", or add them to `non_deployed`"
            ]
        );
        assert_eq!(found(manifest, &paths[..2]), [""; 0]);
    }

    #[test]
    fn no_directory_is_no_success() {
        assert_eq!(
            found(&with(""), &["apps/file", "src/worker/a"]).last().unwrap(),
            "3:3-9 absent-target: nothing can affect target `worker`: no pattern of it matches anything that git tracks | correct its `paths`, or take it out"
        );
        assert_eq!(
            found(&with(""), &["apps/file", "src/worker/a"])[0],
            "1:1-8 no-directory: git tracks no directory under the usual roots, since the manifest has none, \"apps/*\", \"src/*/*\", so none was looked at | set `roots` to where this repository has what it deploys, such as `roots: [services]`"
        );
        assert_eq!(rules_of(&with("roots: [srv]\n"), &["apps/worker/a"]), ["no-directory"]);
    }

    #[test]
    fn a_root_without_any_directory_is_named() {
        let manifest = with("roots:\n- apps\n- 'src/*/*'\n- worker\n");
        assert_eq!(
            found(&manifest, &["apps/worker/a", "src/file", "worker"]),
            [
                "7:3-12 unmatched-root: the root \"src/*/*\" matches no directory that git tracks | correct it, or take it out",
                "8:3-9 unmatched-root: the root \"worker\" matches no directory that git tracks | correct it, or take it out",
            ]
        );
        // One of the usual roots may well match nothing.
        assert_eq!(found(&with(""), &["apps/worker/a"]), [""; 0]);
    }

    #[test]
    fn directories_within_directories_are_looked_at_each() {
        let manifest = with("roots: [apps, 'apps/*/*']\n");
        let paths = ["apps/worker/a/x", "apps/z/a/x", "apps/z/b/y", "apps/z-a/b", "apps/z.a"];
        assert_eq!(rules_of(&manifest, &paths), ["uncovered-directory"; 4]);
    }
}
