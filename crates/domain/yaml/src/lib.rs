//! YAML, read strictly.
//!
//! What parsers of this family pass over in silence is refused here, since half
//! a file could vanish by it: keys that stand twice, and tags ([`duplicates`]).
//! [`Node`] is a document as it was written, its order kept; `locate` tells
//! where in the text something stands. Pure: nothing here reads a file.

pub mod duplicates;

mod locate;
mod node;

pub use locate::{Position, Step, locate};
pub use node::{Node, NodeError};
