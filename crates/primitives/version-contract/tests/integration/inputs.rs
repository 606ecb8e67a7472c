//! Wrong inputs, found before anything is asked.

use crate::world::{World, end, run};

#[test]
fn wrong_inputs_are_named_with_the_fix() {
    let world = World::new();
    let twice = format!("{0}\n{0}", world.url(0));
    let path = format!("{}/version", world.url(0));
    for (input, value, told) in [
        ("urls", "", "lists no service"),
        ("urls", "http://api.example.com", "only https"),
        ("urls", "api.example.com", "is no usable address"),
        ("urls", "https://user:hunter2@api.example.com", "must not hold a user name"),
        ("urls", twice.as_str(), "is listed twice"),
        ("urls", path.as_str(), "has a path or a query"),
        ("timeout", "0s", "longer than nothing"),
        ("timeout", "60", "needs its unit"),
    ] {
        let checked = run(world.check().with(input, value));
        assert_eq!(end(&checked), (2, "invalid"), "{input} {value}");
        assert!(checked.error().contains(told), "{told}: {}", checked.error());
        assert!(!checked.stderr.contains("hunter2"));
    }
    assert!(world.origins.journal_of(&world.services[0]).unwrap().entries().is_empty());
}

#[test]
fn a_key_that_no_header_can_carry_is_invalid_and_not_shown() {
    let world = World::new();
    let checked = run(world.check().variable("DEPLOY_KEY", "sk_deploy_\u{7}x"));
    assert_eq!(end(&checked), (2, "invalid"), "{}", checked.error());
    assert!(!checked.error().contains("sk_deploy_"), "{}", checked.error());
}
