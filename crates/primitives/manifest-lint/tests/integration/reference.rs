//! The manifests that this repository hands out.

use std::fs;
use std::path::Path;

use crate::world::World;

fn read(path: &str) -> String {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    fs::read_to_string(top.join(path)).unwrap()
}

#[test]
fn the_reference_manifest_is_clean_in_the_repository_that_it_is_for() {
    let manifest = read(".github/deploy-manifest.yml");
    let files = [
        "README.md",
        "actions/render-deploy/action.yml",
        "apps/api/main.py",
        "apps/dashboard/main.py",
        "apps/docs-codex/build.sh",
        "apps/docs-user/build.sh",
        "apps/operations/main.py",
        "apps/workers/main.py",
        "crates/x/lib.rs",
        "libs/domain/rules.py",
        "pnpm-lock.yaml",
        "supabase/migrations/1.sql",
        "tests/a.py",
        "uv.lock",
    ];
    let world = World::with(&manifest, &files);
    world.run(&["--strict"]).ended(0, "success", Some("clean"));
    world.write("apps/billing/main.py", "1\n");
    world.commit();
    let run = world.run(&[]);
    run.ended(1, "refused", Some("error"));
    assert_eq!(run.rules(), ["uncovered-directory"]);
}

#[test]
fn the_example_manifest_is_clean_in_a_repository_like_it() {
    let manifest = read("crates/domain/manifest/examples/deploy-manifest.yml");
    let files = [
        "README.md",
        "apps/api/README.md",
        "apps/api/main.py",
        "apps/dashboard/index.ts",
        "apps/nightly/main.py",
        "apps/workers/main.py",
        "docs/a",
        "infra/docker/Dockerfile",
        "libs/core/rules.py",
        "packages/icons/x",
        "pnpm-lock.yaml",
        "tests/a.py",
        "uv.lock",
    ];
    let world = World::with(&manifest, &files);
    world.run(&["--strict"]).ended(0, "success", Some("clean"));
}
