//! Our note in a record's comment: since when its TTL has been short.
//!
//! A flip changes the record's `modified_on`, so the next flip could not tell from
//! it how long the TTL has been what it is. Comments have no effect on DNS
//! (Cloudflare docs, "Record attributes").

use std::fmt;
use std::ops::Range;
use std::time::SystemTime;

const START: &str = "[greenroom ttl";
const MIDDLE: &str = " since ";
const END: char = ']';

/// Says that resolvers have been told a TTL of at most `ttl` seconds since `since`.
/// Written as `[greenroom ttl60 since 2026-01-02T03:04:05Z]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Marker {
    /// In seconds.
    pub(crate) ttl: u32,
    /// Written in whole seconds.
    pub(crate) since: SystemTime,
}

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{START}{}{MIDDLE}{}{END}", self.ttl, humantime::format_rfc3339_seconds(self.since))
    }
}

impl Marker {
    /// The first marker in a comment.
    pub(crate) fn find(comment: &str) -> Option<Self> {
        locate(comment).map(|(_, marker)| marker)
    }

    /// The comment with this marker in the place of the one it has, or else at its
    /// end. Every other byte stays. `None` when it would be longer than `limit`
    /// characters.
    pub(crate) fn write_into(self, comment: &str, limit: usize) -> Option<String> {
        let marked = match locate(comment) {
            Some((range, _)) => format!("{}{self}{}", &comment[..range.start], &comment[range.end..]),
            None if comment.is_empty() => self.to_string(),
            None => format!("{comment} {self}"),
        };
        (marked.chars().count() <= limit).then_some(marked)
    }
}

/// The first text that is a whole marker, and where it stands.
fn locate(comment: &str) -> Option<(Range<usize>, Marker)> {
    comment.match_indices(START).find_map(|(start, _)| {
        let end = start + comment[start..].find(END)? + END.len_utf8();
        let marker = parse(&comment[start..end])?;
        Some((start..end, marker))
    })
}

fn parse(text: &str) -> Option<Marker> {
    let (ttl, since) = text.strip_prefix(START)?.strip_suffix(END)?.split_once(MIDDLE)?;
    let marker = Marker { ttl: ttl.parse().ok()?, since: humantime::parse_rfc3339(since).ok()? };
    // Only what we write ourselves; anything else is somebody's text.
    (marker.to_string() == text).then_some(marker)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn marker(ttl: u32, seconds: u64) -> Marker {
        Marker { ttl, since: SystemTime::UNIX_EPOCH + Duration::from_secs(seconds) }
    }

    #[test]
    fn it_is_appended_then_replaced_in_its_place() {
        let first = marker(60, 1_767_323_045);
        let text = first.write_into("owner: web", 100).unwrap();
        assert_eq!(text, "owner: web [greenroom ttl60 since 2026-01-02T03:04:05Z]");
        assert_eq!(Marker::find(&text), Some(first));
        let later = marker(60, 1_767_323_046);
        let edited = format!("{text}, ask @ops");
        assert_eq!(
            later.write_into(&edited, 100).unwrap(),
            "owner: web [greenroom ttl60 since 2026-01-02T03:04:06Z], ask @ops"
        );
        assert_eq!(first.write_into("", 100).unwrap(), first.to_string());
    }

    #[test]
    fn a_comment_without_room_is_left_alone() {
        let length = marker(60, 0).to_string().len();
        assert_eq!(marker(60, 0).write_into("ä", length + 1), None);
        assert!(marker(60, 0).write_into("ä", length + 2).is_some(), "characters count, not bytes");
    }

    #[test]
    fn only_a_whole_marker_is_one() {
        for text in [
            "",
            "[greenroom ttl60 since soon]",
            "[greenroom ttl60 since 2026-01-02T03:04:05Z",
            "[greenroom ttl060 since 2026-01-02T03:04:05Z]",
            "[greenroom ttl60 since 2026-01-02T03:04:05.5Z]",
            "[greenroom ttl-1 since 2026-01-02T03:04:05Z]",
            "[greenroom ttl99999999999 since 2026-01-02T03:04:05Z]",
            "[greenroom ttl60 since 2026-13-02T03:04:05Z]",
        ] {
            assert_eq!(Marker::find(text), None, "{text}");
        }
        let broken_first = "[greenroom ttl60 since soon] [greenroom ttl30 since 1970-01-01T00:00:00Z]";
        assert_eq!(Marker::find(broken_first), Some(marker(30, 0)));
    }

    proptest! {
        #[test]
        fn other_text_is_kept_and_the_marker_is_found_again(
            before in "[^\\n\\r]{0,30}",
            ttl in any::<u32>(),
            seconds in 0_u64..4_000_000_000,
            later in 0_u64..4_000_000_000,
        ) {
            prop_assume!(Marker::find(&before).is_none());
            let marker = marker(ttl, seconds);
            let text = marker.write_into(&before, 1_000).unwrap();
            prop_assert_eq!(Marker::find(&text), Some(marker));
            prop_assert!(text.starts_with(&before));
            prop_assert_eq!(marker.write_into(&text, 1_000).unwrap(), text.clone(), "twice is once");
            let replaced = super::tests::marker(ttl, later).write_into(&text, 1_000).unwrap();
            prop_assert!(replaced.starts_with(&before));
            prop_assert_eq!(replaced.len(), text.len());
        }

        #[test]
        fn no_comment_breaks_the_search(comment in "(\\[greenroom ttl|[0-9]| since |\\]|é|[a-z]){0,12}") {
            let _ = Marker::find(&comment);
        }
    }
}
