//! Migration files, and what a database has applied of them.
//!
//! A folder of files is a [`Migrations`]; [`compare()`] holds it against the rows of
//! `supabase_migrations.schema_migrations` and says what is pending and where the
//! two tell different stories; [`Script`] is one file cut into statements, with
//! where each of them may run.
//!
//! Nothing here judges what a migration does to running code.

mod applied;
mod compare;
mod file;
mod lexer;
mod list;
mod migrations;
mod script;
mod split;
mod statement;

pub use applied::Applied;
pub use compare::{Comparison, Drift, compare};
pub use file::{Migration, NameProblem, Version};
pub use list::list;
pub use migrations::{FolderProblem, Migrations};
pub use script::{Script, ScriptProblem};
pub use split::SplitProblem;
pub use statement::{Place, Statement};
