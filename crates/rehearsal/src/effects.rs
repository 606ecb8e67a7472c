//! What the processes of a world change outside themselves: one list over all twins and databases that report to
//! it, in the order in which it happens, with the power to kill the process behind one of them.
//!
//! Whoever changes something through a server ([`Server::report_to`](crate::server::Server::report_to)) or a relay
//! to PostgreSQL ([`Relay::report_to`](crate::postgres::Relay::report_to)) stands in the list without being asked,
//! so what a step learns to do tomorrow is listed by itself.

mod culprit;
mod name;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

pub(crate) use name::statement;

/// One thing that has been changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// Its place in the list, from 1.
    pub number: usize,
    /// What it is, in words that do not differ from one world to the next: jobs side by side come in any order,
    /// their effects keep their names. The second of the same name has ` (2)` behind it, and so on.
    pub name: String,
}

/// The list; a handle, cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Effects(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// What ids of this world are called.
    words: BTreeMap<String, String>,
    list: Vec<Effect>,
    counts: BTreeMap<String, usize>,
    deadly: Option<String>,
    killed: Option<Result<i32, String>>,
}

/// The two ends of the connection on which something was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ends {
    pub(crate) client: SocketAddr,
    pub(crate) server: SocketAddr,
}

/// What becomes of the answer to the one who changed something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// It is sent.
    Answer,
    /// It is not: the process has been killed.
    Withhold,
}

impl Effects {
    /// An empty list; `words` says what ids are called in it, such as a service's name for its id.
    #[must_use]
    pub fn new(words: impl IntoIterator<Item = (String, String)>) -> Self {
        let state = State { words: words.into_iter().collect(), ..State::default() };
        Self(Arc::new(Mutex::new(state)))
    }

    /// Everything so far.
    #[must_use]
    pub fn list(&self) -> Vec<Effect> {
        self.with(|state| state.list.clone())
    }

    /// Kills (SIGKILL) the process behind the effect of this name once it has happened; its answer never comes.
    pub fn kill_after(&self, name: &str) {
        self.with(|state| state.deadly = Some(name.to_owned()));
    }

    /// The id of the process that was killed; `None` while the effect has not happened.
    ///
    /// # Errors
    /// It happened, and nobody was killed: why.
    #[must_use]
    pub fn killed(&self) -> Option<Result<i32, String>> {
        self.with(|state| state.killed.clone())
    }

    /// Notes a request that a server has taken, unless its path says that it only asks.
    pub(crate) fn requested(&self, server: &str, method: &str, path: &str, ends: Ends) -> Next {
        if name::only_asks(path) {
            return Next::Answer;
        }
        let name = self.with(|state| format!("{server}: {method} {}", name::path(path, &state.words)));
        self.happened(name, ends)
    }

    /// Notes statements that have been committed.
    pub(crate) fn committed(&self, statements: &[String], ends: Ends) -> Next {
        self.happened(format!("ledger: {}", statements.join(", ")), ends)
    }

    fn happened(&self, name: String, ends: Ends) -> Next {
        self.with(|state| {
            let count = state.counts.entry(name.clone()).and_modify(|count| *count += 1).or_insert(1);
            let name = if *count == 1 { name } else { format!("{name} ({count})") };
            let deadly = state.deadly.as_ref() == Some(&name);
            state.list.push(Effect { number: state.list.len() + 1, name });
            if !deadly {
                return Next::Answer;
            }
            state.deadly = None;
            // Under the lock, so that whoever asks sees an effect only together with what it cost.
            state.killed = Some(culprit::kill(ends));
            Next::Withhold
        })
    }

    fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::{Command, Stdio};

    use super::*;

    fn nobody() -> Ends {
        let address = SocketAddr::from(([127, 0, 0, 1], 1));
        Ends { client: address, server: address }
    }

    #[test]
    fn effects_are_numbered_and_keep_their_names() {
        let effects = Effects::new([("srv-1".to_owned(), "api-green".to_owned())]);
        for _ in 0..2 {
            effects.requested("render", "POST", "/v1/services/srv-1/deploys", nobody());
        }
        let next = effects.committed(&["insert into core.deployments".to_owned()], nobody());
        assert_eq!(next, Next::Answer);
        effects.requested("supabase", "POST", "/v1/projects/x/database/query/read-only", nobody());
        let list: Vec<_> = effects.list().into_iter().map(|effect| (effect.number, effect.name)).collect();
        let deploys = "render: POST /v1/services/api-green/deploys";
        assert_eq!(
            list,
            [
                (1, deploys.to_owned()),
                (2, format!("{deploys} (2)")),
                (3, "ledger: insert into core.deployments".to_owned())
            ]
        );
        assert_eq!(effects.killed(), None);
    }

    #[test]
    fn the_process_behind_a_connection_is_killed_and_no_other() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = listener.local_addr().unwrap();
        let script = format!("exec 3<>/dev/tcp/127.0.0.1/{}; echo >&3; read -u 3 x; echo $x", server.port());
        let start = || {
            let mut shell = Command::new("bash");
            let child = shell.args(["-c", &script]).stdout(Stdio::piped()).spawn().unwrap();
            let (mut stream, client) = listener.accept().unwrap();
            stream.read_exact(&mut [0]).unwrap();
            (child, stream, Ends { client, server })
        };
        let ((mut one, _stream, ends), (other, mut stream, others)) = (start(), start());
        let effects = Effects::default();
        effects.kill_after("twin: PUT /x (2)");
        assert_eq!(effects.requested("twin", "PUT", "/x", others), Next::Answer);
        assert_eq!(effects.requested("twin", "PUT", "/x", ends), Next::Withhold);
        assert_eq!(effects.killed(), Some(Ok(one.id().cast_signed())));
        assert_eq!(one.wait().unwrap().signal(), Some(9));
        stream.write_all(b"well\n").unwrap();
        assert_eq!(other.wait_with_output().unwrap().stdout, b"well\n");
        // It was meant once.
        effects.requested("twin", "PUT", "/x", others);
        assert_eq!(effects.list().len(), 3);
    }

    #[test]
    fn an_effect_of_nobody_says_so() {
        let effects = Effects::default();
        effects.kill_after("twin: PUT /x");
        assert_eq!(effects.requested("twin", "PUT", "/x", nobody()), Next::Withhold);
        assert!(effects.killed().unwrap().unwrap_err().contains("127.0.0.1:1"));
    }
}
