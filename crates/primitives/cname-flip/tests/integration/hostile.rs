//! Answers that no vendor should give: the right exit code, nothing half done,
//! nothing of it taken for a command.

use action::Ending;
use rehearsal::fault::{Answer, Garble, What, When};
use serde_json::json;

use crate::world::{API, BATCH, RECORDS, TOKEN, World, ZONE_DETAILS};

#[tokio::test]
async fn bodies_that_are_not_cloudflare_s() {
    for route in [ZONE_DETAILS, RECORDS] {
        for what in [
            What::Garble(Garble::Html),
            What::Garble(Garble::WrongTypes),
            What::Garble(Garble::Truncated),
            What::Garble(Garble::Bytes("{\"success\":true}".into())),
            What::Garble(Garble::Bytes("[".repeat(100_000).into())),
            What::Garble(Garble::Bytes(vec![0xff; 64].into())),
            What::CutBody,
            What::Answer(Answer::new(204, "")),
        ] {
            let case = format!("{what} at {route}");
            let world = World::new();
            world.faults().on(route, When::Always, what);
            let run = world.flip().run().await;
            assert_eq!(run.ending, Ending::Unreachable, "{case}: {}", run.error());
            assert!(run.error().starts_with("read the "), "{case}: {}", run.error());
            assert_eq!(world.api.journal().count(BATCH), 0, "{case}");
        }
    }
}

#[tokio::test]
async fn a_body_of_a_hundred_megabytes_is_not_read_to_its_end() {
    let world = World::new();
    world.faults().on(ZONE_DETAILS, When::Always, What::Garble(Garble::Huge));
    let run = world.flip().run().await;
    assert_eq!(run.ending, Ending::Unreachable, "{}", run.error());
    assert!(run.error().contains("more than 8388608 bytes"), "{}", run.error());
}

#[tokio::test]
async fn an_answer_that_repeats_the_credential() {
    for echo in [
        json!({"success": false, "errors": [{"code": 1000, "message": format!("bad token {TOKEN}")}], "messages": []}),
        json!({"you sent": TOKEN}),
    ] {
        let world = World::new();
        world.faults().on(RECORDS, When::Always, What::Answer(Answer::json(400, echo.to_string())));
        let run = world.flip().run().await;
        // The run itself checks that the canary is nowhere.
        assert!(run.error().contains("***"), "{}", run.error());
    }
}

#[tokio::test]
async fn records_that_hold_workflow_commands_and_markup() {
    let world = World::new();
    let evil = "::set-output name=result::success";
    let record = |kind: &str, content: &str| json!({"id": "1", "name": API, "type": kind, "content": content, "ttl": 60, "comment": "x\n::error::y"});
    let answers =
        [vec![record("TXT", &format!("\r\n{evil}\n##[error]<script>|`"))], vec![record("CNAME", evil)]];
    for records in answers {
        let answer = json!({"success": true, "errors": [], "messages": [], "result": records});
        let rule =
            world.faults().on(RECORDS, When::Always, What::Answer(Answer::json(200, answer.to_string())));
        let run = world.flip().run().await;
        rule.cancel();
        assert!(matches!(run.ending, Ending::Refused | Ending::Unreachable), "{}", run.error());
        for line in run.stderr.split(['\n', '\r']) {
            let line = line.trim_start();
            let ours = line.starts_with("::add-mask::") || line.starts_with("::error title=cname-flip::");
            assert!(ours || !(line.starts_with("::") || line.contains("##[")), "{line}");
        }
        assert!(!run.summary.contains("<script>"), "{}", run.summary);
    }
}

#[tokio::test]
async fn a_target_that_answers_with_a_flood() {
    let world = World::new();
    let target = world.origins.faults_of(&world.green).unwrap();
    target.on("GET /version", When::Always, What::Garble(Garble::Huge));
    let run = world.flip().run().await;
    run.assert("refused");
    assert!(run.error().contains("does not answer GET"), "{}", run.error());
    assert_eq!(world.api.journal().count(BATCH), 0);
}

#[tokio::test]
async fn a_pager_that_never_ends_is_left() {
    let world = World::new();
    let record = json!({"id": "1", "name": "x.example.localhost", "type": "TXT", "content": "x", "ttl": 60});
    let endless = json!({"success": true, "errors": [], "messages": [], "result": [record],
        "result_info": {"page": 1, "per_page": 1, "total_pages": 4_000_000}});
    let rule = world.faults().on(RECORDS, When::Always, What::Answer(Answer::json(200, endless.to_string())));
    let run = world.flip().run().await;
    assert_eq!(run.ending, Ending::Unreachable, "{}", run.error());
    assert!(run.error().contains("the list goes on after 100 pages"), "{}", run.error());
    assert_eq!(rule.fired(), 100);
}
