//! The git executable, as far as the primitives need it: which commit a name
//! means, which paths differ between two commits, what a commit has at a path,
//! which paths are tracked, and fetching one commit.
//!
//! Plumbing commands only, with every flag and variable that could change an
//! answer set in one place, `command.rs`. So the answers do not
//! depend on anybody's configuration, on attributes, or on the folder in which
//! a step happens to run. Configuration is still read, because it also says how
//! to reach the remote: `actions/checkout` keeps the credentials there, and a
//! runner its proxy and its safe directories.
//!
//! Children never outlive their caller: a future that is dropped ends them.

mod below;
mod command;
mod commit;
mod diff;
mod error;
mod fetch;
mod file;
mod folder;
mod process;
mod repository;
mod tracked;
mod tree;

pub use commit::CommitId;
pub use error::GitError;
pub use repository::Repository;
pub use tree::Kind;
