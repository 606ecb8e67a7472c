//! How a cutover ended, in words that do not differ from one world to the next.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};

use crate::estate::{Estate, REPOSITORY};
use crate::platform::GENERATION;
use crate::twins::supabase::Change;
use crate::workflow_run::Run;

use super::super::names::{Names, colour_of};

/// Where Cloudflare takes all changes of a flip.
const BATCH: &str = "POST /client/v4/zones/{zone}/dns_records/batch";

/// What a service that is deployed once has had: what it began with, and that one.
const DEPLOYS: usize = 2;

/// Everything that a second attempt must leave as one attempt does.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct End {
    /// Where the public names point.
    pub(super) names: Names,
    /// Each time that names moved: which, and where to.
    pub(super) moves: Vec<String>,
    /// How often Cloudflare changed names.
    pub(super) flips: usize,
    /// The ledger, newest generation first.
    pub(super) ledger: Vec<String>,
    /// What each service runs: of which generation, and after how many deploys.
    pub(super) services: BTreeMap<String, String>,
    /// What GitHub has recorded of the commit.
    pub(super) statuses: Vec<String>,
    /// What of the commit is published. Publishing it again publishes the same.
    pub(super) sites: BTreeSet<String>,
    /// What production's schema has applied.
    pub(super) migrations: Vec<String>,
    /// How many merges of schemas were begun.
    pub(super) merges: usize,
    /// The branches that are left of the schema.
    pub(super) branches: Vec<String>,
    /// How many visits were not served.
    pub(super) failed_visits: u64,
}

impl End {
    /// What it is now; `moves` and `failed_visits` were seen on the way.
    ///
    /// # Errors
    /// Something cannot be looked at.
    pub(super) fn of(estate: &Estate, run: &Run, moves: Vec<String>, failed_visits: u64) -> Result<Self> {
        let commit = &run.event.commit;
        let statuses = estate.github.statuses(REPOSITORY, commit);
        let merges = estate.schema.supabase.effects().into_iter();
        let sites = estate.pages.sites().into_iter().filter(|site| site.commit == *commit);
        let mut branches = estate.schema.supabase.branch_names(&estate.schema.project);
        branches.sort_unstable();
        Ok(Self {
            names: estate.cnames(),
            moves,
            flips: estate.platform.cloudflare_api.journal().count(BATCH),
            ledger: ledger(estate, commit)?,
            services: services(estate, commit)?,
            statuses: statuses
                .into_iter()
                .map(|status| format!("{} {}", status.context, status.state))
                .collect(),
            sites: sites.map(|site| format!("{} {}", site.project, site.branch)).collect(),
            migrations: estate.schema.production()?,
            merges: merges.filter(|effect| matches!(effect.change, Change::MergeStarted { .. })).count(),
            branches,
            failed_visits,
        })
    }

    /// What is not as in the end of the cutover that nobody disturbed, one sentence each.
    pub(super) fn differences(&self, calm: &Self) -> Vec<String> {
        let (here, there) = (self.parts(), calm.parts());
        let different = here.into_iter().zip(there).filter(|((_, here), (_, there))| here != there);
        different.map(|((part, here), (_, there))| format!("{part}: {here}, not {there}")).collect()
    }

    /// What a cutover that nobody disturbed must have left, and this end does not show, one sentence each.
    pub(super) fn unlike_a_cutover(&self) -> Vec<String> {
        let begun = |of: &[String], word: &str| of.iter().filter(|one| one.contains(word)).count();
        let green = |name: &&(String, String)| colour_of(&name.1) == "green";
        let deployed: Vec<_> =
            self.services.iter().filter(|(_, what)| what.starts_with("the commit")).collect();
        let twice = |what: &str| !what.ends_with(&format!("after {DEPLOYS} deploys"));
        let holds = [
            ("one move of names", self.moves.len() == 1 && self.flips == 1),
            ("api and app on green", self.names.iter().filter(green).count() == 2),
            ("one new row", self.ledger.len() == 2 && begun(&self.ledger, "the commit") == 1),
            ("nothing but rows that are cut over", begun(&self.ledger, " cut over") == self.ledger.len()),
            (
                "one deploy of three services",
                deployed.len() == 3 && !deployed.iter().any(|(_, what)| twice(what)),
            ),
            ("one record of the commit", begun(&self.statuses, "production-success") == 1),
            ("one site", self.sites.len() == 1),
            ("one merge of one migration", self.merges == 1 && self.migrations.len() == 2),
            ("no visit that failed", self.failed_visits == 0),
        ];
        let missing = holds.into_iter().filter(|(_, holds)| !holds);
        let mut objections: Vec<_> = missing.map(|(what, _)| format!("no {what}")).collect();
        if !objections.is_empty() {
            objections.push(format!("it ended as {self:?}"));
        }
        objections
    }

    fn parts(&self) -> [(&'static str, String); 11] {
        [
            ("names", format!("{:?}", self.names)),
            ("moves of names", format!("{:?}", self.moves)),
            ("changes of names", self.flips.to_string()),
            ("ledger", format!("{:?}", self.ledger)),
            ("services", format!("{:?}", self.services)),
            ("statuses", format!("{:?}", self.statuses)),
            ("sites", format!("{:?}", self.sites)),
            ("migrations", format!("{:?}", self.migrations)),
            ("merges", self.merges.to_string()),
            ("branches", format!("{:?}", self.branches)),
            ("failed visits", self.failed_visits.to_string()),
        ]
    }
}

fn ledger(estate: &Estate, commit: &str) -> Result<Vec<String>> {
    let rows = estate.production.rows()?.into_iter().map(|mut row| {
        let commit = if row.sha == commit { "the commit" } else { "another commit" };
        row.targets.sort_unstable();
        format!("{} {} {commit} {:?} {}", row.generation, row.tag, row.targets, row.state)
    });
    Ok(rows.collect())
}

fn services(estate: &Estate, commit: &str) -> Result<BTreeMap<String, String>> {
    let render = &estate.platform.render;
    let mut services = BTreeMap::new();
    for service in render.services() {
        let (name, _) = render.name_and_suspension(&service)?;
        let deploys = render.deploys(&service)?.len();
        let live = render.live_deploy(&service)?.context("find the deploy that is live")?;
        let commit = if live.commit() == Some(commit) { "the commit" } else { "another commit" };
        let variables = render.running_env(&service)?.unwrap_or_default();
        let generation = variables.get(GENERATION).map_or("none", String::as_str).to_owned();
        services.insert(name, format!("{commit} of generation {generation} after {deploys} deploys"));
    }
    Ok(services)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calm() -> End {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let name =
            |label: &str, colour: &str| (label.to_owned(), format!("{label}-{colour}.onrender.localhost"));
        let live = || "the commit of generation 42 after 2 deploys".to_owned();
        End {
            names: vec![name("api", "green"), name("app", "green"), name("operations", "blue")],
            moves: texts(&["api to green, app to green"]),
            flips: 1,
            ledger: texts(&["42 prod-2 the commit [] cut over", "41 prod-1 another commit [] cut over"]),
            services: ["api", "workers", "dashboard"].map(|name| (format!("{name}-green"), live())).into(),
            statuses: texts(&["staging-success success", "production-success success"]),
            sites: texts(&["docs-user main"]).into_iter().collect(),
            migrations: texts(&["1", "2"]),
            merges: 1,
            branches: texts(&["staging"]),
            failed_visits: 0,
        }
    }

    type Spoil = fn(&mut End);

    /// Everything that a second attempt could do once too often, or leave undone.
    const SPOILT: [(&str, Spoil); 11] = [
        ("names", |end| end.names[1].1.clone_from(&"app-blue.onrender.localhost".to_owned())),
        ("moves of names", |end| end.moves.push("app to green".to_owned())),
        ("changes of names", |end| end.flips += 1),
        ("ledger", |end| end.ledger.insert(0, "43 prod-2 the commit [] cut over".to_owned())),
        ("services", |end| {
            let again = "the commit of generation 42 after 3 deploys".to_owned();
            end.services.insert("api-green".to_owned(), again);
        }),
        ("statuses", |end| end.statuses.push("production-success success".to_owned())),
        ("sites", |end| end.sites.clear()),
        ("migrations", |end| end.migrations.truncate(1)),
        ("merges", |end| end.merges += 1),
        ("branches", |end| end.branches.push("greenroom-100".to_owned())),
        ("failed visits", |end| end.failed_visits += 1),
    ];

    #[test]
    fn each_thing_that_was_done_twice_is_named() {
        assert!(calm().differences(&calm()).is_empty());
        for (part, spoil) in SPOILT {
            let mut end = calm();
            spoil(&mut end);
            let differences = end.differences(&calm());
            assert!(
                matches!(&differences[..], [one] if one.starts_with(&format!("{part}: "))),
                "{differences:?}"
            );
        }
    }

    #[test]
    fn an_end_that_is_no_cutover_is_no_measure() {
        assert_eq!(calm().unlike_a_cutover(), Vec::<String>::new());
        for (part, spoil) in SPOILT.into_iter().filter(|(part, _)| *part != "branches") {
            let mut end = calm();
            spoil(&mut end);
            assert!(!end.unlike_a_cutover().is_empty(), "{part}");
        }
    }
}
