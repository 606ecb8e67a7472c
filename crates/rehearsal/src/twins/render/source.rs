//! What a deploy ships.

use std::time::SystemTime;

/// The commit of a deploy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// The full SHA.
    pub id: String,
    /// Its message.
    pub message: String,
    /// When it was made.
    pub created_at: SystemTime,
}

/// What a deploy ships.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A commit of the service's repository.
    Commit(Commit),
    /// An image; `digest` is what its reference resolved to.
    Image {
        /// The reference, such as `docker.io/acme/api:1.2`.
        reference: String,
        /// `sha256:` and 64 hex digits.
        digest: String,
    },
}

/// An image deploy's source; the digest is made up from the reference.
pub(super) fn image(reference: &str) -> Source {
    let digest = (0_u64..4)
        .map(|part| format!("{:016x}", fastrand::Rng::with_seed(hash(reference, part)).u64(..)))
        .collect::<String>();
    Source::Image { reference: reference.to_owned(), digest: format!("sha256:{digest}") }
}

/// A commit of which nothing but its SHA was told.
pub(super) fn unknown_commit(sha: &str, now: SystemTime) -> Commit {
    Commit { id: sha.to_owned(), message: format!("commit {}", sha.get(..7).unwrap_or(sha)), created_at: now }
}

/// FNV-1a: any spread-out number will do.
fn hash(text: &str, seed: u64) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325 ^ seed, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
