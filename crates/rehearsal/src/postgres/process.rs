//! The server's process: begun by a thread that stays, ended with this process.

use std::fs::File;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Sender};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::client;
use super::home::{Home, account};

/// How long a server may take to come up; a loaded machine needs a second or two.
const PATIENCE: Duration = Duration::from_secs(60);

/// Somebody else may take the port between the look and the start.
const ATTEMPTS: u32 = 5;

/// Settings of a server that nothing depends on.
const SETTINGS: [&str; 13] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "max_connections=60",
    "shared_buffers=16MB",
    "max_wal_senders=0",
    "wal_level=minimal",
    "timezone=UTC",
    "log_statement=all",
    "log_line_prefix=%u %p ",
];

/// A running server.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    port: u16,
}

impl Process {
    /// Starts a server on `home` and waits until it answers.
    pub(super) fn start(binaries: &Path, home: &Home) -> Result<Self> {
        for _ in 0..ATTEMPTS {
            if let Some(started) = Self::attempt(binaries, home)? {
                return Ok(started);
            }
        }
        bail!("PostgreSQL found no free port:\n{}", home.log())
    }

    /// `None` when somebody took the port.
    fn attempt(binaries: &Path, home: &Home) -> Result<Option<Self>> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let mut command = Command::new(binaries.join("postgres"));
        command.arg("-D").arg(home.data()).args(["-p", &port.to_string()]);
        command.args(SETTINGS.iter().flat_map(|setting| ["-c", setting]));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(home.log_file())?);
        command.current_dir("/").env_clear();
        let mut server = Self { child: spawn(command).context("start PostgreSQL")?, port };
        let until = Instant::now() + PATIENCE;
        loop {
            if is_of(home, port) {
                return Ok(Some(server));
            }
            if let Some(status) = server.child.try_wait()? {
                let log = home.log();
                if log.contains("Address already in use") {
                    return Ok(None);
                }
                bail!("PostgreSQL ended with {status}:\n{log}");
            }
            if Instant::now() >= until {
                bail!("PostgreSQL did not answer within {}s:\n{}", PATIENCE.as_secs(), home.log());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    pub(super) const fn port(&self) -> u16 {
        self.port
    }

    /// Stops it without ceremony: its data are thrown away (PostgreSQL docs, immediate shutdown).
    pub(super) fn stop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            // It may have ended at this very moment.
            let _ = i32::try_from(self.child.id()).map(|id| kill(Pid::from_raw(id), Signal::SIGQUIT));
            let _ = self.child.wait();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Whether the server at a port is that of `home`: somebody else's may have taken the port, and answers too.
pub(super) fn is_of(home: &Home, port: u16) -> bool {
    let answer = client::query(&super::dsn_at("postgres", port), "show data_directory");
    let folder = answer.ok().and_then(|rows| rows.into_iter().flatten().flatten().next());
    folder.is_some_and(|folder| Path::new(&folder) == home.data())
}

/// Runs one of PostgreSQL's programs as the server's account, and returns what it printed.
pub(super) fn command(program: &Path, words: &[&str]) -> Result<String> {
    let mut command = Command::new(program);
    command.args(words).stdin(Stdio::null()).current_dir("/");
    // `initdb` warns about a locale of the host that it does not know.
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("LC_ALL", "C");
    become_account(&mut command);
    let output = command.output().with_context(|| format!("run {}", program.display()))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        bail!("{} ended with {}: {}", program.display(), output.status, said.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn become_account(command: &mut Command) {
    if let Some((uid, gid)) = account() {
        command.uid(uid.as_raw()).gid(gid.as_raw());
    }
}

/// A server to begin, and whom to tell.
type Order = (Command, Sender<io::Result<Child>>);

/// Begins a process that the system stops as soon as the thread that began it ends, so that thread stays for ever.
fn spawn(command: Command) -> Result<Child> {
    static KEEPER: OnceLock<Mutex<Sender<Order>>> = OnceLock::new();
    let keeper = KEEPER.get_or_init(|| {
        let (sender, orders) = mpsc::channel::<Order>();
        // Without a thread every order below fails, and says so.
        let _ = std::thread::Builder::new().name("postgres-keeper".to_owned()).spawn(move || {
            for (mut command, answer) in orders {
                become_account(&mut command);
                die_with_parent(&mut command);
                let _ = answer.send(command.spawn());
            }
        });
        Mutex::new(sender)
    });
    let (answer, child) = mpsc::channel();
    let order = keeper.lock().unwrap_or_else(PoisonError::into_inner).send((command, answer));
    order.map_err(|_| anyhow!("the thread that begins servers is gone"))?;
    Ok(child.recv().context("the thread that begins servers is gone")??)
}

/// A killed test must leave no server behind.
#[cfg(target_os = "linux")]
fn die_with_parent(command: &mut Command) {
    // SIGQUIT is the immediate shutdown; a change of account would take the wish back, and comes before.
    let wish = || Ok(nix::sys::prctl::set_pdeathsig(Some(Signal::SIGQUIT))?);
    #[expect(unsafe_code, reason = "between fork and exec there is no other way; prctl is async-signal-safe")]
    // SAFETY: the closure makes one system call and neither allocates nor takes a lock.
    unsafe {
        command.pre_exec(wish);
    }
}

/// Other systems know no such wish; there a killed test leaves its server behind.
#[cfg(not(target_os = "linux"))]
fn die_with_parent(_command: &mut Command) {}
