//! The repository that is deployed from: this project's own deploy workflows,
//! actions and manifest, with small targets to change.

use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::platform::{SCHEMA_VERSION, ZONE};
use crate::repository::Repository;

use super::project;
use super::release::{self, Release};

/// Where each target's code is.
const FILES: [(&str, &str); 6] = [
    ("api", "apps/api/main.py"),
    ("workers", "apps/workers/main.py"),
    ("dashboard", "apps/dashboard/page.tsx"),
    ("operations", "apps/operations/page.tsx"),
    ("docs-user", "apps/docs-user/index.md"),
    ("docs-codex", "apps/docs-codex/index.md"),
];

/// The workflows of this project that deploy, and that an operator starts.
const WORKFLOWS: [&str; 5] =
    ["deploy-staging.yml", "deploy-prod.yml", "drain-legacy-generation.yml", "sync-blue.yml", "rollback.yml"];

/// A site's build: one page with what the source says.
const BUILD: &str = r#"#!/bin/sh
# Builds the site into dist/.
set -eu
cd "$(dirname "$0")"
mkdir -p dist
printf '<!doctype html><title>Documentation</title><pre>%s</pre>\n' "$(cat index.md)" >dist/index.html
"#;

/// Where the migrations are.
const MIGRATIONS: &str = "supabase/migrations";

/// One migration: a file with one statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// Its file name without `.sql`.
    pub stem: String,
    /// The statement, without the semicolon behind it.
    pub statement: String,
}

/// The repository, whose `main` is what has been running.
#[derive(Debug)]
pub struct Source {
    repository: Repository,
    first: String,
    revision: u32,
    /// As it should have been.
    broken: Option<Migration>,
}

impl Source {
    /// A new one with one commit, tagged `prod-1`: what runs everywhere. Its actions run
    /// the binaries of `release`.
    ///
    /// # Errors
    /// git fails, or this project's files cannot be read.
    pub fn with(release: &Release) -> Result<Self> {
        Self::create(release.rows())
    }

    /// The same with actions that have nothing to run.
    ///
    /// # Errors
    /// As [`Self::with`].
    pub fn new() -> Result<Self> {
        Self::create("")
    }

    fn create(released: &str) -> Result<Self> {
        let repository = Repository::new()?;
        let root = repository.path();
        for workflow in WORKFLOWS {
            project::copy(Path::new(".github/workflows"), workflow, root)?;
        }
        project::copy_folder(Path::new("actions"), root)?;
        let unreleased = project::read(Path::new(release::MANIFEST))?;
        repository.write(release::MANIFEST, &format!("{unreleased}{released}"))?;
        let manifest = project::read(Path::new(".github/deploy-manifest.yml"))?;
        repository.write(".github/deploy-manifest.yml", &manifest.replace("example.com", ZONE))?;
        repository.write("README.md", "# A company that deploys six targets\n")?;
        repository.write("libs/domain/rules.py", "RULES = 1\n")?;
        write(&repository, &Migration::first())?;
        for site in super::PAGES {
            repository.write(&format!("apps/{site}/build.sh"), BUILD)?;
        }
        for (_, file) in FILES {
            repository.write(file, "revision 1\n")?;
        }
        let first = repository.commit("What has been running")?;
        repository.git(&["tag", "prod-1"])?;
        Ok(Self { repository, first, revision: 1, broken: None })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.repository.path()
    }

    /// The repository itself.
    #[must_use]
    pub fn repository(&self) -> &Repository {
        &self.repository
    }

    /// The commit that everything has been running.
    #[must_use]
    pub fn first(&self) -> &str {
        &self.first
    }

    /// Commits to `main` a change of just these targets' own files (of a file that
    /// is not deployed, when there are none); returns its SHA.
    ///
    /// # Errors
    /// A target is not the manifest's, or git fails.
    pub fn change(&mut self, targets: &[&str]) -> Result<String> {
        self.revision += 1;
        let revision = self.revision;
        for target in targets {
            let Some((_, file)) = FILES.iter().find(|(name, _)| name == target) else {
                bail!(
                    "find the target {target}: the manifest has {}",
                    FILES.map(|(name, _)| name).join(", ")
                );
            };
            self.repository.write(file, &format!("revision {revision}\n"))?;
        }
        if targets.is_empty() {
            self.repository.write("README.md", &format!("# Revision {revision}\n"))?;
            return self.repository.commit("Change nothing that is deployed");
        }
        self.repository.commit(&format!("Change {}", targets.join(", ")))
    }

    /// Commits a change of a library that the api and the workers share.
    ///
    /// # Errors
    /// git fails.
    pub fn change_library(&mut self) -> Result<String> {
        self.revision += 1;
        let revision = self.revision;
        self.repository.write("libs/domain/rules.py", &format!("RULES = {revision}\n"))?;
        self.repository.commit("Change the shared rules")
    }

    /// Commits a change of the api that needs a column, with the migration that adds it; the revision counts its
    /// version up.
    ///
    /// # Errors
    /// git fails.
    pub fn migrate(&mut self) -> Result<(String, Migration)> {
        let migration = Migration::adding(self.revision + 1);
        Ok((self.commit_migration(&migration)?, migration))
    }

    /// Commits a change of the api that needs a column no more, with the migration that drops it: older code cannot
    /// work without (ADR-053 D5).
    ///
    /// # Errors
    /// git fails.
    pub fn contract(&mut self) -> Result<(String, Migration)> {
        let migration = Migration::dropping(self.revision + 1);
        Ok((self.commit_migration(&migration)?, migration))
    }

    /// The same with a migration that no database takes: its table is not there.
    ///
    /// # Errors
    /// git fails.
    pub fn break_migration(&mut self) -> Result<String> {
        let good = Migration::adding(self.revision + 1);
        let statement = good.statement.replace("public.orders", "public.order");
        self.broken = Some(good.clone());
        self.commit_migration(&Migration { statement, ..good })
    }

    /// Puts the migration right that [`Source::break_migration`] wrote.
    ///
    /// # Errors
    /// There is none, or git fails.
    pub fn mend_migration(&mut self) -> Result<(String, Migration)> {
        let migration = self.broken.take().context("mend a migration that was never broken")?;
        Ok((self.commit_migration(&migration)?, migration))
    }

    fn commit_migration(&mut self, migration: &Migration) -> Result<String> {
        self.revision += 1;
        write(&self.repository, migration)?;
        self.repository.write(FILES[0].1, &format!("revision {}\n", self.revision))?;
        self.repository.commit(&format!("Write the migration {}", migration.stem))
    }

    /// The newest migration of a commit, as `/version` reports it.
    ///
    /// # Errors
    /// git fails.
    pub fn schema_version(&self, commit: &str) -> Result<String> {
        let files = self.git(&["ls-tree", "--name-only", commit, &format!("{MIGRATIONS}/")])?;
        let newest = files.lines().filter_map(|file| file.strip_suffix(".sql")?.rsplit('/').next()).max();
        newest.map(str::to_owned).with_context(|| format!("find a migration in {commit}"))
    }

    /// Tags a commit (lightweight).
    ///
    /// # Errors
    /// The tag exists, the commit does not, or git fails.
    pub fn tag(&self, name: &str, commit: &str) -> Result<()> {
        self.repository.git(&["tag", name, commit]).map(drop)
    }

    /// Tags a commit with an annotation: the tag is an object of its own.
    ///
    /// # Errors
    /// As [`Source::tag`].
    pub fn annotate(&self, name: &str, commit: &str) -> Result<()> {
        self.repository.git(&["tag", "--annotate", "--message", "A release", name, commit]).map(drop)
    }

    /// Runs git in it; returns what it printed.
    ///
    /// # Errors
    /// git fails.
    pub fn git(&self, arguments: &[&str]) -> Result<String> {
        self.repository.git(arguments)
    }
}

impl Migration {
    /// The one that everything has been running with.
    #[must_use]
    pub fn first() -> Self {
        Self {
            stem: SCHEMA_VERSION.to_owned(),
            statement: "create table public.orders (id bigint)".to_owned(),
        }
    }
}

impl Migration {
    fn dropping(revision: u32) -> Self {
        Self {
            stem: format!("202604231703{revision:02}_drop_orders_id"),
            statement: "-- compat: breaking (reason: nothing reads it any more)\n\
                        alter table public.orders drop column id"
                .to_owned(),
        }
    }

    fn adding(revision: u32) -> Self {
        Self {
            stem: format!("202604231703{revision:02}_add_column_{revision}"),
            statement: format!("alter table public.orders add column column_{revision} text"),
        }
    }
}

fn write(repository: &Repository, migration: &Migration) -> Result<()> {
    let Migration { stem, statement } = migration;
    repository.write(&format!("{MIGRATIONS}/{stem}.sql"), &format!("{statement};\n")).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_touches_just_the_targets_that_it_names() {
        let mut source = Source::new().unwrap();
        let commit = source.change(&["api", "docs-user"]).unwrap();
        let changed = source.git(&["diff", "--name-only", source.first(), &commit]).unwrap();
        assert_eq!(changed, "apps/api/main.py\napps/docs-user/index.md\n");
        let next = source.change(&[]).unwrap();
        assert_eq!(source.git(&["diff", "--name-only", &commit, &next]).unwrap(), "README.md\n");
        let last = source.change_library().unwrap();
        assert_eq!(source.git(&["diff", "--name-only", &next, &last]).unwrap(), "libs/domain/rules.py\n");
        let error = source.change(&["billing"]).unwrap_err().to_string();
        assert!(error.contains("billing") && error.contains("docs-codex"), "{error}");
    }

    #[test]
    fn a_migration_is_the_api_s_and_the_newest_one() {
        let mut source = Source::new().unwrap();
        assert_eq!(source.schema_version(source.first()).unwrap(), SCHEMA_VERSION);
        let (commit, migration) = source.migrate().unwrap();
        let changed = source.git(&["diff", "--name-only", source.first(), &commit]).unwrap();
        assert_eq!(changed, format!("apps/api/main.py\nsupabase/migrations/{}.sql\n", migration.stem));
        assert_eq!(source.schema_version(&commit).unwrap(), migration.stem);
        let (_, next) = source.migrate().unwrap();
        assert!(next.stem > migration.stem && migration.stem.as_str() > SCHEMA_VERSION);
    }

    #[test]
    fn a_migration_that_contracts_says_so() {
        let mut source = Source::new().unwrap();
        let (commit, migration) = source.contract().unwrap();
        let file =
            source.git(&["show", &format!("{commit}:supabase/migrations/{}.sql", migration.stem)]).unwrap();
        assert!(file.starts_with("-- compat: breaking (reason: "), "{file}");
        assert_eq!(source.schema_version(&commit).unwrap(), migration.stem);
        assert!(source.migrate().unwrap().1.stem > migration.stem);
    }

    #[test]
    fn the_manifest_differs_in_the_zone_alone() {
        let source = Source::new().unwrap();
        let here = std::fs::read_to_string(source.path().join(".github/deploy-manifest.yml")).unwrap();
        let theirs = project::read(Path::new(".github/deploy-manifest.yml")).unwrap();
        let differing: Vec<_> =
            here.lines().zip(theirs.lines()).filter(|(here, theirs)| here != theirs).collect();
        assert_eq!(differing.len(), 3, "{differing:?}");
        assert!(differing.iter().all(|(here, _)| here.contains("hostnames: ") && here.contains(ZONE)));

        assert!(
            source
                .git(&["ls-tree", "-r", "--name-only", "HEAD"])
                .unwrap()
                .contains("actions/launch/launch.sh")
        );
    }

    #[test]
    fn tags_are_light_or_annotated() {
        let mut source = Source::new().unwrap();
        let commit = source.change(&["api"]).unwrap();
        source.tag("prod-2", &commit).unwrap();
        source.annotate("v1.0.0", &commit).unwrap();
        assert_eq!(source.git(&["cat-file", "-t", "prod-2"]).unwrap(), "commit\n");
        assert_eq!(source.git(&["cat-file", "-t", "v1.0.0"]).unwrap(), "tag\n");
        assert!(source.tag("prod-2", &commit).is_err());
    }
}
