//! Commit statuses: who said what about a commit, context by context.

use std::fmt;

use action::Permit;
use http::Error;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::client::{GitHub, PAGE};
use crate::sha::Sha;

/// A status (GitHub's OpenAPI document, `status`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Status {
    /// What it says.
    pub state: State,
    /// The label of whoever said it; letter case does not count.
    pub context: String,
    /// A few words for people.
    pub description: Option<String>,
    /// Where to read more.
    pub target_url: Option<String>,
    /// When it was said, as GitHub prints it: RFC 3339 in UTC.
    pub created_at: String,
    /// The account that said it; nobody when that account is gone.
    pub creator: Option<Account>,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Account {
    /// Its name; that of an app ends in `[bot]`, which no person's can.
    pub login: String,
}

/// What a status says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum State {
    /// It went well.
    Success,
    /// It has not ended.
    Pending,
    /// It did not go well.
    Failure,
    /// It could not be told.
    Error,
    /// A word that this version does not know.
    Other(String),
}

impl State {
    /// The word that GitHub uses.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Success => "success",
            Self::Pending => "pending",
            Self::Failure => "failure",
            Self::Error => "error",
            Self::Other(word) => word,
        }
    }
}

impl From<String> for State {
    fn from(word: String) -> Self {
        match word.as_str() {
            "success" => Self::Success,
            "pending" => Self::Pending,
            "failure" => Self::Failure,
            "error" => Self::Error,
            _ => Self::Other(word),
        }
    }
}

impl From<State> for String {
    fn from(state: State) -> Self {
        state.word().to_owned()
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl Status {
    /// The creator's login; empty when there is no creator.
    #[must_use]
    pub fn creator(&self) -> &str {
        self.creator.as_ref().map_or("", |account| &account.login)
    }
}

/// A status to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewStatus {
    /// What it says.
    pub state: State,
    /// Its label.
    pub context: String,
    /// A few words for people; GitHub takes 140 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where to read more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_url: Option<String>,
}

impl GitHub {
    /// All statuses of a commit, the newest first (GitHub's REST docs, commit
    /// statuses). Needs `statuses: read`.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn statuses(&self, commit: &Sha) -> Result<Vec<Status>, Error> {
        self.read_pages(&self.statuses_of(commit), &json!({"per_page": PAGE}), |_| false).await
    }

    /// The newest status of one context, whatever it says; the pages behind it are
    /// not read. Needs `statuses: read`.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn newest_status(&self, commit: &Sha, context: &str) -> Result<Option<Status>, Error> {
        let of_context = |status: &Status| same_context(&status.context, context);
        let query = json!({"per_page": PAGE});
        let read: Vec<Status> =
            self.read_pages(&self.statuses_of(commit), &query, |read| read.iter().any(of_context)).await?;
        Ok(read.into_iter().find(of_context))
    }

    /// Adds a status to a commit; GitHub keeps the older ones. Needs `statuses: write`.
    ///
    /// # Errors
    /// See [`Error`]; 422 after 1,000 statuses of one commit and context, and for a
    /// commit that does not exist. After an unknown [`Error::outcome`] the caller
    /// looks for the status.
    pub async fn create_status(
        &self,
        commit: &Sha,
        status: &NewStatus,
        permit: &Permit,
    ) -> Result<Status, Error> {
        let route = self.route(["statuses", commit.as_str()]);
        let request = format!("POST {route}");
        self.write(permit, &request, async |octocrab| octocrab.post(&route, Some(status)).await).await
    }

    fn statuses_of(&self, commit: &Sha) -> String {
        self.route(["commits", commit.as_str(), "statuses"])
    }
}

/// GitHub compares contexts without regard to letter case (its OpenAPI document).
fn same_context(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}
