//! Numbers, times and durations for people.

use std::time::{Duration, SystemTime};

/// `1 serving service`, `2 serving services`.
pub(crate) fn count(services: usize) -> String {
    format!("{services} serving service{}", if services == 1 { "" } else { "s" })
}

/// A time by the second.
pub(crate) fn time(time: SystemTime) -> String {
    humantime::format_rfc3339_seconds(time).to_string()
}

/// A duration for people: whole seconds, unless it is shorter than one.
pub(crate) fn short(duration: Duration) -> humantime::FormattedDuration {
    let rounded = if duration.as_secs() > 0 { Duration::from_secs(duration.as_secs()) } else { duration };
    humantime::format_duration(rounded)
}
