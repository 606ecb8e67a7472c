//! The stand-in for the runner, held to the real one's rules.

use std::fs;
use std::time::Duration;

use rehearsal::runner::{Action, ActionError, Conclusion, Level, Runner, Signal, Step, Timing};

/// An action of one `run` step with the id `main`, and whatever else the test adds.
struct Sample {
    folder: tempfile::TempDir,
    inputs: &'static str,
    outputs: &'static str,
    env: &'static str,
}

impl Sample {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), inputs: "{}", outputs: "{}", env: "{}" }
    }

    fn action(&self, script: &str) -> Action {
        let script = script.replace('\n', "\n        ");
        self.load(&format!(
            "inputs: {}\noutputs: {}\nruns:\n  using: composite\n  steps:\n    \
             - id: main\n      shell: bash\n      env: {}\n      run: |\n        {script}\n",
            self.inputs, self.outputs, self.env
        ))
        .unwrap()
    }

    fn load(&self, rest: &str) -> Result<Action, ActionError> {
        let text = format!("name: sample\ndescription: A sample.\n{rest}");
        fs::write(self.folder.path().join("action.yml"), text).unwrap();
        Action::load(self.folder.path())
    }
}

async fn run(script: &str) -> Step {
    let (sample, runner) = (Sample::new(), Runner::new().unwrap());
    runner.uses(&sample.action(script)).run().await.unwrap()
}

fn complaints(step: &Step) -> Vec<&str> {
    step.complaints.iter().map(|complaint| complaint.message.as_str()).collect()
}

#[tokio::test]
async fn a_step_runs_under_bash_with_errexit_and_pipefail() {
    let step = run("echo out; echo err >&2; false | true\necho never").await;
    assert_eq!((step.conclusion, step.exit_code()), (Conclusion::Failure, Some(1)));
    assert_eq!((&step.stdout[..], &step.stderr[..]), ("out\n", "err\n"));
    assert_eq!(complaints(&step), ["Process completed with exit code 1."]);
    assert!(step.log.contains("-e -o pipefail {0}"), "{}", step.log);

    let step = run("exit 42").await;
    assert_eq!(
        (step.exit_code(), complaints(&step)),
        (Some(42), vec!["Process completed with exit code 42."])
    );
    let step = run("kill -9 $$").await;
    assert_eq!((step.exit_code(), step.status.unwrap().code()), (Some(137), None));
    let step = run("read -r x || echo no input").await;
    assert_eq!((step.stdout.as_str(), step.conclusion), ("no input\n", Conclusion::Success));
}

#[tokio::test]
async fn outputs_go_through_the_action_s_own_names() {
    let sample = Sample {
        outputs: "{first: {description: d, value: '${{ steps.main.outputs.a }}'}, \
                   second: {description: d, value: 'x${{ steps.main.outputs.none }}y'}}",
        ..Sample::new()
    };
    let script = "echo a=1 >>$GITHUB_OUTPUT\nprintf 'A<<E\\n2\\n3\\nE\\n' >>$GITHUB_OUTPUT\necho b=4 >>$GITHUB_OUTPUT; exit 3";
    let step = Runner::new().unwrap().uses(&sample.action(script)).run().await.unwrap();
    assert_eq!((step.output("first"), step.output("second")), ("2\n3", "xy"), "the last one counts");
    assert_eq!(step.outputs.len(), 2);
    assert_eq!(step.inner_outputs["main"]["b"], "4");
    assert_eq!(step.exit_code(), Some(3), "outputs arrive after a failure too");
}

#[tokio::test]
async fn a_malformed_file_fails_the_step_and_keeps_what_came_before() {
    for (file, bad) in [("OUTPUT", "nonsense"), ("OUTPUT", "b<<E\\nx"), ("ENV", "=x"), ("STATE", "x<<")] {
        let step = run(&format!("echo a=1 >>$GITHUB_OUTPUT\nprintf '{bad}\\n' >>$GITHUB_{file}")).await;
        assert_eq!((step.conclusion, step.exit_code()), (Conclusion::Failure, Some(0)), "{bad}");
        let expected = format!("Unable to process file command '{}' successfully.", file.to_lowercase());
        assert_eq!(complaints(&step)[0], expected);
        assert_eq!(step.inner_outputs["main"]["a"], "1");
    }
}

#[tokio::test]
async fn inputs_have_defaults_and_nothing_enforces_them() {
    let sample = Sample {
        inputs: "{given: {description: d, default: x}, Left-Out: {description: d, default: 5}, \
                  flag: {description: d, default: true}, needed: {description: d, required: true}, \
                  old: {description: d, deprecationMessage: use given}}",
        env: "{A: '${{ inputs.given }}|${{ inputs.left-out }}|${{ inputs.flag }}|${{ inputs.needed }}'}",
        ..Sample::new()
    };
    let action = sample.action("printf '%s' \"$A\"; env | grep -c ^INPUT_ || true");
    let step = Runner::new().unwrap().uses(&action).with("GIVEN", "y").with("old", "").run().await.unwrap();
    assert_eq!(step.stdout, "y|5|true|0\n", "and a composite's run step has no INPUT_ variables");
    assert_eq!(complaints(&step), ["Input 'old' has been deprecated with message: use given"]);
    assert_eq!(step.conclusion, Conclusion::Success);
}

#[tokio::test]
async fn a_mistyped_input_is_only_a_warning() {
    let sample = Sample { inputs: "{url: {description: d}, dry-run: {description: d}}", ..Sample::new() };
    let step = Runner::new().unwrap().uses(&sample.action(":")).with("dryrun", "true").run().await.unwrap();
    assert_eq!(complaints(&step), ["Unexpected input(s) 'dryrun', valid inputs are ['url', 'dry-run']"]);
    assert_eq!((step.complaints[0].level, step.conclusion), (Level::Warning, Conclusion::Success));
}

#[tokio::test]
async fn the_nearer_variable_wins_and_the_runner_s_own_always() {
    let sample = Sample {
        env: "{B: inner, C: '${{ env.B }}', D: '${{ inputs.none || env.A }}', GITHUB_SHA: forged, RUNNER_TEMP: forged}",
        ..Sample::new()
    };
    let mut runner = Runner::new().unwrap();
    runner
        .env("A", "job")
        .env("B", "job")
        .env("GITHUB_OUTPUT", "forged")
        .env("CI", "maybe")
        .github("sha", "abc");
    let script = "echo $A $B $C $D $GITHUB_SHA $CI $GITHUB_ACTIONS; echo x=1 >>\"$GITHUB_OUTPUT\"; test -d \"$RUNNER_TEMP\"";
    let step = runner.uses(&sample.action(script)).env("A", "step").run().await.unwrap();
    assert_eq!(step.stdout, "step inner job step abc maybe true\n", "{}", step.log);
    assert_eq!(step.inner_outputs["main"]["x"], "1");
}

#[tokio::test]
async fn nothing_of_the_test_s_own_environment_leaks_in() {
    assert!(std::env::var_os("CARGO_PKG_NAME").is_some(), "cargo sets it for tests");
    let step = run("compgen -e; echo $HOME >&2").await;
    let allowed = ["CI", "HOME", "PATH", "PWD", "OLDPWD", "SHLVL", "TMPDIR", "_"];
    let names: Vec<&str> = step.stdout.lines().collect();
    for name in &names {
        assert!(
            allowed.contains(name) || name.starts_with("GITHUB_") || name.starts_with("RUNNER_"),
            "{name}"
        );
    }
    assert!(names.contains(&"GITHUB_STEP_SUMMARY") && names.contains(&"RUNNER_TOOL_CACHE"), "{names:?}");
    assert_ne!(Some(step.stderr.trim().into()), std::env::var_os("HOME"), "no user's dotfiles");
}

#[tokio::test]
async fn later_steps_see_what_earlier_ones_exported() {
    let sample = Sample::new();
    let action = sample
        .load(
            "outputs: {seen: {description: d, value: '${{ steps.two.outputs.seen }}'}}\nruns:\n  using: composite\n  steps:\n    \
             - {id: one, shell: bash, run: 'mkdir bin && printf \"#!/bin/sh\\necho own tool\" >bin/tool && chmod +x bin/tool\n\n    \
             echo \"$PWD/bin\" >>$GITHUB_PATH; echo \"V=from one\" >>$GITHUB_ENV; echo o=out >>$GITHUB_OUTPUT; echo \"# one\" >>$GITHUB_STEP_SUMMARY'}\n    \
             - {id: two, shell: bash, working-directory: bin, env: {O: '${{ steps.one.outputs.o }}'}, \
             run: 'echo \"seen=$V $O $(tool) ${PWD##*/}\" >>$GITHUB_OUTPUT; echo two >>$GITHUB_STEP_SUMMARY; exit 1'}\n    \
             - {id: three, shell: bash, run: 'echo three ran'}\n",
        )
        .unwrap();
    let step = Runner::new().unwrap().uses(&action).run().await.unwrap();
    assert_eq!(step.output("seen"), "from one out own tool bin", "{}", step.log);
    assert_eq!(step.summary, "# one\ntwo\n");
    assert_eq!((step.exported["V"].as_str(), step.paths.len()), ("from one", 1));
    assert!(!step.stdout.contains("three ran"), "a failed step ends the action");
}

#[tokio::test]
async fn commands_are_read_on_both_streams_and_secrets_are_hidden() {
    let sample = Sample::new();
    let mut runner = Runner::new().unwrap();
    runner.secret("API_KEY", "rnd_canary").env("PLAIN", "rnd_later");
    let script = "echo \"key $API_KEY\"; echo '::error title=a%2Cb::bad%0Anews' >&2; echo ::add-mask::$PLAIN\n\
                  printf 'half a line\\r::warning::w\\n'; echo \"$PLAIN\"; echo \"$PLAIN\" >>$GITHUB_STEP_SUMMARY";
    let step = runner.uses(&sample.action(script)).run().await.unwrap();
    assert!(step.stdout.contains("key rnd_canary"), "the stream is kept as it came");
    assert!(!step.log.contains("rnd_canary") && step.log.contains("key ***"), "{}", step.log);
    assert!(
        step.log.contains("  API_KEY: ***") && step.log.contains("  PLAIN: rnd_later"),
        "too late for the header"
    );
    assert_eq!((step.log.matches("rnd_later").count(), step.summary.as_str()), (1, "***\n"), "{}", step.log);
    let levels: Vec<_> = step.annotations.iter().map(|a| (a.level, a.title(), a.message.as_str())).collect();
    assert!(levels.contains(&(Level::Error, "a,b", "bad\nnews")), "{levels:?}");
    assert!(levels.contains(&(Level::Warning, "", "w")), "a carriage return starts a line: {levels:?}");
    assert_eq!(step.masks.values(), ["rnd_canary", "rnd_later"]);
}

#[tokio::test]
async fn a_summary_over_one_mebibyte_is_dropped_with_an_error() {
    let step = run("head -c 1048577 /dev/zero | tr '\\0' x >>$GITHUB_STEP_SUMMARY").await;
    assert_eq!((step.conclusion, step.summary.as_str()), (Conclusion::Success, ""));
    assert!(complaints(&step)[0].contains("supports content up to a size of 1024k"));
    assert_eq!(run("head -c 1048576 /dev/zero | tr '\\0' x >>$GITHUB_STEP_SUMMARY").await.complaints, []);
}

/// Waits inside a builtin, so that the shell itself is all there is.
const STAY: &str = "mkfifo fifo; exec 9<>fifo; echo stays; while :; do read -r -t 60 -u 9 || :; done";

fn hasty(interrupt: u64, terminate: u64) -> Runner {
    let mut runner = Runner::new().unwrap();
    let (interrupt, terminate) = (Duration::from_millis(interrupt), Duration::from_millis(terminate));
    runner.timing = Timing { interrupt, terminate, drain: Duration::from_millis(300), ..Timing::default() };
    runner
}

async fn cancelled(runner: &Runner, script: &str) -> Step {
    let sample = Sample::new();
    let running = runner.uses(&sample.action(script)).start().unwrap();
    running.said("stays").await.unwrap();
    running.cancel();
    running.finish().await.unwrap()
}

#[test]
fn the_ladder_is_the_real_runner_s() {
    let timing = Timing::default();
    assert_eq!(
        (timing.interrupt, timing.terminate),
        (Duration::from_millis(7500), Duration::from_millis(2500))
    );
}

#[tokio::test]
async fn a_cancelled_step_is_interrupted_then_terminated_then_killed() {
    let step =
        cancelled(&hasty(60_000, 60_000), &format!("trap 'echo r=int >>$GITHUB_OUTPUT; exit 0' INT; {STAY}"))
            .await;
    assert_eq!(
        (step.conclusion, step.exit_code()),
        (Conclusion::Cancelled, Some(0)),
        "whatever its exit code"
    );
    assert_eq!(
        (step.inner_outputs["main"]["r"].as_str(), complaints(&step)),
        ("int", vec!["The operation was canceled."])
    );

    let step = cancelled(
        &hasty(100, 60_000),
        &format!("trap 'echo INT' INT; trap 'echo TERM; exit 5' TERM; {STAY}"),
    )
    .await;
    assert_eq!((step.stdout.as_str(), step.exit_code()), ("stays\nINT\nTERM\n", Some(5)));

    let step = cancelled(&hasty(100, 100), &format!("trap '' INT TERM; {STAY}")).await;
    assert_eq!((step.exit_code(), step.status.unwrap().code()), (Some(137), None));
}

#[tokio::test]
async fn one_signal_does_not_make_a_step_cancelled() {
    let (sample, runner) = (Sample::new(), Runner::new().unwrap());
    let running = runner.uses(&sample.action(STAY)).start().unwrap();
    running.said("stays").await.unwrap();
    running.signal(Signal::SIGTERM);
    let step = running.finish().await.unwrap();
    assert_eq!((step.conclusion, step.exit_code()), (Conclusion::Failure, Some(143)));
}

#[tokio::test]
async fn what_a_step_leaves_behind_is_reported_and_dies_with_the_job() {
    let runner = hasty(100, 100);
    let step = cancelled(&runner, "bash -c 'echo stays; sleep 1000; :'\n:").await;
    assert_eq!(step.conclusion, Conclusion::Cancelled);
    let pids: Vec<i32> = step.survivors.iter().map(|left| left.pid).collect();
    assert!(step.survivors.iter().any(|left| left.command == "sleep 1000"), "{:?}", step.survivors);
    drop(runner);
    let alive = |pid: &i32| fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|words| !words.is_empty());
    let gone = async {
        while pids.iter().any(alive) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), gone).await.expect("they are killed");
}

#[tokio::test]
async fn a_background_process_that_holds_the_streams_ends_the_wait_for_them() {
    let (runner, sample) = (hasty(100, 100), Sample::new());
    let step = runner.uses(&sample.action("echo before; sleep 1000 & exit 0")).run().await.unwrap();
    assert_eq!((step.conclusion, step.stdout.as_str()), (Conclusion::Success, "before\n"));
    assert_eq!(step.survivors.len(), 1, "{:?}", step.survivors);
}

#[tokio::test]
async fn waiting_for_words_that_never_come_says_what_came() {
    let (runner, sample) = (Runner::new().unwrap(), Sample::new());
    let running = runner.uses(&sample.action("echo one; echo two >&2")).start().unwrap();
    let error = running.said("three").await.unwrap_err().to_string();
    assert!(error.contains("three") && error.contains("one") && error.contains("two"), "{error}");
}

#[test]
fn what_is_not_done_here_is_refused_by_name() {
    let sample = Sample::new();
    let steps = |step: &str| format!("runs: {{using: composite, steps: [{step}]}}\n");
    for (rest, named) in [
        (steps("{uses: actions/checkout@v4}"), "uses"),
        (steps("{shell: sh, run: ':'}"), "runs.steps[0].shell is sh"),
        (steps("{run: ':'}"), "shell"),
        (steps("{shell: bash, run: ':', if: always()}"), "if"),
        (steps("{shell: bash, run: ':', continue-on-error: true}"), "continue-on-error"),
        (steps("{shell: bash, run: 'echo ${{ github.sha }}'}"), "in runs.steps[0].run, the context `github`"),
        (steps("{shell: bash, run: ':', env: {A: 1, a: 2}}"), "`a` is given twice"),
        ("runs: {using: node24, main: index.js}\n".to_owned(), "main"),
        (format!("runs: {{using: docker, steps: []}}\n{}", ""), "runs.using is docker"),
        (format!("inputs: {{a: {{default: '${{{{ github.token }}}}'}}}}\n{}", steps("")), "inputs.a.default"),
        (format!("inputs: {{a: {{}}, A: {{}}}}\n{}", steps("")), "`A` is given twice"),
        (format!("inputs: {{a: {{typo: x}}}}\n{}", steps("")), "typo"),
        (format!("outputs: {{a: {{value: '${{{{ job.status }}}}'}}}}\n{}", steps("")), "outputs.a.value"),
        (format!("permissions: {{}}\n{}", steps("")), "permissions"),
        (format!("name: again\n{}", steps("")), "name"),
    ] {
        let error = sample.load(&rest).expect_err(&rest).to_string();
        assert!(error.contains(named) && error.contains("action.yml"), "{named} in {error}");
    }
    assert!(matches!(Action::load("/no/such/folder".as_ref()), Err(ActionError::Read { .. })));
}

#[test]
fn every_action_of_this_repository_can_be_run_here() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../actions");
    for entry in fs::read_dir(folder).unwrap() {
        let dir = entry.unwrap().path();
        if dir.join("action.yml").exists() {
            let action = Action::load(&dir).unwrap();
            assert_eq!(Some(action.name()), dir.file_name().and_then(|name| name.to_str()));
            assert!(action.outputs().any(|output| output == "result"), "{}", action.name());
        }
    }
}
