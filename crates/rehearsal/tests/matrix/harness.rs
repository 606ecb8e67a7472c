//! Small worlds, a primitive's run in one of them, and what must hold afterwards.
//!
//! The matrix runs it under every fault; the planted bugs run it through a layer
//! that mangles what the client says.

pub(crate) mod cname_flip;
pub(crate) mod course;
pub(crate) mod kv_bind;
pub(crate) mod patience;
pub(crate) mod place;
pub(crate) mod render_deploy;
pub(crate) mod run;
pub(crate) mod secrets;
pub(crate) mod verdict;
pub(crate) mod version_poll;
pub(crate) mod world;
