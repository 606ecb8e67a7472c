//! Migrations of a PostgreSQL schema: does the code that runs now keep working against the schema that a change
//! makes (ADR-053 D5)?
//!
//! Pure rules without I/O:
//!
//! 1. A facade of the parser gives statements as words with their places; these are lowered to small types of our
//!    own.
//! 2. Everything that is deployed is replayed into a catalogue, then the pending set, which is judged as one end
//!    state: what it makes is unknown to running code, and what it takes away and makes again is not gone.
//! 3. [`assess`] tells what it found as a [`Report`], after [`Rule`]s with a page each, and lets a marker in a file
//!    cover what is found there.
//!
//! File names have rules of their own, in [`naming`].

pub mod naming;

mod catalogue;
mod cursor;
mod judge;
mod lower;
mod marker;
mod name;
mod replay;
mod report;
mod rule;
mod scripts;
mod source;
mod statement;
mod syntax;
mod token;
mod types;

pub use report::{Finding, Override, Report, Verdict, assess, parses};
pub use rule::{Level, Rule};
pub use source::{Migration, Position, Span};
