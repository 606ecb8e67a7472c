//! A whole cutover, rehearsed: the real actions, one after the other, in a world
//! of twins, while visitors ask all the time.
//!
//! The job's steps are those of the README's workflow: which targets, what the
//! edge needs, deploy green, see it run, flip the public name. Each runs as the
//! runner would run it, from its `action.yml`. A rehearsal passes when its end is
//! the promised one: the right colour, the right `result`, and no failed visit.

mod fault;
mod job;
mod options;
mod report;
mod screen;
mod verdict;

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Parser as _;

use crate::executables::executables;
use crate::repository::Repository;
use crate::visitors::{Colour, Visitors};
use crate::world::World;

use fault::Fault;
use job::Job;
use options::Options;
use report::Report;
use screen::Screen;
use verdict::Verdict;

/// How long blue is watched before anything happens, so that the timeline shows it.
const BEFORE: Duration = Duration::from_secs(1);

/// How long the end is watched: the TTL of the public name in the visitors'
/// caches, and then a while longer.
const AFTER: Duration = Duration::from_millis(4_500);

/// How long the colours are counted at the very end.
const LAST_LOOK: Duration = Duration::from_secs(1);

/// Runs `rehearse` with these arguments (without a program's name): a whole
/// deployment when the first is `staging` or `production`.
#[must_use]
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    if crate::deployment::is_meant(&arguments) {
        return crate::deployment::main(arguments, report::default_folder());
    }
    let words = std::iter::once(OsString::from("rehearse")).chain(arguments);
    let options = match Options::try_parse_from(words) {
        Ok(options) => options,
        Err(error) => {
            screen::print(&error.to_string());
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    if options.list {
        screen::print(&fault::list());
        return ExitCode::SUCCESS;
    }
    match rehearse(&options) {
        Ok(verdict) if verdict.passed() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            screen::print(&format!("error: {error:#}\n"));
            ExitCode::FAILURE
        }
    }
}

fn rehearse(options: &Options) -> Result<Verdict> {
    let screen = Screen::new();
    if std::env::var_os(crate::executables::BIN_DIR).is_none() {
        screen.say("Building the actions' binaries ...");
    }
    let executables = executables().context("build the actions' binaries")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let story = repository().context("make a repository to deploy from")?;
        let world = World::start(&story.blue).context("start the world")?;
        world.push(&story.green)?;
        screen.say(&format!(
            "A world is up: twins of Render and Cloudflare, a name server, blue and green.\n\
             {} points at blue and has for a day; visitors ask 20 times a second.",
            crate::world::HOST
        ));
        let visitors = world.let_visitors_in()?;
        let verdict = perform(options, &screen, executables.dir(), &story, &world, &visitors).await;
        let seen = visitors.stop();
        let (mut report, mut verdict) = verdict?;
        verdict.visitors(&seen);
        let judged = world.platform.judged();
        if let Err(violation) = world.stop() {
            verdict.object(format!("an exchange broke a vendor's contract: {violation:#}"));
        }
        report.close(&seen, judged, &verdict);
        screen.say(&report.text());
        let file = report.save(options.report.as_deref())?;
        screen.say(&format!("The same as Markdown: {}", file.display()));
        Ok(verdict)
    })
}

/// Plays the job, with its fault, and with the operator's next step when asked for.
async fn perform(
    options: &Options,
    screen: &Screen,
    binaries: &std::path::Path,
    story: &Story,
    world: &World,
    visitors: &Visitors,
) -> Result<(Report, Verdict)> {
    let fault = options.fault.unwrap_or(Fault::None);
    let job = Job::new(world, story, binaries)?;
    let mut report = Report::new(fault);
    let mut verdict = Verdict::default();
    watch(screen, visitors, BEFORE).await;
    let guard = fault.arm(world).context("set up the fault")?;
    let ended = job.run(fault.kill(), screen, visitors, &mut report).await?;
    verdict.ending(fault, &ended);
    verdict.struck(fault, &guard);
    settle(screen, visitors, world, fault.end(), &mut report, &mut verdict).await;
    if options.again && !ended.succeeded {
        guard.lift(world);
        report.act("The operator runs the job again");
        screen.say("\nThe cause is gone; the operator runs the job again.");
        let again = job.run(None, screen, visitors, &mut report).await?;
        verdict.converged(world, &again);
        settle(screen, visitors, world, Colour::Green, &mut report, &mut verdict).await;
    }
    Ok((report, verdict))
}

/// Waits until caches have run out, then looks where visitors are.
async fn settle(
    screen: &Screen,
    visitors: &Visitors,
    world: &World,
    end: Colour,
    report: &mut Report,
    verdict: &mut Verdict,
) {
    watch(screen, visitors, AFTER).await;
    let before = visitors.total();
    watch(screen, visitors, LAST_LOOK).await;
    let after = visitors.total();
    let last = after.since(before);
    report.settled(&world.public_target(), last);
    verdict.settled(world, end, last);
}

async fn watch(screen: &Screen, visitors: &Visitors, duration: Duration) {
    let end = tokio::time::Instant::now() + duration;
    while tokio::time::Instant::now() < end {
        screen.visitors(visitors.total());
        tokio::time::sleep(Duration::from_millis(100).min(end - tokio::time::Instant::now())).await;
    }
}

/// The repository and the two commits of the story.
struct Story {
    repository: Repository,
    blue: String,
    green: String,
}

fn repository() -> Result<Story> {
    let repository = Repository::new()?;
    repository.write(".github/deploy-manifest.yml", include_str!("rehearse/deploy-manifest.yml"))?;
    repository.write("services/api/main.py", "VERSION = 'blue'\n")?;
    repository.write("docs/index.md", "# Documentation\n")?;
    let blue = repository.commit("What blue runs")?;
    repository.write("services/api/main.py", "VERSION = 'green'\n")?;
    let green = repository.commit("What green will run")?;
    Ok(Story { repository, blue, green })
}
