//! Which way back there is, from what is known of the world (ADR-053 D14).
//!
//! [`classify()`] gives one of the five classes of the decision tree with the steps to
//! take, or a [`Refusal`] that says what is in the way.

mod classify;
mod closed;
mod refusal;
mod tag;
mod world;

pub use classify::{Class, Decision, Step, classify};
pub use closed::Closed;
pub use refusal::Refusal;
pub use tag::tags;
pub use world::{Effect, Former, FormerState, Migration, Names, Prior, PriorCode, Stage, Work, World};

/// What an operator sees go wrong.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Symptom {
    /// It behaves badly; what it has written is good.
    Behaviour,
    /// What it has written, or left to be done, is bad.
    Data,
    /// A migration did it.
    Migration,
}

impl Symptom {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Behaviour, Self::Data, Self::Migration];

    /// As an input spells it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Behaviour => "behaviour",
            Self::Data => "data",
            Self::Migration => "migration",
        }
    }
}
