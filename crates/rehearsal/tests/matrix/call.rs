//! The calls of an undisturbed run, in order.

use std::fmt;

use rehearsal::server::Entry;

use super::harness::place::Place;

/// One call, named so that a fault can meet just this one in another world, where
/// ids differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    /// Which of the world's places.
    pub(crate) place: usize,
    pub(crate) server: &'static str,
    /// Method and path, with placeholders for ids.
    pub(crate) route: String,
    /// Which call of its route, from 1.
    pub(crate) nth: u64,
    /// Whether the same was asked before, so that an answer to it can be stale.
    pub(crate) is_repeated: bool,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "call {} of {} at {}", self.nth, self.route, self.server)
    }
}

impl Call {
    pub(crate) fn method(&self) -> &str {
        self.route.split(' ').next().unwrap_or_default()
    }

    /// Whether it only asks, whatever its method says.
    pub(crate) fn only_reads(&self) -> bool {
        self.route.ends_with("/database/query/read-only")
    }

    /// Whether it is the first look of version-contract at what only a key opens.
    pub(crate) fn is_without_a_key(&self) -> bool {
        self.route == "GET /version/detail" && self.nth == 1
    }
}

/// Every call that reached these places, in order.
pub(crate) fn recorded(places: &[Place]) -> Vec<Call> {
    let mut calls: Vec<(u64, Call)> = Vec::new();
    for (index, place) in places.iter().enumerate() {
        let entries = place.journal.entries();
        for (position, entry) in entries.iter().enumerate() {
            let (route, before) = (route(entry), &entries[..position]);
            let of_route = before.iter().filter(|earlier| self::route(earlier) == route).count() as u64;
            let is_same = |earlier: &Entry| (&earlier.path, &earlier.query) == (&entry.path, &entry.query);
            let call = Call {
                place: index,
                server: place.name,
                nth: of_route + 1,
                is_repeated: entry.method == "GET"
                    && before.iter().any(|earlier| earlier.method == "GET" && is_same(earlier)),
                route,
            };
            calls.push((entry.order, call));
        }
    }
    calls.sort_by_key(|(order, _)| *order);
    calls.into_iter().map(|(_, call)| call).collect()
}

/// Method and path with placeholders where ids stand.
fn route(entry: &Entry) -> String {
    let segments = entry.path.split('/').map(|segment| if is_id(segment) { "{id}" } else { segment });
    format!("{} {}", entry.method, segments.collect::<Vec<_>>().join("/"))
}

/// Ids of Cloudflare (32 hexadecimal digits), of git (40, or two of them with dots in between), of Render
/// (`srv-...`) and of Supabase (20 letters, or `run_...`).
fn is_id(segment: &str) -> bool {
    let is_hex_of =
        |text: &str| [32, 40].contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_hex = segment.split("...").all(is_hex_of);
    let is_render = segment.split_once('-').is_some_and(|(kind, rest)| kind.len() == 3 && rest.len() == 20);
    let is_project = segment.len() == 20 && segment.bytes().all(|byte| byte.is_ascii_lowercase());
    is_hex || is_render || is_project || segment.starts_with("run_")
}
