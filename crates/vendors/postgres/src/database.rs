//! One database: connecting, transactions, and what became of them.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use action::{Context, ExposeSecret as _, Permit, SecretString, SharedClock};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, IsolationLevel, Transaction};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::dsn::{Dsn, SslMode};
use crate::error::Error;
use crate::tls;

/// How long one attempt to connect may take, TLS and login included, unless
/// `connect_timeout` says otherwise. Real time: the peer is outside.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long one transaction may take; the server gives up before (see [`SETTINGS`]).
const TRANSACTION_TIMEOUT: Duration = Duration::from_secs(30);

/// The pauses between attempts to connect. A preview branch of Supabase that slept
/// lets the first one time out (Supabase docs, branching, troubleshooting).
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(3)];

/// What holds for a whole session. Set by a statement, because poolers drop what
/// they do not know of a connection's own parameters.
///
/// `row_security = off` turns rows that a policy would hide into an error: a
/// ledger that looks empty would open every gate.
const SETTINGS: &str = "set statement_timeout = '15s'; set lock_timeout = '10s'; \
    set idle_in_transaction_session_timeout = '20s'; set row_security = off; \
    set search_path = pg_catalog; set client_min_messages = warning";

/// The database of one address. Connects when it is first asked, and again after
/// a connection was lost.
pub struct Database {
    dsn: Dsn,
    tls: MakeRustlsConnect,
    clock: SharedClock,
    patient: bool,
    session: tokio::sync::Mutex<Option<Session>>,
}

impl Database {
    /// Reads the address; nothing is sent yet. The password is masked from here on.
    ///
    /// # Errors
    /// [`Error::Address`], or [`Error::Tls`] when a certificate file cannot be used.
    pub fn new(context: &Context, address: &SecretString) -> Result<Self, Error> {
        let dsn = Dsn::parse(address.expose_secret())?;
        if let Some(password) = &dsn.password {
            let _ = context.hide(password.expose_secret());
        }
        let tls = MakeRustlsConnect::new(tls::configuration(context, &dsn)?);
        let session = tokio::sync::Mutex::default();
        Ok(Self { dsn, tls, clock: context.shared_clock(), patient: true, session })
    }

    /// The same without a second attempt to connect: inside a wait, the wait is the
    /// retry.
    #[must_use]
    pub fn once(mut self) -> Self {
        self.patient = false;
        self
    }

    /// Where it is.
    #[must_use]
    pub const fn dsn(&self) -> &Dsn {
        &self.dsn
    }

    /// Runs `work` in a READ ONLY transaction that sees one moment.
    ///
    /// # Errors
    /// Any [`Error`]; a lost connection is replaced and the work done again, once.
    pub async fn read<T>(
        &self,
        work: impl AsyncFn(&Transaction<'_>) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, Error> {
        match self.transaction(true, &work).await {
            Err(Error::Lost { .. }) if self.patient => self.transaction(true, &work).await,
            other => other,
        }
    }

    /// Runs `work` in a transaction and commits it. `work` must be idempotent: it
    /// looks, under a lock, and changes only what is not so yet.
    ///
    /// When the connection is lost, the outcome is unknown: then `work` runs once
    /// more on a new connection, where it finds what the first one did.
    ///
    /// # Errors
    /// Any [`Error`]; [`Error::Lost`] with `perhaps_applied` when the second time
    /// brought no certainty either.
    pub async fn write<T>(
        &self,
        _permit: &Permit,
        work: impl AsyncFn(&Transaction<'_>) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, Error> {
        match self.transaction(false, &work).await {
            Err(Error::Lost { cause, .. }) => {
                tracing::info!(
                    "the connection to the database was lost ({cause}); looking what became of the change"
                );
                self.transaction(false, &work).await.map_err(|error| match error {
                    // Nothing else proves that the first time came to nothing.
                    Error::Lost { cause, .. } | Error::Unreached { cause, .. } | Error::Busy(cause) => {
                        Error::Lost { cause, perhaps_applied: true }
                    }
                    other => other,
                })
            }
            other => other,
        }
    }

    async fn transaction<T>(
        &self,
        read_only: bool,
        work: &impl AsyncFn(&Transaction<'_>) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, Error> {
        let mut slot = self.session.lock().await;
        let mut session = match slot.take() {
            Some(session) if !session.client.is_closed() => session,
            _ => self.connect().await?,
        };
        let done = timeout(TRANSACTION_TIMEOUT, session.transaction(read_only, work)).await;
        let done = done.unwrap_or_else(|_| {
            let cause = format!("no answer within {}", seconds(TRANSACTION_TIMEOUT));
            Err(Error::Lost { cause, perhaps_applied: false })
        });
        if !matches!(done, Err(Error::Lost { .. })) {
            *slot = Some(session);
        }
        done
    }

    async fn connect(&self) -> Result<Session, Error> {
        let pauses = if self.patient { &PAUSES[..] } else { &[] };
        for pause in pauses {
            match self.connect_once().await {
                Err(error) if error.is_passing() => {
                    tracing::info!("{error}; trying again in {}", seconds(*pause));
                    self.clock.sleep(*pause).await;
                }
                other => return other,
            }
        }
        self.connect_once().await
    }

    async fn connect_once(&self) -> Result<Session, Error> {
        self.open(SETTINGS).await
    }

    /// A session of one's own with these settings; one attempt.
    pub(crate) async fn open(&self, settings: &str) -> Result<Session, Error> {
        let limit = self.dsn.connect_timeout.unwrap_or(CONNECT_TIMEOUT);
        let unreached = |cause: String| self.unreached(cause);
        let late = |_| unreached(format!("no answer within {}", seconds(limit)));
        timeout(limit, self.log_in(settings)).await.map_err(late)?
    }

    async fn log_in(&self, settings: &str) -> Result<Session, Error> {
        let stream = TcpStream::connect((self.dsn.host.as_str(), self.dsn.port)).await;
        let stream = stream.map_err(|error| self.unreached(error.to_string()))?;
        // A statement is one small packet; waiting to fill it up gains nothing.
        stream.set_nodelay(true).map_err(|error| self.unreached(error.to_string()))?;
        let mut tls = self.tls.clone();
        let tls = MakeTlsConnect::<TcpStream>::make_tls_connect(&mut tls, &self.dsn.host)
            .map_err(|error| Error::Tls(error.to_string()))?;
        let connected = self.config().connect_raw(stream, tls).await;
        let (client, connection) = connected.map_err(|error| Error::of_login(&error, self.dsn.address()))?;
        let ended = Arc::new(Mutex::new(None));
        let end = Arc::clone(&ended);
        let task = tokio::spawn(async move {
            if let Err(error) = connection.await {
                *end.lock().unwrap_or_else(PoisonError::into_inner) = Some(Error::of_statement(&error));
            }
        });
        let session = Session { client, task, ended };
        session.client.batch_execute(settings).await.map_err(|error| session.told(&error))?;
        Ok(session)
    }

    fn config(&self) -> Config {
        let dsn = &self.dsn;
        let mut config = Config::new();
        config.user(&dsn.user).dbname(&dsn.database);
        config.application_name(dsn.application_name.as_deref().unwrap_or("greenroom"));
        config.ssl_mode(match dsn.ssl_mode {
            SslMode::Disable => tokio_postgres::config::SslMode::Disable,
            SslMode::Prefer => tokio_postgres::config::SslMode::Prefer,
            SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => {
                tokio_postgres::config::SslMode::Require
            }
        });
        if let Some(password) = &dsn.password {
            config.password(password.expose_secret());
        }
        if let Some(options) = &dsn.options {
            config.options(options);
        }
        config
    }

    fn unreached(&self, cause: String) -> Error {
        let hint = self.dsn.is_direct_supabase().then_some(
            "a Supabase project's own host has an IPv6 address only, unless the project bought an IPv4 one, and \
             GitHub's runners have no IPv6: let DATABASE_URL lead through the session pooler (port 5432)",
        );
        Error::Unreached { address: self.dsn.address(), cause, hint }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("dsn", &self.dsn).finish_non_exhaustive()
    }
}

/// One connection, with the task that moves its bytes.
pub(crate) struct Session {
    pub(crate) client: Client,
    task: JoinHandle<()>,
    ended: Arc<Mutex<Option<Error>>>,
}

impl Session {
    async fn transaction<T>(
        &mut self,
        read_only: bool,
        work: &impl AsyncFn(&Transaction<'_>) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, Error> {
        let done = {
            let begin = self.client.build_transaction();
            // Reads see one moment; writes look only after they hold the lock. READ WRITE is not asked for:
            // it would overrule the wish of a role that is meant to read only.
            let begin = if read_only {
                begin.isolation_level(IsolationLevel::RepeatableRead).read_only(true)
            } else {
                begin.isolation_level(IsolationLevel::ReadCommitted)
            };
            match begin.start().await {
                Ok(transaction) => match work(&transaction).await {
                    Ok(done) => transaction.commit().await.map(|()| done),
                    Err(error) => Err(error),
                },
                Err(error) => Err(error),
            }
        };
        done.map_err(|error| self.told(&error))
    }

    /// A closed connection says why only to the task that held it.
    pub(crate) fn told(&self, error: &tokio_postgres::Error) -> Error {
        let found = Error::of_statement(error);
        let Error::Lost { .. } = found else { return found };
        match self.ended.lock().unwrap_or_else(PoisonError::into_inner).clone() {
            Some(ended @ Error::Lost { .. }) => ended,
            Some(other) => Error::Lost { cause: other.to_string(), perhaps_applied: false },
            None => found,
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn seconds(duration: Duration) -> String {
    format!("{}s", duration.as_secs())
}

#[cfg(test)]
mod tests {
    use action::{Environment, Failure, SimClock};

    use super::*;

    #[test]
    fn a_host_that_has_an_ipv6_address_only_is_told_with_the_way_around_it() {
        let told = |dsn: &str| {
            let context = Context::detached(Environment::default(), Arc::new(SimClock::default()));
            let database = Database::new(&context, &SecretString::from(dsn.to_owned())).unwrap();
            let failure =
                Failure::from(database.unreached("Network is unreachable (os error 101)".to_owned()));
            format!("{:?} {failure}", failure.ending())
        };
        let direct = told("postgresql://postgres:hunter2@db.abcdefghijklmnopqrst.supabase.co:5432/postgres");
        assert!(
            direct.starts_with("Unreachable the database at db.abcdefghijklmnopqrst.supabase.co:5432"),
            "{direct}"
        );
        assert!(
            direct.contains("has an IPv6 address only") && direct.contains("session pooler (port 5432)"),
            "{direct}"
        );
        assert!(!direct.contains("hunter2"), "{direct}");
        let other = told("postgresql://postgres:hunter2@db.example.com:5432/postgres");
        assert!(
            !other.contains("IPv6") && other.contains("check that the runner reaches this address"),
            "{other}"
        );
    }
}
