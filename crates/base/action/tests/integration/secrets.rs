//! A secret shows nowhere, and its mask comes before anything else.

use action::Ending;

use crate::sample::{CANARY, World};

/// Whether a text shows the canary, as it is or escaped for a summary.
fn shows(text: &str) -> bool {
    let code = action::markdown::code(CANARY);
    let code = code.trim_start_matches("<code>").trim_end_matches("</code>");
    [CANARY, &action::markdown::text(CANARY), code].iter().any(|form| text.contains(form))
}

#[tokio::test]
async fn a_secret_shows_nowhere_but_in_its_mask() {
    let world = World::runner();
    assert_eq!(world.run(&["--scenario=secret"]).await, Ending::Failed);
    let printed = World::printed(&world.stderr);
    assert!(printed.starts_with(&format!("::add-mask::{CANARY}\n")), "{printed}");
    let rest = world.everything().replace(&format!("::add-mask::{CANARY}\n"), "");
    assert!(!shows(&rest), "{rest}");
    assert_eq!(world.output("second").as_deref(), Some("an output with ***"));
}

#[tokio::test]
async fn without_a_runner_there_is_no_mask_to_print() {
    let world = World::terminal();
    world.run(&["--scenario=secret"]).await;
    assert!(!shows(&world.everything()));
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
