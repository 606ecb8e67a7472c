//! The rate limit.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

/// Requests a minute for each project and endpoint (Supabase docs, Management API,
/// rate limits).
const LIMIT: u32 = 120;

const MINUTE: Duration = Duration::from_secs(60);

/// Counts requests; the minute begins with the first.
#[derive(Debug)]
pub(super) struct Limiter {
    /// `None` is without limit.
    pub(super) limit: Option<u32>,
    counts: BTreeMap<String, (SystemTime, u32)>,
}

impl Default for Limiter {
    fn default() -> Self {
        Self { limit: Some(LIMIT), counts: BTreeMap::new() }
    }
}

/// Where a caller stands after a request.
pub(super) struct Standing {
    pub(super) limit: u32,
    pub(super) remaining: u32,
    /// In seconds.
    pub(super) reset: u64,
    pub(super) exceeded: bool,
}

impl Limiter {
    /// Counts a request; nothing when there is no limit.
    pub(super) fn count(&mut self, endpoint: &str, now: SystemTime) -> Option<Standing> {
        let limit = self.limit?;
        let (since, used) = self.counts.entry(endpoint.to_owned()).or_insert((now, 0));
        if now >= *since + MINUTE {
            (*since, *used) = (now, 0);
        }
        let exceeded = *used >= limit;
        *used = used.saturating_add(1).min(limit);
        let left = (*since + MINUTE).duration_since(now).unwrap_or_default();
        Some(Standing { limit, remaining: limit - *used, reset: left.as_secs().max(1), exceeded })
    }
}
