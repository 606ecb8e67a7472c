//! The real executable, as a runner starts it.

use std::process::Command;

use rehearsal::origins::Oddity;
use rehearsal::own_process;

use crate::world::{KEY, World};

#[test]
fn it_checks_and_exits_with_zero_or_one() {
    for (world, code, told) in [
        (World::new(), 0, "All answer as agreed."),
        (World::new().odd(2, Oddity::GenerationAsText), 1, "is not a whole number from 1 on"),
    ] {
        let run = own_process::run(
            Command::new(env!("CARGO_BIN_EXE_version-contract"))
                .env_clear()
                .env("INPUT_URLS", world.urls().replace('\n', "\r\n"))
                .env("INPUT_TIMEOUT", "")
                .env("DEPLOY_KEY", KEY)
                .env("GREENROOM_HOSTS", world.hosts())
                .env("GITHUB_ACTIONS", "true"),
        );
        assert_eq!(run.code, code, "{run:?}");
        assert!(run.summary.contains(told), "{run:?}");
        assert_eq!(run.stderr.matches("::error ").count(), usize::from(code == 1), "{run:?}");
        run.hides(&[KEY]);
    }
}
