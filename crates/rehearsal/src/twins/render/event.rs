//! What happened to a service, as the list of events shows it.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::clock::Skew;
use super::deploy::{Deploy, Making, Status, Trigger};
use super::time::stamp;

/// One row of the list of events.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) id: String,
    pub(super) sequence: u64,
    pub(super) at: SystemTime,
    pub(super) kind: &'static str,
    pub(super) details: Value,
}

impl Event {
    /// Its JSON, the shape of `event` in Render's API reference.
    pub(super) fn json(&self, service: &str, skew: Skew) -> Value {
        json!({
            "id": self.id,
            "timestamp": stamp(skew.shown(self.at)),
            "serviceId": service,
            "type": self.kind,
            "details": self.details,
        })
    }
}

/// The details of `deploy_started`.
pub(super) fn deploy_started(deploy: &Deploy, is_first: bool) -> Value {
    let mut trigger = json!({
        "firstBuild": is_first,
        "envUpdated": deploy.trigger == Trigger::ServiceUpdated,
        "manual": matches!(deploy.trigger, Trigger::Api | Trigger::Manual),
        "deployedByRender": deploy.trigger == Trigger::DeployedByRender,
        "clearCache": matches!(deploy.making, Making::Build { clear_cache: true }),
        "rollback": deploy.trigger == Trigger::Rollback,
    });
    if let (Trigger::NewCommit, Some(commit)) = (deploy.trigger, deploy.commit()) {
        trigger["newCommit"] = json!(commit);
    }
    if let Making::Rollback { target, .. } = &deploy.making {
        trigger["rollbackTargetDeployId"] = json!(target);
    }
    json!({"deployId": deploy.id, "trigger": trigger})
}

/// The details of `deploy_ended`. The number in `status` is deprecated and its
/// values are not published; these three are only told apart.
pub(super) fn deploy_ended(deploy: &Deploy) -> Value {
    let (number, word) = match deploy.status {
        Status::Live | Status::Deactivated => (2, "succeeded"),
        Status::Canceled => (4, "canceled"),
        _ => (3, "failed"),
    };
    json!({"deployId": deploy.id, "reason": {}, "status": number, "deployStatus": word})
}
