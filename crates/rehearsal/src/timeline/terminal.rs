//! The timeline as text: bars of jobs and the visitors' colours, for a terminal.

use std::fmt::Write as _;
use std::time::Duration;

use crate::visitors::Tally;

use super::axis::Axis;
use super::{End, HostVisits, Job, Rehearsal, Span, legible, words};

/// How many characters the axis is wide.
const WIDTH: usize = 60;

/// The whole report in plain text, at most about a hundred characters wide.
#[must_use]
pub fn terminal(rehearsal: &Rehearsal) -> String {
    let chart = Chart::new(rehearsal);
    let mut out = format!("\n{}\n\n", clean(&rehearsal.title));
    for run in &rehearsal.runs {
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(out, "{}", clean(&run.name));
        for job in &run.jobs {
            let _ = writeln!(out, "{}", chart.job(job));
        }
    }
    let marked = rehearsal.marks.iter().map(|mark| format!("{} ({})", clean(&mark.label), words(mark.at)));
    let marked = marked.collect::<Vec<_>>().join(", ");
    let _ = writeln!(out, "  {:width$}  {}  {marked}", "", chart.marks(rehearsal), width = chart.label);
    for host in &rehearsal.visitors.hosts {
        let _ = writeln!(out, "{}", chart.host(host, rehearsal.visitors.bin));
    }
    out.push('\n');
    out.push_str(&tail(rehearsal));
    out
}

fn tail(rehearsal: &Rehearsal) -> String {
    let Tally { blue, green, failed } = rehearsal.visitors.total();
    let mut out = format!("Visitors: {blue} answered by blue, {green} by green, {failed} failed\n");
    let mut line = |name: &str, text: &str| {
        let _ = writeln!(out, "{name}: {}", clean(text));
    };
    for failure in &rehearsal.visitors.failures {
        line("Failed", &format!("after {}: {}: {}", words(failure.at), failure.host, failure.reason));
    }
    line("Expected", &rehearsal.expected);
    line("Ended", &rehearsal.ended);
    if let Some(own) = rehearsal.own {
        line("Own time on the critical path", &format!("{} of {}", words(own), words(rehearsal.lasted)));
    }
    for note in &rehearsal.notes {
        line("Note", note);
    }
    for objection in &rehearsal.objections {
        line("NOT AS PROMISED", objection);
    }
    out.push_str("\nWhat the operator does next:\n");
    for step in &rehearsal.next {
        let _ = writeln!(out, "  - {}", clean(step));
    }
    let _ = writeln!(out, "\n{}", rehearsal.verdict());
    out
}

struct Chart {
    axis: Axis,
    /// How wide the names are.
    label: usize,
}

impl Chart {
    fn new(rehearsal: &Rehearsal) -> Self {
        let jobs = rehearsal.runs.iter().flat_map(|run| &run.jobs).map(|job| &job.name);
        let hosts = rehearsal.visitors.hosts.iter().map(|host| &host.host);
        let label = jobs.chain(hosts).map(|name| name.chars().count()).max().unwrap_or(0);
        Self { axis: Axis::new(rehearsal.lasted), label }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to WIDTH")]
    fn column(&self, at: Duration) -> usize {
        ((self.axis.percent(at) / 100.0 * WIDTH as f64) as usize).min(WIDTH - 1)
    }

    fn job(&self, job: &Job) -> String {
        let mut bar = vec!['·'; WIDTH];
        let fill = if job.end == End::Success { '█' } else { '▓' };
        if let Some(ran) = job.ran {
            bar[self.column(ran.began)..=self.column(ran.ended())].fill(fill);
        }
        let took = job.ran.map(|Span { lasted, .. }| words(lasted)).unwrap_or_default();
        self.line(job.end.sign(), &job.name, &bar, &format!("{took:>7}  {}", clean(&job.reason)))
    }

    fn marks(&self, rehearsal: &Rehearsal) -> String {
        let mut line = vec![' '; WIDTH];
        for mark in &rehearsal.marks {
            line[self.column(mark.at)] = '▲';
        }
        line.into_iter().collect()
    }

    /// `b`, `g`, `m` for both, `!` for a failure.
    fn host(&self, host: &HostVisits, bin: Duration) -> String {
        let mut columns = vec![Tally::default(); WIDTH];
        for (index, tally) in (0..).zip(&host.bins) {
            // A bin may be wider than a column: it fills all that it covers.
            let from = self.column(bin * index);
            let to = self.column(bin * (index + 1)).max(from + 1);
            for column in columns.iter_mut().take(to).skip(from) {
                *column += *tally;
            }
        }
        let sign = |tally: &Tally| match tally {
            Tally { failed: 1.., .. } => '!',
            Tally { blue: 1.., green: 1.., .. } => 'm',
            Tally { blue: 1.., .. } => 'b',
            Tally { green: 1.., .. } => 'g',
            _ => ' ',
        };
        let bar: Vec<char> = columns.iter().map(sign).collect();
        let Tally { blue, green, failed } = host.total();
        self.line(" ", &host.host, &bar, &format!("{blue} blue, {green} green, {failed} failed"))
    }

    fn line(&self, sign: &str, name: &str, bar: &[char], words: &str) -> String {
        let bar: String = bar.iter().collect();
        let line = format!("{sign} {:width$}  {bar}  {words}", clean(name), width = self.label);
        line.trim_end().to_owned()
    }
}

/// On one line, and nothing that moves the cursor.
fn clean(text: &str) -> String {
    legible(text).replace(['\n', '\t'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::sample;

    #[test]
    fn the_timeline_of_a_production_rehearsal() {
        insta::assert_snapshot!(terminal(&sample::production()));
    }

    #[test]
    fn a_hostile_log_moves_no_cursor() {
        let text = terminal(&sample::hostile());
        assert!(text.chars().all(|char| char == '\n' || !char.is_control()), "{text:?}");
    }
}
