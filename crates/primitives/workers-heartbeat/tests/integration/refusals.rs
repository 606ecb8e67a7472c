//! Wrong inputs, found before anything is asked.

use action::Ending;

use crate::world::{World, run};

#[tokio::test]
async fn wrong_inputs_are_named() {
    let world = World::new();
    for (input, value, told) in [
        ("generation", "0", "0 is not in 1.."),
        ("generation", "forty", "forty"),
        ("generation", "", "generation"),
        ("min", "0", "0 is not in 1..=1000"),
        ("max-age", "30", "needs its unit"),
        ("max-age", "1ms", "at least 1s"),
        ("interval", "10ms", "at least 1s"),
        ("timeout", "0s", "longer than nothing"),
    ] {
        let run = run(world.look().with(input, value)).await;
        assert_eq!(run.ending, Ending::Invalid, "{input}={value}: {}", run.stderr);
        assert!(run.error().contains(told), "{input}={value}: {}", run.error());
    }
    assert!(!world.postgres.log().contains("core.workers where"), "nothing was asked");
}
