//! What one run of a program took.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use wait4::Wait4 as _;

use crate::workspace::shown;

/// One run, the processes that it waited for included.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    /// From start to end.
    pub(super) wall: Duration,
    /// CPU time, user and system together.
    pub(super) cpu: Duration,
    /// Peak resident bytes of the largest process. On Linux never less than what this program had when it
    /// started the other, since the kernel carries the figure over `exec`.
    pub(super) peak: u64,
}

/// Runs a command once with its output thrown away.
///
/// # Errors
/// When it cannot be started or fails.
pub(super) fn measure(command: &mut Command) -> Result<Sample> {
    measure_ending(command, &[0])
}

/// As [`measure`], for a program that says with its exit code what it found: these codes are no failure.
fn measure_ending(command: &mut Command, codes: &[i32]) -> Result<Sample> {
    let start = Instant::now();
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("run `{}`", shown(command)))?;
    let used = child.wait4()?;
    let wall = start.elapsed();
    if !used.status.code().is_some_and(|code| codes.contains(&code)) {
        bail!("`{}` ended with {}", shown(command), used.status);
    }
    Ok(Sample { wall, cpu: used.rusage.utime + used.rusage.stime, peak: used.rusage.maxrss })
}

/// Runs several commands in turns, so that a busy moment hits all of them; gives the median of each, figure by
/// figure. One round before the counted ones warms caches up.
///
/// # Errors
/// As [`measure`].
pub(super) fn medians<const N: usize>(rounds: usize, commands: [Command; N]) -> Result<[Sample; N]> {
    medians_ending(rounds, commands, &[0])
}

/// As [`medians`], for programs that say with their exit code what they found: these codes are no failure.
///
/// # Errors
/// As [`measure`].
pub(super) fn medians_ending<const N: usize>(
    rounds: usize,
    mut commands: [Command; N],
    codes: &[i32],
) -> Result<[Sample; N]> {
    let mut samples: [Vec<Sample>; N] = std::array::from_fn(|_| Vec::new());
    for round in 0..=rounds {
        for (command, samples) in commands.iter_mut().zip(&mut samples) {
            let sample = measure_ending(command, codes)?;
            if round > 0 {
                samples.push(sample);
            }
        }
    }
    Ok(samples.map(|samples| Sample {
        wall: median(samples.iter().map(|sample| sample.wall)),
        cpu: median(samples.iter().map(|sample| sample.cpu)),
        peak: median(samples.iter().map(|sample| sample.peak)),
    }))
}

/// The middle value, the upper one of two; the default of no values.
pub(super) fn median<T: Ord + Copy + Default>(values: impl Iterator<Item = T>) -> T {
    let mut values: Vec<T> = values.collect();
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// Milliseconds for a table.
pub(super) fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

/// How many times the floor this is.
pub(super) fn ratio(one: Duration, floor: Duration) -> String {
    format!("{:.2} x", one.as_secs_f64() / floor.as_secs_f64().max(1e-9))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_of_the_child_count() {
        // The shell waits for a second shell, which works: the figures must be those of both.
        let script = "bash -c 'for ((i = 0; i < 200000; i++)); do :; done'; exit 0";
        let mut busy = Command::new("bash");
        busy.args(["-c", script]);
        let mut idle = Command::new("bash");
        idle.args(["-c", "exit 0"]);
        let [busy, idle] = medians(1, [busy, idle]).unwrap();
        assert!(busy.cpu > idle.cpu, "{busy:?} {idle:?}");
        assert!(idle.peak > 100_000, "{idle:?}");
    }

    #[test]
    fn a_failing_program_is_an_error() {
        assert!(
            measure(&mut Command::new("false")).unwrap_err().to_string().starts_with("`false` ended with")
        );
        assert!(measure_ending(&mut Command::new("false"), &[0, 1]).is_ok());
        assert!(measure_ending(&mut Command::new("true"), &[1]).is_err());
    }

    #[test]
    fn the_middle_value() {
        assert_eq!(median([3, 1, 2].into_iter()), 2);
        assert_eq!(median([4, 1, 2, 3].into_iter()), 3);
        assert_eq!(median(std::iter::empty::<u64>()), 0);
    }
}
