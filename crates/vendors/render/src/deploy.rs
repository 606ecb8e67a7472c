//! Deploys: begun, watched, cancelled.

use std::time::SystemTime;

use action::Permit;
use http::Error;
use serde::{Deserialize, Serialize};

use crate::client::Render;
use crate::id::{DeployId, ServiceId};
use crate::limits::PAGE;
use crate::page::{self, Page, Row};
use http::words;

/// A deploy.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Deploy {
    /// Its id.
    pub id: DeployId,
    /// Where it stands.
    pub status: Status,
    /// Why it began.
    pub trigger: Option<Trigger>,
    /// What it ships; nothing for an image (recorded traffic).
    pub commit: Option<Commit>,
    /// The image that it ships; nothing for a repository.
    pub image: Option<Image>,
    /// When it came into being, by Render's clock.
    #[serde(default, deserialize_with = "http::time::optional")]
    pub created_at: Option<SystemTime>,
    /// When it ended, by Render's clock.
    #[serde(default, deserialize_with = "http::time::optional")]
    pub finished_at: Option<SystemTime>,
}

/// The commit of a deploy.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Commit {
    /// The full SHA.
    pub id: String,
}

/// The image of a deploy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Image {
    /// The reference that was asked for.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    /// The digest that it resolved to.
    pub sha: Option<String>,
}

words! {
    /// Where a deploy stands: the eleven words of Render's API reference.
    Status {
        /// It exists.
        Created = "created",
        /// It waits for its turn: one deploy at a time per service.
        Queued = "queued",
        /// It is being built.
        BuildInProgress = "build_in_progress",
        /// Its pre-deploy command runs.
        PreDeployInProgress = "pre_deploy_in_progress",
        /// Its new instances start, the old ones still serve.
        UpdateInProgress = "update_in_progress",
        /// It serves.
        Live = "live",
        /// It served, until a newer deploy did.
        Deactivated = "deactivated",
        /// The build failed.
        BuildFailed = "build_failed",
        /// The pre-deploy command failed.
        PreDeployFailed = "pre_deploy_failed",
        /// The new instances did not come up.
        UpdateFailed = "update_failed",
        /// Somebody cancelled it, or a newer deploy took its place.
        Canceled = "canceled",
    }
}

impl Status {
    /// Whether nothing more happens to the deploy by itself. A status that this
    /// version does not know is taken for one on the way.
    #[must_use]
    pub const fn is_terminal(&self) -> bool {
        matches!(
            self,
            Self::Live
                | Self::Deactivated
                | Self::BuildFailed
                | Self::PreDeployFailed
                | Self::UpdateFailed
                | Self::Canceled
        )
    }

    /// Whether the new version is built, so that the end is near.
    #[must_use]
    pub const fn is_near_the_end(&self) -> bool {
        matches!(self, Self::PreDeployInProgress | Self::UpdateInProgress)
    }
}

words! {
    /// Why a deploy began. Render's own word `other` is [`Trigger::Other`] too.
    Trigger {
        /// A request to the API.
        Api = "api",
        /// A blueprint was synced.
        BlueprintSync = "blueprint_sync",
        /// A deploy hook was called.
        DeployHook = "deploy_hook",
        /// Render itself.
        DeployedByRender = "deployed_by_render",
        /// A person in the dashboard.
        Manual = "manual",
        /// A push.
        NewCommit = "new_commit",
        /// A rollback, which takes the old deploy's variables with it (Render
        /// docs, rollbacks).
        Rollback = "rollback",
        /// The service was resumed.
        ServiceResumed = "service_resumed",
        /// The service's settings, or a linked env group, changed.
        ServiceUpdated = "service_updated",
    }
}

/// What to deploy. Render takes no variables here: a deploy ships those that are
/// set on the service (Render's API reference, trigger deploy).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewDeploy {
    /// A commit instead of the branch's latest. Not for cron jobs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit_id: Option<String>,
    /// An image; its host, repository and name must be those of the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_url: Option<String>,
    /// Throws the build cache away first.
    #[serde(skip_serializing_if = "is_not", serialize_with = "clear")]
    pub clear_cache: bool,
}

fn is_not(flag: &bool) -> bool {
    !flag
}

fn clear<S: serde::Serializer>(_: &bool, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str("clear")
}

/// What became of a request to deploy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Triggered {
    /// 201: this is the deploy. It may have ended already; a cron job's was
    /// recorded as `live` in this very answer.
    Deploy(Deploy),
    /// 202 without a body: there will be a deploy, and it has no id yet. So did 16
    /// of 49 recorded triggers, all those of private services among them.
    Accepted,
}

/// Which deploys to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeployFilter {
    /// Only those that stand there; none means all.
    pub statuses: Vec<Status>,
    /// Rows on the page, 1 to [`PAGE`].
    pub limit: usize,
    /// Where the page begins: [`Page::next`] of the one before.
    pub cursor: Option<String>,
}

impl Default for DeployFilter {
    /// All of them, from the newest, as many as a page holds.
    fn default() -> Self {
        Self { statuses: Vec::new(), limit: PAGE, cursor: None }
    }
}

#[derive(Deserialize)]
struct DeployRow {
    deploy: Deploy,
    cursor: String,
}

impl Row for DeployRow {
    type Item = Deploy;

    fn split(self) -> (Deploy, String) {
        (self.deploy, self.cursor)
    }
}

impl Render {
    /// One page of a service's deploys. Render's answers begin with the newest;
    /// its reference does not promise that.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn deploys(&self, service: &ServiceId, filter: &DeployFilter) -> Result<Page<Deploy>, Error> {
        let mut request = self.client.get(["services", service.as_str(), "deploys"]);
        for status in &filter.statuses {
            request = request.query("status", status.word());
        }
        page::one::<DeployRow>(request, filter.limit.clamp(1, PAGE), filter.cursor.as_deref()).await
    }

    /// The newest [`PAGE`] deploys of a service, and what Render's own clock showed when
    /// it answered: the `Date` header, to the whole second below (RFC 9110, section
    /// 6.6.1). With it time stamps of deploys can be judged without our own clock.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn dated_deploys(
        &self,
        service: &ServiceId,
    ) -> Result<(Page<Deploy>, Option<SystemTime>), Error> {
        page::first_dated::<DeployRow>(self.client.get(["services", service.as_str(), "deploys"]), PAGE).await
    }

    /// One deploy.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn deploy(&self, service: &ServiceId, deploy: &DeployId) -> Result<Deploy, Error> {
        self.client.get(["services", service.as_str(), "deploys", deploy.as_str()]).fetch().await
    }

    /// Asks for a deploy. Render knows no idempotency key, so after an error whose
    /// [`Error::outcome`] is unknown the caller looks at the list of deploys and
    /// never asks again.
    ///
    /// # Errors
    /// See [`Error`]; 409 when the service cannot be deployed just now.
    pub async fn trigger_deploy(
        &self,
        service: &ServiceId,
        new: &NewDeploy,
        permit: &Permit,
    ) -> Result<Triggered, Error> {
        let answer =
            self.client.post(["services", service.as_str(), "deploys"], permit).json(new).send().await?;
        if answer.status() == 202 || answer.body().is_empty() {
            return Ok(Triggered::Accepted);
        }
        answer.json().map(Triggered::Deploy)
    }

    /// Cancels a deploy that has not ended; one that waits begins at once (Render
    /// docs, deploys). Not for cron jobs.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn cancel_deploy(
        &self,
        service: &ServiceId,
        deploy: &DeployId,
        permit: &Permit,
    ) -> Result<Deploy, Error> {
        let path = ["services", service.as_str(), "deploys", deploy.as_str(), "cancel"];
        self.client.post(path, permit).fetch().await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn six_of_eleven_statuses_are_the_end_and_an_unknown_one_is_not() {
        let words = [
            "created",
            "queued",
            "build_in_progress",
            "pre_deploy_in_progress",
            "update_in_progress",
            "live",
            "deactivated",
            "build_failed",
            "pre_deploy_failed",
            "update_failed",
            "canceled",
        ];
        let statuses = words.map(|word| Status::from(word.to_owned()));
        assert!(statuses.iter().zip(words).all(|(status, word)| status.word() == word));
        assert!(!statuses.iter().any(|status| matches!(status, Status::Other(_))));
        assert_eq!(
            statuses.iter().map(Status::is_terminal).collect::<Vec<_>>(),
            [false, false, false, false, false, true, true, true, true, true, true]
        );
        assert!(!Status::from("new_in_2027".to_owned()).is_terminal());
    }

    #[test]
    fn a_deploy_of_an_image_has_no_commit_and_times_may_be_missing() {
        let deploy: Deploy = serde_json::from_value(json!({
            "id": "dep-1", "status": "live", "trigger": "other", "commit": null, "finishedAt": null,
            "image": {"ref": "docker.io/acme/api:1", "sha": "sha256:ab"}, "createdAt": "2026-11-20T10:00:00.5Z",
        }))
        .unwrap();
        assert_eq!((deploy.commit, deploy.finished_at), (None, None));
        assert_eq!(deploy.trigger, Some(Trigger::Other("other".into())));
        assert!(deploy.created_at.is_some());
        assert!(serde_json::from_value::<Deploy>(json!({"id": "dep-1", "status": 5})).is_err());
    }

    #[test]
    fn a_request_holds_only_what_was_asked_for() {
        let body = |new: &NewDeploy| serde_json::to_value(new).unwrap();
        assert_eq!(body(&NewDeploy::default()), json!({}));
        let commit = NewDeploy { commit_id: Some("abc".into()), clear_cache: true, ..NewDeploy::default() };
        assert_eq!(body(&commit), json!({"commitId": "abc", "clearCache": "clear"}));
    }
}
