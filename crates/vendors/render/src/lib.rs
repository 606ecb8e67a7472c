//! A thin typed client of Render's public API, <https://api-docs.render.com>.
//!
//! No policy lives here: a method is one operation of the API (or one list, to
//! its end), answers are typed, and every write takes a [`Permit`](action::Permit).
//! Fields that are not used are left out, unknown fields are ignored, and a word
//! that this version does not know is kept as `Other`.
//!
//! What is unusual about Render stands where it matters: [`Triggered`] for
//! deploys without an id, [`limits`] for rates and page sizes, [`Variable`] for
//! values that must not be shown.

mod client;
mod deploy;
mod domain;
mod env_group;
mod id;
pub mod limits;
mod log;
mod new_worker;
mod page;
mod service;
mod variable;

pub use client::{API, API_KEY, API_URL, Render, SECRET};
pub use deploy::{Commit, Deploy, DeployFilter, Image, NewDeploy, Status, Trigger, Triggered};
pub use domain::{CustomDomain, Verification};
pub use env_group::{EnvGroup, EnvGroupMeta};
pub use id::{DeployId, EnvGroupId, NotAnId, ServiceId};
pub use log::{LogFilter, LogLine, LogType};
pub use new_worker::{CreatedService, NewWorker};
pub use page::Page;
pub use service::{AutoDeploy, AutoDeployTrigger, Commands, Details, Service, ServiceType, Suspension};
pub use variable::Variable;
