//! Canaries: secrets that must turn up nowhere but where they belong.

use rehearsal::postgres;
use rehearsal::server::Entry;

use super::place::{Kind, Place};
use super::run::Run;
use super::verdict::{Verdict, ensure};

/// The key of Render's API.
pub(crate) const RENDER_KEY: &str = "rnd_canary_0f5b77d1";

/// The token of Cloudflare's API.
pub(crate) const CLOUDFLARE_TOKEN: &str = "canary-of-cloudflare-2c9e40b7";

/// The token of a job.
pub(crate) const GITHUB_TOKEN: &str = "ghs_canaryOfTheMatrix0123456789abcdef";

/// The key that opens a service's `/version/detail`.
pub(crate) const DEPLOY_KEY: &str = "sk_deploy_canary_9ad0c3";

/// The value of a variable, known to the run.
pub(crate) const PASSWORD: &str = "canary-password-7d31aa";

/// The value of a variable at a vendor, which the run must not repeat even if it
/// reads it.
pub(crate) const STORED: &str = "canary-stored-51e88f";

/// The token of Supabase's API.
pub(crate) const SUPABASE_TOKEN: &str = "sbp_canary89abcdef0123456789abcdef01234567";

/// What the password of every branch that Supabase's twin makes begins with, as it is and as it stands in an address.
pub(crate) const BRANCH_PASSWORDS: [&str; 2] = ["pw:", "pw%3A"];

/// All of them.
pub(crate) const ALL: [&str; 8] = [
    RENDER_KEY,
    CLOUDFLARE_TOKEN,
    GITHUB_TOKEN,
    SUPABASE_TOKEN,
    DEPLOY_KEY,
    PASSWORD,
    STORED,
    postgres::PASSWORD,
];

/// The document of a service that a key opens.
const DETAIL: &str = "/version/detail";

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
        for entry in place.journal.entries() {
            ensure(is_told_as_it_should(&entry, place.kind), || {
                format!("credentials: {} in {} {}", entry.authorized, entry.method, entry.path)
            })?;
        }
    }
    Ok(())
}

/// Vendors are asked with credentials, and nobody else but for what a key opens.
fn is_told_as_it_should(entry: &Entry, kind: Kind) -> bool {
    match kind {
        Kind::Judged => !entry.authorized || entry.path == DETAIL,
        _ => entry.authorized == kind.is_vendor(),
    }
}

fn strays(entry: &Entry, canary: &str) -> bool {
    if canary != PASSWORD || entry.method != "PUT" || !entry.path.ends_with(SETS_PASSWORD) {
        return entry.contains(canary);
    }
    let mut elsewhere = entry.clone();
    elsewhere.body = Default::default();
    elsewhere.contains(canary)
}
