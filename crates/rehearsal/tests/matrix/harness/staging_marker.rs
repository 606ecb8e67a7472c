//! A commit that is to be marked, and commits at the gate of production.

use std::sync::Arc;

use action::SimClock;
use rehearsal::contract::Vendor;
use rehearsal::in_process::Invocation;
use rehearsal::server::Server;
use rehearsal::twins::github::{ACTIONS, GitHub, Level, Token};
use staging_marker::StagingMarker;

use super::place::{Kind, Place};
use super::run::Run;
use super::secrets::GITHUB_TOKEN;
use super::verdict::{Verdict, ensure, same};
use super::world::World;

const REPOSITORY: &str = "acme/api";
const CONTEXT: &str = "staging-success";

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Work {
    Record,
    Verify,
    Last,
}

/// The world.
pub(crate) struct MarkerWorld {
    clock: Arc<SimClock>,
    twin: GitHub,
    server: Server,
    work: Work,
    /// What is asked about.
    commit: String,
    /// The commit of it, or the one that `last` is to find.
    wanted: String,
    is_shut: bool,
}

impl MarkerWorld {
    /// A commit whose newest status is a failure is to be marked, by the name of an annotated tag.
    pub(crate) fn record() -> Self {
        let world = Self::start(Work::Record, "failure", ACTIONS);
        let _ = world.twin.add_tag(REPOSITORY, "v1.0.0", &world.wanted);
        Self { commit: "v1.0.0".to_owned(), ..world }
    }

    /// A commit that may pass, by the name of an annotated tag.
    pub(crate) fn verify() -> Self {
        let world = Self::start(Work::Verify, "success", ACTIONS);
        let _ = world.twin.add_tag(REPOSITORY, "v1.0.0", &world.wanted);
        Self { commit: "v1.0.0".to_owned(), ..world }
    }

    /// A marker that somebody else set.
    pub(crate) fn forged() -> Self {
        Self { is_shut: true, ..Self::start(Work::Verify, "success", "mallory") }
    }

    /// A marker that a later run of staging took back.
    pub(crate) fn stale() -> Self {
        let world = Self::start(Work::Verify, "success", ACTIONS);
        world.twin.add_status(REPOSITORY, &world.wanted, ("failure", CONTEXT), ACTIONS).unwrap();
        Self { is_shut: true, ..world }
    }

    /// The newest marker is two commits back.
    pub(crate) fn last() -> Self {
        let world = Self::start(Work::Last, "success", ACTIONS);
        let middle = world.twin.add_commit(REPOSITORY, "three", &[&world.wanted]);
        let head = world.twin.add_commit(REPOSITORY, "four", &[&middle]);
        world.twin.set_reference(REPOSITORY, "heads/main", &head);
        world.twin.add_status(REPOSITORY, &head, ("pending", CONTEXT), ACTIONS).unwrap();
        Self { commit: head, ..world }
    }

    /// Two commits on `main`, the newer one with this status.
    fn start(work: Work, state: &str, creator: &str) -> Self {
        let clock = Arc::new(SimClock::default());
        let twin = GitHub::new(clock.clone());
        let first = twin.add_commit(REPOSITORY, "one", &[]);
        let commit = twin.add_commit(REPOSITORY, "two", &[&first]);
        twin.set_reference(REPOSITORY, "heads/main", &commit);
        twin.add_status(REPOSITORY, &commit, (state, CONTEXT), creator).unwrap();
        let statuses = if work == Work::Record { Level::Write } else { Level::Read };
        twin.add_token(GITHUB_TOKEN, Token::of_a_job(&[("contents", Level::Read), ("statuses", statuses)]));
        let server = Server::of(Vendor::Github, twin.router()).unwrap();
        Self { clock, twin, server, work, wanted: commit.clone(), commit, is_shut: false }
    }

    /// The states of the commit, oldest first.
    fn states(&self) -> Vec<String> {
        self.twin.statuses(REPOSITORY, &self.wanted).into_iter().map(|status| status.state).collect()
    }
}

impl World for MarkerWorld {
    type Primitive = StagingMarker;

    fn places(&self) -> Vec<Place> {
        vec![Place::api(Kind::Github, &self.server)]
    }

    fn clock(&self) -> &Arc<SimClock> {
        &self.clock
    }

    fn secrets(&self) -> &'static [&'static str] {
        &[GITHUB_TOKEN]
    }

    fn job(&self) -> Invocation {
        let mode = match self.work {
            Work::Record => "record",
            Work::Verify => "verify",
            Work::Last => "last",
        };
        Invocation::new(self.clock.clone())
            .with("mode", mode)
            .with("commit", &self.commit)
            .variable("GITHUB_API_URL", self.server.base_url())
            .variable("GITHUB_TOKEN", GITHUB_TOKEN)
            .variable("GITHUB_REPOSITORY", REPOSITORY)
    }

    fn holds(&self, run: &Run) -> Verdict {
        ensure(!(self.is_shut && run.is_good()), || "the gate opened".to_owned())?;
        ensure(self.work == Work::Record || run.writes.is_empty(), || "it wrote".to_owned())?;
        let marks = self.states().iter().filter(|state| *state == "success").count();
        ensure(marks < 2, || format!("{marks} markers on one commit"))?;
        ensure(run.output("found") != "true" || marks == 1, || {
            "it claims a marker that is not there".to_owned()
        })?;
        let claims_none = run.is_good() && run.output("found") != "true";
        ensure(!claims_none, || "it says that there is no marker".to_owned())?;
        if run.is_good() {
            same("the output commit", run.output("commit"), self.wanted.as_str())?;
            same("markers", marks, 1)?;
        }
        Ok(())
    }

    fn is_reached(&self) -> Verdict {
        let (first, then) = match self.work {
            Work::Record => ("failure", vec!["success"]),
            _ if self.is_shut && self.states().len() == 2 => ("success", vec!["failure"]),
            _ => ("success", vec![]),
        };
        let wanted: Vec<&str> = std::iter::once(first).chain(then).collect();
        same("the statuses", self.states(), wanted.into_iter().map(str::to_owned).collect())
    }

    fn settled(&self) -> &'static str {
        if self.work == Work::Record { "unchanged" } else { "success" }
    }

    fn refusal(&self) -> Option<&'static str> {
        self.is_shut.then_some("refused")
    }

    fn needs_every_answer(&self) -> bool {
        true
    }
}
