//! From a request to the process that answers it.

use std::time::{Duration, SystemTime};

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, HOST};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};

use crate::server::NoAnswer;
use crate::twins::render::{Render, Running, Serving, Source};

use super::app::Apps;
use super::page::{self, Process};

/// Seen in public reports with the 404 of Render's edge for a name that it knows no
/// running service for.
const ROUTING: HeaderName = HeaderName::from_static("x-render-routing");

/// Where a request came in.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// At 127.0.0.1: the `Host` header decides.
    Front,
    /// At the address of this service.
    Service(String),
}

#[derive(Clone, Debug)]
struct Edge {
    render: Render,
    apps: Apps,
    place: Place,
}

pub(super) fn router(render: Render, apps: Apps, place: Place) -> Router {
    Router::new().fallback(answer).with_state(Edge { render, apps, place })
}

async fn answer(State(edge): State<Edge>, request: Request) -> Response {
    edge.answer(&request).unwrap_or_else(Unanswered::into_response)
}

/// Why no process gets the request.
#[derive(Clone, Copy, Debug)]
enum Unanswered {
    /// No service answers for the name.
    NoServer,
    /// At the front, two services do.
    Ambiguous,
    /// The service answers for the name and has no certificate for it.
    NoCertificate,
    /// The service is suspended.
    Suspended,
    /// The service has no process that could answer.
    NoProcess(StatusCode),
}

impl IntoResponse for Unanswered {
    fn into_response(self) -> Response {
        match self {
            Self::NoServer => {
                (StatusCode::NOT_FOUND, [(ROUTING, "no-server")], "Not Found\n").into_response()
            }
            Self::Ambiguous => {
                let why = "more than one service holds this name: connect to the address of one\n";
                (StatusCode::MISDIRECTED_REQUEST, why).into_response()
            }
            // A name here is asked for without TLS: the connection ends where the handshake would.
            Self::NoCertificate => Extension(NoAnswer).into_response(),
            Self::Suspended => {
                let why = "This service has been suspended by its owner.\n";
                (StatusCode::SERVICE_UNAVAILABLE, why).into_response()
            }
            Self::NoProcess(status) => (status, format!("{status}\n")).into_response(),
        }
    }
}

impl Edge {
    fn answer(&self, request: &Request) -> Result<Response, Unanswered> {
        let host = host(request);
        let service = match &self.place {
            Place::Front => self.only_holder(&host)?,
            Place::Service(service) if self.holds(service, &host) => service.clone(),
            Place::Service(_) => return Err(Unanswered::NoServer),
        };
        if self.render.lacks_certificate(&service, &host).unwrap_or(false) {
            return Err(Unanswered::NoCertificate);
        }
        let process = self.process(&service)?;
        let has_key = self.apps.with(|apps| has_key(request.headers(), &apps.deploy_keys));
        Ok(page::respond(&process, request.uri().path(), has_key))
    }

    fn holds(&self, service: &str, host: &str) -> bool {
        // A service deleted in the meantime holds nothing.
        self.render.answers_for(service, host).unwrap_or(false)
    }

    fn only_holder(&self, host: &str) -> Result<String, Unanswered> {
        let mut holders: Vec<String> = self.render.services();
        holders.retain(|service| self.holds(service, host));
        match holders.as_slice() {
            [service] => Ok(service.clone()),
            [] => Err(Unanswered::NoServer),
            _ => Err(Unanswered::Ambiguous),
        }
    }

    /// The process that gets the request, one of two while instances roll.
    fn process(&self, service: &str) -> Result<Process, Unanswered> {
        let Ok((name, suspended)) = self.render.name_and_suspension(service) else {
            return Err(Unanswered::NoServer);
        };
        if suspended {
            return Err(Unanswered::Suspended);
        }
        let Ok(Some(serving)) = self.render.running(service) else {
            return Err(Unanswered::NoProcess(self.apps.with(|apps| apps.without_deploy)));
        };
        let now = self.render.now();
        let picked = self.pick(service, serving, now);
        let running = picked.ok_or(Unanswered::NoProcess(StatusCode::BAD_GATEWAY))?;
        Ok(self.describe(service, &name, running, now))
    }

    fn pick(&self, service: &str, serving: Serving, now: SystemTime) -> Option<Running> {
        let Serving { current, before } = serving;
        let commit = self.commit(&current);
        let seen = self.apps.with(|apps| {
            if age(&current, now) >= apps.app(service, &commit).boot {
                return None;
            }
            let count = apps.rolled.entry(current.deploy.id.clone()).or_insert(0);
            *count += 1;
            Some(*count)
        });
        match seen {
            Some(count) if count % 2 == 1 => before,
            _ => Some(current),
        }
    }

    fn describe(&self, service: &str, name: &str, running: Running, now: SystemTime) -> Process {
        let commit = self.commit(&running);
        self.apps.with(|apps| {
            let app = apps.app(service, &commit);
            let (service, colour) = app.identity(name);
            Process {
                oddity: app.oddity_at(age(&running, now)).cloned(),
                build: apps.build(&commit),
                commit,
                service,
                colour,
                built_at: running.deploy.started_at.unwrap_or(running.deploy.created_at),
                deployed_at: went_live(&running),
                generation: running.variables.get(page::GENERATION).cloned(),
            }
        })
    }

    /// The commit that a build was made of; an image does not tell, see
    /// `set_image_commit`.
    fn commit(&self, running: &Running) -> String {
        match &running.deploy.source {
            Source::Commit(commit) => commit.id.clone(),
            Source::Image { reference, digest } => {
                let told = self.apps.with(|apps| apps.images.get(reference).cloned());
                told.unwrap_or_else(|| digest.trim_start_matches("sha256:").chars().take(40).collect())
            }
        }
    }
}

fn went_live(running: &Running) -> SystemTime {
    running.deploy.finished_at.unwrap_or(running.deploy.created_at)
}

fn age(running: &Running, now: SystemTime) -> Duration {
    now.duration_since(went_live(running)).unwrap_or_default()
}

/// The host that is asked for, without its port.
fn host(request: &Request) -> String {
    let header = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let host = request.uri().authority().map(axum::http::uri::Authority::as_str).or(header);
    let host = host.unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    name.trim_end_matches('.').to_ascii_lowercase()
}

fn has_key(headers: &HeaderMap, keys: &[String]) -> bool {
    let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.strip_prefix("Bearer "));
    given.is_some_and(|given| keys.iter().any(|key| key == given))
}
