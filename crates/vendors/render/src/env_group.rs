//! Env groups: variables that several services share.
//!
//! Only names are read here, never values. A change of a group deploys every linked
//! service that has auto-deploy on (Render docs, environment variables and secrets),
//! so there is no method that changes a variable of one.

use action::Permit;
use http::Error;
use serde::Deserialize;

use crate::client::Render;
use crate::id::{EnvGroupId, ServiceId};
use crate::limits::PAGE;

/// An env group without its variables, as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EnvGroupMeta {
    /// Its id.
    pub id: EnvGroupId,
    /// Its name, for people.
    pub name: String,
    /// The services that it is linked to.
    #[serde(rename = "serviceLinks", deserialize_with = "ids")]
    pub services: Vec<String>,
}

/// The names of an env group's variables, and who shares them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EnvGroup {
    /// Its name, for people.
    pub name: String,
    /// The services that it is linked to.
    #[serde(rename = "serviceLinks", deserialize_with = "ids")]
    pub services: Vec<String>,
    /// The names, in Render's order.
    #[serde(rename = "envVars", deserialize_with = "keys")]
    pub keys: Vec<String>,
}

#[derive(Deserialize)]
struct Link {
    id: String,
}

/// A variable whose value is passed over.
#[derive(Deserialize)]
struct Key {
    key: String,
}

fn ids<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(Vec::<Link>::deserialize(deserializer)?.into_iter().map(|link| link.id).collect())
}

fn keys<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(Vec::<Key>::deserialize(deserializer)?.into_iter().map(|variable| variable.key).collect())
}

impl Render {
    /// Every env group of a workspace. Render's reference shows these rows without
    /// cursors, so nobody can ask for a second page: a workspace with [`PAGE`] groups
    /// or more is an error, never a part of the list.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn env_groups(&self, owner: &str) -> Result<Vec<EnvGroupMeta>, Error> {
        let request =
            self.client.get(["env-groups"]).query("ownerId", owner).query("limit", PAGE.to_string());
        let name = request.name();
        let groups: Vec<EnvGroupMeta> = request.fetch().await?;
        if groups.len() < PAGE {
            return Ok(groups);
        }
        Err(Error::Undocumented {
            request: name,
            status: 200,
            problem: format!("a full page of {PAGE} groups, and no way to the next one"),
            excerpt: format!("{} rows", groups.len()),
            retry_after: None,
        })
    }

    /// The names of a group's variables.
    ///
    /// # Errors
    /// See [`Error`]; none of them quotes an answer.
    pub async fn env_group(&self, group: &EnvGroupId) -> Result<EnvGroup, Error> {
        self.client.get(["env-groups", group.as_str()]).private().fetch().await
    }

    /// Links a service to a group; twice is the same as once. In the dashboard that
    /// deploys a service that has auto-deploy on (Render docs, environment variables and
    /// secrets); whether it does here is not documented.
    ///
    /// # Errors
    /// See [`Error`]; none of them quotes an answer.
    pub async fn link_env_group(
        &self,
        group: &EnvGroupId,
        service: &ServiceId,
        permit: &Permit,
    ) -> Result<(), Error> {
        let path = ["env-groups", group.as_str(), "services", service.as_str()];
        self.client.post(path, permit).private().send().await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_names_are_kept() {
        let group = json!({
            "id": "evg-1", "name": "shared", "ownerId": "tea-1", "createdAt": "x", "updatedAt": "x", "secretFiles": [],
            "serviceLinks": [{"id": "srv-1", "name": "api", "type": "web"}],
            "envVars": [{"key": "A", "value": "hunter2"}, {"key": "B", "value": ""}],
        });
        let meta: EnvGroupMeta = serde_json::from_value(group.clone()).unwrap();
        assert_eq!((meta.name.as_str(), meta.services), ("shared", vec!["srv-1".to_owned()]));
        let group: EnvGroup = serde_json::from_value(group).unwrap();
        assert_eq!(group.keys, ["A", "B"]);
        assert!(!format!("{group:?}").contains("hunter2"));
    }
}
