//! A service on Render that is to run another commit, or the same, with other
//! variables.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use action::SimClock;
use rehearsal::contract::Vendor;
use rehearsal::in_process::Invocation;
use rehearsal::server::Server;
use rehearsal::twins::render::{Deploy, End, NewService, Plan, Render, Status, Trigger, TriggerAnswer};
use render_deploy::RenderDeploy;

use super::place::{Kind, Place};
use super::run::Run;
use super::secrets::{PASSWORD, RENDER_KEY, STORED};
use super::verdict::{Verdict, ensure, same};
use super::world::World;

/// The variable that carries the generation (ADR-053 D7).
const GENERATION: &str = "SPECTRAL_GENERATION";

/// What a run keeps on the service while its variables are on their way.
const MARK: &str = "GREENROOM_PENDING";

/// More variables than one page of the API holds.
const TWO_PAGES: usize = 110;

/// The world.
pub(crate) struct RenderWorld {
    pub(crate) twin: Render,
    pub(crate) server: Server,
    /// Where the client is led.
    pub(crate) url: String,
    clock: Arc<SimClock>,
    service: String,
    /// The commit that is asked for.
    wanted: String,
    /// How many deploys there were.
    before: usize,
    /// The variables that nobody is to touch.
    others: BTreeMap<String, String>,
    /// How the deploys end that are made for it, when all is done.
    ends: Vec<Status>,
    /// Whether somebody else has asked for the deploy.
    is_under_way: bool,
}

/// What is live at first, and what is to be.
fn commit(digit: char) -> String {
    digit.to_string().repeat(40)
}

impl RenderWorld {
    /// Commit `a` is live with generation 41; `b` is to be, with 42 and a password.
    pub(crate) fn new() -> Self {
        Self::with_others(3)
    }

    /// Commit `a` is live and stays, with other variables: killed between these and
    /// the deploy, a run leaves a service that looks as if all had been done.
    pub(crate) fn same_commit() -> Self {
        let world = Self::with_others(3);
        // What is live looks like a deploy of ours: it too was asked for through the API.
        world.twin.trigger(&world.service, Trigger::Api, &commit('a')).unwrap();
        world.clock.advance(Duration::from_secs(60));
        Self { wanted: commit('a'), before: 2, ..world }
    }

    /// As [`Self::new`], but Render takes the request without naming the deploy, which
    /// appears a little later; and there are more variables than one page holds.
    pub(crate) fn accepting() -> Self {
        let world = Self::with_others(TWO_PAGES);
        let answer = TriggerAnswer::Accepted { appears_after: Duration::from_secs(9) };
        world.twin.answer_triggers(&world.service, [answer]).unwrap();
        world
    }

    /// As [`Self::new`], but the first build of `b` fails, and its log holds secrets.
    pub(crate) fn failing() -> Self {
        let world = Self::with_others(3);
        let log = [format!("API key {RENDER_KEY}"), format!("connecting with {PASSWORD}")];
        let plan = slow().end(End::BuildFailed).build_log(log);
        world.twin.plan_deploys(&world.service, [plan]).unwrap();
        Self { ends: vec![Status::BuildFailed, Status::Live], ..world }
    }

    /// Somebody else has just asked for `b`, with the variables as they are wanted.
    pub(crate) fn under_way() -> Self {
        let world = Self::with_others(3);
        for (key, value) in [(GENERATION, "42"), ("PASSWORD", PASSWORD)] {
            world.twin.set_env(&world.service, key, value).unwrap();
        }
        world.twin.trigger(&world.service, Trigger::Api, &commit('b')).unwrap();
        Self { is_under_way: true, ..world }
    }

    fn with_others(count: usize) -> Self {
        let clock = Arc::new(SimClock::default());
        let twin = Render::new(clock.clone());
        twin.set_api_key(RENDER_KEY);
        let mut others: BTreeMap<String, String> =
            (0..count).map(|number| (format!("OTHER_{number}"), format!("value {number}"))).collect();
        others.insert("STORED".to_owned(), STORED.to_owned());
        // Render lists the newest first: what the run is to change is on the last page.
        let service =
            NewService::web("api-green").variable(GENERATION, "41").variable("PASSWORD", "old password");
        let service = others.iter().fold(service, |service, (key, value)| service.variable(key, value));
        let service = twin.add_service(&service.live(&commit('a')).plan(slow()));
        clock.advance(Duration::from_secs(3600));
        let server = Server::of(Vendor::Render, twin.router()).unwrap();
        Self {
            url: server.base_url(),
            wanted: commit('b'),
            before: 1,
            ends: vec![Status::Live],
            is_under_way: false,
            twin,
            server,
            clock,
            service,
            others,
        }
    }

    /// The deploys since the world began, oldest first.
    fn new_deploys(&self) -> Vec<Deploy> {
        self.twin.deploys(&self.service).unwrap().split_off(self.before)
    }

    /// Commit, generation and password of the process that serves.
    fn running(&self) -> (String, String, String) {
        let live = self.twin.live_deploy(&self.service).unwrap().unwrap();
        let variables = self.twin.running_env(&self.service).unwrap().unwrap();
        let variable = |key| variables.get(key).cloned().unwrap_or_default();
        (live.commit().unwrap().to_owned(), variable(GENERATION), variable("PASSWORD"))
    }

    /// The same, as it is asked for.
    fn asked(&self) -> (String, String, String) {
        (self.wanted.clone(), "42".to_owned(), PASSWORD.to_owned())
    }
}

/// Builds for some seconds, so that a run has to look more than once.
fn slow() -> Plan {
    Plan::live().build(Duration::from_secs(4)).update(Duration::from_secs(2))
}

fn old() -> (String, String, String) {
    (commit('a'), "41".to_owned(), "old password".to_owned())
}

impl World for RenderWorld {
    type Primitive = RenderDeploy;

    fn places(&self) -> Vec<Place> {
        vec![Place::api(Kind::Render, &self.server)]
    }

    fn clock(&self) -> &Arc<SimClock> {
        &self.clock
    }

    fn secrets(&self) -> &'static [&'static str] {
        &[RENDER_KEY, PASSWORD]
    }

    fn job(&self) -> Invocation {
        Invocation::new(self.clock.clone())
            .with("service-id", &self.service)
            .with("commit", &self.wanted)
            .with("env", format!("{GENERATION}=42\nPASSWORD=$NEW_PASSWORD"))
            .variable("RENDER_API_URL", format!("{}/v1", self.url))
            .variable("RENDER_API_KEY", RENDER_KEY)
            .variable("NEW_PASSWORD", PASSWORD)
    }

    fn holds(&self, run: &Run) -> Verdict {
        let deploys = self.new_deploys();
        let statuses: Vec<Status> = deploys.iter().map(|deploy| deploy.status).collect();
        let at_most = self.ends.len();
        ensure(statuses.len() <= at_most, || format!("more than {at_most} deploys: {statuses:?}"))?;
        let stored = self.twin.env(&self.service).unwrap();
        for (key, value) in &self.others {
            ensure(stored.get(key) == Some(value), || format!("the variable {key} was touched"))?;
        }
        let ships_it = |deploy: &Deploy| deploy.commit() == Some(self.wanted.as_str());
        ensure(deploys.iter().all(ships_it), || "a deploy ships another commit".to_owned())?;
        let running = self.running();
        ensure([old(), self.asked()].contains(&running), || {
            format!("half of it serves: {}, {}", running.0, running.1)
        })?;
        ensure(!run.is_good() || running == self.asked(), || {
            format!("{}, but {} serves", run.word(), running.0)
        })?;
        let told = run.output("deploy-id");
        let is_there = deploys.iter().any(|deploy| deploy.id == told);
        ensure(told.is_empty() || is_there, || {
            format!("it told of {told}, which is no deploy of the commit")
        })?;
        let live = run.output("status") == "live";
        ensure(!live || running == self.asked(), || "it told of a live deploy that is none".to_owned())
    }

    fn tells_all(&self, run: &Run) -> Verdict {
        let asked = run.writes.iter().any(|entry| entry.method == "POST");
        match self.new_deploys().last().filter(|_| asked) {
            Some(deploy) => {
                ensure(run.output("deploy-id") == deploy.id || run.error().contains("asked for"), || {
                    format!("it does not tell of {}, which it asked for", deploy.id)
                })
            }
            None => Ok(()),
        }
    }

    fn is_reached(&self) -> Verdict {
        let statuses: Vec<Status> = self.new_deploys().iter().map(|deploy| deploy.status).collect();
        same("the new commit's deploys", &statuses, &self.ends)?;
        let (found, wanted) = (self.running(), self.asked());
        same("what serves", (found.0, found.1), (wanted.0, wanted.1))?;
        ensure(found.2 == wanted.2, || "the old password serves".to_owned())?;
        let is_marked = self.twin.env(&self.service).unwrap().contains_key(MARK);
        ensure(!is_marked, || format!("{MARK} is left over"))
    }

    /// The first deploy of a service whose build fails is still to come, or on its way.
    fn is_doomed(&self) -> bool {
        let first = self.new_deploys().into_iter().next();
        self.ends.len() > 1 && first.is_none_or(|deploy| !deploy.status.is_terminal())
    }

    /// Somebody else's deploy may be live before the run comes to look.
    fn takes_for_usual(&self, word: &str) -> bool {
        self.is_under_way && word == "unchanged"
    }
}
