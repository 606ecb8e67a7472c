//! The real executable, as a runner starts it.

use std::process::Command;

use rehearsal::origins::Oddity;

use crate::world::{KEY, World};

#[test]
fn it_checks_and_exits_with_zero_or_one() {
    for (world, code, told) in [
        (World::new(), 0, "All answer as agreed."),
        (World::new().odd(2, Oddity::GenerationAsText), 1, "is not a whole number from 1 on"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        let output = Command::new(env!("CARGO_BIN_EXE_version-contract"))
            .env_clear()
            .env("INPUT_URLS", world.urls().replace('\n', "\r\n"))
            .env("INPUT_TIMEOUT", "")
            .env("DEPLOY_KEY", KEY)
            .env("GREENROOM_HOSTS", world.hosts())
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_OUTPUT", file("output"))
            .env("GITHUB_STEP_SUMMARY", file("summary"))
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).replace(&format!("::add-mask::{KEY}"), "");
        assert_eq!(output.status.code(), Some(code), "{stderr}");
        let summary = std::fs::read_to_string(file("summary")).unwrap();
        assert!(summary.contains(told), "{summary}");
        assert_eq!(stderr.matches("::error ").count(), usize::from(code == 1), "{stderr}");
        for text in [&stderr, &summary] {
            assert!(!text.contains(KEY), "{text}");
        }
    }
}
