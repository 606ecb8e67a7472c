//! The report as Markdown with a Mermaid chart: for GitHub, and for a repository.

use std::fmt::Write as _;

use action::markdown as escape;

use super::{Job, Rehearsal, gantt, legible, setting, short, words};

/// The whole report.
#[must_use]
pub fn markdown(rehearsal: &Rehearsal) -> String {
    let mut out = head(rehearsal);
    let _ = write!(out, "## Timeline\n\n```mermaid\n{}```\n\n", gantt::gantt(rehearsal));
    out.push_str(&jobs(rehearsal));
    out.push_str(&records(rehearsal));
    out.push_str("## What the operator does next\n\n");
    out.push_str(&list(&rehearsal.next));
    legible(&out)
}

fn head(rehearsal: &Rehearsal) -> String {
    let verdict = if rehearsal.passed() { "✓" } else { "✕" };
    let mut out = format!(
        "# {}\n\n{}\n\n**{verdict} {}**\n\n",
        escape::text(&rehearsal.title),
        escape::text(&rehearsal.story),
        rehearsal.verdict()
    );
    let own = rehearsal.own.map(|own| ["Our own time on the critical path".to_owned(), words(own)]);
    let rows = [
        ["Expected".to_owned(), escape::text(&rehearsal.expected)],
        ["Ended".to_owned(), escape::text(&rehearsal.ended)],
        ["Took".to_owned(), words(rehearsal.lasted)],
    ];
    out.push_str(&escape::table(["", ""], rows.into_iter().chain(own)));
    out.push('\n');
    out.push_str(&list(&rehearsal.objections));
    out.push_str(&visitors(rehearsal));
    if !rehearsal.scaled.is_empty() {
        out.push_str("## Settings that are smaller here\n\n");
        let rows = rehearsal.scaled.iter().map(|scaled| {
            let name = format!("{}: {}", escape::code(&scaled.name), escape::text(&scaled.about));
            [name, setting(scaled.usual), setting(scaled.here), scaled.by()]
        });
        out.push_str(&escape::table(["Setting", "Usually", "Here", ""], rows));
        out.push('\n');
    }
    out
}

fn visitors(rehearsal: &Rehearsal) -> String {
    let row = |name: String, tally: crate::visitors::Tally| {
        [name, tally.blue.to_string(), tally.green.to_string(), tally.failed.to_string()]
    };
    let hosts = rehearsal.visitors.hosts.iter().map(|host| row(escape::code(&host.host), host.total()));
    let all = hosts.chain([row("all".to_owned(), rehearsal.visitors.total())]);
    let failures = rehearsal.visitors.failures.iter();
    let failures =
        failures.map(|failure| format!("after {}: {}: {}", words(failure.at), failure.host, failure.reason));
    format!(
        "## Visitors\n\n{}\n{}",
        escape::table(["Public name", "Blue", "Green", "Failed"], all),
        list(&failures.collect::<Vec<_>>())
    )
}

fn jobs(rehearsal: &Rehearsal) -> String {
    let mut out = String::new();
    for run in &rehearsal.runs {
        let _ = write!(out, "## Jobs of {}\n\n", escape::text(&run.name));
        let rows = run.jobs.iter().map(|job| {
            let (from, took) =
                job.ran.map_or_else(Default::default, |ran| (words(ran.began), words(ran.lasted)));
            let end = format!("{} {}", job.end.sign(), job.end.word());
            [escape::text(&job.name), end, from, took, escape::text(&job.reason)]
        });
        out.push_str(&escape::table(["Job", "End", "From", "Took", ""], rows));
        out.push('\n');
        for job in run.jobs.iter().filter(|job| job.ran.is_some()) {
            out.push_str(&one_job(job));
        }
    }
    out
}

fn one_job(job: &Job) -> String {
    let mut out = format!("### {}\n\n", escape::text(&job.name));
    let rows = job.steps.iter().map(|step| {
        let took = step.ran.map(|ran| words(ran.lasted)).unwrap_or_default();
        let end = if step.result.is_empty() { step.end.word() } else { &step.result };
        [escape::text(&step.name), escape::text(end), took]
    });
    out.push_str(&escape::table(["Step", "Result", "Took"], rows));
    out.push('\n');
    for step in job.steps.iter().filter(|step| !step.error.is_empty()) {
        let _ = writeln!(out, "{}", escape::block(&step.error));
    }
    out.push_str(&quoted(&job.summary));
    out
}

fn records(rehearsal: &Rehearsal) -> String {
    let mut out = String::new();
    if !rehearsal.ledger.is_empty() {
        let rows = rehearsal.ledger.iter().map(|row| {
            let targets = row.targets.join(", ");
            let (tag, sha) = (escape::text(&row.tag), escape::code(&short(&row.sha)));
            [row.generation.to_string(), tag, sha, escape::text(&targets), escape::text(&row.state)]
        });
        out.push_str("## The ledger\n\n");
        out.push_str(&escape::table(["Generation", "Tag", "Commit", "Targets", "State"], rows));
        out.push('\n');
    }
    if !rehearsal.names.is_empty() {
        let rows = rehearsal.names.iter();
        let rows = rows.map(|name| [&name.host, &name.before, &name.after].map(|text| escape::code(text)));
        out.push_str("## The public names\n\n");
        out.push_str(&escape::table(["Name", "Before", "After"], rows));
        out.push('\n');
    }
    out.push_str(&list(&rehearsal.notes));
    out
}

fn list(items: &[String]) -> String {
    if items.is_empty() {
        return String::new();
    }
    let items = items.iter().map(|item| format!("- {}\n", escape::text(item)));
    format!("{}\n", items.collect::<String>())
}

/// A job's own Markdown, in a quote that it cannot end, with its HTML as text: an
/// open comment would swallow the rest of the report.
fn quoted(summary: &str) -> String {
    if summary.trim().is_empty() {
        return String::new();
    }
    let mut fence = None;
    let mut out = String::new();
    for line in summary.trim_end().lines() {
        let begins = fence_of(line);
        let line = match (&fence, &begins) {
            (None, None) => without_html(line),
            _ => line.to_owned(),
        };
        fence = match (fence.take(), begins) {
            (None, begins) => begins,
            (Some(open), Some(closing)) if closing.starts_with(&open) => None,
            (open, _) => open,
        };
        // Writing to a string cannot fail.
        let _ = writeln!(out, "> {}", line);
    }
    out.push('\n');
    out
}

/// The row of backticks or tildes that a line begins with, from three on.
fn fence_of(line: &str) -> Option<String> {
    let line = line.trim_start();
    let first = line.chars().next().filter(|char| "`~".contains(*char))?;
    let row: String = line.chars().take_while(|char| *char == first).collect();
    (row.len() >= 3).then_some(row)
}

/// `<code>` stays, as our own summaries have it; every other tag becomes text.
fn without_html(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for (index, char) in line.char_indices() {
        let rest = &line[index..];
        let kept = ["<code>", "</code>", "<br>"].iter().any(|tag| rest.starts_with(tag));
        match char {
            '<' if !kept => out.push_str("&lt;"),
            _ => out.push(char),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::sample;

    #[test]
    fn the_report_of_a_production_rehearsal() {
        insta::assert_snapshot!(markdown(&sample::production()));
    }

    #[test]
    fn a_hostile_log_stays_text() {
        use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag};

        let text = markdown(&sample::hostile());
        let events: Vec<_> = Parser::new_ext(&text, Options::ENABLE_TABLES).collect();
        for event in &events {
            if let Event::Html(html) | Event::InlineHtml(html) = event {
                assert!(["<code>", "</code>"].contains(&&**html), "{html}");
            }
        }
        let is_chapter =
            |event: &&Event<'_>| matches!(event, Event::Start(Tag::Heading { level: HeadingLevel::H2, .. }));
        assert_eq!(events.iter().filter(is_chapter).count(), 7, "a chapter was swallowed:\n{text}");
        assert!(text.contains("> &lt;!-- &lt;script>"), "{text}");
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text:?}");
    }
}
