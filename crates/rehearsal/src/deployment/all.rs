//! Every rehearsal of a place, several at a time, with a line for each in the end.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::estate::Release;

use super::list::NAME_WIDTH;
use super::progress::{Voice, print, say};
use super::scenario::Scenario;
use super::several::several;
use super::{play, save};

/// How many run at once: mostly they wait, and on two cores more of them would make one another late.
const AT_ONCE: usize = 6;

/// What became of one.
struct Ended {
    name: &'static str,
    took: Duration,
    objections: Vec<String>,
}

/// Plays all of them; whether every one ended as promised. The reports go into files of `folder`.
pub(super) fn rehearse(scenarios: &[&Scenario], release: &Release, folder: &Path) -> bool {
    let began = Instant::now();
    let (all, over) = (scenarios.len(), AtomicUsize::new(0));
    say(&format!("{all} rehearsals, {AT_ONCE} at a time:"));
    let mut ended = several(longest_first(scenarios), AT_ONCE, |scenario| {
        let ended = one(scenario, release, folder);
        say(&format!("  {:>2} of {all}{}", over.fetch_add(1, Ordering::Relaxed) + 1, line(&ended)));
        ended
    });
    let place_of = |one: &Ended| scenarios.iter().position(|scenario| scenario.name == one.name);
    ended.sort_by_key(place_of);
    print(&summary(&ended, began.elapsed()));
    say(&format!("The reports are in {}", folder.display()));
    ended.iter().all(|one| one.objections.is_empty())
}

/// Those of many acts, so that in the end nobody waits for one of them alone.
fn longest_first<'s>(scenarios: &[&'s Scenario]) -> Vec<&'s Scenario> {
    let mut scenarios = scenarios.to_vec();
    scenarios.sort_by_key(|scenario| std::cmp::Reverse(scenario.acts.len()));
    scenarios
}

fn one(scenario: &Scenario, release: &Release, folder: &Path) -> Ended {
    let began = Instant::now();
    let played = || -> Result<Vec<String>> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let told = runtime.block_on(play::play(scenario, release, Voice::Silent))?;
        save(scenario, &told, folder)?;
        Ok(told.objections)
    };
    let objections = played().unwrap_or_else(|error| vec![format!("it could not be played: {error:#}")]);
    Ended { name: scenario.name, took: began.elapsed(), objections }
}

/// One of them, as it ends and once more in the end.
fn line(one: &Ended) -> String {
    let sign = if one.objections.is_empty() { "✓" } else { "✕" };
    let mut text = format!("  {sign} {:<NAME_WIDTH$}{:>4.0} s", one.name, one.took.as_secs_f64());
    for line in one.objections.iter().flat_map(|objection| objection.lines()) {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n        {}", line.replace(char::is_control, " "));
    }
    text
}

/// All of them, those that failed once more at its end.
fn summary(ended: &[Ended], took: Duration) -> String {
    let (good, bad): (Vec<_>, Vec<_>) = ended.iter().partition(|one| one.objections.is_empty());
    let mut text = String::from("\n");
    for one in good.iter().chain(&bad) {
        text.push_str(&format!("{}\n", line(one)));
    }
    let verdict = match bad.len() {
        0 => format!("All {} ended as promised", good.len()),
        count => format!("{count} of {} did not end as promised", ended.len()),
    };
    text + &format!("\n{verdict}, in {:.0} s.\n", took.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::scenario;

    fn ended(name: &'static str, objections: &[&str]) -> Ended {
        let objections = objections.iter().map(|&objection| objection.to_owned()).collect();
        Ended { name, took: Duration::from_secs(7), objections }
    }

    #[test]
    fn the_summary_has_a_line_for_each_and_ends_with_what_failed() {
        let text = summary(&[ended("one", &["a\nb"]), ended("two", &[])], Duration::from_secs(9));
        let wanted = "\n  ✓ two                    7 s\n  ✕ one                    7 s\n        a\n        b\n\n\
                      1 of 2 did not end as promised, in 9 s.\n";
        assert_eq!(text, wanted);
        let text = summary(&[ended("two", &[])], Duration::from_secs(9));
        assert!(text.ends_with("\nAll 1 ended as promised, in 9 s.\n"), "{text}");
    }

    #[test]
    fn the_longest_begin_first_and_none_is_lost() {
        let all: Vec<_> = scenario::all().collect();
        let sorted = longest_first(&all);
        assert_eq!(sorted.len(), all.len());
        assert!(sorted.is_sorted_by_key(|scenario| std::cmp::Reverse(scenario.acts.len())));
    }
}
