//! Workflow files, from outside the crate.

mod expressions;
mod expressions_generator;
mod expressions_limits;
mod expressions_oracle;
