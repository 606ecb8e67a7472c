//! What a person is told: the table in the summary, and the way back.

use action::{Context, markdown};

use crate::plan::Plan;
use crate::step::{Seen, Step};
use crate::ttl;
use crate::way_back::WayBack;

/// The table, filled in as the run learns.
#[derive(Debug, Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
    warnings: Vec<String>,
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
        Self { rows: plan.steps.iter().map(row).collect(), ..Self::default() }
    }

    /// The target of this step answered with `status`.
    pub(crate) fn probed(&mut self, step: &Step, status: u16) {
        self.each(step, |row| row.probe = status.to_string());
    }

    /// Every server answers the target of this step.
    pub(crate) fn seen_in_dns(&mut self, step: &Step) {
        self.each(step, |row| "shows the target".clone_into(&mut row.dns));
    }

    /// Deserves attention: an annotation, and a line in the summary.
    pub(crate) fn warn(&mut self, context: &Context, warning: &str) {
        context.warn(warning);
        self.warnings.push(warning.to_owned());
    }

    /// The names have moved: this is how they come back.
    pub(crate) fn moved(&mut self, way_back: &WayBack, changes: &[&Step]) {
        self.way_back = Some(way_back.command(changes));
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
        if !self.warnings.is_empty() {
            text.push_str("\nWarnings:\n\n");
        }
        for warning in &self.warnings {
            text.push_str(&format!("- {}\n", markdown::text(warning)));
        }
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

/// The TTL of a step as people read it.
fn ttl_in_words(step: &Step) -> String {
    match step.patch.as_ref().and_then(|patch| patch.ttl).unwrap_or(step.record.ttl) {
        1 => format!("automatic ({} s)", ttl::AUTOMATIC_SECONDS),
        ttl => format!("{ttl} s"),
    }
}
