//! Rehearsals to look at: a production cutover, an abort, and a hostile log.

use std::time::Duration;

use crate::visitors::Tally;

use super::*;

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn step(name: &str, (from, to): (u64, u64), result: &str) -> Step {
    let ran = Some(Span { began: ms(from), lasted: ms(to - from) });
    Step { name: name.to_owned(), ran, result: result.to_owned(), ..Step::default() }
}

fn job(name: &str, steps: Vec<Step>, summary: &str) -> Job {
    let spans: Vec<Span> = steps.iter().filter_map(|step| step.ran).collect();
    let began = spans.iter().map(|span| span.began).min().unwrap_or_default();
    let ended = spans.iter().map(|span| span.ended()).max().unwrap_or_default();
    let ran = Some(Span { began: began.saturating_sub(ms(40)), lasted: ended - began + ms(70) });
    Job { name: name.to_owned(), ran, steps, summary: summary.to_owned(), ..Job::default() }
}

fn skipped(name: &str, reason: &str) -> Job {
    Job { name: name.to_owned(), end: End::Skipped, reason: reason.to_owned(), ..Job::default() }
}

fn deploy(name: &str, service: &str, live: u64, seen: u64) -> Job {
    let summary = format!(
        "### Deployed {name}\n\n| service | deploy | commit | status | took |\n| --- | --- | --- | --- | --- |\n| <code>{service}</code> \
         | <code>dep-d4f2k1s6</code> | <code>9fceb02d0ae5</code> | live | 4.1 s |\n\n\
         `SPECTRAL_GENERATION` was set on this service alone.\n"
    );
    let mut steps = vec![step("render-deploy", (4_300, live), "success")];
    if seen > 0 {
        steps.push(step("version-poll", (live, seen), "success"));
    }
    job(name, steps, &summary)
}

fn begin() -> Vec<Job> {
    vec![
        job(
            "approval",
            vec![step("Say what was approved", (1_080, 1_110), "")],
            "`prod-2` at `9fceb02d0ae5` may go to production.\n",
        ),
        job("marker", vec![step("staging-marker", (1_250, 1_420), "success")], ""),
        job(
            "changes",
            vec![
                step("checkout", (1_560, 1_700), ""),
                step("deployed-base", (1_700, 1_810), "success"),
                step("manifest-resolve", (1_810, 1_900), "success"),
                step("color-resolve", (1_900, 2_050), "success"),
                step("hold-check", (2_050, 2_140), "success"),
                step("Tell the schema version of this commit", (2_140, 2_180), ""),
            ],
            "### Affected targets\n\n| target | why |\n| --- | --- |\n| api | <code>libs/domain/rules.py</code> |\n| workers | \
             <code>libs/domain/rules.py</code> |\n| dashboard | <code>apps/dashboard/page.tsx</code> |\n",
        ),
        job(
            "generation",
            vec![step("generation-allocate", (2_330, 2_450), "success")],
            "Generation **42**.\n",
        ),
        deploy("api", "srv-d1a2b3c4", 8_900, 10_100),
        deploy("workers", "srv-d5e6f7a8", 9_300, 0),
        deploy("dashboard", "srv-d9b0c1d2", 7_600, 8_800),
        skipped("operations", "its targets are not affected"),
        job("heartbeat", vec![step("workers-heartbeat", (9_450, 10_600), "success")], ""),
    ]
}

fn visits(bins: usize, flip: usize) -> Visits {
    let host = |name: &str, offset: usize, flip: usize| HostVisits {
        host: name.to_owned(),
        bins: (0..bins)
            .map(|bin| {
                let count = 2 + ((bin * 7 + offset * 3) % 4) as u64;
                let turned = bin.saturating_sub(flip) as u64;
                let green = if bin < flip { 0 } else { count.min(turned.div_ceil(2)) };
                Tally { blue: (count - green).max(u64::from(bin % 9 == 0)), green, failed: 0 }
            })
            .collect(),
    };
    let hosts = [("api", flip), ("app", flip), ("operations", usize::MAX)];
    let hosts =
        (0..).zip(hosts).map(|(at, (name, flip))| host(&format!("{name}.example.localhost"), at, flip));
    Visits { bin: ms(250), hosts: hosts.collect(), failures: Vec::new() }
}

fn scaled() -> Vec<Scaling> {
    let scaling = |name: &str, about: &str, usual, here| Scaling {
        name: name.to_owned(),
        about: about.to_owned(),
        usual: Duration::from_secs(usual),
        here: Duration::from_secs(here),
    };
    vec![
        scaling("BLUE_QUIET_WINDOW", "the look at the live services", 30, 3),
        scaling("DEPLOY_TIMEOUT", "the longest a deploy may take", 1_500, 15),
        scaling("VERSION_TIMEOUT", "the longest wait for a version", 300, 12),
    ]
}

fn rows() -> Vec<LedgerRow> {
    let row = |generation, tag: &str, state: &str, targets: &[&str]| LedgerRow {
        generation,
        tag: tag.to_owned(),
        sha: format!("{generation}fceb02d0ae598e95dc970b74767f19372d61af8"),
        targets: targets.iter().map(ToString::to_string).collect(),
        state: state.to_owned(),
    };
    vec![
        row(42, "prod-2", "cut over", &["api", "workers", "dashboard"]),
        row(41, "prod-1", "cut over", &["api", "workers", "dashboard", "operations"]),
    ]
}

/// The happy path.
pub(super) fn production() -> Rehearsal {
    let mut jobs = begin();
    jobs.push(job("blue-quiet", vec![step("blue-quiet", (10_800, 13_950), "success")], ""));
    jobs.push(job(
        "flip",
        vec![step("cutover-record", (14_100, 14_210), "success"), step("cname-flip", (14_210, 15_600), "success")],
        "### Names moved\n\n| name | from | to |\n| --- | --- | --- |\n| <code>api.example.localhost</code> | \
         <code>api-blue.onrender.localhost</code> | <code>api-green.onrender.localhost</code> |\n",
    ));
    jobs.push(job(
        "confirm",
        vec![
            step("version-poll", (15_750, 16_900), "success"),
            step("version-poll", (16_900, 18_000), "success"),
            step("workers-heartbeat", (18_000, 18_120), "success"),
            step("cutover-record", (18_120, 18_240), "success"),
        ],
        "",
    ));
    jobs.push(skipped("docs-user", "its targets are not affected"));
    jobs.push(skipped("docs-codex", "its targets are not affected"));
    jobs.push(job("recorded", vec![step("staging-marker", (18_400, 18_520), "success")], ""));
    let name = |host: &str, service: &str, colour: &str| PublicName {
        host: format!("{host}.example.localhost"),
        before: format!("{service}-blue.onrender.localhost"),
        after: format!("{service}-{colour}.onrender.localhost"),
    };
    Rehearsal {
        title: "Production: api, workers and dashboard".to_owned(),
        story: "A tag moves three of four services to a new version while visitors keep asking for every public name."
            .to_owned(),
        expected: "The cutover completes, and visitors of the moved names end on green.".to_owned(),
        ended: "The cutover completed, and visitors of the moved names are on green.".to_owned(),
        lasted: ms(22_900),
        own: Some(ms(1_420)),
        scaled: scaled(),
        runs: vec![Run { name: "deploy-prod.yml on prod-2".to_owned(), jobs }],
        marks: vec![Mark { at: ms(14_700), label: "the names move to green".to_owned() }],
        visitors: visits(92, 59),
        ledger: rows(),
        names: vec![
            name("api", "api", "green"),
            name("app", "dashboard", "green"),
            name("operations", "operations", "blue"),
        ],
        notes: vec!["212 exchanges fit the vendors' contracts.".to_owned()],
        next: vec!["Nothing: keep blue warm for the hold of 24 hours, then sync it.".to_owned()],
        ..Rehearsal::default()
    }
}

/// A build that fails: nobody flips.
pub(super) fn abort() -> Rehearsal {
    let mut jobs = begin();
    let api = &mut jobs[4];
    api.end = End::Failure;
    api.steps.truncate(1);
    api.ran = Some(Span { began: ms(4_260), lasted: ms(4_700) });
    api.steps[0].end = End::Failure;
    "failed".clone_into(&mut api.steps[0].result);
    "deploy dep-d4f2k1s6 of srv-d1a2b3c4 (api-green) ended as build_failed after 4.2s\n\
     hint: the last 40 log lines are in the job summary\n\
     hint: what served before still serves; nothing visible changed"
        .clone_into(&mut api.steps[0].error);
    for name in ["blue-quiet", "flip", "confirm", "docs-user", "docs-codex", "recorded"] {
        jobs.push(skipped(name, "its condition does not hold"));
    }
    let mut rehearsal = Rehearsal {
        title: "Production, step 6: the build of green fails".to_owned(),
        expected: "The run ends red before the flip, and blue serves every visitor.".to_owned(),
        ended: "The run ended red in the job api; blue served every visitor but one.".to_owned(),
        objections: vec!["1 request of visitors failed".to_owned()],
        lasted: ms(14_200),
        own: None,
        runs: vec![Run { name: "deploy-prod.yml on prod-2".to_owned(), jobs }],
        marks: Vec::new(),
        visitors: visits(57, 1_000),
        next: vec!["Mend the build, tag a new commit; the gap in the generations is harmless.".to_owned()],
        ..production()
    };
    rehearsal.ledger[0].state = "allocated".to_owned();
    rehearsal.names.iter_mut().for_each(|name| name.after = name.before.clone());
    rehearsal.visitors.hosts[0].bins[30].failed = 1;
    rehearsal.visitors.failures = vec![FailedVisit {
        at: ms(7_600),
        host: "api.example.localhost".to_owned(),
        reason: "answered 502".to_owned(),
    }];
    rehearsal
}

/// Every text tries to get out of its place.
pub(super) fn hostile() -> Rehearsal {
    let hostile = "<!-- <script>alert(1)</script></title></style><img src=x onerror=\"alert(1)\">\u{1b}[2J\u{202e}|`\n```\n";
    let mut rehearsal = production();
    let job = &mut rehearsal.runs[0].jobs[4];
    job.summary = format!("{hostile}\n[x](javascript:alert(1))\n");
    job.steps[0].error = hostile.to_owned();
    job.steps[0].name = hostile.to_owned();
    job.steps[0].result = hostile.to_owned();
    job.reason = hostile.to_owned();
    job.name = hostile.to_owned();
    rehearsal.runs[0].name = hostile.to_owned();
    for text in [&mut rehearsal.title, &mut rehearsal.story, &mut rehearsal.expected, &mut rehearsal.ended] {
        hostile.clone_into(text);
    }
    rehearsal.objections = vec![hostile.to_owned()];
    rehearsal.notes = vec![hostile.to_owned()];
    rehearsal.marks[0].label = hostile.to_owned();
    rehearsal.scaled[0].name = hostile.to_owned();
    rehearsal.visitors.hosts[0].host = hostile.to_owned();
    rehearsal.visitors.failures =
        vec![FailedVisit { at: ms(1), host: hostile.to_owned(), reason: hostile.to_owned() }];
    rehearsal.ledger[0].tag = hostile.to_owned();
    rehearsal.ledger[0].sha = hostile.to_owned();
    rehearsal.names[0].before = hostile.to_owned();
    rehearsal.next = vec!["do nothing".to_owned()];
    rehearsal
}
