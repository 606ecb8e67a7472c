//! Log lines.

use std::time::SystemTime;

use http::Error;
use serde::Deserialize;

use crate::client::Render;
use crate::id::ServiceId;
use crate::limits::PAGE;
use http::words;

/// A line of a log. Anybody may have written it: it is text, never a command.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct LogLine {
    /// What was written.
    pub message: String,
    /// When, by Render's clock.
    #[serde(default, deserialize_with = "http::time::optional")]
    pub timestamp: Option<SystemTime>,
}

words! {
    /// Who wrote a line.
    LogType {
        /// The build, and Render's own notes on the deploy.
        Build = "build",
        /// The running process.
        App = "app",
    }
}

/// Which lines to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFilter<'a> {
    /// The workspace of the service.
    pub owner: &'a str,
    /// The service.
    pub service: &'a ServiceId,
    /// Who wrote them; none means everybody.
    pub types: &'a [LogType],
    /// None older than this, by Render's clock.
    pub since: Option<SystemTime>,
    /// How many, 1 to [`PAGE`].
    pub limit: usize,
}

#[derive(Deserialize)]
struct Logs {
    logs: Vec<LogLine>,
}

impl Render {
    /// The last lines that fit the filter, oldest first.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn log_tail(&self, filter: &LogFilter<'_>) -> Result<Vec<LogLine>, Error> {
        let mut request = self
            .client
            .get(["logs"])
            .query("ownerId", filter.owner)
            .query("resource", filter.service.as_str())
            .query("direction", "backward")
            .query("limit", filter.limit.clamp(1, PAGE).to_string());
        if let Some(since) = filter.since {
            request = request.query("startTime", humantime::format_rfc3339_micros(since).to_string());
        }
        for kind in filter.types {
            request = request.query("type", kind.word());
        }
        let mut lines = request.fetch::<Logs>().await?.logs;
        // Backward means newest first.
        lines.reverse();
        Ok(lines)
    }
}
