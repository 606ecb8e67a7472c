//! How to reach a branch's database, password included.

use action::SecretString;
use http::Error;
use serde::Deserialize;

use crate::client::Supabase;
use crate::project::ProjectStatus;
use crate::reference::ProjectRef;

/// A branch's own settings. Its password does not print itself, and no error about
/// this answer quotes it; mask it (`Context::hide`) before anything else sees it.
#[derive(Clone, Debug, Deserialize)]
pub struct BranchConfig {
    /// The branch.
    #[serde(rename = "ref")]
    pub reference: ProjectRef,
    /// How its project is.
    pub status: ProjectStatus,
    /// The database's own host. It has an IPv6 address only, unless the project bought
    /// an IPv4 one (Supabase docs, connecting to Postgres); see [`crate::Pooler`].
    pub db_host: String,
    /// The port there.
    pub db_port: u16,
    /// The user there; left out for a token that may not see it.
    pub db_user: Option<String>,
    /// The password; left out for a token that may not see it.
    #[serde(default, rename = "db_pass", deserialize_with = "secret")]
    pub password: Option<SecretString>,
    /// Such as `17.4.1.020`.
    pub postgres_version: String,
}

fn secret<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<SecretString>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(SecretString::from))
}

impl Supabase {
    /// The settings of a branch.
    ///
    /// # Errors
    /// See [`Error`]; none of them quotes an answer.
    pub async fn branch_config(&self, branch: &ProjectRef) -> Result<BranchConfig, Error> {
        self.client.get(["v1", "branches", branch.as_str()]).private().fetch().await
    }
}

#[cfg(test)]
mod tests {
    use action::ExposeSecret as _;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_password_does_not_print_itself_and_may_be_absent() {
        let mut config = json!({
            "ref": "bbbbbbbbbbbbbbbbbbbb", "status": "ACTIVE_HEALTHY", "postgres_version": "17.4", "postgres_engine": "17",
            "release_channel": "ga", "db_host": "db.bbbbbbbbbbbbbbbbbbbb.supabase.co", "db_port": 5432,
            "db_user": "postgres", "db_pass": "hunter2", "jwt_secret": "hunter3",
        });
        let read: BranchConfig = serde_json::from_value(config.clone()).unwrap();
        assert_eq!(read.password.as_ref().unwrap().expose_secret(), "hunter2");
        assert!(!format!("{read:?}").contains("hunter"));
        config.as_object_mut().unwrap().retain(|name, _| name != "db_pass" && name != "db_user");
        let read: BranchConfig = serde_json::from_value(config.clone()).unwrap();
        assert!(read.password.is_none() && read.db_user.is_none());
        config["db_port"] = json!(65536);
        assert!(serde_json::from_value::<BranchConfig>(config).is_err());
    }
}
