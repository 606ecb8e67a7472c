//! Wrong inputs, found before anything is asked.

use action::Ending;

use crate::world::{World, run};

#[tokio::test]
async fn wrong_inputs_are_named_with_the_fix() {
    let world = World::new();
    let long = "x".repeat(141);
    let wrong = [
        ("verify", "commit", "refs/heads/main", "is a branch, which may move"),
        ("verify", "commit", "v1..v2", "neither a full SHA nor the name of a tag"),
        ("verify", "commit", "a b", "neither a full SHA nor the name of a tag"),
        ("verify", "context", " ", "must be one line"),
        ("verify", "creator", "a\nb", "must be one line"),
        ("verify", "branch", "\t", "must be one line"),
        ("verify", "description", "x", "only `mode: record` sets a status"),
        ("verify", "state", "pending", "only `mode: record` sets a status"),
        ("record", "state", "error", "error"),
        ("last", "target-url", "https://example.com", "only `mode: record` sets a status"),
        ("last", "depth", "0", "0 is not in 1..=400"),
        ("record", "description", &long, "longer than 140 characters"),
        ("record", "target-url", "javascript:alert(1)", "not the address of a page"),
        ("record", "repository", "acme", "`acme` is not of the form `owner/name`"),
        ("record", "repository", "../x", "is not of the form `owner/name`"),
    ];
    for (mode, input, value, told) in wrong {
        let run = run(world.job(mode, world.head()).with(input, value)).await;
        assert_eq!(run.ending, Ending::Invalid, "{mode} {input}={value}: {}", run.stderr);
        assert!(run.error().contains(told), "{input}={value}: {}", run.error());
    }
    for (variable, told) in [("GITHUB_REPOSITORY", "no repository"), ("GITHUB_TOKEN", "no secret")] {
        let run = run(world.job("verify", world.head()).variable(variable, "")).await;
        assert_eq!(run.ending, Ending::Invalid, "{variable}");
        assert!(run.error().contains(told), "{}", run.error());
    }
    assert!(world.api.journal().entries().is_empty());
}
