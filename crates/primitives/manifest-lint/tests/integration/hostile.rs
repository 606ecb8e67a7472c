//! What a hostile name cannot do.

use crate::world::{AT, World};

#[test]
fn hostile_names_stay_names() {
    let mut world = World::usual();
    world.set("GITHUB_ACTIONS", "true");
    for name in [
        &b"apps/\n::error::pwned/x"[..],
        b"apps/##[add-mask]x/y",
        b"apps/|<img src=x>|`code`/x",
        b"apps/\x1b[31mred\r/x",
        b"apps/\n\n# Heading\n[link](javascript:x)/x",
        b"apps/@team #1/x",
        b"apps/\xff\xfe/x",
    ] {
        world.write(name, "1\n");
    }
    world.commit();
    let run = world.run(&[]);
    run.ended(1, "refused", Some("error"));
    assert_eq!(run.outputs["findings"], "7");
    for line in run.stderr.lines() {
        let command = line.trim_start().starts_with("::");
        let own =
            ["::error file=.github/deploy-manifest.yml,line=", "::error title=manifest-lint::refused: "];
        assert!(!command || own.iter().any(|own| line.starts_with(own)), "{line}");
        assert!(!line.contains("##["), "{line}");
    }
    assert!(!run.summary.contains("<img") && !run.summary.contains("\n# Heading"), "{}", run.summary);
    assert!(!run.summary.contains("@team") && !run.summary.contains('\x1b'), "{}", run.summary);
    let rows = run.summary.lines().filter(|line| line.starts_with("| <code>")).count();
    assert_eq!(rows, 7, "{}", run.summary);
}

#[test]
fn hostile_manifests_stay_text() {
    let mut world = World::usual();
    world.set("GITHUB_ACTIONS", "true");
    world.write(AT, "version: 1\ntargets:\n  a: {paths: [\"x/\\n::error::pwned\\n##[x]/a\", apps/**]}\n");
    let run = world.run(&["--strict"]);
    run.ended(1, "refused", Some("warning"));
    for line in run.stderr.lines() {
        assert!(!line.starts_with("::error::") && !line.contains("##["), "{line}");
    }
}
