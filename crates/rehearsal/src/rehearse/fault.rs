//! What can go wrong in a rehearsal, and how it must end.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::Result;
use clap::ValueEnum;

use crate::dns;
use crate::fault::{Rule, What, When};
use crate::origins::{App, Oddity};
use crate::twins::render::{End, Plan};
use crate::visitors::Colour;
use crate::world::{HOST, World};

/// A name on `--list`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Fault {
    /// Nothing goes wrong.
    #[value(skip)]
    None,
    /// Green's build fails at Render.
    BuildFailure,
    /// Green goes live but keeps reporting another commit.
    VersionNeverMatches,
    /// The name server is stuck at the old target.
    FlipVerificationFails,
    /// Cloudflare's API fails all the time when the flip begins.
    ApiFlaps,
    /// Both APIs fail now and then; every failure is ridden out.
    ApiHiccups,
    /// The public name is not attached to green at Render.
    NameNotAttached,
    /// Render lets one service only hold a name, and blue holds it.
    NamesExclusive,
    /// manifest-resolve is killed.
    #[value(name = "kill-at-step-1")]
    KillAtStep1,
    /// kv-bind is killed while it sends the new binding.
    #[value(name = "kill-at-step-2")]
    KillAtStep2,
    /// render-deploy is killed between writing the variables and starting the deploy.
    #[value(name = "kill-at-step-3")]
    KillAtStep3,
    /// version-poll is killed while it looks.
    #[value(name = "kill-at-step-4")]
    KillAtStep4,
    /// cname-flip is killed just before the records change.
    #[value(name = "kill-at-step-5")]
    KillAtStep5,
}

/// When a step is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// As soon as its process exists.
    AtOnce,
    /// When the fault that was set up for it has struck.
    Struck,
    /// When green has been asked for its version.
    GreenAsked,
}

/// The rules of a fault at work.
#[derive(Debug, Default)]
pub(super) struct Guard {
    rules: Vec<Rule>,
}

impl Guard {
    /// Takes the fault back, for the operator's second try.
    pub(super) fn lift(&self, world: &World) {
        for rule in &self.rules {
            rule.cancel();
        }
        world.platform.dns.faults().clear();
        world.platform.render.set_exclusive_domains(false);
        // A verified name at green, a sound build and a truthful app: what the
        // operator mended meanwhile.
        let mended = world.platform.render.attach(&world.green, HOST, true);
        if let Err(error) = mended {
            tracing::warn!(%error, "green keeps its fault");
        }
        world.platform.origins.set_app(&world.green, App::default());
    }

    /// Whether every rule struck. Faults of other kinds show in how the job ends.
    pub(super) fn struck(&self) -> bool {
        self.rules.iter().all(|rule| rule.fired() > 0)
    }
}

impl Fault {
    /// Its name on the command line; `cutover` when nothing goes wrong.
    pub(super) fn name(self) -> String {
        self.to_possible_value().map_or_else(|| "cutover".to_owned(), |value| value.get_name().to_owned())
    }

    /// What goes wrong, in a sentence without a full stop.
    pub(super) fn about(self) -> &'static str {
        match self {
            Self::None => "nothing goes wrong",
            Self::BuildFailure => "green's build fails at Render",
            Self::VersionNeverMatches => "green goes live but keeps reporting another commit",
            Self::FlipVerificationFails => "the name server is stuck at the old target",
            Self::ApiFlaps => "Cloudflare's API fails all the time when the flip begins",
            Self::ApiHiccups => "both APIs fail now and then, and every failure is ridden out",
            Self::NameNotAttached => "the public name is not attached to green at Render",
            Self::NamesExclusive => "Render lets one service only hold a name, and blue holds it",
            Self::KillAtStep1 => "manifest-resolve is killed",
            Self::KillAtStep2 => "kv-bind is killed while it sends the new binding",
            Self::KillAtStep3 => {
                "render-deploy is killed between writing the variables and starting the deploy"
            }
            Self::KillAtStep4 => "version-poll is killed while it looks",
            Self::KillAtStep5 => "cname-flip is killed just before the records change",
        }
    }

    /// Where the traffic must be in the end.
    pub(super) fn end(self) -> Colour {
        match self {
            Self::None | Self::ApiHiccups => Colour::Green,
            _ => Colour::Blue,
        }
    }

    /// The step that must end the job, with its `result`; a killed step has none.
    pub(super) fn failing(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::None | Self::ApiHiccups => None,
            Self::BuildFailure => Some(("render-deploy", "failed")),
            Self::VersionNeverMatches => Some(("version-poll", "timed-out")),
            Self::FlipVerificationFails => Some(("cname-flip", "failed")),
            Self::ApiFlaps => Some(("cname-flip", "unreachable")),
            Self::NameNotAttached | Self::NamesExclusive => Some(("cname-flip", "refused")),
            Self::KillAtStep1 => Some(("manifest-resolve", "")),
            Self::KillAtStep2 => Some(("kv-bind", "")),
            Self::KillAtStep3 => Some(("render-deploy", "")),
            Self::KillAtStep4 => Some(("version-poll", "")),
            Self::KillAtStep5 => Some(("cname-flip", "")),
        }
    }

    /// What the operator does next, where no message of an action can say it.
    pub(super) fn next_step(self) -> &'static str {
        match self {
            Self::None => "nothing: keep blue warm for the hold window",
            Self::ApiHiccups => "nothing: the log counts what was ridden out",
            Self::BuildFailure => "mend the build, push, and let the workflow run again",
            Self::VersionNeverMatches => "look into green's log; nothing has moved, so take the time",
            Self::FlipVerificationFails => "look at the zone's name servers, then run the job again",
            Self::ApiFlaps => "wait until the API answers again, then run the job again",
            Self::NameNotAttached => "attach the name to green at Render, then run the job again",
            Self::NamesExclusive => "this workspace cannot flip by CNAME: move the name at Render instead",
            Self::KillAtStep1
            | Self::KillAtStep2
            | Self::KillAtStep3
            | Self::KillAtStep4
            | Self::KillAtStep5 => "run the job again: each step finds what its earlier self began",
        }
    }

    /// The step to be killed, counted from 1, and when.
    pub(super) fn kill(self) -> Option<(usize, Moment)> {
        match self {
            Self::KillAtStep1 => Some((1, Moment::AtOnce)),
            Self::KillAtStep2 => Some((2, Moment::Struck)),
            Self::KillAtStep3 => Some((3, Moment::Struck)),
            Self::KillAtStep4 => Some((4, Moment::GreenAsked)),
            Self::KillAtStep5 => Some((5, Moment::Struck)),
            _ => None,
        }
    }

    /// Sets the fault up in the world.
    pub(super) fn arm(self, world: &World) -> Result<Guard> {
        let mut guard = Guard::default();
        let usual = Plan::live().build(Duration::from_millis(2_500)).update(Duration::from_millis(700));
        let plan = if self == Self::BuildFailure {
            usual.end(End::BuildFailed).build_log([
                "Collecting uvicorn",
                "ERROR: No matching distribution found for uvicron",
                "Build failed",
            ])
        } else {
            usual
        };
        world.platform.render.plan_deploys(&world.green, [plan])?;
        world.platform.origins.set_app(&world.green, App::default().boot(Duration::from_millis(900)));
        let cloudflare = world.platform.cloudflare_faults();
        let render = world.platform.render_faults();
        match self {
            Self::None | Self::BuildFailure | Self::KillAtStep1 => {}
            Self::VersionNeverMatches => {
                let stale = Oddity::Commit("0123456789abcdef0123456789abcdef01234567".to_owned());
                world.platform.origins.set_app(&world.green, App::default().odd(stale));
            }
            Self::FlipVerificationFails => {
                let stuck = dns::Fault::Wrong(world.origin(&world.blue)?);
                world.platform.dns.faults().on(HOST, When::Always, stuck);
            }
            Self::ApiFlaps => {
                let route = "GET /client/v4/zones/**";
                guard.rules.push(cloudflare.on(route, When::Always, What::status(503)));
            }
            Self::ApiHiccups => {
                guard.rules.extend([
                    cloudflare.on("GET /client/v4/**", When::Every(2), What::status(502)),
                    cloudflare.on("PATCH /client/v4/**", When::Nth(1), What::too_many_requests(1)),
                    render.on("GET /v1/**", When::Every(3), What::Reset),
                    render.on("PUT /v1/**", When::Nth(1), What::ApplyThenLose),
                ]);
            }
            Self::NameNotAttached => world.platform.render.detach(&world.green, HOST)?,
            Self::NamesExclusive => {
                world.platform.render.detach(&world.green, HOST)?;
                world.platform.render.set_exclusive_domains(true);
            }
            Self::KillAtStep2 => {
                guard.rules.push(cloudflare.on("PATCH /client/v4/accounts/**", When::Always, What::Hang));
            }
            Self::KillAtStep3 => {
                guard.rules.push(render.on("POST /v1/services/{id}/deploys", When::Always, What::Hang));
            }
            Self::KillAtStep4 => {}
            Self::KillAtStep5 => {
                guard.rules.push(cloudflare.on("POST /client/v4/zones/**", When::Always, What::Hang));
            }
        }
        Ok(guard)
    }
}

/// The text of `--list`.
pub(super) fn list() -> String {
    let mut out = String::from("Faults, each with its end:\n\n");
    for fault in Fault::value_variants() {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "  {:<24}{}; ends on {}", fault.name(), fault.about(), fault.end());
    }
    out
}
