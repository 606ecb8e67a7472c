//! What makes a program a primitive.

use std::fmt::Debug;
use std::future::Future;
use std::time::Duration;

use crate::context::Context;
use crate::ending::Done;
use crate::failure::{BadInput, Failure};
use crate::outputs::Outputs;
use crate::secret::Secret;

/// Whether a primitive changes anything outside its own process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It only looks.
    Reads,
    /// It changes things, so it takes `dry-run`.
    Changes,
}

/// One primitive: inputs, outputs, and what it does between them.
///
/// From this one definition come `--help`, `action.yml`, the README's tables
/// and the tests that keep them fresh.
pub trait Primitive {
    /// The name of the binary, the action and the crate.
    const NAME: &'static str;

    /// One sentence: what it does. The action's `description`.
    const ABOUT: &'static str;

    /// What a newcomer must know: when to use it, what it refuses, an example.
    const GUIDE: &'static str;

    /// Whether it changes anything.
    const EFFECT: Effect;

    /// The secrets that it reads.
    const SECRETS: &'static [Secret];

    /// The inputs of a typical step with their values, which may be expressions of
    /// GitHub's and have several lines: what the action's documentation shows
    /// beside what is required. A secret that this step needs may be among them.
    const EXAMPLE: &'static [(&'static str, &'static str)] = &[];

    /// Raw inputs, one clap argument each; the doc comment is the description.
    type Inputs: clap::Args + Debug;

    /// Validated inputs. The conversion is total and does no I/O.
    type Job: TryFrom<Self::Inputs, Error = BadInput>;

    /// What later steps get to know.
    type Outputs: Outputs;

    /// Does the work. `outputs` are filled as they become known and are written
    /// however the run ends; the future is dropped when a signal arrives.
    ///
    /// # Errors
    /// A [`Failure`] that says how the run ended, and what to do.
    fn run(
        job: &Self::Job,
        context: &Context,
        outputs: &mut Self::Outputs,
    ) -> impl Future<Output = Result<Done, Failure>>;

    /// How long [`Self::interrupted`] may take. The runner sends SIGTERM 7.5 s
    /// after SIGINT and kills 2.5 s later.
    fn grace(_job: &Self::Job) -> Duration {
        Duration::from_millis(1_500)
    }

    /// Cleans up after a signal has stopped `run`; returns what to tell the
    /// person, beside what `Context::leaves_behind` said.
    fn interrupted(
        _job: &Self::Job,
        _context: &Context,
        _outputs: &Self::Outputs,
    ) -> impl Future<Output = Vec<String>> {
        std::future::ready(Vec::new())
    }
}
