//! Changed paths that the manifest does not mention.

use crate::world::{Run, World};

fn run(policy: &str, files: &[&str]) -> Run {
    let world = World::usual();
    let base = world.head();
    for file in files {
        world.write(file, "x");
    }
    world.commit();
    let words = ["--base", &base, "--unowned", policy];
    let words = if policy.is_empty() { &words[..2] } else { &words };
    world.run(words)
}

#[test]
fn are_reported_by_default() {
    for policy in ["", "warn"] {
        let run = run(policy, &["web/b", "new/a", "other"]);
        assert_eq!(run.targets(), ["web"]);
        let wanted = "warning: 2 changed paths belong to no target and not to `non_deployed`: \"new/a\", \"other\"\nhint: add them";
        assert!(run.stderr.contains(wanted), "{run:?}");
        assert!(
            run.summary.contains(
                "#### 2 changed paths of no target\n\n- <code>new/a</code>\n- <code>other</code>\n"
            ),
            "{run:?}"
        );
    }
}

#[test]
fn are_refused_or_ignored_as_asked() {
    let refused = run("error", &["web/b", "new/a"]);
    refused.failed(1, "refused", "1 changed path belongs to no target and not to `non_deployed`: \"new/a\"");
    assert!(refused.summary.contains("<code>new/a</code>"), "the table is shown all the same");
    assert_eq!(refused.outputs["base"].len(), 40);
    let ignored = run("ignore", &["web/b", "new/a"]);
    assert_eq!(ignored.targets(), ["web"]);
    assert!(!ignored.stderr.contains("warning"), "{ignored:?}");
    assert_eq!(run("error", &["web/b"]).targets(), ["web"]);
}

#[test]
fn many_of_them_are_counted_and_a_few_shown() {
    let files: Vec<String> = (0..300).map(|index| format!("new/{index:03}")).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let run = run("warn", &files);
    assert!(run.stderr.contains("300 changed paths belong"), "{run:?}");
    assert!(run.stderr.contains("\"new/004\", .."), "{run:?}");
    assert!(!run.stderr.contains("new/005"), "{run:?}");
    assert!(run.summary.contains("<code>new/019</code>\n- and 280 more\n"), "{run:?}");
}

#[test]
fn are_unknown_without_a_base() {
    let world = World::with(crate::world::MANIFEST, &["new/a"]);
    assert_eq!(world.run(&["--unowned=error"]).targets(), ["api", "web", "workers"]);
}
