//! Time stamps of the API, where its reference promises RFC 3339.

use std::time::{Duration, SystemTime};

use serde::{Deserialize as _, Deserializer, de};

/// Reads `2026-11-20T10:00:00.5Z`, or the same with an offset.
fn parse(text: &str) -> Option<SystemTime> {
    if text.ends_with('Z') {
        return humantime::parse_rfc3339(text).ok();
    }
    let at = text.len().checked_sub(6)?;
    let (local, offset) = (text.get(..at)?, text.get(at..)?);
    let local = humantime::parse_rfc3339(&format!("{local}Z")).ok()?;
    let (hours, minutes) = offset.get(1..)?.split_once(':')?;
    let minutes: u64 = hours.parse::<u64>().ok()? * 60 + minutes.parse::<u64>().ok()?;
    let offset_by = Duration::from_secs(minutes * 60);
    match offset.as_bytes().first()? {
        b'+' => local.checked_sub(offset_by),
        b'-' => local.checked_add(offset_by),
        _ => None,
    }
}

/// A field that holds a time stamp.
pub(crate) fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SystemTime, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| de::Error::custom("not a time stamp"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utc_and_offsets_mean_the_same_moment() {
        let noon = parse("2026-11-20T12:00:00Z").unwrap();
        for same in ["2026-11-20T12:00:00.000Z", "2026-11-20T12:00:00+00:00", "2026-11-20T05:00:00-07:00"] {
            assert_eq!(parse(same), Some(noon), "{same}");
        }
        for bad in ["", "Z", "2026-11-20", "2026-11-20T12:00:00", "2026-11-20T12:00:00*00:00", "äääääää"]
        {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
