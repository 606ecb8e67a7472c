//! What a person is told: the table in the summary, and the way back.

use action::{Context, markdown};

use crate::plan::Plan;
use crate::previous;
use crate::step::{Seen, Step};
use crate::ttl;

/// The table, filled in as the run learns.
#[derive(Debug, Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
    way_back: Option<String>,
}

#[derive(Debug)]
struct Row {
    host: String,
    from: String,
    to: String,
    ttl: String,
    proxied: &'static str,
    probe: String,
    dns: String,
}

impl Report {
    /// A table of the plan, with nothing checked yet.
    pub(crate) fn of(plan: &Plan) -> Self {
        let row = |step: &Step| Row {
            host: step.host.to_string(),
            from: if step.moves() { step.from.to_string() } else { "is there".to_owned() },
            to: step.to.to_string(),
            ttl: ttl_in_words(step),
            proxied: if step.record.proxied { "yes" } else { "no" },
            probe: "-".to_owned(),
            dns: match step.seen.1 {
                Seen::Cname => "not checked",
                Seen::Proxied => "proxied: shows no target",
                Seen::Flattened => "flattened: shows no target",
            }
            .to_owned(),
        };
        Self { rows: plan.steps.iter().map(row).collect(), way_back: None }
    }

    /// The target of this step answered with `status`.
    pub(crate) fn probed(&mut self, step: &Step, status: u16) {
        self.each(step, |row| row.probe = status.to_string());
    }

    /// Every server answers the target of this step.
    pub(crate) fn seen_in_dns(&mut self, step: &Step) {
        self.each(step, |row| "shows the target".clone_into(&mut row.dns));
    }

    /// The names have moved: this is how they come back.
    pub(crate) fn moved(&mut self, zone: &str, changes: &[&Step]) {
        self.way_back = Some(command(zone, changes));
    }

    /// Writes the table to the summary; nothing when there was never a plan.
    pub(crate) fn write(&self, context: &Context) {
        if self.rows.is_empty() {
            return;
        }
        let rows = self.rows.iter().map(|row| {
            [
                markdown::code(&row.host),
                markdown::text(&row.from),
                markdown::text(&row.to),
                markdown::text(&row.ttl),
                row.proxied.to_owned(),
                markdown::text(&row.probe),
                markdown::text(&row.dns),
            ]
        });
        let head = ["Host", "From", "To", "TTL", "Proxied", "Probe", "DNS"];
        let mut text = format!("### Public names\n\n{}", markdown::table(head, rows));
        if let Some(command) = &self.way_back {
            text.push_str(&format!("\nThe way back:\n\n{}", markdown::block(command)));
        }
        context.summarise(&text);
    }

    fn each(&mut self, step: &Step, change: impl Fn(&mut Row)) {
        self.rows.iter_mut().filter(|row| row.host == step.host.as_str()).for_each(change);
    }
}

/// The names of several steps.
pub(crate) fn hosts(steps: &[&Step]) -> String {
    steps.iter().map(|step| step.host.as_str()).collect::<Vec<_>>().join(", ")
}

/// How a person undoes these changes, as the end of a sentence.
pub(crate) fn way_back(zone: &str, changes: &[&Step]) -> String {
    format!("go back with `{}`", command(zone, changes))
}

/// One line for bash.
fn command(zone: &str, changes: &[&Step]) -> String {
    let lines: Vec<_> = changes.iter().filter_map(|step| step.previous.clone()).collect();
    format!(
        "cname-flip --mode restore --zone-id {} --previous {}",
        quoted(zone),
        quoted(&previous::text(&lines))
    )
}

/// A bash word of the form `$'...'`.
fn quoted(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n");
    format!("$'{text}'")
}

/// The TTL of a step as people read it.
fn ttl_in_words(step: &Step) -> String {
    match step.patch.as_ref().and_then(|patch| patch.ttl).unwrap_or(step.record.ttl) {
        1 => format!("automatic ({} s)", ttl::AUTOMATIC_SECONDS),
        ttl => format!("{ttl} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_word_is_one_word_for_bash() {
        for text in ["plain", "two lines\nhere", "it's a \"comment\" \\n $HOME `x`", ""] {
            let script = format!("printf %s {}", quoted(text));
            let output = std::process::Command::new("bash").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), text);
        }
    }
}
