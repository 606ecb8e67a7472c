//! One word, one code, one annotation for each ending.

use action::{Done, Ending};

use crate::sample::World;

#[tokio::test]
async fn every_ending_sets_result_and_says_why() {
    for ending in Ending::ALL {
        if matches!(ending, Ending::Planned | Ending::Cancelled(_)) {
            continue; // Their own tests are below and in `signals`.
        }
        let world = World::runner();
        assert_eq!(world.run(&[&format!("--scenario={}", ending.word())]).await, ending);
        assert_eq!(world.output("result").as_deref(), Some(ending.word()));
        assert_eq!(world.output("first").as_deref(), Some("one\ntwo"), "outputs are there after {ending}");
        let printed = World::printed(&world.stderr);
        let annotations = printed.lines().filter(|line| line.starts_with("::error")).count();
        assert_eq!(annotations, usize::from(!matches!(ending, Ending::Done(_))), "{printed}");
        if !matches!(ending, Ending::Done(_)) {
            assert!(
                printed
                    .contains("::error title=sample::it went wrong::here%0A: :error::fake%0Ahint: mend it"),
                "{printed}"
            );
            assert!(world.summary().starts_with(&format!("### sample {ending}\n")), "{}", world.summary());
        }
    }
}

#[tokio::test]
async fn on_a_terminal_the_error_is_plain_and_outputs_are_data() {
    let world = World::terminal();
    assert_eq!(world.run(&["--scenario=refused"]).await, Ending::Refused);
    assert_eq!(World::printed(&world.stderr), "error: it went wrong::here\n: :error::fake\nhint: mend it\n");
    assert_eq!(World::printed(&world.stdout), "first=one\ntwo\nresult=refused\n");
}

#[tokio::test]
async fn wrong_inputs_are_invalid_before_anything_runs() {
    for (words, told) in [
        (vec![], "--scenario"),
        (vec!["--scenario=success", "--count=0"], "input `count`: must not be zero"),
        (vec!["--scenario=success", "--count=many"], "many"),
        (vec!["--scenario=success", "--scenery=x"], "--scenery"),
        (vec!["--scenario=success", "stray"], "a word without a flag"),
    ] {
        let world = World::runner();
        assert_eq!(world.run(&words).await, Ending::Invalid, "{words:?}");
        assert_eq!(world.output("result").as_deref(), Some("invalid"));
        assert_eq!(world.output("first"), None, "nothing ran");
        assert!(World::printed(&world.stderr).contains(told), "{words:?}: {}", World::printed(&world.stderr));
    }
}

#[tokio::test]
async fn a_value_behind_a_blank_is_told_how_to_write_it() {
    for (words, hint) in [
        (vec!["--dry-run", "false"], "hint: write `--dry-run=false`"),
        (vec!["--dry-run", "0s"], "hint: write `--dry-run=0s`"),
        (vec!["--dry-run", "hunter2"], "hint: write `--dry-run=<value>`, without a blank"),
        (vec!["false"], "hint: write every input as `--name=value`"),
    ] {
        let world = World::terminal();
        assert_eq!(world.run(&[&["--scenario=success"], &words[..]].concat()).await, Ending::Invalid);
        let printed = World::printed(&world.stderr);
        assert!(printed.contains(&format!("\n{hint}\n")), "{printed}");
    }
}

#[tokio::test]
async fn a_dry_run_shows_the_plan_and_changes_nothing() {
    let by_input = (World::runner().with("INPUT_DRY_RUN", "true"), vec!["--scenario=change"]);
    let by_flag = (World::runner(), vec!["--scenario=change", "--dry-run"]);
    for (world, words) in [by_input, by_flag] {
        assert_eq!(world.run(&words).await, Ending::Planned);
        assert_eq!(world.output("result").as_deref(), Some("planned"));
        assert_eq!(world.output("second"), None);
        let row = "| the thing | <code>old&#124;value</code> | <code>new</code> |";
        assert!(world.summary().contains(row), "{}", world.summary());
    }
    let world = World::runner();
    assert_eq!(world.run(&["--scenario=change", "--dry-run=false"]).await, Ending::Done(Done::Success));
    assert_eq!(world.output("second").as_deref(), Some("changed"));
}

#[tokio::test]
async fn a_misspelt_dry_run_is_refused() {
    let world = World::runner().with(action::MISSPELT_DRY_RUN, "true");
    assert_eq!(world.run(&["--scenario=change"]).await, Ending::Invalid);
    assert!(World::printed(&world.stderr).contains("hint: its name is `dry-run`"));
    assert_eq!(world.output("second"), None);
}

#[tokio::test]
async fn help_and_description_need_no_inputs() {
    let world = World::runner();
    assert_eq!(world.run(&["--help"]).await, Ending::Done(Done::Success));
    let help = World::printed(&world.stdout);
    for part in
        ["Does what a test wants", "  SAMPLE_KEY", "Outputs:\n  first\n", "  0 success, unchanged, planned"]
    {
        assert!(help.contains(part), "{part}: {help}");
    }
    let world = World::runner();
    assert_eq!(world.run(&["--describe"]).await, Ending::Done(Done::Success));
    let text = World::printed(&world.stdout);
    let described: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(described["inputs"][0]["name"], "scenario");
    assert_eq!(described["inputs"][0]["required"], true);
    assert_eq!(described["inputs"][1]["default"], "1");
    let names: Vec<_> =
        described["outputs"].as_array().unwrap().iter().map(|output| output["name"].clone()).collect();
    assert_eq!(names, ["first", "second", "result"]);
    assert!(
        described["inputs"]
            .as_array()
            .unwrap()
            .iter()
            .any(|input| input["name"] == "dry-run" && input["boolean"] == true)
    );
}

/// The body of a child process: see the next test.
#[tokio::test]
async fn child_that_panics() {
    let Some(folder) = std::env::var_os("SAMPLE_CHILD") else { return };
    let output = std::path::Path::new(&folder).join("output");
    let world = World::terminal().with("GITHUB_OUTPUT", output);
    action::run::<crate::sample::Sample>(world.process(&["--scenario=panic"], true)).await;
}

#[test]
fn a_panic_is_a_bug_and_says_so_where_the_workflow_looks() {
    let folder = tempfile::tempdir().unwrap();
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "endings::child_that_panics", "--nocapture"])
        .env("SAMPLE_CHILD", folder.path())
        .output()
        .unwrap();
    assert_eq!(child.status.code(), Some(70));
    let written = std::fs::read_to_string(folder.path().join("output")).unwrap();
    assert!(written.contains("\nbug\n"), "{written}");
}
