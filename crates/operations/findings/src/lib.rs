//! What lints find in files, told in one way by all of them: to a person as lines, to GitHub as annotations, to
//! programs as JSON and SARIF, and as a table of the job summary.

mod finding;
mod format;
mod inputs;
mod programs;
mod tell;

pub use finding::{Finding, Level, Place, Rule};
pub use format::Format;
pub use inputs::{LintInputs, rule_named};
pub use programs::{as_json, as_sarif};
pub use tell::{refusal, table, tell};
