//! Names of migrations, and the job summary.

use std::collections::BTreeMap;

use action::{Context, markdown};
use migration_history::{Applied, Migrations};

use crate::decision::{Delta, Versions};
use crate::job::Job;
use crate::look::Seen;

/// Version and name, as a file's stem has them, by version.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names(BTreeMap<String, String>);

impl Names {
    /// The names that the files have.
    pub(crate) fn new(files: &Migrations) -> Self {
        Self(files.iter().map(|file| (file.version().to_string(), file.stem())).collect())
    }

    /// Learns the names of what is in no file.
    pub(crate) fn learn(&mut self, seen: &Seen) {
        for row in seen.production.iter().chain(&seen.branch) {
            self.0.entry(row.version.clone()).or_insert_with(|| Applied::stem(row));
        }
    }

    /// The names of these, in the order of their versions.
    pub(crate) fn of(&self, versions: &Versions) -> Vec<String> {
        let name = |version: &String| self.0.get(version).unwrap_or(version).clone();
        versions.iter().map(name).collect()
    }
}

/// Writes what production has now into the summary.
pub(crate) fn merged(context: &Context, job: &Job, added: &[String], schema_version: Option<&str>) {
    let what = if added.is_empty() { "nothing was pending".to_owned() } else { added.join("\n") };
    let rows = [
        ["Commit".to_owned(), markdown::code(job.commit.as_str())],
        ["Schema version".to_owned(), markdown::code(schema_version.unwrap_or("none"))],
        ["Merged".to_owned(), lines(&what)],
    ];
    context.summarise(&format!("### Schema\n\n{}", markdown::table(["What", "Value"], rows)));
}

/// Writes into the summary what a merge added, what it did not, and how to go on.
pub(crate) fn partial(context: &Context, job: &Job, delta: &Delta, names: &Names, log: Option<&str>) {
    let row = |state: &str| {
        let state = state.to_owned();
        move |name: String| [markdown::code(&name), state.clone()]
    };
    let rows = names.of(&delta.applied).into_iter().map(row("applied"));
    let rows = rows.chain(names.of(&delta.missing).into_iter().map(row("**not applied**")));
    let rows = rows.chain(names.of(&delta.extra).into_iter().map(row("**applied, not expected**")));
    let gained = delta.gained().into_iter().collect::<Vec<_>>().join("\n");
    context.summarise(&format!(
        "### Schema: the merge added something else than expected\n\n{}\n\
         Production serves as before, with the new schema; nothing of commit {} is deployed. To recover (deployment \
         runbook, recovery of step 4):\n\n\
         1. Look at production's own table: `select version, name from supabase_migrations.schema_migrations order by \
         version`. What stands there is applied.\n\
         2. If a migration stopped half way through (only one with statements outside a transaction can, such as \
         `CREATE INDEX CONCURRENTLY`), mend it by a follow-up migration.\n\
         3. If what is missing fits onto what is applied, run this again with the input `acknowledge`: it merges what \
         is missing. If not, write a migration that makes it fit, let staging have it, and tag that commit.\n\n\
         `acknowledge` has to list exactly what was applied:\n\n{}\n",
        markdown::table(["Migration", "In production"], rows),
        markdown::code(job.commit.as_str()),
        markdown::block(&gained),
    ));
    of_log(context, log);
}

/// Writes into the summary why a merge added nothing, as far as its own log tells.
pub(crate) fn nothing(context: &Context, missing: &[String], log: Option<&str>) {
    let missing = missing.iter().map(|name| markdown::code(name)).collect::<Vec<_>>().join(", ");
    context.summarise(&format!("### Schema: the merge added nothing\n\nProduction still lacks {missing}.\n"));
    of_log(context, log);
}

fn of_log(context: &Context, log: Option<&str>) {
    if let Some(log) = log {
        context.summarise(&format!("The end of the merge's own log:\n\n{}\n", markdown::block(log)));
    }
}

/// Lines in one cell of a table.
fn lines(text: &str) -> String {
    text.lines().map(markdown::code).collect::<Vec<_>>().join("<br>")
}
