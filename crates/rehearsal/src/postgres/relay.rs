//! A way to the server on which connections break at a chosen statement.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::process::Child;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};

mod outcomes;
mod units;

use outcomes::Outcomes;
use units::{Unit, Units};

use crate::effects::{Effects, Ends, Next};

/// What happens to a connection when the client sends a certain text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strike {
    /// The statement never arrives; the connection ends.
    Before,
    /// The statement is carried out; its answer is lost with the connection.
    After,
    /// The statement is carried out, and nothing is ever heard of it; the connection stays.
    Silence,
    /// The statement never arrives, and nothing is ever heard of it; the connection stays.
    Hold,
    /// The server refuses it with this SQLSTATE, and throws the password back; `COMMIT` rolls back.
    Refuse(&'static str),
    /// The server ends the session instead, as an administrator makes it do.
    Terminate,
}

/// What is to happen next.
#[derive(Debug, Default)]
struct Plan {
    /// The server's port.
    server: u16,
    /// The password of whoever comes, which a refusal throws back.
    password: String,
    strikes: Vec<(String, Strike)>,
    /// By the number of the statement, from 1.
    numbered: Vec<(usize, Strike)>,
    statements: Vec<String>,
    silenced: usize,
    connections: usize,
    refuse: bool,
    effects: Option<Effects>,
}

/// Passes bytes on to the server until a strike; stops to listen with this process.
#[derive(Clone, Debug)]
pub struct Relay {
    port: u16,
    plan: Arc<Mutex<Plan>>,
}

impl Relay {
    pub(super) fn start(server: u16) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("listen for the relay")?;
        let relay = Self { port: listener.local_addr()?.port(), plan: Arc::default() };
        relay.lead_to(server, super::PASSWORD);
        let plan = Arc::clone(&relay.plan);
        std::thread::Builder::new().name("postgres-relay".to_owned()).spawn(move || {
            for client in listener.incoming().flatten() {
                let Some(server) = admit(&plan) else { continue };
                // A server that is gone refuses the relay, which refuses the client.
                let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, server)) else { continue };
                let plan = Arc::clone(&plan);
                std::thread::spawn(move || pass(&client, &server, &plan));
            }
        })?;
        Ok(relay)
    }

    /// Leads to the server on this port of 127.0.0.1 from now on, whose clients have this password.
    pub fn lead_to(&self, server: u16, password: &str) {
        self.with(|plan| {
            plan.server = server;
            password.clone_into(&mut plan.password);
        });
    }

    /// The port on 127.0.0.1 that leads over the relay.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The address that leads over the relay, as the value of `DATABASE_URL`.
    #[must_use]
    pub fn dsn(&self) -> String {
        super::dsn_at("postgres", self.port)
    }

    /// Strikes the next time a client sends a message that holds `text`. One strike at a time, in order.
    pub fn strike(&self, text: &str, strike: Strike) {
        self.with(|plan| plan.strikes.push((text.to_owned(), strike)));
    }

    /// Strikes the `nth` statement from now on, from 1, by the count of [`Self::statements`].
    pub fn strike_at(&self, nth: usize, strike: Strike) {
        self.with(|plan| plan.numbered.push((plan.statements.len() + nth, strike)));
    }

    /// Everything that was asked so far, on all connections, in order: `log in`, the text of a simple query, or
    /// `prepare` and `run` with the text.
    #[must_use]
    pub fn statements(&self) -> Vec<String> {
        self.with(|plan| plan.statements.clone())
    }

    /// How many connections nothing is heard of any more.
    #[must_use]
    pub fn silenced(&self) -> usize {
        self.with(|plan| plan.silenced)
    }

    /// Forgets what was asked and the strikes that have not come, and lets everybody in.
    pub fn clear(&self) {
        self.with(|plan| {
            plan.statements.clear();
            plan.strikes.clear();
            plan.numbered.clear();
            plan.refuse = false;
        });
    }

    /// Lists every write that is committed over connections that are made from now on.
    pub fn report_to(&self, effects: &Effects) {
        self.with(|plan| plan.effects = Some(effects.clone()));
    }

    /// Closes every connection from now on as soon as it is made, or lets them in again.
    pub fn refuse(&self, refuse: bool) {
        self.with(|plan| plan.refuse = refuse);
    }

    /// The strikes that have not come yet.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.with(|plan| plan.strikes.len() + plan.numbered.len())
    }

    /// How many connections were made, refused ones too.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.with(|plan| plan.connections)
    }

    /// Kills `child` as soon as every strike has come, or else after ten seconds; says whether they all had.
    ///
    /// # Errors
    /// The system does not let it be killed or waited for.
    pub fn kill_when_struck(&self, mut child: Child) -> io::Result<bool> {
        let struck = (0..2_000).any(|_| {
            std::thread::sleep(Duration::from_millis(5));
            self.pending() == 0
        });
        child.kill()?;
        child.wait()?;
        Ok(struck)
    }

    fn with<T>(&self, change: impl FnOnce(&mut Plan) -> T) -> T {
        change(&mut self.plan.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The port of the server that this connection leads to, unless it is turned away.
fn admit(plan: &Mutex<Plan>) -> Option<u16> {
    let mut plan = plan.lock().unwrap_or_else(PoisonError::into_inner);
    plan.connections += 1;
    (!plan.refuse).then_some(plan.server)
}

/// Passes both ways until one side ends.
fn pass(client: &TcpStream, server: &TcpStream, plan: &Mutex<Plan>) {
    let effects = plan.lock().unwrap_or_else(PoisonError::into_inner).effects.clone();
    let ends = || Some(Ends { client: client.peer_addr().ok()?, server: client.local_addr().ok()? });
    let talk = Talk { report: effects.zip(ends()), ..Talk::default() };
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let _ = answers(client, server, &talk);
            let _ = client.shutdown(Shutdown::Both);
        });
        let _ = questions(client, server, plan, &talk);
        let _ = server.shutdown(Shutdown::Both);
    });
}

/// What both directions of one connection know.
#[derive(Debug, Default)]
struct Talk {
    mute: Mutex<Option<Strike>>,
    /// Where what is committed is listed.
    report: Option<(Effects, Ends)>,
    /// The statement that is being answered.
    asked: Mutex<String>,
    /// The server says nothing but messages any more.
    begun: AtomicBool,
}

impl Talk {
    fn fall_silent(&self, strike: Strike) {
        *self.mute.lock().unwrap_or_else(PoisonError::into_inner) = Some(strike);
    }

    fn mute(&self) -> Option<Strike> {
        *self.mute.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn asked(&self) -> String {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Before the server hears it.
    fn ask(&self, unit: &Unit) {
        self.begun.fetch_or(unit.logs_in, Ordering::SeqCst);
        let sql = unit.told.as_deref().map(|told| told.strip_prefix("run ").unwrap_or(told));
        if let Some(sql) = sql {
            sql.clone_into(&mut self.asked.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }
}

fn questions(
    mut client: &TcpStream,
    mut server: &TcpStream,
    plan: &Mutex<Plan>,
    talk: &Talk,
) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    let mut units = Units::default();
    loop {
        let read = client.read(&mut buffer)?;
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else { return Ok(()) };
        units.push(bytes);
        while let Some(unit) = units.next() {
            talk.ask(&unit);
            match due(plan, &unit) {
                Some(Strike::Before) => return client.shutdown(Shutdown::Both),
                Some(Strike::Hold) => {}
                Some(Strike::Refuse(code)) if unit.logs_in => {
                    client.write_all(&units::refusal(code, &words(plan)))?;
                    return client.shutdown(Shutdown::Both);
                }
                Some(Strike::Refuse(code)) => {
                    server.write_all(&units::query(&refusing(code, &words(plan), &unit)))?
                }
                Some(Strike::Terminate) => server.write_all(&units::query(TERMINATE))?,
                Some(strike) => {
                    talk.fall_silent(strike);
                    server.write_all(&unit.bytes)?;
                }
                None => server.write_all(&unit.bytes)?,
            }
        }
    }
}

/// Without a row: the client waits for an answer to something else.
const TERMINATE: &str = "do $$ begin perform pg_terminate_backend(pg_backend_pid()); end $$";

/// What a server says that throws the password back.
fn words(plan: &Mutex<Plan>) -> String {
    let plan = plan.lock().unwrap_or_else(PoisonError::into_inner);
    format!("refused: {}", plan.password)
}

/// A statement that the server refuses with this code, in the place of another one.
fn refusing(code: &str, words: &str, unit: &Unit) -> String {
    let end = if unit.told.as_deref() == Some("COMMIT") { "rollback; " } else { "" };
    format!("{end}do $$ begin raise exception '{words}' using errcode = '{code}'; end $$")
}

fn answers(mut client: &TcpStream, mut server: &TcpStream, talk: &Talk) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    let mut outcomes = Outcomes::default();
    loop {
        let read = server.read(&mut buffer)?;
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else { return Ok(()) };
        match talk.mute() {
            // The server has answered, so it has done it.
            Some(Strike::After) => return Ok(()),
            Some(_) => {}
            None if talk.report.is_some() && talk.begun.load(Ordering::SeqCst) => {
                outcomes.push(bytes);
                reported(client, talk, &mut outcomes)?;
            }
            None => client.write_all(bytes)?,
        }
    }
}

/// Passes on what is complete, once what has been committed with it is listed.
fn reported(mut client: &TcpStream, talk: &Talk, outcomes: &mut Outcomes) -> io::Result<()> {
    while let Some(outcome) = outcomes.next(&talk.asked()) {
        if let Some((effects, ends)) = talk.report.as_ref().filter(|_| !outcome.committed.is_empty())
            && effects.committed(&outcome.committed, *ends) == Next::Withhold
        {
            talk.fall_silent(Strike::Silence);
            return Ok(());
        }
        client.write_all(&outcome.bytes)?;
    }
    Ok(())
}

/// What strikes this one, if anything does; statements are counted here.
fn due(plan: &Mutex<Plan>, unit: &Unit) -> Option<Strike> {
    let mut plan = plan.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(told) = &unit.told {
        plan.statements.push(told.clone());
    }
    let strike = unit.told.as_ref().and_then(|_| plan.numbered()).or_else(|| plan.named(&unit.bytes));
    plan.silenced += usize::from(matches!(strike, Some(Strike::Silence | Strike::Hold)));
    strike
}

impl Plan {
    /// What strikes the statement that came last.
    fn numbered(&mut self) -> Option<Strike> {
        let index = self.numbered.iter().position(|(nth, _)| *nth == self.statements.len())?;
        Some(self.numbered.remove(index).1)
    }

    /// What strikes a text that these bytes hold.
    fn named(&mut self, bytes: &[u8]) -> Option<Strike> {
        let (text, _) = self.strikes.first()?;
        let text = text.as_bytes();
        let found = bytes.windows(text.len().max(1)).any(|window| window.eq_ignore_ascii_case(text));
        found.then(|| self.strikes.remove(0).1)
    }
}
