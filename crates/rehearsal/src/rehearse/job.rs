//! The job: its five steps, run one after the other from their `action.yml`.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use nix::sys::signal::Signal;

use crate::runner::{Action, Conclusion, Runner, Running, Step};
use crate::visitors::Visitors;
use crate::world::{BLUE_GENERATION, GENERATION, HOST, SCHEMA_VERSION, WORKER, World};

use super::Story;
use super::fault::Moment;
use super::report::{Report, Row};
use super::screen::Screen;
use super::verdict::Ended;

/// How often the screen follows a step.
const FRAME: Duration = Duration::from_millis(100);

/// A job that can be run more than once, as an operator does.
pub(super) struct Job<'w> {
    world: &'w World,
    steps: Vec<Planned>,
    runner: Runner,
    binaries: PathBuf,
}

/// One step of the job.
struct Planned {
    action: &'static str,
    does: &'static str,
    with: Vec<(&'static str, String)>,
}

impl<'w> Job<'w> {
    pub(super) fn new(world: &'w World, story: &Story, binaries: &Path) -> Result<Self> {
        let mut runner = Runner::new()?;
        runner.use_workspace(story.repository.path());
        runner.github("sha", &story.green);
        for (name, value) in world.environment()? {
            if name.ends_with("_KEY") || name.ends_with("_TOKEN") {
                runner.secret(name, &value);
            } else {
                runner.env(name, value);
            }
        }
        Ok(Self { world, steps: steps(world, story)?, runner, binaries: binaries.to_owned() })
    }

    /// Runs the steps until one does not succeed; kills one if told so.
    pub(super) async fn run(
        &self,
        kill: Option<(usize, Moment)>,
        screen: &Screen,
        visitors: &Visitors,
        report: &mut Report,
    ) -> Result<Ended> {
        let mut ended = Ended { succeeded: true, last: "", result: String::new() };
        for (number, planned) in (1..).zip(&self.steps) {
            screen.step(number, planned.action, planned.does);
            let kill = kill.filter(|(step, _)| *step == number).map(|(_, moment)| moment);
            let started = Instant::now();
            let step = self.step(planned, kill, screen, visitors).await?;
            let took = started.elapsed();
            ended.last = planned.action;
            step.output("result").clone_into(&mut ended.result);
            ended.succeeded = step.conclusion == Conclusion::Success;
            let row = Row::of(number, planned.action, took, &step);
            screen.ended(&row);
            report.row(row, &step);
            if !ended.succeeded {
                break;
            }
            if planned.action == "manifest-resolve" && step.output("targets") != r#"["api"]"# {
                bail!(
                    "manifest-resolve named {} instead of the one target that changed",
                    step.output("targets")
                );
            }
        }
        Ok(ended)
    }

    async fn step(
        &self,
        planned: &Planned,
        kill: Option<Moment>,
        screen: &Screen,
        visitors: &Visitors,
    ) -> Result<Step> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../actions").join(planned.action);
        let action = Action::load(&folder).with_context(|| format!("read the action {}", planned.action))?;
        let mut invocation = self.runner.uses(&action).with("bin-dir", self.binaries.display().to_string());
        for (name, value) in &planned.with {
            invocation = invocation.with(name, value);
        }
        let mut running = invocation.start()?;
        let mut killed = false;
        let mut shown = 0;
        while !running.is_over() {
            let lines = running.heard();
            screen.lines(lines.get(shown..).unwrap_or_default());
            shown = lines.len();
            screen.visitors(visitors.total());
            if !killed && kill.is_some_and(|moment| self.is_due(moment)) {
                running.signal(Signal::SIGKILL);
                killed = true;
            }
            running.wait(FRAME).await;
        }
        let lines = running.heard();
        screen.lines(lines.get(shown..).unwrap_or_default());
        Ok(Running::finish(running).await?)
    }

    fn is_due(&self, moment: Moment) -> bool {
        match moment {
            Moment::AtOnce => true,
            Moment::Struck => {
                let strikes = [self.world.platform.render_faults(), self.world.platform.cloudflare_faults()];
                strikes.iter().any(|faults| !faults.strikes().is_empty())
            }
            Moment::GreenAsked => {
                let journal = self.world.platform.origins.journal_of(&self.world.green);
                journal.is_ok_and(|journal| !journal.entries().is_empty())
            }
        }
    }
}

fn steps(world: &World, story: &Story) -> Result<Vec<Planned>> {
    let (blue, green) = (world.origin(&world.blue)?, world.origin(&world.green)?);
    let generation = (BLUE_GENERATION + 1).to_string();
    Ok(vec![
        Planned {
            action: "manifest-resolve",
            does: "which targets does the commit affect?",
            with: vec![("base", story.blue.clone()), ("head", story.green.clone())],
        },
        Planned {
            action: "kv-bind",
            does: "give the edge its namespace",
            with: vec![
                ("account-id", crate::twins::cloudflare::ACCOUNT.to_owned()),
                ("namespace", "api-sessions".to_owned()),
                ("create", "true".to_owned()),
                ("binding", "SESSIONS".to_owned()),
                ("worker-script", WORKER.to_owned()),
            ],
        },
        Planned {
            action: "render-deploy",
            does: "deploy green while blue serves",
            with: vec![
                ("service-id", world.green.clone()),
                ("commit", story.green.clone()),
                ("env", format!("{GENERATION}={generation}")),
            ],
        },
        Planned {
            action: "version-poll",
            does: "is green really running it?",
            with: vec![
                ("url", format!("http://{green}")),
                ("commit-sha", story.green.clone()),
                ("schema-version", SCHEMA_VERSION.to_owned()),
                ("generation", generation),
                ("timeout", "12s".to_owned()),
                ("interval", "2s".to_owned()),
            ],
        },
        Planned {
            action: "cname-flip",
            does: "move the public name to green",
            with: vec![
                ("zone-id", world.platform.zone.clone()),
                ("records", format!("{HOST} {green}")),
                ("expect", format!("{HOST} {blue}")),
                ("nameserver", world.platform.dns.address().to_string()),
                ("verify-dns", "15s".to_owned()),
                ("render-services", format!("{green} {}", world.green)),
            ],
        },
    ])
}
