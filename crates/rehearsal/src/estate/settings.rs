//! What the repository's settings hold on GitHub, and what the runner's machine
//! knows: the one place where a rehearsal says whom it deploys to.

use std::collections::BTreeMap;

use anyhow::Result;

use crate::twins::cloudflare::ACCOUNT;
use crate::twins::supabase;
use crate::workflow_run::{Environment, RefPolicy, Review, Settings};

use super::{Database, Estate, REPOSITORY, Target};

/// Names and values of variables or secrets.
type Values = BTreeMap<String, String>;

/// A setting that a rehearsal gives a smaller value than the runbook, so that it
/// ends within a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scaled {
    /// The repository's or the environment's variable.
    pub variable: &'static str,
    /// What it is, for a report.
    pub about: &'static str,
    /// The runbook's value, in seconds.
    pub usual: u64,
    /// The rehearsal's, in seconds.
    pub here: u64,
}

/// Everything that a rehearsal scales. `MIN_TTL_AGE` and `HOLD` keep the runbook's
/// values: the records are a day old, and an empty outbox lets a cutover through.
pub const SCALED: [Scaled; 7] = [
    Scaled { variable: "BLUE_QUIET_WINDOW", about: "the look at the live services", usual: 30, here: 3 },
    Scaled { variable: "DEPLOY_TIMEOUT", about: "the longest a deploy may take", usual: 25 * 60, here: 15 },
    Scaled { variable: "VERSION_TIMEOUT", about: "the longest wait for a version", usual: 5 * 60, here: 12 },
    Scaled {
        variable: "FLIP_READ_BACK",
        about: "the longest wait for a change of names",
        usual: 30,
        here: 6,
    },
    Scaled {
        variable: "SCHEMA_SHOWS_WITHIN",
        about: "how late a merge may show whose answer was lost",
        usual: 2 * 60,
        here: 5,
    },
    Scaled { variable: "HEARTBEAT_TIMEOUT", about: "the longest wait for workers", usual: 2 * 60, here: 8 },
    Scaled { variable: "DRAIN_TIMEOUT", about: "the longest a drain may take", usual: 60 * 60, here: 30 },
];

/// Runs of the past had smaller ids: the ledger's first row is of one.
const FIRST_RUN: u64 = 100;

impl Estate {
    /// The settings with which the deploy workflows work on this estate.
    ///
    /// # Errors
    /// A service has no address.
    pub fn settings(&self) -> Result<Settings> {
        let tags = RefPolicy::Selected { branches: Vec::new(), tags: owned(["prod-*", "v*.*.*"]) };
        let main = RefPolicy::Selected { branches: owned(["main"]), tags: Vec::new() };
        let approval =
            Environment { refs: tags.clone(), review: Some(Review::Approve), ..Environment::default() };
        let mut ops = Environment { refs: main.clone(), review: Some(Review::Approve), ..self.production()? };
        ops.variables.insert("WORKERS_ENV_GROUPS".to_owned(), self.env_group.clone());
        let environments = [
            ("staging", Environment { refs: main, ..self.staging()? }),
            ("production-approval", approval),
            ("production", Environment { refs: tags, ..self.production()? }),
            ("production-ops", ops),
        ];
        Ok(Settings {
            api_url: self.github_api.base_url(),
            variables: values([
                ("DEPLOY_TOPOLOGY", "render".to_owned()),
                // The steps say how long they waited, and nothing that they say in confidence may be a secret.
                ("ACTIONS_STEP_DEBUG", "true".to_owned()),
            ]),
            environments: environments.map(|(name, value)| (name.to_owned(), value)).into(),
            machine: self.machine()?,
            first_run: FIRST_RUN,
            ..Settings::new(REPOSITORY)
        })
    }

    /// Where the vendors and the names are: what only the runner's machine knows.
    fn machine(&self) -> Result<Values> {
        let mut machine = values(self.platform.addresses()?);
        machine.insert("SUPABASE_API_URL".to_owned(), self.schema.api.base_url());
        let gateway = self.gateway.address();
        let hosts = machine.entry("GREENROOM_HOSTS".to_owned()).or_default();
        for host in self.hosts() {
            hosts.push_str(&format!(",{host}={gateway}"));
        }
        Ok(machine)
    }

    fn staging(&self) -> Result<Environment> {
        let mut variables = common_variables();
        for target in &self.targets {
            self.add_service(&mut variables, target, "", &target.staging)?;
        }
        Ok(Environment { variables, secrets: self.secrets(&self.staging), ..Environment::default() })
    }

    fn production(&self) -> Result<Environment> {
        let mut variables = common_variables();
        variables.insert("ZONE_ID".to_owned(), self.platform.zone.clone());
        variables.insert("SUPABASE_PROJECT_REF".to_owned(), self.schema.project.clone());
        variables.insert("SUPABASE_STAGING_REF".to_owned(), self.schema.branch.clone());
        variables.insert("NAMESERVER".to_owned(), self.platform.dns.address().to_string());
        for target in &self.targets {
            self.add_service(&mut variables, target, "_BLUE", &target.blue)?;
            self.add_service(&mut variables, target, "_GREEN", &target.green)?;
        }
        let mut secrets = self.secrets(&self.production);
        secrets.insert("SUPABASE_ACCESS_TOKEN".to_owned(), supabase::TOKEN.to_owned());
        Ok(Environment { variables, secrets, ..Environment::default() })
    }

    /// `API_BLUE_SERVICE` and `API_BLUE_ORIGIN`, for example; workers have no origin.
    fn add_service(
        &self,
        variables: &mut Values,
        target: &Target,
        colour: &str,
        service: &str,
    ) -> Result<()> {
        let prefix = format!("{}{colour}", target.name.to_uppercase());
        variables.insert(format!("{prefix}_SERVICE"), service.to_owned());
        if target.host.is_some() {
            variables.insert(format!("{prefix}_ORIGIN"), self.platform.origin(service)?);
        }
        Ok(())
    }

    /// Staging and production are one workspace and one account here, so they share
    /// the vendors' credentials; their databases differ.
    fn secrets(&self, database: &Database) -> Values {
        let mut secrets = values(self.platform.credentials());
        secrets.insert("DATABASE_URL".to_owned(), database.dsn());
        secrets
    }
}

fn common_variables() -> Values {
    let scaled = SCALED.map(|scaled| (scaled.variable, format!("{}s", scaled.here)));
    let mut variables = values(scaled);
    variables.insert("CLOUDFLARE_ACCOUNT_ID".to_owned(), ACCOUNT.to_owned());
    variables
}

fn owned<const N: usize>(patterns: [&str; N]) -> Vec<String> {
    patterns.map(str::to_owned).into()
}

fn values(pairs: impl IntoIterator<Item = (&'static str, String)>) -> Values {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Every `vars.NAME` and `secrets.NAME` of a text.
    fn named<'t>(text: &'t str, context: &str) -> BTreeSet<&'t str> {
        let ends = |char: char| !char.is_ascii_uppercase() && char != '_';
        let uses = text.split(context).skip(1).map(|rest| rest.split(ends).next().unwrap_or_default());
        uses.filter(|name| !name.is_empty()).collect()
    }

    #[test]
    fn what_the_workflows_and_the_manifest_name_is_set() {
        let estate = Estate::start(&crate::estate::Source::new().unwrap()).unwrap();
        let settings = estate.settings().unwrap();
        let optional = ["DRAIN_COOLING", "HOLD", "MIN_TTL_AGE", "SCHEMA_ACKNOWLEDGE", "SCHEMA_TIMEOUT"];
        for (environment, workflow) in [
            ("staging", include_str!("../../../../.github/workflows/deploy-staging.yml")),
            ("production", include_str!("../../../../.github/workflows/deploy-prod.yml")),
        ] {
            let secrets: BTreeSet<_> =
                settings.environments[environment].secrets.keys().map(String::as_str).collect();
            assert_eq!(named(workflow, "secrets."), secrets);
        }
        for (environment, workflow) in [
            ("staging", include_str!("../../../../.github/workflows/deploy-staging.yml")),
            ("production", include_str!("../../../../.github/workflows/deploy-prod.yml")),
            ("production-ops", include_str!("../../../../.github/workflows/drain-legacy-generation.yml")),
            ("production-ops", include_str!("../../../../.github/workflows/sync-blue.yml")),
            ("production-ops", include_str!("../../../../.github/workflows/rollback.yml")),
        ] {
            let environment = &settings.environments[environment];
            let known = |name: &str| {
                settings.variables.contains_key(name) || environment.variables.contains_key(name)
            };
            let unset: Vec<_> = named(workflow, "vars.").into_iter().filter(|name| !known(name)).collect();
            let unset: Vec<_> = unset.into_iter().filter(|name| !optional.contains(name)).collect();
            assert_eq!(unset, Vec::<&str>::new());
            let secrets: BTreeSet<_> = environment.secrets.keys().map(String::as_str).collect();
            assert!(named(workflow, "secrets.").is_subset(&secrets));
        }
        let manifest = named(include_str!("../../../../.github/deploy-manifest.yml"), "vars.");
        let production = &settings.environments["production"].variables;
        assert!(
            manifest.len() > 10 && manifest.iter().all(|name| production.contains_key(*name)),
            "{manifest:?}"
        );
        assert!(settings.environments["production-approval"].secrets.is_empty());
    }

    #[test]
    fn what_is_scaled_is_smaller_than_usual() {
        assert!(SCALED.iter().all(|scaled| scaled.here < scaled.usual));
    }
}
