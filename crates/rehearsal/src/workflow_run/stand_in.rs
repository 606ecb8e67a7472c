//! External actions, each done by code of this crate that was declared for it.

mod checkout;
mod wrangler;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::Path;

use async_trait::async_trait;
use workflow::permissions::Permissions;

pub use checkout::Checkout;
pub use wrangler::{Deployment, PagesHost, Wrangler};

use super::event::Event;

/// One `uses:` of an external action.
#[derive(Debug)]
pub struct Call<'a> {
    /// `owner/name`.
    pub action: &'a str,
    /// What stands behind `@`.
    pub reference: &'a str,
    /// `with:`, by name in small letters; values may be empty.
    pub with: BTreeMap<String, String>,
    /// The job's workspace.
    pub workspace: &'a Path,
    /// The job's folder for temporary files.
    pub temp: &'a Path,
    /// The git repository that the run belongs to.
    pub repository: &'a Path,
    /// `owner/name` of that repository.
    pub repository_name: &'a str,
    /// `https://github.com`, or where this GitHub is.
    pub server_url: &'a str,
    /// What started the run.
    pub event: &'a Event,
    /// The job's token.
    pub token: &'a str,
    /// What that token may do.
    pub permissions: &'a Permissions,
}

impl Call<'_> {
    /// An input, empty when it is not given.
    #[must_use]
    pub fn input(&self, name: &str) -> &str {
        self.with.get(name).map_or("", String::as_str)
    }

    /// Refuses inputs that this stand-in does not know, which the real action might.
    ///
    /// # Errors
    /// Names the first of them.
    pub fn only(&self, known: &[&str]) -> Result<(), Unsupported> {
        match self.with.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(Unsupported(format!("the input `{name}`"))),
            None => Ok(()),
        }
    }
}

/// What an action did.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// What it printed; it is masked later.
    pub log: Vec<String>,
    /// Its outputs.
    pub outputs: BTreeMap<String, String>,
    /// Why it failed; nothing when it succeeded.
    pub failure: Option<String>,
}

impl Answer {
    /// It failed, because of this.
    #[must_use]
    pub fn failed(why: impl Into<String>) -> Self {
        Self { failure: Some(why.into()), ..Self::default() }
    }
}

/// Something that the real action can do and its stand-in cannot: the part of a sentence that names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsupported(pub String);

/// Does what an external action does.
#[async_trait]
pub trait StandIn: Debug + Send + Sync {
    /// Does it. The future is dropped when the step is cancelled.
    ///
    /// # Errors
    /// When the real action could do it and this one cannot; that ends the rehearsal, not only the step.
    async fn run(&self, call: &Call<'_>) -> Result<Answer, Unsupported>;
}
