//! A way to the server on which connections break at a chosen statement.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};

/// What happens to a connection when the client sends a certain text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strike {
    /// The statement never arrives; the connection ends.
    Before,
    /// The statement is carried out; its answer is lost with the connection.
    After,
    /// The statement is carried out, and nothing is ever heard of it; the connection stays.
    Silence,
}

/// What is to happen next.
#[derive(Debug, Default)]
struct Plan {
    strikes: Vec<(String, Strike)>,
    connections: usize,
    refuse: bool,
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
        let plan = Arc::clone(&relay.plan);
        std::thread::Builder::new().name("postgres-relay".to_owned()).spawn(move || {
            for client in listener.incoming().flatten() {
                if !admit(&plan) {
                    continue;
                }
                // A server that is gone refuses the relay, which refuses the client.
                let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, server)) else { continue };
                let plan = Arc::clone(&plan);
                std::thread::spawn(move || pass(&client, &server, &plan));
            }
        })?;
        Ok(relay)
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

    /// Closes every connection from now on as soon as it is made, or lets them in again.
    pub fn refuse(&self, refuse: bool) {
        self.with(|plan| plan.refuse = refuse);
    }

    /// The strikes that have not come yet.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.with(|plan| plan.strikes.len())
    }

    /// How many connections were made, refused ones too.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.with(|plan| plan.connections)
    }

    fn with<T>(&self, change: impl FnOnce(&mut Plan) -> T) -> T {
        change(&mut self.plan.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn admit(plan: &Mutex<Plan>) -> bool {
    let mut plan = plan.lock().unwrap_or_else(PoisonError::into_inner);
    plan.connections += 1;
    !plan.refuse
}

/// Passes both ways until one side ends.
fn pass(client: &TcpStream, server: &TcpStream, plan: &Mutex<Plan>) {
    let mute = Mutex::new(None);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let _ = answers(client, server, &mute);
            let _ = client.shutdown(Shutdown::Both);
        });
        let _ = questions(client, server, plan, &mute);
        let _ = server.shutdown(Shutdown::Both);
    });
}

fn questions(
    mut client: &TcpStream,
    mut server: &TcpStream,
    plan: &Mutex<Plan>,
    mute: &Mutex<Option<Strike>>,
) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = client.read(&mut buffer)?;
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else { return Ok(()) };
        match due(plan, bytes) {
            Some(Strike::Before) => {
                client.shutdown(Shutdown::Both)?;
                return Ok(());
            }
            Some(strike) => *mute.lock().unwrap_or_else(PoisonError::into_inner) = Some(strike),
            None => {}
        }
        server.write_all(bytes)?;
    }
}

fn answers(mut client: &TcpStream, mut server: &TcpStream, mute: &Mutex<Option<Strike>>) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = server.read(&mut buffer)?;
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else { return Ok(()) };
        match *mute.lock().unwrap_or_else(PoisonError::into_inner) {
            // The server has answered, so it has done it.
            Some(Strike::After) => return Ok(()),
            Some(_) => {}
            None => client.write_all(bytes)?,
        }
    }
}

fn due(plan: &Mutex<Plan>, bytes: &[u8]) -> Option<Strike> {
    let mut plan = plan.lock().unwrap_or_else(PoisonError::into_inner);
    let (text, strike) = plan.strikes.first()?;
    let text = text.as_bytes();
    let strike = *strike;
    let found = bytes.windows(text.len().max(1)).any(|window| window.eq_ignore_ascii_case(text));
    if !found {
        return None;
    }
    plan.strikes.remove(0);
    Some(strike)
}
