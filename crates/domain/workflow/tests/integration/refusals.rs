//! What is refused, where, and in which words.

use workflow::Workflow;

const JOB: &str = "    runs-on: x\n    steps: [{id: s, run: x}]\n";

/// What stands behind `runs-on` and `steps` of the job `a`, and a part of what is said about it.
const JOBS: &[(&str, &str)] = &[
    ("    strategy: {matrix: {x: [1]}}\n", "6:5: jobs.a.strategy: `strategy` of a job is not supported here"),
    ("    services: {}\n", "jobs.a.services: `services` of a job is not supported here"),
    ("    container: x\n", "`container` of a job is not supported here"),
    ("    uses: ./x.yml\n", "`uses` of a job is not supported here"),
    ("    defaults: {}\n", "`defaults` of a job is not supported here"),
    ("    tiemout-minutes: 3\n", "a job has no key `tiemout-minutes`; its keys are needs, if"),
    ("    timeout-minutes: 0\n", "jobs.a.timeout-minutes: whole minutes stand here, 1 or more"),
    ("    runs-on: y\n", "the key `runs-on` stands here a second time"),
    ("    needs: b\n", "jobs.a.needs: there is no job `b`"),
    ("    needs: a\n", "the job waits for itself, so it can never start: a needs a"),
    ("    if: ${{ true }} && false\n", "jobs.a.if: the expression"),
    ("    if: secrets.X == ''\n", "there is no context `secrets` in `jobs.<job_id>.if`"),
    ("    if: needs.b.result == 'success'\n", "there is no job `b`"),
    ("    if: hashFiles('x') == ''\n", "the function `hashFiles` is not supported here"),
    ("    env: {X: '${{ steps.s.outputs.x }}'}\n", "there is no context `steps` in `jobs.<job_id>.env`"),
    ("    outputs: {x: '${{ steps.t.outputs.x }}'}\n", "no step of the job `a` has the id `t`"),
    (
        "    outputs: {x: '${{ steps.s.output.x }}'}\n",
        "`steps.s` has no `output`, only outputs, outcome, conclusion",
    ),
    ("    outputs: {x: '${{ matrix.x }}'}\n", "the context `matrix` is not supported here"),
    ("    env: {X: 1.5}\n", "put it in quotes"),
    ("    permissions: write-all\n", "`write-all` grants more than any job needs"),
    ("    permissions: {content: read}\n", "there is no scope `content`"),
    (
        "  b:\n    needs: []\n    if: needs.a.result == 'x'\n    runs-on: x\n    steps: [{run: x}]\n",
        "`a` is not in the `needs` of the job `b`",
    ),
    (
        "  b:\n    needs: a\n    if: needs.a.outputs.x == 'x'\n    runs-on: x\n    steps: [{run: x}]\n",
        "the job `a` has no output `x`",
    ),
    ("  b:\n    runs-on: x\n    steps: [{uses: actions/cache@v4}]\n", "caches are not supported here"),
    (
        "  b:\n    runs-on: x\n    steps: [{uses: actions/upload-artifact@v4}]\n",
        "artefacts are not supported here",
    ),
    ("  b:\n    runs-on: x\n    steps: [{run: x, if: steps.u.outcome == 'x'}, {id: t, run: x}]\n", "no step"),
    (
        "  b:\n    runs-on: x\n    steps: [{name: '${{ steps.t.outcome }}', run: x}, {id: t, run: x}]\n",
        "the step `t` does not come before",
    ),
];

/// What stands before `jobs`.
const FILES: &[(&str, &str)] = &[
    ("on: {workflow_call: {}}\n", "on.workflow_call: `workflow_call` of `on` is not supported here"),
    ("on: {schedule: []}\n", "on: no event starts this workflow"),
    ("on: {schedule: [{cron: '0 25 * * *'}]}\n", "on.schedule[0].cron: the hour `25` is not from 0 to 23"),
    ("on: {schedule: [{every: day}]}\n", "an item of `schedule` has no key `every`; its keys are cron"),
    ("on: {pusch: {}}\n", "`on` has no key `pusch`; its keys are push, schedule, workflow_dispatch"),
    ("on: push\n", "on: name each event as a key of a mapping"),
    (
        "on: {push: {tags: [a, 'v[a-Z]']}}\n",
        "on.push.tags[1]: the pattern `v[a-Z]` cannot be read: a range is one of letters",
    ),
    ("on: {push: {branches: ['!main']}}\n", "on.push.branches: a pattern with `!` takes names out"),
    ("on: {push: {branches: []}}\n", "on.push.branches: at least one pattern stands here"),
    ("on: {push: {paths: [x]}}\n", "`paths` of `push` is not supported here"),
    (
        "on: {push: {}}\nconcurrency: {group: x, queue: all}\n",
        "concurrency.queue: `queue` is `single` or `max`, not `all`",
    ),
    ("on: {push: {}}\nconcurrency: {group: x, queue: max, cancel-in-progress: true}\n", "exclude each other"),
    (
        "on: {workflow_dispatch: {inputs: {x: {type: choice}}}}\n",
        "on.workflow_dispatch.inputs.x.type: a choice needs `options`",
    ),
    (
        "on: {workflow_dispatch: {inputs: {x: {type: boolean, default: yes}}}}\n",
        "the input `x` is true or false",
    ),
    ("on: {workflow_dispatch: {}}\nenv: {X: '${{ inputs.x }}'}\n", "`workflow_dispatch` has no input `x`"),
];

#[test]
fn every_refusal_names_the_place_and_the_reason() {
    let job = |text: &&str| format!("on: {{push: {{}}}}\njobs:\n  a:\n{JOB}{text}");
    let file = |text: &&str| format!("{text}jobs:\n  a:\n{JOB}");
    let jobs = JOBS.iter().map(|(text, words)| (job(text), *words));
    for (text, words) in jobs.chain(FILES.iter().map(|(text, words)| (file(text), *words))) {
        let problem = Workflow::parse(&text).map(|_| text.clone()).unwrap_err().to_string();
        assert!(problem.contains(words), "{text}\nsays {problem}\nnot  {words}");
    }
    Workflow::parse(&job(&"")).unwrap();
}
