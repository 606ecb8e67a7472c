//! What a person sees, and what a hostile name cannot do.

use crate::world::{AT, MANIFEST, World};

/// The summary with the ids of commits taken out.
fn stable(summary: &str, ids: &[&str]) -> String {
    ids.iter()
        .enumerate()
        .fold(summary.to_owned(), |text, (index, id)| text.replace(&id[..12], &format!("commit-{index}")))
}

#[test]
fn the_summary() {
    let world = World::usual();
    let base = world.head();
    for file in ["api/1", "api/2", "api/3", "api/4", "web/x", "new/a"] {
        world.write(file, "x");
    }
    let head = world.commit();
    let run = world.run(&["--base", &base]);
    insta::assert_snapshot!(stable(&run.summary, &[&base, &head]), @r"
    ### Affected targets: 3 of 3

    <code>commit-0</code> to <code>commit-1</code>: 6 changed paths. Manifest: <code>.github/deploy-manifest.yml</code>, as it is on disk.

    | Target | Why | First files |
    | --- | --- | --- |
    | <code>api</code> | 4 files | <code>api/1</code>, <code>api/2</code>, <code>api/3</code>, .. |
    | <code>web</code> | 1 file | <code>web/x</code> |
    | <code>workers</code> | coupled to <code>api</code> |  |

    #### 1 changed path of no target

    - <code>new/a</code>
    ");
    assert!(run.stderr.ends_with("affected targets, 3 of 3: api, web, workers\n"), "{run:?}");
}

#[test]
fn the_summary_of_no_target() {
    let world = World::usual();
    let base = world.head();
    let head = world.change("docs/b");
    let run = world.run(&["--base", &base]);
    insta::assert_snapshot!(stable(&run.summary, &[&base, &head]), @r"
    ### Affected targets: 0 of 3

    <code>commit-0</code> to <code>commit-1</code>: 1 changed path. Manifest: <code>.github/deploy-manifest.yml</code>, as it is on disk.

    No target is affected.
    ");
}

#[test]
fn the_summary_of_everything() {
    let world = World::usual();
    let base = world.head();
    world.write("lock", "x");
    world.write("web/b", "x");
    let head = world.commit();
    let run = world.run(&["--base", &base]);
    insta::assert_snapshot!(stable(&run.summary, &[&base, &head]), @r"
    ### Affected targets: 3 of 3

    <code>commit-0</code> to <code>commit-1</code>: 2 changed paths. Manifest: <code>.github/deploy-manifest.yml</code>, as it is on disk.

    | Target | Why | First files |
    | --- | --- | --- |
    | <code>api</code> | 1 file for every target | <code>lock</code> |
    | <code>web</code> | 1 file | <code>web/b</code> |
    | <code>workers</code> | 1 file for every target | <code>lock</code> |
    ");
}

#[test]
fn the_summary_of_no_base() {
    let world = World::usual();
    let head = world.head();
    let run = world.run(&[]);
    insta::assert_snapshot!(stable(&run.summary, &[&head]), @r"
    ### Affected targets: 3 of 3

    No base to compare <code>commit-0</code> with. Manifest: <code>.github/deploy-manifest.yml</code>, as it is on disk.

    | Target | Why | First files |
    | --- | --- | --- |
    | <code>api</code> | nothing to compare with |  |
    | <code>web</code> | nothing to compare with |  |
    | <code>workers</code> | nothing to compare with |  |
    ");
}

#[test]
fn hostile_names_stay_names() {
    let mut world = World::usual();
    world.set("GITHUB_ACTIONS", "true");
    let base = world.head();
    for name in [
        "web/\n::error::pwned",
        "web/##[add-mask]x",
        "web/|<img src=x>|`code`",
        "::stop-commands::x",
        "new/\x1b[31mred\r",
        "new/\n\n# Heading\n[link](javascript:x)",
        "new/@team #1",
    ] {
        world.write(name, "x");
    }
    world.commit();
    let run = world.run(&["--base", &base]);
    assert_eq!(run.targets(), ["web"]);
    for line in run.stderr.lines() {
        let command = line.trim_start().starts_with("::");
        assert!(!command || line.starts_with("::warning title=manifest-resolve::"), "{line}");
        assert!(!line.contains("##["), "{line}");
    }
    assert!(!run.summary.contains("<img") && !run.summary.contains("\n# Heading"), "{}", run.summary);
    assert!(!run.summary.contains("@team") && !run.summary.contains('\x1b'), "{}", run.summary);
    // A row is a row, whatever is in it.
    let rows: Vec<&str> = run.summary.lines().filter(|line| line.starts_with("| ")).collect();
    assert_eq!(rows.len(), 3, "{}", run.summary);
}

#[test]
fn hostile_manifests_stay_text() {
    let mut world = World::usual();
    world.set("GITHUB_ACTIONS", "true");
    world.write(AT, "version: 1\ntargets:\n  a: {paths: [\"x/\\n::error::pwned\\n##[x]/a**\"]}\n");
    let run = world.run(&[]);
    run.failed(2, "invalid", "`**` inside a segment");
    let commands = run.stderr.lines().filter(|line| line.trim_start().starts_with("::")).count();
    assert_eq!(commands, 1, "{run:?}");
    assert!(
        !run.stderr.lines().any(|line| line.contains("##[") && !line.starts_with("::error title=")),
        "{run:?}"
    );
}

#[test]
fn help_teaches() {
    let world = World::empty();
    let help = std::process::Command::new(env!("CARGO_BIN_EXE_manifest-resolve"))
        .env_clear()
        .current_dir(world.path("r"))
        .arg("--help")
        .output()
        .unwrap();
    assert!(help.status.success());
    let help = String::from_utf8(help.stdout).unwrap();
    for word in [
        "--manifest",
        "--base",
        "--head",
        "--on-missing-base",
        "--fetch",
        "--unowned",
        "coupling:",
        "fromJSON",
        "# yaml-language-server: $schema=https://",
        "/crates/domain/manifest/deploy-manifest.schema.json\n",
        "/crates/domain/manifest/examples/deploy-manifest.yml\n",
    ] {
        assert!(help.contains(word), "{word}\n{help}");
    }
    // The manifest that the help shows is one.
    let example: String = help
        .lines()
        .skip_while(|line| line.trim() != "version: 1")
        .take_while(|line| !line.is_empty())
        .map(|line| format!("{}\n", line.strip_prefix("  ").unwrap_or(line)))
        .collect();
    let world = World::with(&example, &[]);
    assert_eq!(world.run(&[]).targets(), ["api", "workers"], "{example}");
    assert_ne!(example, MANIFEST);
}
