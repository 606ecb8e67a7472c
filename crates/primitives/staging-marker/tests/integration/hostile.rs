//! Answers that try to be more than answers.

use action::Ending;
use rehearsal::fault::{Answer, What, When};

use crate::world::{READER, STATUSES, World, run};

#[tokio::test]
async fn a_hostile_status_prints_no_command_and_no_token() {
    let world = World::new();
    let nasty = r#"\r\n::set-output name=found::true\n##[error]x\u001b[2J"#;
    let body = format!(
        r#"[{{"state":"{nasty}{READER}","context":"staging-success","description":"{nasty}","target_url":"{nasty}",
        "created_at":"{nasty}","creator":{{"login":"{nasty}{READER}"}}}}]"#
    );
    let answer = Answer::json(200, body);
    world.faults().on(STATUSES, When::Always, What::Answer(answer));
    let run = run(world.job("verify", world.head())).await;
    assert_eq!(run.ending, Ending::Refused, "{}", run.stderr);
    for line in run.stderr.split(['\n', '\r']) {
        let command = line.trim_start().starts_with("::")
            && !line.starts_with("::error title=")
            && !line.starts_with("::add-mask");
        assert!(!command && !line.contains("##["), "{line}");
    }
    assert_eq!((run.output("found"), run.output("result")), ("false", "refused"));
}

#[tokio::test]
async fn an_answer_of_another_kind_is_no_answer() {
    let world = World::new();
    for body in ["{}", "null", "[{}]", r#"[{"context":"staging-success","state":"success"}]"#, "[1]"] {
        let rule =
            world.faults().on(STATUSES, When::Always, What::Answer(Answer::json(200, body.to_owned())));
        let run = run(world.job("verify", world.head())).await;
        rule.cancel();
        assert_eq!(run.ending, Ending::Unreachable, "{body}: {}", run.stderr);
        assert_eq!(run.outputs.get("found"), None, "{body}");
    }
}
