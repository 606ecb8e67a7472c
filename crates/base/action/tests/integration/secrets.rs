//! A secret shows nowhere, and its mask comes before anything else.

use action::Ending;

use crate::sample::{CANARY, World};

#[tokio::test]
async fn a_secret_shows_nowhere_but_in_its_mask() {
    let world = World::runner();
    assert_eq!(world.run(&["--scenario=secret"]).await, Ending::Failed);
    let printed = World::printed(&world.stderr);
    assert!(printed.starts_with(&format!("::add-mask::{CANARY}\n")), "{printed}");
    let rest = world.everything().replace(&format!("::add-mask::{CANARY}\n"), "");
    assert!(!rest.contains(CANARY), "{rest}");
    assert_eq!(world.output("second").as_deref(), Some("an output with ***"));
}

#[tokio::test]
async fn without_a_runner_there_is_no_mask_to_print() {
    let world = World::terminal();
    world.run(&["--scenario=secret"]).await;
    assert!(!world.everything().contains(CANARY));
}

#[tokio::test]
async fn a_secret_that_was_typed_as_a_word_is_not_shown() {
    for words in [
        &["--scenario=success", "hunter2-9c1f"][..],
        &["hunter2-9c1f"],
        &["--scenario=success", "--dry-run", "hunter2-9c1f"],
        &["--scenario=success", "--", "hunter2-9c1f"],
        &["--scenario=success", "--", "--hunter2-9c1f"],
        &["--scenario=success", "-zhunter2-9c1f"],
        &["--scenario=success", "--scenery=hunter2-9c1f"],
        &["--scenario=success", "--key", "hunter2-9c1f"],
    ] {
        let world = World::runner();
        assert_eq!(world.run(words).await, Ending::Invalid, "{words:?}");
        assert!(!world.everything().contains("hunter2"), "{words:?}: {}", world.everything());
    }
}

#[tokio::test]
async fn a_missing_secret_is_named_with_where_to_set_it() {
    for empty in ["", " \n"] {
        let world = World::runner().with("SAMPLE_KEY", empty);
        assert_eq!(world.run(&["--scenario=secret"]).await, Ending::Invalid);
        assert!(World::printed(&world.stderr).contains("pass `key: ${{ secrets.SAMPLE_KEY }}`"));
    }
}
