//! `rehearsal`: starts the world for somebody to try primitives by hand, or
//! plays a whole cutover in it.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use rehearsal::repository::Repository;
use rehearsal::world::{HOST, WORKER, World};

/// A world on loopback: twins of Render and Cloudflare, a name server, blue and green
#[derive(Debug, Parser)]
#[command(name = "rehearsal")]
struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the world and print the environment to export, until Ctrl-C
    Serve,
    /// Rehearse a cutover; the same as `cargo xtask rehearse`
    #[command(disable_help_flag = true)]
    Cutover {
        /// Options of the rehearsal; `--help` explains them
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

fn main() -> ExitCode {
    match Options::parse().command {
        Command::Cutover { arguments } => rehearsal::rehearse::main(arguments),
        Command::Serve => match serve() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                let _ = writeln!(io::stderr(), "error: {error:#}");
                ExitCode::FAILURE
            }
        },
    }
}

#[tokio::main]
async fn serve() -> Result<()> {
    let repository = Repository::new()?;
    repository.write("services/api/main.py", "VERSION = 'blue'\n")?;
    let blue = repository.commit("What blue runs")?;
    repository.write("services/api/main.py", "VERSION = 'green'\n")?;
    let green = repository.commit("What green will run")?;
    let world = World::start(&blue).context("start the world")?;
    world.push(&green)?;
    let mut out =
        String::from("# Export these in another shell; the credentials open nothing but this world.\n");
    for (name, value) in world.environment()? {
        out.push_str(&format!("export {name}='{value}'\n"));
    }
    let (blue_name, green_name) = (world.origin(&world.blue)?, world.origin(&world.green)?);
    out.push_str(&format!(
        "
# {HOST} points at {blue_name} (service {blue_id}, commit {blue}).
# Deploy green, see it run, and flip:
cargo run -p render-deploy -- --service-id {green_id} --commit {green} --env SPECTRAL_GENERATION=42
cargo run -p version-poll -- --url http://{green_name} --commit-sha {green} --generation 42
cargo run -p cname-flip -- --zone-id {zone} --nameserver {nameserver} \\
  --records '{HOST} {green_name}' --expect '{HOST} {blue_name}'
cargo run -p kv-bind -- --account-id {account} --namespace api-sessions --create --binding SESSIONS --worker-script {WORKER}

# Add --dry-run to any of them. Ctrl-C ends the world.
",
        blue_id = world.blue,
        green_id = world.green,
        zone = world.platform.zone,
        nameserver = world.platform.dns.address(),
        account = rehearsal::twins::cloudflare::ACCOUNT,
    ));
    io::stdout().write_all(out.as_bytes())?;
    tokio::signal::ctrl_c().await?;
    world.stop()
}
