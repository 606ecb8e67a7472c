//! The only place that reads the process: words, environment, clock, directory,
//! streams and signals.

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use tokio::sync::watch;

use crate::ending::{Signal, exit};
use crate::environment::Environment;
use crate::idle::IdleClock;
use crate::primitive::Primitive;
use crate::process::{Process, run};

/// The whole `main` of a primitive.
#[must_use]
pub fn main<P: Primitive>() -> ExitCode {
    match try_main::<P>() {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            // The runner's files cannot be trusted to exist at this point.
            let _ = writeln!(io::stderr(), "error: start: {error}");
            ExitCode::from(exit::BUG)
        }
    }
}

fn try_main<P: Primitive>() -> io::Result<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let clock = Arc::new(IdleClock::default());
    let ending = runtime.block_on(async {
        let process = Process {
            words: std::env::args_os().skip(1).collect(),
            environment: Environment::of_process(),
            directory: std::env::current_dir()?,
            clock: clock.clone(),
            signals: signals()?,
            stdout: Arc::new(Mutex::new(io::stdout())),
            stderr: Arc::new(Mutex::new(io::stderr())),
            owns_process: true,
        };
        let ending = run::<P>(process).await;
        tracing::debug!("{clock}");
        Ok::<_, io::Error>(ending)
    })?;
    // A blocking name lookup may still hang; it must not hold up the exit.
    runtime.shutdown_background();
    Ok(ending.code())
}

/// SIGINT and SIGTERM, from now on.
#[cfg(unix)]
fn signals() -> io::Result<watch::Receiver<Option<Signal>>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let (sender, receiver) = watch::channel(None);
    tokio::spawn(async move {
        loop {
            let arrived = tokio::select! {
                Some(()) = interrupt.recv() => Signal::Interrupt,
                Some(()) = terminate.recv() => Signal::Terminate,
                else => return,
            };
            sender.send_replace(Some(arrived));
        }
    });
    Ok(receiver)
}

/// Ctrl-C, where there are no signals.
#[cfg(not(unix))]
fn signals() -> io::Result<watch::Receiver<Option<Signal>>> {
    let (sender, receiver) = watch::channel(None);
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            sender.send_replace(Some(Signal::Interrupt));
        }
    });
    Ok(receiver)
}
