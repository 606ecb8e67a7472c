//! One run of a primitive, from words to exit code.

use std::ffi::OsString;
use std::fmt;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, Args as _, Command, FromArgMatches as _};
use tokio::sync::watch;

use crate::clock::SharedClock;
use crate::context::Context;
use crate::describe::describe;
use crate::ending::{Done, Ending, Signal};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::guide;
use crate::inputs;
use crate::log;
use crate::markdown;
use crate::outputs::RESULT;
use crate::primitive::{Effect, Primitive};
use crate::reporter::{Reporter, Sink};
use crate::usage;

/// The variable in which `action.yml` passes on an input spelt `dry_run`. GitHub
/// only warns about a misspelt input, and this one must not be lost.
pub const MISSPELT_DRY_RUN: &str = "INPUT_MISSPELT_DRY_RUN";

/// Everything that a run takes from the world. `action::main` takes it from the
/// process, a test makes its own.
pub struct Process {
    /// The words after the program's name.
    pub words: Vec<OsString>,
    /// The environment.
    pub environment: Environment,
    /// The working directory.
    pub directory: PathBuf,
    /// The clock.
    pub clock: SharedClock,
    /// The last signal received, if any.
    pub signals: watch::Receiver<Option<Signal>>,
    /// Where data goes.
    pub stdout: Sink,
    /// Where progress, annotations and errors go.
    pub stderr: Sink,
    /// Whether this run owns the process, so that it may install the log and
    /// the panic hook.
    pub owns_process: bool,
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Process").field("environment", &self.environment).finish_non_exhaustive()
    }
}

/// Runs `P` once and says how it ended.
///
/// However it ends, the outputs that are known, `result` and the summary are
/// written first.
pub async fn run<P: Primitive>(process: Process) -> Ending {
    let reporter = Arc::new(Reporter::new(
        P::NAME,
        &process.environment,
        process.stdout.clone(),
        process.stderr.clone(),
    ));
    if process.owns_process {
        take_over(&reporter, &process.environment);
    }
    let mut outputs = P::Outputs::default();
    let ending = match prepare::<P>(process, &reporter) {
        Ok(Prepared::Answer(text)) => {
            reporter.data(&text);
            return Ending::Done(Done::Success);
        }
        Ok(Prepared::Job(job, mut signals, context)) => {
            let ended = attend::<P>(&job, &context, &mut outputs, &mut signals).await;
            let ending = report::<P>(&reporter, ended);
            match context.publish(&outputs) {
                Ok(()) => ending,
                Err(failure) => report::<P>(&reporter, Err(failure)),
            }
        }
        Err(failure) => report::<P>(&reporter, Err(failure)),
    };
    finish(&reporter, ending)
}

enum Prepared<J> {
    /// `--help`, `--version` or `--describe`.
    Answer(String),
    Job(J, watch::Receiver<Option<Signal>>, Context),
}

/// From words to a validated job, without any I/O.
fn prepare<P: Primitive>(process: Process, reporter: &Arc<Reporter>) -> Result<Prepared<P::Job>, Failure> {
    for secret in P::SECRETS {
        if let Some(value) = process.environment.get(secret.variable) {
            reporter.mask(value.trim());
        }
    }
    let command = command::<P>();
    // Before the parser, which would ask for required inputs first.
    if process.words.iter().any(|word| word == "--describe") {
        let text = describe::<P>(&command).map_err(|error| Failure::bug(error.to_string()))?;
        return Ok(Prepared::Answer(text));
    }
    let words = inputs::words(&command, &process.environment, process.words);
    let matches = match command.clone().try_get_matches_from(&words) {
        Ok(matches) => matches,
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            return Ok(Prepared::Answer(error.to_string()));
        }
        Err(error) => return Err(usage::failure(P::NAME, &command, &words, &error)),
    };
    if process.environment.get(MISSPELT_DRY_RUN).is_some() {
        return Err(Failure::invalid("input `dry_run`: there is no such input").hint("its name is `dry-run`"));
    }
    let raw = P::Inputs::from_arg_matches(&matches)
        .map_err(|error| usage::failure(P::NAME, &command, &words, &error))?;
    let job = P::Job::try_from(raw)?;
    let dry_run = P::EFFECT == Effect::Changes && matches.get_flag("dry-run");
    let context = Context {
        secrets: P::SECRETS,
        environment: process.environment,
        clock: process.clock,
        directory: process.directory,
        dry_run,
        reporter: Arc::clone(reporter),
        published: Mutex::default(),
        leaves_behind: Mutex::default(),
    };
    Ok(Prepared::Job(job, process.signals, context))
}

/// The clap command of `P`: its own inputs, and those that every primitive has.
pub(crate) fn command<P: Primitive>() -> Command {
    let command = Command::new(P::NAME)
        .version(env!("CARGO_PKG_VERSION"))
        .args_override_self(true)
        .next_line_help(true);
    let mut command = P::Inputs::augment_args(command)
        // After the inputs: a doc comment on their struct would win otherwise.
        .about(P::ABOUT)
        .long_about(None)
        .after_help(guide::guide::<P>())
        .arg(
            Arg::new("describe")
                .long("describe")
                .action(ArgAction::SetTrue)
                .help("Print the definition of this primitive as JSON, and exit"),
        );
    if P::EFFECT == Effect::Changes {
        command = command.arg(
            Arg::new("dry-run")
                .long("dry-run")
                .action(ArgAction::SetTrue)
                .help("Only say what would be changed: read, print the exact changes, send nothing that changes anything"),
        );
    }
    inputs::with_yaml_booleans(command)
}

/// Runs the job until it ends or a signal arrives.
async fn attend<P: Primitive>(
    job: &P::Job,
    context: &Context,
    outputs: &mut P::Outputs,
    signals: &mut watch::Receiver<Option<Signal>>,
) -> Result<Done, Failure> {
    let signal = {
        let mut work = pin!(P::run(job, context, outputs));
        tokio::select! {
            biased;
            signal = arrived(signals) => signal,
            ended = &mut work => return ended,
        }
    };
    let mut failure = Failure::new(Ending::Cancelled(signal), format!("stopped by {signal}"));
    let left = context.leaves_behind.lock().unwrap_or_else(PoisonError::into_inner).take();
    // Real time, whatever the clock: the runner's patience is real.
    let clean_up = tokio::time::timeout(P::grace(job), P::interrupted(job, context, outputs));
    let said =
        clean_up.await.unwrap_or_else(|_| vec!["the clean-up took too long and was given up".to_owned()]);
    for hint in left.into_iter().chain(said) {
        failure = failure.hint(hint);
    }
    Err(failure)
}

async fn arrived(signals: &mut watch::Receiver<Option<Signal>>) -> Signal {
    match signals.wait_for(Option::is_some).await.map(|signal| *signal) {
        Ok(Some(signal)) => signal,
        // Nobody can send one any more.
        _ => std::future::pending().await,
    }
}

/// Tells people how it ended: log, annotation and summary.
fn report<P: Primitive>(reporter: &Reporter, ended: Result<Done, Failure>) -> Ending {
    match ended {
        Ok(Done::Success) => Ending::Done(Done::Success),
        Ok(Done::Unchanged) => {
            reporter.line("unchanged: everything was as asked already");
            Ending::Done(Done::Unchanged)
        }
        Err(failure) if failure.ending() == Ending::Planned => {
            reporter.line("dry run: nothing was changed");
            Ending::Planned
        }
        Err(failure) => {
            let ending = failure.ending();
            if !reporter.error(&failure.to_string()) {
                return ending;
            }
            let mut text = format!("### {} {}\n\n{}\n", P::NAME, ending, markdown::text(failure.message()));
            for hint in failure.hints() {
                text.push_str(&format!("\n- {}", markdown::text(hint)));
            }
            reporter.summarise(&text);
            ending
        }
    }
}

/// Writes `result` and the summary. A run whose word cannot be written is a bug,
/// since the workflow would take it for a success.
fn finish(reporter: &Reporter, ending: Ending) -> Ending {
    let written = reporter.write_outputs(&[(RESULT.name, ending.word().to_owned())]);
    let mut ending = ending;
    for error in [written, reporter.flush_summary()].into_iter().filter_map(Result::err) {
        reporter.error(&error.to_string());
        if ending.code() == 0 {
            ending = Ending::Bug;
        }
    }
    ending
}

/// The log, and a panic hook that says `bug` where the workflow looks.
fn take_over(reporter: &Arc<Reporter>, environment: &Environment) {
    log::install(Arc::clone(reporter), environment.is("RUNNER_DEBUG", "1"), std::io::stderr().is_terminal());
    let reporter = Arc::clone(reporter);
    std::panic::set_hook(Box::new(move |panic| {
        reporter.error(&format!(
            "{panic}\nhint: this is a defect of Greenroom; please open an issue with this message"
        ));
        finish(&reporter, Ending::Bug);
        // Without this the exit code would be that of an abort, 134.
        #[expect(clippy::exit, reason = "a panic has no other way to the documented exit code")]
        std::process::exit(i32::from(Ending::Bug.code()));
    }));
}
