//! Progress for a person, through `tracing`: plain lines on stderr.
//!
//! `info` events always show; `debug` events show with `RUNNER_DEBUG=1`, which
//! GitHub sets when a run is repeated with debug logging. On a terminal the time
//! since the start stands before each line; the runner's log has time stamps of
//! its own.

use std::fmt::{self, Write as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry;

use crate::reporter::Reporter;

/// The target of events that only a terminal shows, on its last line, until the
/// next one; an empty message takes the line away.
pub const STATUS: &str = "status";

/// How often a terminal's last line is drawn.
const FRAME: Duration = Duration::from_millis(125);

/// Crates whose debug logs would drown ours and may quote header values.
const SILENT: [&str; 8] = ["backon", "h2", "hyper", "hyper_util", "mio", "reqwest", "rustls", "tokio"];

/// Sends the process's events to `reporter`. Called once, by `action::main`;
/// a second call leaves the first in place.
pub(crate) fn install(reporter: Arc<Reporter>, debug: bool, terminal: bool) {
    let lines = Lines {
        reporter,
        level: if debug { Level::DEBUG } else { Level::INFO },
        started: terminal.then(Instant::now),
    };
    if terminal {
        let reporter = Arc::clone(&lines.reporter);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(FRAME).await;
                reporter.draw_status();
            }
        });
    }
    let _ = tracing::subscriber::set_global_default(registry().with(lines));
}

struct Lines {
    reporter: Arc<Reporter>,
    level: Level,
    started: Option<Instant>,
}

impl<S: Subscriber> Layer<S> for Lines {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        let source = metadata.target().split("::").next().unwrap_or_default();
        *metadata.level() <= self.level && !SILENT.contains(&source)
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut line = String::new();
        if event.metadata().target() == STATUS {
            event.record(&mut Words(&mut line));
            return self.reporter.set_status(&line);
        }
        if let Some(started) = self.started {
            let _ = write!(line, "[{:>4}s] ", started.elapsed().as_secs());
        }
        match *event.metadata().level() {
            Level::ERROR => line.push_str("error: "),
            Level::WARN => line.push_str("warning: "),
            Level::INFO => {}
            _ => line.push_str("debug: "),
        }
        event.record(&mut Words(&mut line));
        self.reporter.line(&line);
    }
}

/// The message first, then `name=value` for each field.
struct Words<'a>(&'a mut String);

impl Visit for Words<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a string cannot fail.
        let _ = match field.name() {
            "message" => write!(self.0, "{value:?}"),
            name => write!(self.0, " {name}={value:?}"),
        };
    }
}
