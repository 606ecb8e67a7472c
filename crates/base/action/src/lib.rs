//! The frame of every primitive: inputs, outputs, summary, annotations, masks,
//! exit codes, signals and logging.
//!
//! A primitive implements [`Primitive`]; its `main.rs` is one line,
//! `action::main::<ThePrimitive>()`. Only [`main`] reads the environment, the
//! clock, the working directory and signals; everything below takes
//! [`&Context`](Context).

mod annotation;
mod clock;
mod commands;
mod context;
mod defuse;
mod describe;
mod ending;
mod entry;
mod environment;
mod failure;
mod guide;
mod idle;
mod inputs;
mod log;

pub mod markdown;
mod outputs;
mod plan;
mod primitive;
mod process;
mod redactor;
mod reporter;
mod secret;
mod shell;
mod status;
mod summary;
mod usage;

pub use annotation::{AnnotatedPlace, Annotation, Severity};
pub use clock::{Clock, SharedClock, SimClock, Sleep, SystemClock};
pub use context::Context;
pub use defuse::defuse;
pub use ending::{Done, Ending, Signal, exit};
pub use entry::main;
pub use environment::Environment;
pub use failure::{BadInput, Failure};
pub use inputs::{boolean, duration, lines, variable};
pub use log::STATUS;
pub use outputs::{OutputSpec, Outputs};
pub use plan::{Permit, Plan};
pub use primitive::{Effect, Primitive};
pub use process::{MISSPELT_DRY_RUN, Process, run};
pub use reporter::Sink;
pub use secrecy::{ExposeSecret, SecretString};
pub use secret::Secret;
pub use shell::bash_word;
