//! Rate limits, as answers tell them.

use std::time::{Duration, SystemTime};

use reqwest::header::HeaderMap;

/// Values below this are seconds left, above it seconds since 1970. Render's
/// reference says epoch seconds, its recorded answers hold seconds left;
/// GitHub's `x-ratelimit-reset` is an epoch.
const EPOCH_FROM: u64 = 1_000_000_000;

/// How long the other side wants to be left alone: `Retry-After`, else the
/// vendor's `Ratelimit-Reset` when nothing remains or the answer is a 429.
pub(crate) fn retry_after(status: u16, headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    if let Some(wish) = text("retry-after").and_then(|wish| seconds_or_date(wish, now)) {
        return Some(wish);
    }
    let exhausted = numbers(headers, "ratelimit-remaining").any(|left| left == 0);
    if status != 429 && !(exhausted && status == 403) {
        return None;
    }
    let reset = numbers(headers, "ratelimit-reset").max()?;
    if reset < EPOCH_FROM {
        return Some(Duration::from_secs(reset));
    }
    let at = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(reset))?;
    Some(at.duration_since(now).unwrap_or_default())
}

/// Every value of the header, with or without `x-` before its name: some of
/// Render's writes are under two limits and answer with two of each.
fn numbers(headers: &HeaderMap, name: &str) -> impl Iterator<Item = u64> {
    let both = headers.get_all(name).iter().chain(headers.get_all(format!("x-{name}")));
    both.filter_map(|value| value.to_str().ok()?.trim().parse().ok())
}

fn seconds_or_date(text: &str, now: SystemTime) -> Option<Duration> {
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = httpdate::parse_http_date(text).ok()?;
    Some(at.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(status: u16, headers: &[(&'static str, &str)]) -> Option<u64> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        retry_after(status, &map, now).map(|wish| wish.as_secs())
    }

    #[test]
    fn seconds_dates_and_both_kinds_of_reset() {
        assert_eq!(wish(503, &[("retry-after", "7")]), Some(7));
        assert_eq!(wish(429, &[("retry-after", "Fri, 15 Jan 2027 08:00:30 GMT")]), Some(30));
        assert_eq!(wish(429, &[("retry-after", "Fri, 15 Jan 2021 08:00:30 GMT")]), Some(0));
        assert_eq!(wish(429, &[("ratelimit-reset", "54")]), Some(54));
        assert_eq!(wish(429, &[("x-ratelimit-reset", "1800000060")]), Some(60));
        assert_eq!(wish(429, &[("ratelimit-reset", "5"), ("ratelimit-reset", "31")]), Some(31));
        assert_eq!(wish(403, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "9")]), Some(9));
        assert_eq!(wish(403, &[("x-ratelimit-remaining", "5"), ("x-ratelimit-reset", "9")]), None);
        assert_eq!(wish(200, &[("ratelimit-remaining", "0"), ("ratelimit-reset", "54")]), None);
        assert_eq!(wish(429, &[("retry-after", "soon"), ("ratelimit-reset", "x")]), None);
    }
}
