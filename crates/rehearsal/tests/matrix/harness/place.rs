//! Where a fault can strike: one server of a world.

use std::time::Duration;

use rehearsal::contract::Judge;
use rehearsal::fault::{Answer, Faults};
use rehearsal::server::{Journal, Server};
use serde_json::json;

/// Whose habits the server has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Render,
    Cloudflare,
    Github,
    Supabase,
    /// A service's own process, whose every answer is judged; it takes a key.
    Judged,
    /// A service's own process, whose refusal stops nothing.
    Origin,
    /// A service's own process, whose refusal stops the run.
    Gate,
}

impl Kind {
    /// Whether it is asked with credentials.
    pub(crate) fn is_vendor(self) -> bool {
        matches!(self, Self::Render | Self::Cloudflare | Self::Github | Self::Supabase)
    }
}

/// One server.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) journal: Journal,
    pub(crate) faults: Faults,
    judge: Option<Judge>,
}

impl Place {
    /// A vendor's API.
    pub(crate) fn api(kind: Kind, server: &Server) -> Self {
        Self {
            name: server.name(),
            kind,
            journal: server.journal().clone(),
            faults: server.faults().clone(),
            judge: server.contract().cloned(),
        }
    }

    /// A service's own process.
    pub(crate) fn origin(name: &'static str, kind: Kind, journal: Journal, faults: Faults) -> Self {
        Self { name, kind, journal, faults, judge: None }
    }

    /// Every way in which the vendor's contract was broken here since the last look.
    pub(crate) fn violations(&self) -> Vec<String> {
        let judge = self.judge.iter();
        judge.flat_map(Judge::take_violations).map(|violation| violation.to_string()).collect()
    }

    /// How long the clients of this server wait for an answer that does not come,
    /// or a little longer.
    pub(crate) fn patience(&self) -> Duration {
        match self.kind {
            Kind::Render | Kind::Cloudflare | Kind::Github => Duration::from_secs(30),
            Kind::Supabase => Duration::from_secs(60),
            Kind::Origin | Kind::Gate | Kind::Judged => Duration::from_secs(15),
        }
    }

    /// 403 in the vendor's own words, which are `text`.
    pub(crate) fn forbidden(&self, text: &str) -> Answer {
        let body = match self.kind {
            Kind::Render | Kind::Supabase => json!({"message": text}),
            Kind::Github => {
                json!({"message": text, "documentation_url": "https://docs.github.com/rest", "status": "403"})
            }
            Kind::Cloudflare => json!({
                "success": false, "errors": [{"code": 10000, "message": text}], "messages": [], "result": null,
            }),
            Kind::Origin | Kind::Gate | Kind::Judged => return Answer::text(403, text.to_owned()),
        };
        Answer::json(403, body.to_string())
    }
}
