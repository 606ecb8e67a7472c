//! The deploy manifest, `.github/deploy-manifest.yml`: which paths of a
//! repository belong to which deployable target (ADR-053 D3, D8, D19).
//!
//! Pure rules without I/O:
//!
//! 1. [`Manifest::parse`] reads the file and refuses what is doubtful, with line
//!    and column.
//! 2. [`Owners`] compiles all its patterns into one set; a [`Classifier`] tells
//!    who owns a path. The coverage lint asks it about the paths of a tree.
//! 3. A [`Selection`] takes the changed paths of a diff and tells the affected
//!    targets with the reasons.
//!
//! The grammar of patterns is in [`glob`]; the file's shape for editors is
//! `deploy-manifest.schema.json` beside this crate, and one manifest with every
//! key is `examples/deploy-manifest.yml`.

pub mod glob;

mod classify;
mod glob_set;
mod manifest;
mod parse;
mod pattern_list;
mod problem;
mod schema;
mod select;
mod target_list;
mod validate;
mod variables;
mod warnings;

pub use classify::{Classifier, Owners, Ownership};
pub use glob::{Glob, GlobError, Refusal};
pub use glob_set::{GlobSet, Matcher};
pub use manifest::{EnvClasses, Kind, Manifest, Service, Target, TargetName};
pub use pattern_list::{Entry, ListError, PatternList};
pub use problem::{ManifestError, Problem, ProblemKind};
pub use schema::MAX_BYTES;
pub use select::{FIRST, Outcome, Paths, Selection, Why};
pub use target_list::{TargetListError, target_list};
pub use variables::{UnsetVariable, Value, ValueError, is_variable_name};
pub use warnings::{Question, TreeEntry, Warning};
pub use yaml::Position;
