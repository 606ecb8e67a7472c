//! How the names go back, told where the operator looks.

use crate::world::{BLUE, World, run_at};

#[tokio::test]
async fn it_is_told_from_the_ledger() {
    let world = World::new();
    let none = world.ends("stale", "way-back", 1, &[]).await;
    assert!(none.error().contains("no intent of generation 1"), "{}", none.error());
    world.ends("success", "intent", 1, &[("previous", BLUE)]).await;
    let run = world.ends("success", "way-back", 1, &[("zone-id", "0123456789abcdef0123456789abcdef")]).await;
    assert_eq!(run.output("previous"), BLUE);
    for wanted in [
        "class 2",
        "| <code>api.example.com</code> | <code>api-blue.onrender.com</code> |",
        "cname-flip --mode restore --zone-id $'0123456789abcdef0123456789abcdef' --previous $'api.example.com",
        "cutover-record --mode rolled-back --generation 1",
    ] {
        assert!(run.summary.contains(wanted), "{wanted}\n{}", run.summary);
    }
    assert!(run.stderr.contains("::warning"), "{}", run.stderr);
    assert_eq!(world.row(1), "intent {api,workers,dashboard}");
}

#[tokio::test]
async fn it_needs_no_ledger_when_it_is_given_the_names() {
    let lines = "api.example.com api-blue.onrender.com ttl=60 comment=\"it's ours\"";
    let dead = "postgresql://postgres:x@127.0.0.1:1/ledger";
    let run = run_at(dead, "way-back", 1, &[("previous", lines), ("nameserver", "192.0.2.1")]).await;
    assert_eq!((run.output("result"), run.output("previous")), ("success", lines), "{}", run.stderr);
    // The TTL and the note in the comment stay, or the next cutover would have to wait for hours.
    let command = "--previous $'api.example.com api-blue.onrender.com' --nameserver=$'192.0.2.1'\n";
    assert!(run.summary.contains(command), "{}", run.summary);
}
