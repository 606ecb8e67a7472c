//! The report as one page of HTML: no script, nothing from outside, light and
//! dark, readable on a phone and on paper.

mod chart;
mod harmless;
mod html;
mod prose;

use super::{Job, Rehearsal, Step, setting, short, words};

use html::Html;

/// The whole page. Its policy lets nothing in that is not in the file.
#[must_use]
pub fn page(rehearsal: &Rehearsal) -> String {
    let mut page = Html::default();
    page.raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n");
    page.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    page.raw("<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
    page.text(&rehearsal.title).raw("</title>\n<style>\n").raw(include_str!("page/style.css"));
    page.raw("</style>\n</head>\n<body>\n<main>\n");
    head(&mut page, rehearsal);
    figures(&mut page, rehearsal);
    scaled(&mut page, rehearsal);
    page.raw("<section>\n<h2>Timeline</h2>\n").add(&chart::chart(rehearsal)).raw("</section>\n");
    jobs(&mut page, rehearsal);
    records(&mut page, rehearsal);
    next(&mut page, rehearsal);
    page.raw("</main>\n</body>\n</html>\n");
    page.finish()
}

fn head(page: &mut Html, rehearsal: &Rehearsal) {
    page.raw("<header>\n<p class=\"over\">Rehearsal</p>\n<h1>").text(&rehearsal.title).raw("</h1>\n");
    page.raw("<p class=\"lead\">").text(&rehearsal.story).raw("</p>\n");
    page.raw(if rehearsal.passed() { "<div class=\"verdict good\">" } else { "<div class=\"verdict bad\">" });
    page.raw("<p class=\"word\"><span aria-hidden=\"true\">");
    page.raw(if rehearsal.passed() { "✓" } else { "✕" });
    page.raw("</span> ").text(&rehearsal.verdict()).raw("</p>\n<dl>\n<div><dt>Expected</dt><dd>");
    page.text(&rehearsal.expected).raw("</dd></div>\n<div><dt>Ended</dt><dd>");
    page.text(&rehearsal.ended).raw("</dd></div>\n</dl>\n");
    list(page, "<ul class=\"objections\">", &rehearsal.objections);
    page.raw("</div>\n</header>\n");
}

/// The few numbers that matter.
fn figures(page: &mut Html, rehearsal: &Rehearsal) {
    let total = rehearsal.visitors.total();
    page.raw("<section class=\"figures\" aria-label=\"Visitors and times\">\n");
    figure(page, "<div class=\"figure blue\">", &thousands(total.blue), "answered by blue");
    figure(page, "<div class=\"figure green\">", &thousands(total.green), "answered by green");
    let tone = if total.failed == 0 { "<div class=\"figure\">" } else { "<div class=\"figure bad\">" };
    figure(page, tone, &thousands(total.failed), "failed requests");
    figure(page, "<div class=\"figure\">", &words(rehearsal.lasted), "from first to last look");
    if let Some(own) = rehearsal.own {
        figure(page, "<div class=\"figure\">", &words(own), "our own time on the critical path");
    }
    page.raw("</section>\n");
    let failures = rehearsal.visitors.failures.iter();
    let failures: Vec<String> = failures
        .map(|failure| format!("After {}, {}: {}", words(failure.at), failure.host, failure.reason))
        .collect();
    list(page, "<ul class=\"objections\">", &failures);
}

fn figure(page: &mut Html, open: &'static str, number: &str, words: &str) {
    page.raw(open).raw("<b>").text(number).raw("</b><span>").text(words).raw("</span></div>\n");
}

fn scaled(page: &mut Html, rehearsal: &Rehearsal) {
    if rehearsal.scaled.is_empty() {
        return;
    }
    page.raw("<section>\n<h2>What is shorter here</h2>\n");
    let rows = rehearsal.scaled.iter().map(|scaled| {
        let name = Cell::Code(scaled.name.clone());
        let about = Cell::Text(scaled.about.clone());
        [
            name,
            about,
            Cell::Text(setting(scaled.usual)),
            Cell::Text(setting(scaled.here)),
            Cell::Text(scaled.by()),
        ]
    });
    table(page, ["Setting", "What it is", "Usually", "Here", "By how much"], rows);
    page.raw("</section>\n");
}

fn jobs(page: &mut Html, rehearsal: &Rehearsal) {
    for run in &rehearsal.runs {
        page.raw("<section>\n<h2>Jobs of ").text(&run.name).raw("</h2>\n");
        let (ran, skipped): (Vec<_>, Vec<_>) = run.jobs.iter().partition(|job| job.ran.is_some());
        for job in ran {
            one_job(page, job);
        }
        if !skipped.is_empty() {
            page.raw("<ul class=\"absent\">\n");
        }
        for job in &skipped {
            page.raw("<li><b>").text(&job.name).raw("</b> ").text(job.end.word());
            page.raw(if job.reason.is_empty() { "" } else { ": " }).text(&job.reason).raw("</li>\n");
        }
        page.raw(if skipped.is_empty() { "" } else { "</ul>\n" }).raw("</section>\n");
    }
}

fn one_job(page: &mut Html, job: &Job) {
    page.raw("<details open class=\"job\">\n<summary>").add(&chart::sign(job.end)).raw(" <b>");
    page.text(&job.name).raw("</b> <span class=\"aside\">").text(job.end.word());
    if let Some(ran) = job.ran {
        page.text(&format!(", {} from {} on", words(ran.lasted), words(ran.began)));
    }
    page.raw("</span></summary>\n");
    if !job.reason.is_empty() {
        page.raw("<p class=\"reason\">").text(&job.reason).raw("</p>\n");
    }
    page.raw("<ol class=\"steps\">\n");
    for step in &job.steps {
        one_step(page, step);
    }
    page.raw("</ol>\n");
    if !job.summary.trim().is_empty() {
        page.raw("<div class=\"summary\">\n").add(&prose::prose(&job.summary)).raw("</div>\n");
    }
    page.raw("</details>\n");
}

fn one_step(page: &mut Html, step: &Step) {
    page.raw("<li>").add(&chart::sign(step.end)).raw(" <span class=\"name\">").text(&step.name);
    page.raw("</span> <span class=\"aside\">");
    page.text(if step.result.is_empty() { step.end.word() } else { &step.result });
    if let Some(ran) = step.ran {
        page.raw(", ").text(&words(ran.lasted));
    }
    page.raw("</span>");
    if !step.error.is_empty() {
        page.raw("\n<pre class=\"error\">").text(&step.error).raw("</pre>");
    }
    page.raw("</li>\n");
}

fn records(page: &mut Html, rehearsal: &Rehearsal) {
    if !rehearsal.ledger.is_empty() {
        page.raw("<section>\n<h2>The ledger, newest first</h2>\n");
        let rows = rehearsal.ledger.iter().map(|row| {
            let generation = Cell::Text(row.generation.to_string());
            let (tag, sha) = (Cell::Text(row.tag.clone()), Cell::Code(short(&row.sha)));
            [generation, tag, sha, Cell::Text(row.targets.join(", ")), Cell::Text(row.state.clone())]
        });
        table(page, ["Generation", "Tag", "Commit", "Targets", "State"], rows);
        page.raw("</section>\n");
    }
    if !rehearsal.names.is_empty() {
        page.raw("<section>\n<h2>The public names</h2>\n");
        let rows = rehearsal.names.iter();
        let rows =
            rows.map(|name| [&name.host, &name.before, &name.after].map(|text| Cell::Code(text.clone())));
        table(page, ["Name", "Pointed at", "Points at"], rows);
        page.raw("</section>\n");
    }
    if !rehearsal.notes.is_empty() {
        page.raw("<section>\n<h2>Notes</h2>\n");
        list(page, "<ul>", &rehearsal.notes);
        page.raw("</section>\n");
    }
}

fn next(page: &mut Html, rehearsal: &Rehearsal) {
    page.raw("<section class=\"next\">\n<h2>What the operator does next</h2>\n");
    list(page, "<ul>", &rehearsal.next);
    page.raw("</section>\n");
}

fn list(page: &mut Html, open: &'static str, items: &[String]) {
    if items.is_empty() {
        return;
    }
    page.raw(open).raw("\n");
    for item in items {
        page.raw("<li>").text(item).raw("</li>\n");
    }
    page.raw("</ul>\n");
}

/// What stands in a cell.
enum Cell {
    Text(String),
    Code(String),
}

/// A table whose rows turn into cards on a narrow screen: so each cell knows the
/// head of its column.
fn table<const N: usize>(page: &mut Html, head: [&'static str; N], rows: impl Iterator<Item = [Cell; N]>) {
    page.raw("<table>\n<thead><tr>");
    for name in head {
        page.raw("<th scope=\"col\">").raw(name).raw("</th>");
    }
    page.raw("</tr></thead>\n<tbody>\n");
    for row in rows {
        page.raw("<tr>");
        for (name, cell) in head.into_iter().zip(row) {
            page.raw("<td data-head=\"").raw(name).raw("\"><span>");
            match cell {
                Cell::Text(text) => page.text(&text),
                Cell::Code(text) => page.raw("<code>").text(&text).raw("</code>"),
            };
            page.raw("</span></td>");
        }
        page.raw("</tr>\n");
    }
    page.raw("</tbody>\n</table>\n");
}

/// `12 345`, with narrow spaces.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::timeline::sample;

    #[test]
    fn the_page_of_a_production_rehearsal() {
        insta::assert_snapshot!(page(&sample::production()));
    }

    #[test]
    fn the_page_of_an_abort() {
        insta::assert_snapshot!(page(&sample::abort()));
    }

    /// The names of all tags that a text opens.
    fn tags(html: &str) -> BTreeSet<&str> {
        let opened = html.split('<').skip(1).map(|rest| rest.trim_start_matches('/'));
        opened
            .map(|rest| rest.split(|char: char| !char.is_alphanumeric()).next().unwrap_or_default())
            .collect()
    }

    #[test]
    fn a_hostile_log_stays_text() {
        let (page, usual) = (page(&sample::hostile()), page(&sample::abort()));
        let ours: BTreeSet<_> = tags(&usual).into_iter().chain(["p"]).collect();
        let foreign: Vec<_> = tags(&page).into_iter().filter(|tag| !ours.contains(tag)).collect();
        assert_eq!(foreign, Vec::<&str>::new());
        assert!(!page.contains(['\u{1b}', '\u{202e}']));
        assert_eq!((page.matches("</title>").count(), page.matches("</style>").count()), (1, 1));
        assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    }

    #[test]
    fn thousands_are_parted() {
        assert_eq!([7, 1_234, 1_234_567].map(thousands), ["7", "1\u{202f}234", "1\u{202f}234\u{202f}567"]);
    }
}
