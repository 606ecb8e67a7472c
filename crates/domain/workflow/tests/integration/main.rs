//! Workflow files, from outside the crate.
