//! Canaries: secrets that must turn up nowhere but where they belong.

use rehearsal::server::Entry;

use super::place::Place;
use super::run::Run;
use super::verdict::{Verdict, ensure};

/// The key of Render's API.
pub(crate) const RENDER_KEY: &str = "rnd_canary_0f5b77d1";

/// The token of Cloudflare's API.
pub(crate) const CLOUDFLARE_TOKEN: &str = "canary-of-cloudflare-2c9e40b7";

/// The value of a variable, known to the run.
pub(crate) const PASSWORD: &str = "canary-password-7d31aa";

/// The value of a variable at a vendor, which the run must not repeat even if it
/// reads it.
pub(crate) const STORED: &str = "canary-stored-51e88f";

/// All of them.
pub(crate) const ALL: [&str; 4] = [RENDER_KEY, CLOUDFLARE_TOKEN, PASSWORD, STORED];

/// The route on which [`PASSWORD`] belongs into the body.
const SETS_PASSWORD: &str = "/env-vars/PASSWORD";

/// What a vendor says that throws a run's secrets back at it.
pub(crate) fn echo(secrets: &[&str]) -> String {
    format!("refused: {}", secrets.join(" "))
}

/// No canary is shown by the run or sent to the wrong place.
pub(crate) fn kept(run: &Run, places: &[Place]) -> Verdict {
    let leaks = run.told.leaks();
    ensure(leaks.is_empty(), || format!("a secret is shown: {}", leaks.join("\n")))?;
    for canary in ALL {
        for place in places {
            for entry in place.journal.entries() {
                ensure(!strays(&entry, canary), || {
                    format!("{canary} strays into {} {}", entry.method, entry.path)
                })?;
            }
        }
    }
    for place in places {
        let is_api = place.kind.is_vendor();
        for entry in place.journal.entries() {
            ensure(entry.authorized == is_api, || {
                format!("credentials: {} in {} {}", entry.authorized, entry.method, entry.path)
            })?;
        }
    }
    Ok(())
}

fn strays(entry: &Entry, canary: &str) -> bool {
    if canary != PASSWORD || entry.method != "PUT" || !entry.path.ends_with(SETS_PASSWORD) {
        return entry.contains(canary);
    }
    let mut elsewhere = entry.clone();
    elsewhere.body = Default::default();
    elsewhere.contains(canary)
}
