//! Whether the report tells the operator what there is to know: it is read again, both as Markdown and as HTML,
//! as its reader sees it.

use pulldown_cmark::{Event, Options, Parser};

use crate::timeline::{Rehearsal, markdown, page};

use super::scenario::Scenario;

/// What each form of the report fails to say, one sentence each; nothing when it says everything.
pub(super) fn missing(scenario: &Scenario, told: &Rehearsal) -> Vec<String> {
    let wanted = wanted(scenario, told);
    let forms = [("Markdown", markdown_text(&markdown(told))), ("HTML", html_text(&page(told)))];
    let unsaid = forms.iter().flat_map(|(form, text)| {
        let unsaid = wanted.iter().filter(|words| !text.contains(&one_line(words)));
        unsaid.map(move |words| format!("the report as {form} does not say {words:?}"))
    });
    unsaid.collect()
}

/// What happened and how it ended, what each job told the operator, where names and ledger stand, how many visitors
/// were served, by how much what was scaled, and what comes next.
fn wanted(scenario: &Scenario, told: &Rehearsal) -> Vec<String> {
    let mut wanted = vec![
        told.title.clone(),
        told.story.clone(),
        told.expected.clone(),
        told.ended.clone(),
        told.verdict(),
    ];
    let says = scenario.acts.iter().flat_map(|act| act.promise.says);
    wanted.extend(says.map(|(_, words)| (*words).to_owned()));
    for run in &told.runs {
        wanted.push(format!("Jobs of {}", run.name));
        wanted.extend(run.jobs.iter().map(|job| job.name.clone()));
        let errors = run.jobs.iter().flat_map(|job| &job.steps).map(|step| &step.error);
        wanted.extend(errors.flat_map(|error| error.lines()).map(str::to_owned));
    }
    let moves = told.marks.iter().flat_map(|mark| mark.label.split(", "));
    wanted.extend(moves.map(str::to_owned));
    for name in &told.names {
        wanted.push(format!("{} {} {}", name.host, name.before, name.after));
    }
    for row in &told.ledger {
        wanted.push(format!("{} {}", row.targets.join(", "), row.state));
    }
    wanted.extend(told.scaled.iter().map(crate::timeline::Scaling::by));
    wanted.extend(told.notes.iter().chain(&told.next).cloned());
    wanted
}

/// What a renderer of Markdown shows, cells and paragraphs parted by blanks.
fn markdown_text(markdown: &str) -> String {
    let mut text = String::new();
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Text(part) | Event::Code(part) => text.push_str(&part),
            Event::End(_) | Event::SoftBreak | Event::HardBreak => text.push(' '),
            _ => {}
        }
    }
    one_line(&text)
}

/// What a browser shows, cells and paragraphs parted by blanks.
fn html_text(html: &str) -> String {
    let body = html.split_once("<body>").map_or(html, |(_, body)| body);
    let mut text = String::new();
    for piece in body.split('<').skip(1) {
        let (tag, behind) = piece.split_once('>').unwrap_or((piece, ""));
        let inline = ["code", "b", "em", "strong", "span", "a"]
            .iter()
            .any(|name| tag.trim_start_matches('/').split_whitespace().next() == Some(name));
        if !inline {
            text.push(' ');
        }
        text.push_str(behind);
    }
    for (entity, char) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#x27;", "'")] {
        text = text.replace(entity, char);
    }
    one_line(&text.replace("&amp;", "&"))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::{Job, LedgerRow, PublicName, Run, Step};

    fn scenario() -> &'static Scenario {
        super::super::scenario::all().find(|scenario| scenario.name == "flip-lost").unwrap()
    }

    fn told() -> Rehearsal {
        let summary = "| shows the target |\n| --- |\n| `production-success` cut over |\n".to_owned();
        let step = Step { error: "a <b> went *wrong*\nhint: mend_it & go".to_owned(), ..Step::default() };
        let ran = Some(crate::timeline::Span::default());
        let job = Job { name: "flip".to_owned(), summary, steps: vec![step], ran, ..Job::default() };
        Rehearsal {
            runs: vec![Run { name: "deploy-prod.yml on prod_2".to_owned(), jobs: vec![job] }],
            ledger: vec![LedgerRow {
                targets: vec!["api".to_owned(), "workers".to_owned()],
                state: "cut over".to_owned(),
                ..LedgerRow::default()
            }],
            names: vec![PublicName {
                host: "api.example.com".to_owned(),
                before: "blue.example".to_owned(),
                after: "green.example".to_owned(),
            }],
            next: vec!["Nothing: `keep` it <warm>.".to_owned()],
            ..Rehearsal::default()
        }
    }

    #[test]
    fn a_report_that_says_everything_lacks_nothing() {
        assert_eq!(missing(scenario(), &told()), Vec::<String>::new());
    }

    #[test]
    fn a_summary_that_does_not_reach_the_reader_is_missed_in_both_forms() {
        let mut silent = told();
        silent.runs[0].jobs[0].summary.clear();
        let missing = missing(scenario(), &silent);
        for form in ["Markdown", "HTML"] {
            let wanted = format!("the report as {form} does not say \"shows the target\"");
            assert!(missing.contains(&wanted), "{missing:?}");
        }
    }
}
