//! The expressions of workflow files.
