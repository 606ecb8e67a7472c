//! The looks: what was read, and what it proves.

use std::fmt;
use std::time::{Duration, SystemTime};

use action::{Clock, Failure};
use http::Error;
use render::{AutoDeploy, AutoDeployTrigger, Deploy, DeployId, Page, Render, Service, ServiceId};
use wait::{Fault, Look};

use crate::disturbance::{self, Disturbance};
use crate::their_time::{Dated, Start};
use crate::words::{count, short};

/// All looks of one run.
pub(crate) struct Watch<'w> {
    render: Render,
    clock: &'w dyn Clock,
    window: Duration,
    services: Vec<Watched>,
    start: Option<Start>,
    looks: u32,
    watched: Option<Duration>,
    disturbances: Vec<Disturbance>,
}

/// A service, and what the looks so far found of it.
pub(crate) struct Watched {
    pub(crate) id: ServiceId,
    /// Its name, once its settings were read.
    pub(crate) name: Option<String>,
    /// Its newest deploy: a later list without it is an older list.
    pub(crate) newest: Option<Deploy>,
}

/// How far the watch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Progress {
    services: usize,
    window: Duration,
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no deploy at {} so far; watching for {}", count(self.services), short(self.window))
    }
}

/// Why one service was not seen.
enum Unseen {
    /// Looking again may help.
    Passing(Fault),
    /// It will not.
    Final(Failure),
}

impl From<Error> for Unseen {
    fn from(error: Error) -> Self {
        if error.is_passing() { Self::Passing(Fault::from(&error)) } else { Self::Final(error.into()) }
    }
}

impl Unseen {
    fn odd(id: &ServiceId, what: &str) -> Self {
        Self::Passing(Fault { what: format!("{id}: {what}"), retry_after: None })
    }
}

impl<'w> Watch<'w> {
    pub(crate) fn new(
        render: Render,
        clock: &'w dyn Clock,
        services: &[ServiceId],
        window: Duration,
    ) -> Self {
        let watched = |id: &ServiceId| Watched { id: id.clone(), name: None, newest: None };
        Self {
            render,
            clock,
            window,
            services: services.iter().map(watched).collect(),
            start: None,
            looks: 0,
            watched: None,
            disturbances: Vec::new(),
        }
    }

    pub(crate) fn services(&self) -> &[Watched] {
        &self.services
    }

    pub(crate) const fn looks(&self) -> u32 {
        self.looks
    }

    /// Render's time from the first answer to the last look that saw everything.
    pub(crate) const fn watched(&self) -> Option<Duration> {
        self.watched
    }

    pub(crate) fn disturbances(&self) -> &[Disturbance] {
        &self.disturbances
    }

    /// The beginning of what must be quiet, by Render's clock.
    pub(crate) fn reach(&self) -> Option<SystemTime> {
        self.start.map(|start| start.reach(self.window))
    }

    /// Looks at every service once. Done only when all were seen, and the window had
    /// passed before the first of them was asked for.
    pub(crate) async fn look(&mut self) -> Result<Look<(), Progress>, Failure> {
        let last = self.start.is_some_and(|start| self.clock.now() - start.asked() >= self.window);
        let (mut unseen, mut is_over, mut watched) = (None, last, None);
        for place in 0..self.services.len() {
            match self.see(place, last).await {
                Ok((start, dated)) => {
                    is_over &= start.is_over(&dated, self.window);
                    watched = Some(start.until(&dated));
                }
                Err(Unseen::Passing(fault)) => unseen = Some(fault),
                Err(Unseen::Final(failure)) => return Err(failure),
            }
        }
        if !self.disturbances.is_empty() {
            return Err(disturbance::refusal(&self.disturbances, self.reach()));
        }
        if let Some(fault) = unseen {
            return Ok(Look::Fault(fault));
        }
        self.looks += 1;
        self.watched = watched;
        let progress = Progress { services: self.services.len(), window: self.window };
        match self.left() {
            _ if is_over => Ok(Look::Done(())),
            left if left.is_zero() => Ok(Look::Near(progress)),
            // A little beyond the end, so that the next look can be the last.
            left => Ok(Look::Within(progress, left.mul_f64(1.3).max(Duration::from_secs(1)))),
        }
    }

    /// How much of the window is left, by our clock.
    fn left(&self) -> Duration {
        let since = |start: Start| self.clock.now().saturating_duration_since(start.asked());
        self.window.saturating_sub(self.start.map(since).unwrap_or_default())
    }

    /// Looks at one service; what it finds is kept even if another cannot be seen.
    async fn see(&mut self, place: usize, last: bool) -> Result<(Start, Dated), Unseen> {
        let id = self.services[place].id.clone();
        if last || self.services[place].name.is_none() {
            let service = self.render.service(&id).await?;
            admit(&id, &service).map_err(Unseen::Final)?;
            self.services[place].name = Some(service.name);
        }
        let asked = self.clock.now();
        let (page, date) = self.render.dated_deploys(&id).await?;
        let answered = self.clock.now();
        let date =
            date.ok_or_else(|| Unseen::odd(&id, "the answer has no Date, so its deploys cannot be dated"))?;
        let dated = Dated { date, asked, answered };
        let start = *self.start.get_or_insert(Start::new(dated));
        if !start.is_followed_by(&dated) {
            return Err(Unseen::odd(
                &id,
                "the Date of the answer does not go on with the time, as if it were an old one",
            ));
        }
        let deploys = in_order(&id, page)?;
        self.find(place, &deploys, start.reach(self.window))?;
        Ok((start, dated))
    }

    fn find(&mut self, place: usize, deploys: &[Deploy], since: SystemTime) -> Result<(), Unseen> {
        let watched = &mut self.services[place];
        let name = watched.name.clone().unwrap_or_default();
        for (deploy, why) in disturbance::among(deploys, since) {
            let (service, name) = (watched.id.clone(), name.clone());
            self.disturbances.push(Disturbance { service, name, deploy: deploy.clone(), why });
        }
        if !holds(deploys, watched.newest.as_ref().map(|newest| &newest.id)) {
            return Err(Unseen::odd(&watched.id, "the list of deploys is older than one seen before"));
        }
        watched.newest = deploys.first().cloned();
        Ok(())
    }
}

/// Whether a list holds a deploy that was there before.
fn holds(deploys: &[Deploy], known: Option<&DeployId>) -> bool {
    known.is_none_or(|known| deploys.iter().any(|deploy| deploy.id == *known))
}

/// Newest first. Render's reference promises no order, and when the page is full the
/// rest must be older: otherwise the newest deploys might be on another page.
fn in_order(id: &ServiceId, page: Page<Deploy>) -> Result<Vec<Deploy>, Unseen> {
    let Page { items: mut deploys, next } = page;
    if deploys.is_empty() {
        let failure = Failure::refused(format!("{id} has no deploys, so it cannot be what serves now"))
            .hint("give the services of the live colour: the output `live-services` of color-resolve");
        return Err(Unseen::Final(failure));
    }
    let falls = deploys.is_sorted_by(|newer, older| match (newer.created_at, older.created_at) {
        (Some(newer), Some(older)) => newer >= older,
        _ => false,
    });
    if next.is_some() && !falls {
        return Err(Unseen::odd(id, "the list of deploys does not begin with the newest"));
    }
    if deploys.iter().all(|deploy| deploy.created_at.is_some()) {
        deploys.sort_by_key(|deploy| std::cmp::Reverse(deploy.created_at));
    }
    Ok(deploys)
}

/// Whether the service stays as it is unless somebody deploys it.
fn admit(id: &ServiceId, service: &Service) -> Result<(), Failure> {
    match deploys_by_itself(service) {
        None => Ok(()),
        Some(setting) => Err(Failure::refused(format!(
            "{id} ({}) deploys by itself ({setting})",
            service.name
        ))
        .hint("do not flip: the next push, or a change of a linked env group, would replace what serves")
        .hint("set Auto-Deploy to Off in the service's settings, then run the failed jobs again")),
    }
}

/// The setting that makes it deploy by itself. Render has two fields: older services
/// show the first alone, newer ones both, and nobody says which one wins.
fn deploys_by_itself(service: &Service) -> Option<String> {
    match (&service.auto_deploy, &service.auto_deploy_trigger) {
        (Some(AutoDeploy::Yes | AutoDeploy::Other(_)), _) => {
            service.auto_deploy.as_ref().map(|older| format!("autoDeploy is {older}"))
        }
        (_, Some(newer)) if *newer != AutoDeployTrigger::Off => Some(format!("autoDeployTrigger is {newer}")),
        (None, None) => Some("Render shows neither autoDeploy nor autoDeployTrigger".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn service(auto_deploy: Option<&str>, trigger: Option<&str>) -> Service {
        let mut service = json!({
            "id": "srv-1", "name": "api", "type": "web_service", "ownerId": "tea-1", "suspended": "not_suspended",
        });
        if let Some(word) = auto_deploy {
            service["autoDeploy"] = json!(word);
        }
        if let Some(word) = trigger {
            service["autoDeployTrigger"] = json!(word);
        }
        serde_json::from_value(service).unwrap()
    }

    #[test]
    fn either_field_can_tell_and_silence_tells_nothing() {
        for (older, newer) in [(Some("no"), Some("off")), (Some("no"), None), (None, Some("off"))] {
            assert_eq!(deploys_by_itself(&service(older, newer)), None, "{older:?} {newer:?}");
        }
        for (older, newer) in [
            (Some("yes"), None),
            (Some("yes"), Some("off")),
            (Some("maybe"), Some("off")),
            (Some("no"), Some("commit")),
            (None, Some("checksPass")),
            (None, Some("tomorrow")),
            (None, None),
        ] {
            assert!(deploys_by_itself(&service(older, newer)).is_some(), "{older:?} {newer:?}");
        }
    }

    fn page(created: &[Option<u64>], next: Option<&str>) -> Page<Deploy> {
        let items = created.iter().enumerate().map(|(number, created)| {
            let created = created.map(|second| format!("2026-11-20T10:00:{second:02}Z"));
            serde_json::from_value(
                json!({"id": format!("dep-{number}"), "status": "live", "createdAt": created}),
            )
            .unwrap()
        });
        Page { items: items.collect(), next: next.map(str::to_owned) }
    }

    #[test]
    fn a_full_page_must_begin_with_the_newest() {
        let id: ServiceId = "srv-1".parse().unwrap();
        let order = |created: &[Option<u64>], next| {
            in_order(&id, page(created, next))
                .ok()
                .map(|deploys| deploys.iter().map(|deploy| deploy.id.to_string()).collect::<Vec<_>>())
        };
        assert_eq!(order(&[Some(1), Some(2)], None).unwrap(), ["dep-1", "dep-0"]);
        assert_eq!(order(&[Some(2), Some(2), Some(1)], Some("more")).unwrap(), ["dep-0", "dep-1", "dep-2"]);
        assert_eq!(order(&[Some(2), None], None).unwrap(), ["dep-0", "dep-1"]);
        assert_eq!(order(&[Some(1), Some(2)], Some("more")), None);
        assert_eq!(order(&[Some(2), None], Some("more")), None);
        assert_eq!(order(&[], None), None);
    }
}
