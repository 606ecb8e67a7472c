//! A service's own environment variables.
//!
//! They are saved and nothing more: the process sees them after the next deploy
//! (Render's own tools ask for a deploy after each write). Those of linked env
//! groups appear nowhere here, and a service's own value beats a group's (Render
//! docs, environment variables and secrets).

use action::{ExposeSecret as _, Permit, SecretString};
use http::Error;
use serde::Deserialize;
use serde_json::json;

use crate::client::Render;
use crate::id::ServiceId;
use crate::page::{self, Row};

/// A variable. Its value may be a secret, so it does not print itself.
#[derive(Clone, Debug, Deserialize)]
pub struct Variable {
    /// Its name.
    pub key: String,
    /// Its value.
    #[serde(deserialize_with = "secret")]
    pub value: SecretString,
}

fn secret<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    String::deserialize(deserializer).map(SecretString::from)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct VariableRow {
    env_var: Variable,
    cursor: String,
}

impl Row for VariableRow {
    type Item = Variable;

    fn split(self) -> (Variable, String) {
        (self.env_var, self.cursor)
    }
}

impl Render {
    /// All variables of a service, to the last page.
    ///
    /// # Errors
    /// See [`Error`]; none of them quotes an answer.
    pub async fn variables(&self, service: &ServiceId) -> Result<Vec<Variable>, Error> {
        let request = || self.client.get(["services", service.as_str(), "env-vars"]).private();
        page::all::<VariableRow>(request).await
    }

    /// One variable of a service; `None` when Render answers 404, which it also
    /// does for a service that it does not know.
    ///
    /// # Errors
    /// See [`Error`]; none of them quotes an answer.
    pub async fn variable(&self, service: &ServiceId, key: &str) -> Result<Option<Variable>, Error> {
        let request = self.client.get(["services", service.as_str(), "env-vars", key]).private();
        match request.fetch().await {
            Err(Error::Refused { status: 404, .. }) => Ok(None),
            found => found.map(Some),
        }
    }

    /// Sets one variable and leaves the others alone. (PUT on the whole list would
    /// delete whatever it does not name.)
    ///
    /// # Errors
    /// See [`Error`]; none of them quotes an answer.
    pub async fn set_variable(
        &self,
        service: &ServiceId,
        key: &str,
        value: &SecretString,
        permit: &Permit,
    ) -> Result<(), Error> {
        let request = self.client.put(["services", service.as_str(), "env-vars", key], permit).private();
        let _: Variable = request.json(&json!({"value": value.expose_secret()})).fetch().await?;
        Ok(())
    }

    /// Deletes one variable; one that is gone already is no error.
    ///
    /// # Errors
    /// See [`Error`]; none of them quotes an answer.
    pub async fn delete_variable(
        &self,
        service: &ServiceId,
        key: &str,
        permit: &Permit,
    ) -> Result<(), Error> {
        let request = self.client.delete(["services", service.as_str(), "env-vars", key], permit).private();
        match request.send().await {
            Ok(_) | Err(Error::Refused { status: 404, .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_does_not_print_its_value() {
        let variable: Variable = serde_json::from_str(r#"{"key":"PASSWORD","value":"hunter2"}"#).unwrap();
        assert_eq!(variable.value.expose_secret(), "hunter2");
        assert!(!format!("{variable:?}").contains("hunter2"));
    }
}
