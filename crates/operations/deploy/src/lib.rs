//! Deploys a service on Render and waits until it is live (ADR-053 D7 and D10,
//! runbook steps 6 and 7).
//!
//! The way of a run, each stage in its own module:
//!
//! 1. `admission` refuses services that must not be deployed from here;
//! 2. `decision` compares the world with what is wanted: nothing to do, a deploy
//!    on its way, or one to begin;
//! 3. `begin` writes the variables that differ under a `mark` and asks for the
//!    deploy once;
//! 4. `follow` waits for its end;
//! 5. `conclude` says what the end means;
//! 6. `clear` removes the mark.
//!
//! What a rerun relies on is kept on Render alone: the list of deploys, the
//! variables, and the mark. So a run may be killed at any moment.
//!
//! A caller makes a [`Request`], lets it be [prepared](prepare), shows the
//! [plan](Prepared::plan), and has it [carried out](Prepared::carry_out).

mod admission;
mod begin;
mod clear;
mod conclude;
mod decision;
mod follow;
mod history;
mod image;
mod listener;
mod mark;
mod prepared;
mod request;
mod run;
mod target;
mod variables;
mod words;

pub use image::ImageRef;
pub use listener::{Listener, Seen};
pub use prepared::{Prepared, prepare};
pub use request::Request;
pub use target::Target;
pub use variables::{Line, parse as lines, require};
