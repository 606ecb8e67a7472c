//! Changed paths to affected targets, with the reasons.

use std::collections::BTreeMap;

use manifest::{FIRST, Manifest, Outcome, Owners, Selection, TargetName, TreeEntry, Why};

use crate::{manifest, path};

const COMPANY: &str = "
version: 1
targets:
  api: { paths: [api/**, shared/**, '!**/*.md'] }
  workers: { paths: [workers/**] }
  cron: { paths: [cron/**] }
  docs: { paths: [docs/**] }
coupling: [[api, workers], [workers, cron]]
everything: [uv.lock, 'infra/**', '!infra/README.md']
non_deployed: ['*.md', docs/drafts/**, infra/**]
";

fn select(manifest: &Manifest, paths: &[&str]) -> Outcome {
    let owners = Owners::new(manifest, Some(path(".github/deploy-manifest.yml")));
    let mut selection = Selection::new(manifest, &owners);
    for changed in paths {
        selection.add(path(changed));
    }
    selection.finish()
}

/// The affected targets, each with its reason in few words.
fn reasons(paths: &[&str]) -> BTreeMap<String, String> {
    let in_words = |why: Why| match why {
        Why::Unknown => "unknown".to_owned(),
        Why::Own(paths) => format!("own {}", paths.count),
        Why::Everything(paths) => format!("everything {}", paths.count),
        Why::Coupled(to) => {
            format!("coupled {}", to.iter().map(TargetName::as_str).collect::<Vec<_>>().join(" "))
        }
    };
    let outcome = select(&manifest(COMPANY), paths);
    let targets = outcome.targets.into_iter();
    targets.map(|(name, why)| (name.to_string(), in_words(why))).collect()
}

fn expect(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let owned = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
    pairs.iter().map(owned).collect()
}

#[test]
fn own_paths() {
    assert_eq!(reasons(&["docs/a", "docs/b"]), expect(&[("docs", "own 2")]));
    assert_eq!(reasons(&[]), expect(&[]));
    assert_eq!(reasons(&["api/README.md", "x"]), expect(&[]));
}

#[test]
fn coupling_is_symmetric_and_transitive() {
    assert_eq!(
        reasons(&["cron/a"]),
        expect(&[("api", "coupled cron"), ("cron", "own 1"), ("workers", "coupled cron")])
    );
    assert_eq!(
        reasons(&["cron/a", "api/a"]),
        expect(&[("api", "own 1"), ("cron", "own 1"), ("workers", "coupled api cron")])
    );
}

#[test]
fn everything_comes_first() {
    let wanted = expect(&[
        ("api", "everything 1"),
        ("cron", "everything 1"),
        ("docs", "own 1"),
        ("workers", "everything 1"),
    ]);
    assert_eq!(reasons(&["uv.lock", "docs/a"]), wanted);
    assert_eq!(reasons(&["infra/main.tf", "docs/a"]), wanted);
    assert_eq!(reasons(&[".github/deploy-manifest.yml", "docs/a"]), wanted);
    assert_eq!(reasons(&["infra/README.md"]), expect(&[]));
}

#[test]
fn a_target_wins_over_non_deployed() {
    assert_eq!(reasons(&["docs/drafts/a"]), expect(&[("docs", "own 1")]));
}

#[test]
fn unowned_paths_are_counted_and_the_first_kept() {
    let many: Vec<String> = (0..FIRST + 5).map(|i| format!("new/{i}")).collect();
    let mut paths: Vec<&str> = many.iter().map(String::as_str).collect();
    paths.extend(["README.md", "api/a", "uv.lock"]);
    let outcome = select(&manifest(COMPANY), &paths);
    assert_eq!(outcome.changed, FIRST + 8);
    assert_eq!(outcome.unowned.count, FIRST + 5);
    assert_eq!(outcome.unowned.first.len(), FIRST);
    assert_eq!(outcome.unowned.first[0], "new/0");
}

#[test]
fn without_a_comparison_every_target_is_affected() {
    let outcome = Outcome::of_everything(&manifest(COMPANY));
    assert_eq!(outcome.targets.len(), 4);
    assert!(outcome.targets.values().all(|why| *why == Why::Unknown));
}

/// The reasons when each target has changed paths of its own comparison.
fn apart(rounds: &[(&[&str], &[&str])], unknown: &[&str]) -> Outcome {
    let manifest = manifest(COMPANY);
    let owners = Owners::new(&manifest, None);
    let mut selection = Selection::of_several(&manifest, &owners);
    for (targets, paths) in rounds {
        selection.begin(|name| targets.contains(&name.as_str()));
        paths.iter().for_each(|changed| selection.add(path(changed)));
    }
    unknown.iter().for_each(|name| selection.add_unknown(&TargetName::new(name).unwrap()));
    selection.finish()
}

#[test]
fn a_comparison_concerns_only_its_own_targets() {
    let names = |outcome: &Outcome| outcome.targets.keys().map(ToString::to_string).collect::<Vec<_>>();
    let outcome = apart(&[(&["docs"], &["api/a", "new"]), (&["api", "workers"], &["docs/a", "new"])], &[]);
    assert!(outcome.targets.is_empty(), "{outcome:?}");
    assert_eq!((outcome.changed, outcome.unowned.count), (3, 1), "what both tell counts once");

    let outcome =
        apart(&[(&["docs"], &["uv.lock", "docs/a"]), (&["api", "workers", "cron"], &["docs/b"])], &[]);
    assert_eq!(names(&outcome), ["docs"], "`everything` reaches the targets of that comparison");

    let outcome = apart(&[(&["cron", "docs"], &["uv.lock"]), (&["api", "workers"], &[])], &[]);
    assert_eq!(names(&outcome), ["api", "cron", "docs", "workers"], "coupling joins comparisons");

    let outcome = apart(&[(&["api", "workers", "docs"], &[])], &["cron"]);
    assert_eq!(names(&outcome), ["api", "cron", "workers"]);
    assert_eq!(outcome.targets["cron"], Why::Unknown);
}

const DOUBTFUL: &str = r"
version: 1
targets:
  web: { paths: ['web', 'app/[id]/**', '**/[...slug]/*.ts', 'docs/', 'lib\src', '{a,b/c}'] }
non_deployed: ['x', '!x/y', '\[z\]/[q].md']
";

#[test]
fn what_to_look_up_in_the_tree() {
    let manifest = manifest(DOUBTFUL);
    let asked: Vec<(String, bool)> = manifest
        .questions()
        .iter()
        .map(|question| (question.path.to_string(), question.only_directory))
        .collect();
    let wanted = [
        ("web", true),
        ("app/[id]", false),
        ("libsrc", true),
        ("a", true),
        ("b/c", true),
        ("x", true),
        ("x/y", true),
        ("[z]/[q].md", false),
    ];
    let wanted: Vec<(String, bool)> = wanted.iter().map(|(p, d)| ((*p).to_owned(), *d)).collect();
    assert_eq!(asked, wanted);
}

#[test]
fn doubts() {
    let manifest = manifest(DOUBTFUL);
    let always: Vec<String> = manifest.warnings().iter().map(ToString::to_string).collect();
    assert_eq!(
        always,
        [
            r#"pattern "docs/" in target `web` ends in a slash and matches no file; write "docs/**""#,
            r#"pattern "lib\\src" in target `web`: "\s" means just 's'; paths have forward slashes, and patterns are no regular expressions"#,
        ]
    );
    let mut questions = manifest.questions();
    let bracket = questions.remove(1);
    let directory = questions.remove(0);
    assert_eq!(directory.clone().answer(None), None);
    assert_eq!(directory.clone().answer(Some(TreeEntry::Other)), None);
    assert_eq!(
        directory.answer(Some(TreeEntry::Directory)).unwrap().to_string(),
        r#"pattern "web" in target `web` names a directory and matches nothing in it; write "web/**""#
    );
    assert_eq!(bracket.clone().answer(None), None);
    assert_eq!(
        bracket.answer(Some(TreeEntry::Directory)).unwrap().to_string(),
        r#"pattern "app/[id]/**" in target `web` has a bracket expression, and "app/[id]" exists; write "\[" and "\]" to mean that name"#
    );
}

#[test]
fn a_bracket_expression_that_is_a_name_in_a_changed_path() {
    let outcome = select(&manifest(DOUBTFUL), &["a/s/x.ts", "x/[...slug]/y.ts", "[...slug]/z.ts"]);
    let warnings: Vec<String> = outcome.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        warnings,
        [
            r#"pattern "**/[...slug]/*.ts" in target `web` has a bracket expression, and "x/[...slug]/y.ts" exists; write "\[" and "\]" to mean that name"#
        ]
    );
    let outcome = select(&manifest(DOUBTFUL), &["app/[id]/x"]);
    assert_eq!(outcome.warnings, [], "the tree is asked about this one");
}
