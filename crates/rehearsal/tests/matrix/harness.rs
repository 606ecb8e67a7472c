//! Small worlds, a primitive's run in one of them, and what must hold afterwards.
//!
//! The matrix runs it under every fault; the planted bugs run it through a layer
//! that mangles what the client says.

pub(crate) mod blue_quiet;
pub(crate) mod blue_sync;
pub(crate) mod cname_flip;
pub(crate) mod color_resolve;
pub(crate) mod course;
pub(crate) mod cutover_record;
pub(crate) mod database;
pub(crate) mod env_group_lint;
pub(crate) mod generation_allocate;
pub(crate) mod kv_bind;
pub(crate) mod ledger_readers;
pub(crate) mod legacy_drain;
pub(crate) mod patience;
pub(crate) mod place;
pub(crate) mod render_deploy;
pub(crate) mod rollback;
pub(crate) mod run;
pub(crate) mod schema;
pub(crate) mod schema_merge;
pub(crate) mod schema_rehearse;
pub(crate) mod secrets;
pub(crate) mod staging_marker;
pub(crate) mod statements;
pub(crate) mod verdict;
pub(crate) mod version_contract;
pub(crate) mod version_poll;
pub(crate) mod world;
