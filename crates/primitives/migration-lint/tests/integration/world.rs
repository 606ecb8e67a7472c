//! A repository in a sandbox, and runs of the executable in it.

use std::ops::Deref;

use rehearsal::own_process::{self, Run};
use rehearsal::sandbox::{REPOSITORY, Sandbox};

/// Where migrations are.
pub(crate) const FOLDER: &str = "supabase/migrations";

/// A deployed migration.
pub(crate) const FIRST: &str =
    "create table public.customers (id bigint primary key, email text, nick text);\n";

/// A sandbox with migrations.
pub(crate) struct World(Sandbox);

impl World {
    /// A repository whose one commit has the first migration.
    pub(crate) fn new() -> Self {
        let world = Self(Sandbox::new());
        world.add("20260101000000_first.sql", FIRST);
        world.commit();
        world
    }

    /// Writes a migration.
    pub(crate) fn add(&self, name: &str, sql: &str) {
        self.write(format!("{FOLDER}/{name}"), sql);
    }

    /// Runs the executable against `HEAD`, on a terminal.
    pub(crate) fn lint(&self, words: &[&str]) -> Run {
        self.run(&[&["--base=HEAD"], words].concat(), &[])
    }

    /// Runs the executable with nothing but these words and variables.
    pub(crate) fn run(&self, words: &[&str], variables: &[(&str, &str)]) -> Run {
        let mut command = self.command(env!("CARGO_BIN_EXE_migration-lint"), REPOSITORY);
        own_process::run(command.args(words).envs(variables.iter().copied()))
    }
}

impl Deref for World {
    type Target = Sandbox;

    fn deref(&self) -> &Sandbox {
        &self.0
    }
}
