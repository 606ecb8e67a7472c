//! A cutover whose steps are killed (SIGKILL), once after each thing that they change outside themselves: the failed
//! jobs are run again, and the end is that of a cutover that nobody disturbed.
//!
//! What there is to be killed after is not written down here: a play without a kill lists it.

mod end;
mod play;

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use action::markdown::code;
use anyhow::{Context as _, Result, bail, ensure};

use crate::effects::Effect;
use crate::estate::Release;

use super::progress::{print, say};
use super::several::several;
use end::End;
use play::play;

/// Its name on the command line.
pub(super) const NAME: &str = "killed";

/// What happens, in a sentence.
pub(super) const ABOUT: &str = "A step is killed when something that it changes has changed, before it hears so; then \
                                the failed jobs are run again. Played once for each thing that a cutover changes.";

/// How it must end, in a sentence.
pub(super) const EXPECTED: &str = "Each play ends as a cutover that nobody disturbed: nothing is deployed, merged, \
                                   flipped or recorded twice, and no request fails.";

/// How many plays run at once: mostly they wait.
const AT_ONCE: usize = 8;

/// What became of one play.
struct Told {
    effect: Effect,
    took: Duration,
    objections: Vec<String>,
}

/// Plays all of it; whether every play ended as it must. The table goes into a file of `folder`.
///
/// # Errors
/// A world cannot be set up, or the cutover that nobody disturbs does not go through.
pub(super) fn rehearse(release: &Release, folder: &Path) -> Result<bool> {
    let began = Instant::now();
    say(&format!("\nProduction: killed after every effect\n{ABOUT}\n"));
    let calm = play(release, None).context("play the cutover that nobody disturbs")?;
    let objections = [calm.objections, calm.end.unlike_a_cutover()].concat();
    if !objections.is_empty() {
        bail!("the cutover that nobody disturbs did not go through: {}", objections.join("; "));
    }
    ensure!(!calm.effects.is_empty(), "the cutover that nobody disturbs changed nothing");
    say(&format!("A cutover changes {} things. Killed after:", calm.effects.len()));
    let mut told = all(release, calm.effects, &calm.end);
    told.sort_by_key(|told| told.effect.number);
    let passed = told.iter().all(|told| told.objections.is_empty());
    let verdict = if passed { "It ended as promised." } else { "Not every play ended as promised." };
    let failed: u64 = calm.end.failed_visits;
    print(&format!(
        "\n{} plays in {:.0} s; visits without a kill: {failed} failed\n{EXPECTED}\n{verdict}\n",
        told.len() + 1,
        began.elapsed().as_secs_f64()
    ));
    save(folder, &told, verdict)?;
    Ok(passed)
}

/// Several at a time.
fn all(release: &Release, effects: Vec<Effect>, calm: &End) -> Vec<Told> {
    several(effects, AT_ONCE, |effect| {
        let one = one(release, effect, calm);
        tell(&one);
        one
    })
}

fn one(release: &Release, effect: Effect, calm: &End) -> Told {
    let began = Instant::now();
    let objections = match play(release, Some(&effect.name)) {
        Ok(played) => [played.objections, played.end.differences(calm)].concat(),
        Err(error) => vec![format!("it could not be played: {error:#}")],
    };
    Told { effect, took: began.elapsed(), objections }
}

fn tell(told: &Told) {
    let sign = if told.objections.is_empty() { "✓" } else { "✕" };
    let (took, Effect { number, name, .. }) = (told.took.as_secs_f64(), &told.effect);
    let mut lines = format!("  {sign} {took:>3.0} s  {number:>2}. {name}");
    for line in told.objections.iter().flat_map(|objection| objection.lines()) {
        // Writing to a string cannot fail.
        let _ = write!(lines, "\n        {}", line.replace(char::is_control, " "));
    }
    say(&lines);
}

fn save(folder: &Path, told: &[Told], verdict: &str) -> Result<()> {
    let mut text = format!(
        "## Production: killed after every effect\n\n{ABOUT}\n\n{EXPECTED}\n\n**{verdict}**\n\n\
         | # | Killed after | End |\n| ---: | --- | --- |\n"
    );
    for Told { effect, objections, .. } in told {
        let end = objections.iter().map(|objection| code(objection)).collect::<Vec<_>>().join("<br>");
        let end = if objections.is_empty() { "as if nobody had disturbed it".to_owned() } else { end };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| {} | {} | {end} |", effect.number, code(&effect.name));
    }
    std::fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
    let file = folder.join(format!("production-{NAME}.md"));
    std::fs::write(&file, text).with_context(|| format!("write {}", file.display()))?;
    say(&format!("Written to {}", file.display()));
    Ok(())
}
