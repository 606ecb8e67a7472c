//! Wrong inputs, found before anything is asked.

use action::Ending;
use rehearsal::in_process::Invocation;

use crate::world::{COMMIT, World, run};

#[tokio::test]
async fn wrong_inputs_are_named_with_the_fix() {
    let world = World::new();
    let wrong = [
        (vec![("url", "http://api.example.com")], "only https is allowed"),
        (vec![("url", "api.example.com/version")], "is no usable address"),
        (vec![("url", "https://user:hunter2@api.example.com")], "must not hold a user name"),
        (vec![("url", "https://api.example.com api.example.com/version")], "is no usable address"),
        (
            vec![("url", "a.x b.x c.x d.x e.x f.x g.x h.x i.x j.x k.x")],
            "names 11 addresses, and 10 is the most",
        ),
        (vec![("commit-sha", "3fc271e")], "not a full commit SHA"),
        (vec![("generation", "forty")], "forty"),
        (vec![("generation", "-1")], "-1"),
        (vec![("timeout", "300")], "needs its unit"),
        (vec![("interval", "999ms")], "must be at least 1s"),
        (vec![("timeout", "0s")], "must be longer than nothing"),
        (vec![("consecutive", "0")], "0 is not in 1..=100"),
    ];
    for (inputs, told) in wrong {
        let invocation = inputs.iter().fold(world.look(), |look, (input, value)| look.with(input, value));
        let run = run(invocation).await;
        assert_eq!(run.ending, Ending::Invalid, "{inputs:?}");
        assert!(run.error().contains(told), "{inputs:?}: {}", run.error());
        assert!(!run.stderr.contains("hunter2"));
    }
    assert!(world.origins.journal_of(&world.service).unwrap().entries().is_empty());
}

#[tokio::test]
async fn something_must_be_wanted() {
    let world = World::new();
    let run = run(Invocation::new(world.clock.clone()).with("url", world.url())).await;
    assert_eq!(run.ending, Ending::Invalid);
    assert!(run.error().contains("nothing to wait for"), "{}", run.error());
}

#[tokio::test]
async fn a_path_of_its_own_is_kept() {
    let world = World::new();
    let look = world.look().with("url", format!("{}/version/?x=1", world.url())).with("timeout", "1s");
    run(look.with("commit-sha", COMMIT)).await;
    let journal = world.origins.journal_of(&world.service).unwrap();
    assert!(
        journal
            .entries()
            .iter()
            .all(|entry| entry.path == "/version/" && entry.query.as_deref() == Some("x=1")),
        "{:?}",
        journal.lines()
    );
}
