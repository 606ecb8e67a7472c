//! `blue-quiet`: one look of full length at two services that nobody deploys, against the twin of Render.
//!
//! The floor is the window itself: a watch of thirty seconds takes thirty seconds.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use rehearsal::platform::PastClock;
use rehearsal::server::{Options, Server};
use rehearsal::twins::render::{API_KEY, NewService, Render};

use super::Stage;
use super::measure::{measure, milliseconds};
use crate::dist::megabytes;
use crate::table::Table;

pub(super) const ABOUT: &str = "the look of 30 seconds before a cutover, at two services, not scaled";

const LIVE: &str = "1111111111111111111111111111111111111111";

/// Runbook step 10.
const WINDOW: Duration = Duration::from_secs(30);

/// How long ago the services were deployed: well before the window.
const AGE: Duration = Duration::from_secs(3600);

pub(super) fn run(stage: &Stage<'_>) -> Result<Table> {
    let clock = Arc::new(PastClock::new(AGE));
    let twin = Render::new(clock.clone());
    let services =
        ["api-blue", "workers-blue"].map(|name| twin.add_service(&NewService::web(name).live(LIVE)));
    clock.catch_up();
    let server = Server::start("render", twin.router(), Options::default())?;
    let mut command = Command::new(stage.binary("blue-quiet"));
    command
        .env_clear()
        .env("RENDER_API_URL", format!("{}/v1", server.base_url()))
        .env("RENDER_API_KEY", API_KEY)
        .args([format!("--services={}", services.join("\n")), format!("--window={}s", WINDOW.as_secs())]);
    let sample = measure(&mut command)?;
    let mut table = Table::new(&["window", "wall", "above the window", "CPU", "calls", "peak memory"]);
    table.row([
        format!("{} s", WINDOW.as_secs()),
        milliseconds(sample.wall),
        milliseconds(sample.wall.saturating_sub(WINDOW)),
        milliseconds(sample.cpu),
        server.journal().entries().len().to_string(),
        megabytes(sample.peak),
    ]);
    Ok(table)
}
