//! Time stamps as Render prints and reads them.

use std::time::{Duration, SystemTime};

/// RFC 3339 in UTC to the microsecond, the precision seen in recorded answers.
pub(super) fn stamp(time: SystemTime) -> String {
    humantime::format_rfc3339_micros(time).to_string()
}

/// Reads an RFC 3339 time, in UTC or with an offset; both occur in the examples
/// of Render's API reference (list logs). `None` when it is not one.
pub(super) fn parse(text: &str) -> Option<SystemTime> {
    if let Ok(time) = humantime::parse_rfc3339(text) {
        return Some(time);
    }
    let (local, offset) = text.split_at_checked(text.len().checked_sub(6)?)?;
    let east = match offset.chars().next()? {
        '+' => true,
        '-' => false,
        _ => return None,
    };
    let (hours, minutes) = offset.get(1..)?.split_once(':')?;
    let shift = Duration::from_secs(hours.parse::<u64>().ok()? * 3600 + minutes.parse::<u64>().ok()? * 60);
    let local = humantime::parse_rfc3339(&format!("{local}Z")).ok()?;
    if east { local.checked_sub(shift) } else { local.checked_add(shift) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_means_the_same_instant_as_utc() {
        let utc = parse("2021-07-15T14:20:05.777035Z").unwrap();
        assert_eq!(parse("2021-07-15T07:20:05.777035-07:00"), Some(utc));
        assert_eq!(parse("2021-07-15T16:20:05.777035+02:00"), Some(utc));
        assert_eq!(stamp(utc), "2021-07-15T14:20:05.777035Z");
    }

    #[test]
    fn what_is_not_a_time_is_refused() {
        for text in ["", "yesterday", "1700000000", "2021-07-15", "é-07:00"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
