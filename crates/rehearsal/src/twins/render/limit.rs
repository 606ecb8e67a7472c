//! Rate limits, with the headers that Render sends.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use axum::http::Method;

/// How many requests pass; `None` is without limit.
///
/// Counted in windows that begin with each minute or hour of the calendar: that
/// is what the recorded `Ratelimit-Reset` values show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// `POST /services`, an hour.
    pub service_creations: Option<u32>,
    /// Changing, deploying, suspending and resuming a service share this, a minute
    /// and service.
    pub service_changes: Option<u32>,
    /// `GET`, a minute.
    pub reads: Option<u32>,
    /// All other requests together, a minute.
    pub other_writes: Option<u32>,
}

impl Default for Limits {
    /// The documented ones: 20, 10, 400, 30 (Render's API reference, rate
    /// limiting). In recorded traffic `other_writes` was up to 100.
    fn default() -> Self {
        Self {
            service_creations: Some(20),
            service_changes: Some(10),
            reads: Some(400),
            other_writes: Some(30),
        }
    }
}

impl Limits {
    /// Everything passes, and no header speaks of limits.
    #[must_use]
    pub fn none() -> Self {
        Self { service_creations: None, service_changes: None, reads: None, other_writes: None }
    }
}

/// What the headers of one answer say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) limit: u32,
    pub(super) remaining: u32,
    /// Seconds left, rounded up. Documented as an epoch, recorded as seconds left.
    pub(super) reset: u64,
    pub(super) exceeded: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Bucket {
    Creations,
    Changes(String),
    Reads,
    OtherWrites,
}

impl Bucket {
    fn of(method: &Method, path: &str) -> Self {
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        match (method, parts.as_slice()) {
            (&Method::GET | &Method::HEAD, _) => Self::Reads,
            (&Method::POST, ["services"]) => Self::Creations,
            (&Method::PATCH, ["services", id])
            | (&Method::POST, ["services", id, "deploys" | "suspend" | "resume"]) => {
                Self::Changes((*id).to_owned())
            }
            _ => Self::OtherWrites,
        }
    }

    fn limit(&self, limits: &Limits) -> Option<u32> {
        match self {
            Self::Creations => limits.service_creations,
            Self::Changes(_) => limits.service_changes,
            Self::Reads => limits.reads,
            Self::OtherWrites => limits.other_writes,
        }
    }

    fn window(&self) -> u64 {
        match self {
            Self::Creations => 3600,
            _ => 60,
        }
    }
}

/// Counts requests.
#[derive(Debug, Default)]
pub(super) struct Limiter {
    pub(super) limits: Limits,
    /// By bucket: the window last counted in, and how many so far.
    counts: BTreeMap<Bucket, (u64, u32)>,
}

impl Limiter {
    /// Counts a request for `path` (without `/v1`); `None` when nothing limits it.
    pub(super) fn count(&mut self, method: &Method, path: &str, now: SystemTime) -> Option<Standing> {
        let bucket = Bucket::of(method, path);
        let limit = bucket.limit(&self.limits)?;
        let since_epoch = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let length = bucket.window();
        let window = since_epoch.as_secs() / length;
        let left = Duration::from_secs((window + 1) * length) - since_epoch;
        let entry = self.counts.entry(bucket).or_insert((window, 0));
        if entry.0 != window {
            *entry = (window, 0);
        }
        let exceeded = entry.1 >= limit;
        if !exceeded {
            entry.1 += 1;
        }
        Some(Standing {
            limit,
            remaining: limit - entry.1.min(limit),
            reset: left.as_millis().div_ceil(1000) as u64,
            exceeded,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn changes_share_one_bucket_per_service_until_the_minute_ends() {
        let mut limiter = Limiter::default();
        let paths = ["", "/deploys", "/suspend", "/resume"];
        for used in 0..10_u32 {
            let path = format!("/services/a{}", paths[used as usize % 4]);
            let method = if used % 4 == 0 { Method::PATCH } else { Method::POST };
            let standing = limiter.count(&method, &path, at(6_000_015)).unwrap();
            assert_eq!((standing.limit, standing.remaining), (10, 9 - used));
            assert!(!standing.exceeded);
            assert_eq!(standing.reset, 45);
        }
        let count = |limiter: &mut Limiter, path: &str, second: u64| {
            limiter.count(&Method::POST, path, at(second)).unwrap().exceeded
        };
        assert!(count(&mut limiter, "/services/a/deploys", 6_000_059));
        assert!(!count(&mut limiter, "/services/b/deploys", 6_000_059));
        assert!(!count(&mut limiter, "/services/a/deploys", 6_000_060));
    }

    #[test]
    fn creations_count_by_the_hour_and_the_rest_apart() {
        let mut limiter = Limiter::default();
        let creation = limiter.count(&Method::POST, "/services", at(7_200)).unwrap();
        assert_eq!((creation.limit, creation.reset), (20, 3600));
        let read = limiter.count(&Method::GET, "/logs", at(7_200)).unwrap();
        assert_eq!((read.limit, read.reset), (400, 60));
        let put = Method::PUT;
        let write = limiter.count(&put, "/services/a/env-vars/K", at(7_200)).unwrap();
        assert_eq!((write.limit, write.remaining), (30, 29));
        limiter.limits = Limits::none();
        assert_eq!(limiter.count(&put, "/services/a/env-vars/K", at(7_200)), None);
    }
}
