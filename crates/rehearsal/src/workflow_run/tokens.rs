//! The token of each job.

use std::fmt::Debug;

use workflow::permissions::{Access, Permissions};

use crate::twins::github::{GitHub, Level, Token};

/// What one token is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// `owner/name`.
    pub repository: String,
    /// The run.
    pub run: u64,
    /// The job's id in the file.
    pub job: String,
    /// Exactly what it may do.
    pub permissions: Permissions,
}

/// Who hands out tokens: the one that the twin of GitHub will ask what a token may do.
pub trait Tokens: Debug + Send + Sync {
    /// A fresh token for a job that starts.
    fn issue(&self, grant: &Grant) -> String;

    /// The job has ended, and its token with it (GitHub docs, "Automatic token authentication").
    fn revoke(&self, token: &str);
}

/// The twin of GitHub accepts each token for what it was granted, until its job has ended.
impl Tokens for GitHub {
    fn issue(&self, grant: &Grant) -> String {
        let token = Unchecked.issue(grant);
        let levels = grant.permissions.0.iter().filter_map(|(scope, access)| {
            let level = match access {
                Access::None => return None,
                Access::Read => Level::Read,
                Access::Write => Level::Write,
            };
            Some((scope.as_str(), level))
        });
        self.add_token(&token, Token::of_a_job(&levels.collect::<Vec<_>>()));
        token
    }

    fn revoke(&self, token: &str) {
        self.revoke_token(token);
    }
}

/// Tokens that nobody checks, for worlds without a twin of GitHub.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unchecked;

impl Tokens for Unchecked {
    fn issue(&self, _: &Grant) -> String {
        // The real one's form: `ghs_` and 36 characters.
        let random = std::iter::repeat_with(fastrand::alphanumeric).take(36);
        "ghs_".chars().chain(random).collect()
    }

    fn revoke(&self, _: &str) {}
}
