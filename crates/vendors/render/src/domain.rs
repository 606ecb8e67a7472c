//! Custom domains of a service.

use http::Error;
use serde::Deserialize;

use crate::client::Render;
use crate::id::ServiceId;
use crate::page::{self, Row};
use http::words;

/// A name under which a service answers, besides its own.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomDomain {
    /// `cdm-...`.
    pub id: String,
    /// The host name.
    pub name: String,
    /// Whether Render has seen that the name leads to it; without that it has no
    /// certificate and does not answer.
    pub verification_status: Verification,
}

words! {
    /// Whether Render has verified a domain.
    Verification {
        /// It has.
        Verified = "verified",
        /// It has not.
        Unverified = "unverified",
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DomainRow {
    custom_domain: CustomDomain,
    cursor: String,
}

impl Row for DomainRow {
    type Item = CustomDomain;

    fn split(self) -> (CustomDomain, String) {
        (self.custom_domain, self.cursor)
    }
}

impl Render {
    /// The custom domains of a service, to the last page; with `name`, those that
    /// Render finds for it, which is one or none.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn custom_domains(
        &self,
        service: &ServiceId,
        name: Option<&str>,
    ) -> Result<Vec<CustomDomain>, Error> {
        let request = || {
            let request = self.client.get(["services", service.as_str(), "custom-domains"]);
            match name {
                Some(name) => request.query("name", name),
                None => request,
            }
        };
        page::all::<DomainRow>(request).await
    }
}
