//! Time stamps of vendors: RFC 3339, in UTC or with an offset.

use std::time::{Duration, SystemTime};

use serde::{Deserialize as _, Deserializer, de};

/// Reads a time stamp, such as `2026-11-20T10:00:00.5Z` or `...-07:00` (Render's API reference shows both); nothing when
/// it is none.
#[must_use]
pub fn parse(text: &str) -> Option<SystemTime> {
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

/// Reads a field that holds a time stamp (`deserialize_with`).
///
/// # Errors
/// It is no text, or no time stamp.
pub fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SystemTime, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| de::Error::custom("not a time stamp"))
}

/// Reads a field that holds a time stamp, holds null, or is missing (`default, deserialize_with`).
///
/// # Errors
/// It is something else.
pub fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SystemTime>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else {
        return Ok(None);
    };
    parse(&text).map(Some).ok_or_else(|| de::Error::custom("not a time stamp"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utc_and_offsets_mean_the_same_moment() {
        let seconds =
            |text| parse(text)?.duration_since(SystemTime::UNIX_EPOCH).ok().map(|d| d.as_secs_f64());
        assert_eq!(seconds("2021-07-15T14:20:05.5Z"), Some(1_626_358_805.5));
        assert_eq!(seconds("2021-07-15T07:20:05.5-07:00"), Some(1_626_358_805.5));
        assert_eq!(seconds("2021-07-15T16:20:05.5+02:00"), Some(1_626_358_805.5));
        for bad in [
            "",
            "Z",
            "2021-07-15",
            "2021-07-15T14:20:05",
            "2021-07-15T14:20:05+0200",
            "2021-07-15T14:20:05*02:00",
            "soonsoonsoon",
            "äääääää",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
