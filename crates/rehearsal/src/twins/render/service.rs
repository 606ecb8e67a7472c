//! One service with all that belongs to it.

use std::collections::VecDeque;
use std::time::SystemTime;

use super::deploy::{Coming, Deploy, Making, NewDeploy, Status, Trigger};
use super::domain::Domain;
use super::event::Event;
use super::habit::{Habits, TriggerAnswer};
use super::log::{Line, Log, LogType};
use super::plan::Plan;
use super::settings::{Origin, ServiceType, Settings};
use super::source::{Commit, Source, image, unknown_commit};
use super::variables::Variables;

/// A service.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) settings: Settings,
    /// Commits of its repository that the twin knows; the last is the branch head.
    pub(super) commits: Vec<Commit>,
    pub(super) variables: Variables,
    pub(super) domains: Vec<Domain>,
    /// In the order of their making; none is ever removed.
    pub(super) deploys: Vec<Deploy>,
    /// The deploy whose turn it is: one at a time.
    pub(super) current: Option<usize>,
    /// The deploy that answers requests: the live one, unless suspended.
    pub(super) serving: Option<usize>,
    /// Deploys that will come into being later.
    pub(super) coming: Vec<Coming>,
    pub(super) plans: VecDeque<Plan>,
    pub(super) default_plan: Plan,
    pub(super) answers: VecDeque<TriggerAnswer>,
    pub(super) habits: Habits,
    pub(super) events: Vec<Event>,
    pub(super) log: Log,
}

impl Service {
    /// A service that never deployed.
    pub(super) fn new(settings: Settings, variables: Variables) -> Self {
        Self {
            settings,
            commits: Vec::new(),
            variables,
            domains: Vec::new(),
            deploys: Vec::new(),
            current: None,
            serving: None,
            coming: Vec::new(),
            plans: VecDeque::new(),
            default_plan: Plan::default(),
            answers: VecDeque::new(),
            habits: Habits::default(),
            events: Vec::new(),
            log: Log::default(),
        }
    }

    /// What `serviceDetails.url` shows. The public name is under
    /// `.onrender.localhost`, the rehearsal's stand-in for `.onrender.com`: names
    /// under `.localhost` mean the loopback interface (RFC 6761).
    pub(super) fn address(&self, port: Option<u16>) -> String {
        let host = self.public_name();
        match (self.settings.kind, port) {
            (ServiceType::Private, _) => format!("{}:10000", self.settings.slug),
            (_, Some(port)) => format!("http://{host}:{port}"),
            (_, None) => format!("https://{host}"),
        }
    }

    pub(super) fn public_name(&self) -> String {
        format!("{}.onrender.localhost", self.settings.slug)
    }

    /// A deploy of what the service follows: its branch head, or its image.
    pub(super) fn head(&self, trigger: Trigger, now: SystemTime) -> NewDeploy {
        let (source, making) = match &self.settings.origin {
            Origin::Image { path } => (image(path), Making::Ready),
            Origin::Repository { .. } => {
                let head = self.commits.last().cloned();
                let commit = head.unwrap_or_else(|| unknown_commit(&"0".repeat(40), now));
                (Source::Commit(commit), Making::Build { clear_cache: false })
            }
        };
        NewDeploy { trigger, source, making }
    }

    /// The known commit with this SHA, full or shortened.
    pub(super) fn known_commit(&self, sha: &str) -> Option<&Commit> {
        self.commits.iter().rev().find(|commit| commit.id.starts_with(sha))
    }

    /// The live deploy, whether or not it may answer.
    pub(super) fn live(&self) -> Option<&Deploy> {
        let is_live = |deploy: &&Deploy| deploy.status == Status::Live;
        self.deploys.iter().rev().find(is_live)
    }

    pub(super) fn line(&self, id: String, kind: LogType, message: &str, at: SystemTime) -> Line {
        Line {
            id,
            at,
            kind,
            level: "info",
            instance: format!("{}-{:0>5}", self.settings.id, self.deploys.len()),
            message: message.to_owned(),
        }
    }
}
