//! Every directory under the roots belongs to a target, or is known to belong to none (ADR-053 D19).

use bstr::ByteSlice as _;
use yaml::Step;

use crate::flaw::{Flaw, MOST, counted};
use crate::lists::{List, key, written};
use crate::nearest::{self, Near};
use crate::roots::Roots;
use crate::rule::Rule;
use crate::survey::{Directory, Pattern, Survey};

pub(super) fn check(lists: &[List<'_>], roots: &Roots, survey: &Survey<'_>) -> Vec<Flaw> {
    if survey.under_roots().is_empty() {
        return vec![no_directory(roots)];
    }
    let idle = (0..roots.texts.len()).filter(|&root| roots.are_set && survey.of_root(root) == 0);
    let idle = idle.map(|root| unmatched_root(roots, root));
    let mut flaws: Vec<Flaw> = idle.collect();
    for directory in survey.under_roots() {
        let look = Look { lists, roots, directory, is_told: flaws.len() < MOST };
        flaws.extend(look.judge());
    }
    flaws
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

/// One directory under the roots.
struct Look<'l> {
    lists: &'l [List<'l>],
    roots: &'l Roots,
    directory: &'l Directory,
    /// Whether anybody gets to read what is found here; only then what is near it is looked for.
    is_told: bool,
}

impl Look<'_> {
    fn judge(&self) -> Option<Flaw> {
        let Directory { deployed, taken, unmentioned, .. } = *self.directory;
        if deployed == 0 && taken + unmentioned > 0 {
            let by = self.directory.taken_by.filter(|_| unmentioned == 0);
            return Some(by.map_or_else(|| self.uncovered(), |by| self.taken_away(by)));
        }
        (unmentioned > 0).then(|| self.partly_covered())
    }

    fn path(&self) -> String {
        self.directory.path.to_str_lossy().into_owned()
    }

    fn nearest(&self) -> Option<Near> {
        if self.is_told { nearest::pattern(self.directory.path.as_bstr(), self.lists) } else { None }
    }

    fn at(&self, near: Option<Near>) -> Vec<Step> {
        match (near, self.directory.roots.first()) {
            (Some(Near { pattern: (list, entry), .. }), _) => self.lists[list].at(entry),
            (None, Some(&root)) if self.roots.are_set => vec![key("roots"), Step::Item(root)],
            (None, _) => vec![Step::Name("targets".to_owned())],
        }
    }

    fn belongs_nowhere(&self) -> String {
        let files = counted(self.directory.files, "file", "files");
        format!("directory {:?} ({files}) belongs to no target and not to `non_deployed`", self.path())
    }

    fn taken_away(&self, (list, entry): Pattern) -> Flaw {
        let (name, pattern) = named(self.lists, (list, entry));
        Flaw::new(
            Rule::UncoveredDirectory,
            self.lists[list].at(entry),
            format!("{}: {pattern:?} of {name} takes it away", self.belongs_nowhere()),
            format!("add {:?} to `non_deployed`, or narrow {pattern:?}", everything_in(&self.path())),
        )
    }

    fn uncovered(&self) -> Flaw {
        let (belongs, pattern) = (self.belongs_nowhere(), everything_in(&self.path()));
        let add = format!(
            "add {pattern:?} to the `paths` of the target that is built from it, or to `non_deployed`"
        );
        let near = self.nearest();
        let (message, instead) = match near.map(|near| (near.is_slip, named(self.lists, near.pattern))) {
            None => (format!("{belongs}, and no pattern comes near it"), add),
            Some((is_slip, (list, nearest))) => (
                format!("{belongs}; the nearest pattern is {nearest:?} of {list}"),
                if is_slip { format!("write {pattern:?} there if that was meant; else {add}") } else { add },
            ),
        };
        Flaw::new(Rule::UncoveredDirectory, self.at(near), message, instead)
    }

    fn partly_covered(&self) -> Flaw {
        let Directory { files, unmentioned, ref first, .. } = *self.directory;
        let (files, path) = (counted(files, "file", "files"), self.path());
        let belong = if unmentioned == 1 { "belongs" } else { "belong" };
        let more = if unmentioned > first.len() { ", .." } else { "" };
        let first: Vec<String> = first.iter().map(|path| format!("{path:?}")).collect();
        let first = first.join(", ");
        Flaw::new(
            Rule::PartlyCoveredDirectory,
            self.at(self.nearest()),
            format!(
                "{unmentioned} of the {files} in directory {path:?} {belong} to no target and not to `non_deployed`: {first}{more}"
            ),
            format!("write {:?}, or add what is missing to `non_deployed`", everything_in(&path)),
        )
    }
}

/// The name of a pattern's list, and the pattern as it is written there.
fn named<'l>(lists: &'l [List<'_>], (list, entry): Pattern) -> (&'l str, String) {
    (&lists[list].name, written(&lists[list].entries[entry]))
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
                "4:13-28 partly-covered-directory: 4 of the 6 files in directory \"apps/api\" belong to no target and not to `non_deployed`: \"apps/api/c\", \"apps/api/d/e\", \"apps/api/f\", .. | write \"apps/api/**\", or add what is missing to `non_deployed`"
            ]
        );
        assert_eq!(found(manifest, &paths[..2]), [""; 0]);
    }

    #[test]
    fn no_directory_is_no_success() {
        assert_eq!(
            found(&with(""), &["apps/file", "src/worker/a"]).last().unwrap(),
            "3:3-9 absent-target: nothing can affect target `worker`: git tracks nothing that its patterns match: \"apps/worker/**\" | correct its `paths`, or take it out"
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
