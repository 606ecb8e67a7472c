//! Lets deploys run, one at a time per service.
//!
//! Nothing here runs by itself: whoever looks at the twin first lets happen what
//! was due by then. So it works on a real clock and on a simulated one alike.

use std::collections::BTreeMap;
use std::time::SystemTime;

use super::deploy::{Coming, Deploy, Making, NewDeploy, Next, Status, Trigger};
use super::event::{self, Event};
use super::habit::Overlap;
use super::id::Ids;
use super::log::LogType;
use super::service::Service;
use super::settings::Origin;
use super::source::{Source, unknown_commit};
use super::variables::{self, Group};

/// What a service's deploys need besides the service.
pub(super) struct Surroundings<'a> {
    pub(super) groups: &'a BTreeMap<String, Group>,
    pub(super) ids: &'a mut Ids,
    pub(super) sequence: &'a mut u64,
    pub(super) overlap: Overlap,
}

impl Surroundings<'_> {
    fn next_sequence(&mut self) -> u64 {
        *self.sequence += 1;
        *self.sequence
    }
}

/// The next thing to happen to a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Stage(usize),
    Coming(usize),
}

/// Lets everything happen that was due by `now`, in the order of time.
pub(super) fn advance(service: &mut Service, around: &mut Surroundings<'_>, now: SystemTime) {
    while let Some((at, due)) = next(service)
        && at <= now
    {
        match due {
            Due::Stage(index) => end_stage(service, around, index, at),
            Due::Coming(index) => {
                let coming = service.coming.remove(index);
                create(service, around, coming.deploy, at);
            }
        }
    }
}

fn next(service: &Service) -> Option<(SystemTime, Due)> {
    let stages = service.deploys.iter().enumerate();
    let stages = stages.filter_map(|(i, deploy)| Some((deploy.stage_ends?, Due::Stage(i))));
    let coming = service.coming.iter().enumerate();
    let coming = coming.map(|(i, coming)| (coming.at, Due::Coming(i)));
    stages.chain(coming).min()
}

/// Makes a deploy and returns its place. Under [`Overlap::Override`] all others
/// on the way are cancelled.
pub(super) fn create(
    service: &mut Service,
    around: &mut Surroundings<'_>,
    new: NewDeploy,
    at: SystemTime,
) -> usize {
    if around.overlap == Overlap::Override {
        cancel_all(service, around, at);
    }
    let index = service.deploys.len();
    let default = &service.default_plan;
    let plan = service.plans.pop_front().unwrap_or_else(|| default.clone());
    if let Some(newcomer) = &plan.newcomer {
        let known = service.known_commit(&newcomer.commit).cloned();
        let commit = known.unwrap_or_else(|| unknown_commit(&newcomer.commit, at));
        service.coming.push(Coming {
            at: at + newcomer.after,
            deploy: NewDeploy {
                trigger: Trigger::Manual,
                source: Source::Commit(commit),
                making: Making::Build { clear_cache: false },
            },
        });
    }
    service.settings.updated_at = at;
    service.deploys.push(Deploy {
        id: around.ids.deploy(),
        service: service.settings.id.clone(),
        trigger: new.trigger,
        status: Status::Created,
        source: new.source,
        created_at: at,
        started_at: None,
        finished_at: None,
        updated_at: at,
        history: vec![(at, Status::Created)],
        sequence: around.next_sequence(),
        stage_ends: Some(at + plan.created),
        plan,
        making: new.making,
        snapshot: None,
        build_kept: true,
        known: true,
        listed_from: at + service.habits.list_lag,
    });
    service.current.get_or_insert(index);
    index
}

/// Cancels a deploy that has not ended.
pub(super) fn cancel(service: &mut Service, around: &mut Surroundings<'_>, index: usize, at: SystemTime) {
    finish(service, around, index, Status::Canceled, at);
}

/// Cancels every deploy that has not ended, and starts none.
pub(super) fn cancel_all(service: &mut Service, around: &mut Surroundings<'_>, at: SystemTime) {
    service.current = None;
    for index in 0..service.deploys.len() {
        if !service.deploys[index].status.is_terminal() {
            finish(service, around, index, Status::Canceled, at);
        }
    }
}

fn end_stage(service: &mut Service, around: &mut Surroundings<'_>, index: usize, at: SystemTime) {
    let deploy = &mut service.deploys[index];
    let next = deploy.next();
    if deploy.status == Status::Queued {
        // It may have to wait longer: until `give_turn` comes to it.
        deploy.stage_ends = None;
        if service.current != Some(index) {
            return;
        }
        start(service, around, index, at);
    }
    match next {
        Next::Stage(status, duration) => {
            let deploy = &mut service.deploys[index];
            deploy.enter(status, at);
            deploy.stage_ends = Some(at + duration);
        }
        Next::End(status) => finish(service, around, index, status, at),
    }
}

/// The deploy leaves the queue and takes the variables of this moment.
fn start(service: &mut Service, around: &mut Surroundings<'_>, index: usize, at: SystemTime) {
    let own = match &service.deploys[index].making {
        // Its target's own variables; values of env groups stay current (Render
        // docs, rollbacks).
        Making::Rollback { own, .. } => own.clone(),
        _ => service.variables.to_map(),
    };
    let groups = around.groups.values();
    let snapshot = variables::snapshot(&service.settings.id, own, groups);
    let is_first = index == 0;
    let deploy = &mut service.deploys[index];
    deploy.started_at = Some(at);
    deploy.snapshot = Some(snapshot);
    let details = event::deploy_started(deploy, is_first);
    let build_log = deploy.plan.build_log.clone();
    push_event(service, around, "deploy_started", details, at);
    for line in opening_lines(service, index).into_iter().chain(build_log) {
        push_line(service, around, &line, at);
    }
}

fn finish(
    service: &mut Service,
    around: &mut Surroundings<'_>,
    index: usize,
    status: Status,
    at: SystemTime,
) {
    service.deploys[index].enter(status, at);
    if status == Status::Live {
        replace_live(service, index, at);
    }
    let details = event::deploy_ended(&service.deploys[index]);
    push_event(service, around, "deploy_ended", details, at);
    push_line(service, around, closing_line(status), at);
    if service.current == Some(index) {
        service.current = None;
        give_turn(service, at);
    }
}

fn replace_live(service: &mut Service, index: usize, at: SystemTime) {
    for (other, deploy) in service.deploys.iter_mut().enumerate() {
        if other != index && deploy.status == Status::Live {
            deploy.enter(Status::Deactivated, at);
        }
    }
    service.serving = Some(index);
}

/// The newest waiting deploy gets its turn, the others will never run.
fn give_turn(service: &mut Service, at: SystemTime) {
    let waits = |deploy: &Deploy| deploy.status.is_waiting();
    let Some(newest) = service.deploys.iter().rposition(waits) else {
        return;
    };
    for deploy in service.deploys.iter_mut().take(newest).filter(|d| d.status.is_waiting()) {
        deploy.enter(Status::Canceled, at);
    }
    service.current = Some(newest);
    // One that waited long enough begins at once.
    let deploy = &mut service.deploys[newest];
    deploy.stage_ends.get_or_insert(at);
}

fn opening_lines(service: &Service, index: usize) -> Vec<String> {
    match (&service.settings.origin, &service.deploys[index].source) {
        (Origin::Repository { repo, branch }, Source::Commit(commit)) => vec![
            format!("==> Cloning from {repo}"),
            format!("==> Checking out commit {} in branch {branch}", commit.id),
        ],
        (_, Source::Image { reference, .. }) => vec![format!("==> Pulling image {reference}")],
        (Origin::Image { .. }, Source::Commit(_)) => Vec::new(),
    }
}

fn closing_line(status: Status) -> &'static str {
    match status {
        Status::Live => "==> Your service is live",
        Status::BuildFailed => "==> Build failed",
        Status::PreDeployFailed => "==> Pre-deploy command failed",
        Status::UpdateFailed => "==> Timed out waiting for the new instance to be healthy",
        _ => "==> Deploy cancelled",
    }
}

fn push_event(
    service: &mut Service,
    around: &mut Surroundings<'_>,
    kind: &'static str,
    details: serde_json::Value,
    at: SystemTime,
) {
    service.events.push(Event {
        id: around.ids.event(),
        sequence: around.next_sequence(),
        at,
        kind,
        details,
    });
}

fn push_line(service: &mut Service, around: &mut Surroundings<'_>, message: &str, at: SystemTime) {
    let line = service.line(around.ids.log(), LogType::Build, message, at);
    service.log.push(line);
}
