//! What can go wrong with a database, and what to do about it.

use std::fmt;

use action::Failure;
use tokio_postgres::error::SqlState;

use crate::dsn::DsnProblem;

/// Why the database gave no usable answer.
///
/// No variant holds the address or the password: a message of the server may name
/// a role, a database or a table, and nothing of the login.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `DATABASE_URL` cannot be used; nothing was sent.
    #[error(transparent)]
    Address(#[from] DsnProblem),

    /// A certificate file cannot be used; nothing was sent.
    #[error("{0}")]
    Tls(String),

    /// No connection came about.
    #[error("the database at {address} could not be reached: {cause}")]
    Unreached {
        /// Host and port.
        address: String,
        /// What happened: lookup, connect, time-out, ...
        cause: String,
        /// What may lie behind it, as a hint.
        hint: Option<&'static str>,
    },

    /// There is a server, and TLS with it did not come about.
    #[error("no TLS with the database at {address}: {cause}")]
    Untrusted {
        /// Host and port.
        address: String,
        /// What happened.
        cause: String,
    },

    /// The server did not let us in.
    #[error("the database at {address} refused the login: {message}")]
    Login {
        /// Host and port.
        address: String,
        /// The server's words.
        message: String,
        /// What to check, as a hint.
        hint: &'static str,
    },

    /// The server has no database of that name.
    #[error("the server at {address} has no such database")]
    NoSuchDatabase {
        /// Host and port.
        address: String,
    },

    /// The role lacks a right.
    #[error("the database refused it: {0}")]
    Permission(String),

    /// Row-level security would hide rows.
    #[error("row-level security would hide rows: {0}")]
    HiddenRows(String),

    /// A table, a column or a schema is not there.
    #[error("the database lacks what the ledger needs: {0}")]
    Undefined(String),

    /// The same, and it is known what is missing.
    #[error("the database lacks {}", list(.0))]
    Missing(Vec<Missing>),

    /// A write was tried where only reads are allowed.
    #[error("the database takes no writes: {0}")]
    ReadOnly(String),

    /// The server has no time or no room right now.
    #[error("the database is busy: {0}")]
    Busy(String),

    /// The connection ended before the answer came.
    #[error("the connection to the database was lost: {cause}")]
    Lost {
        /// What happened.
        cause: String,
        /// Whether a change may have been carried out all the same.
        perhaps_applied: bool,
    },

    /// Any other refusal.
    #[error("the database refused it: {message} (SQLSTATE {code})")]
    Refused {
        /// The SQLSTATE.
        code: String,
        /// The server's words.
        message: String,
    },

    /// An answer that cannot be read, such as a column of another type.
    #[error("the database's answer cannot be read: {0}")]
    Unreadable(String),
}

/// A part of the ledger that the database does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The table or column, such as `core.deployments.intent_at`.
    pub name: String,
    /// The statement that creates it.
    pub sql: String,
}

impl Error {
    /// Whether the same may well succeed a little later.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Unreached { .. } | Self::Busy(_) | Self::Lost { .. })
    }

    /// Of a statement that was sent.
    pub(crate) fn of_statement(error: &tokio_postgres::Error) -> Self {
        if let Some(refusal) = error.as_db_error() {
            return of_state(refusal.code(), refusal.message());
        }
        let source = std::error::Error::source(error).map(ToString::to_string);
        let cause = source.unwrap_or_else(|| error.to_string());
        if error.is_closed() || is_io(error) {
            Self::Lost { cause, perhaps_applied: false }
        } else {
            Self::Unreadable(format!("{error}"))
        }
    }

    /// Of a server that answered and did not let us in.
    pub(crate) fn of_login(error: &tokio_postgres::Error, address: String) -> Self {
        let Some(refusal) = error.as_db_error() else {
            let cause =
                std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
            let text = error.to_string();
            // tokio-postgres keeps the kind to itself; its text is all there is.
            return if text.starts_with("error performing TLS handshake") {
                Self::Untrusted { address, cause }
            } else if text.starts_with("authentication error") || text.starts_with("invalid configuration") {
                Self::Login { address, message: cause, hint: PASSWORD }
            } else {
                Self::Unreached { address, cause, hint: None }
            };
        };
        let message = refusal.message().to_owned();
        let login = |hint| Self::Login { address: address.clone(), message: message.clone(), hint };
        let code = refusal.code();
        if *code == SqlState::INVALID_PASSWORD {
            login(PASSWORD)
        } else if message.contains("no encryption") || message.contains("SSL off") {
            login("the server wants TLS: set sslmode=require, or better verify-full, in DATABASE_URL")
        } else if *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION {
            login(
                "check the user in DATABASE_URL, and that the server lets it in from this address (pg_hba.conf)",
            )
        } else if is_unknown_tenant(&message) {
            login(TENANT)
        } else if *code == SqlState::INVALID_CATALOG_NAME {
            Self::NoSuchDatabase { address }
        } else if message.contains("max clients reached") || message.contains("MaxClientsInSessionMode") {
            // Supabase docs, pooler errors: session mode has one server connection a client.
            Self::Busy(message)
        } else {
            of_state(code, &message)
        }
    }
}

/// Repeated bad logins get an address banned (Supabase docs, network bans).
const PASSWORD: &str = "check user and password in DATABASE_URL; do not simply run again: repeated bad logins may \
    get the runner's address banned";

/// The texts of Supabase's pooler for a tenant that it does not know.
const TENANT: &str = "the pooler does not know this project: check the reference after the dot in the user, and the \
    region in the host; copy the session pooler's address from Supabase: Connect";

fn is_unknown_tenant(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    message.contains("tenant") && message.contains("not found")
}

fn of_state(code: &SqlState, message: &str) -> Error {
    let text = message.to_owned();
    if *code == SqlState::INSUFFICIENT_PRIVILEGE {
        return if message.contains("row-level security") {
            Error::HiddenRows(text)
        } else {
            Error::Permission(text)
        };
    }
    if [SqlState::UNDEFINED_TABLE, SqlState::UNDEFINED_COLUMN, SqlState::INVALID_SCHEMA_NAME].contains(code) {
        return Error::Undefined(text);
    }
    if *code == SqlState::READ_ONLY_SQL_TRANSACTION {
        return Error::ReadOnly(text);
    }
    let ended =
        [SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN, SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT];
    if ended.contains(code) {
        return Error::Lost { cause: text, perhaps_applied: false };
    }
    match code.code() {
        // Connection exceptions, insufficient resources, operator intervention, and what a
        // second transaction of ours brought about (PostgreSQL docs, appendix A).
        "40001" | "40P01" | "55P03" => Error::Busy(text),
        code if ["53", "57", "08"].iter().any(|class| code.starts_with(class)) => Error::Busy(text),
        code => Error::Refused { code: code.to_owned(), message: text },
    }
}

fn is_io(error: &tokio_postgres::Error) -> bool {
    std::error::Error::source(error).is_some_and(|source| source.is::<std::io::Error>())
}

fn list(missing: &[Missing]) -> String {
    missing.iter().map(|missing| missing.name.as_str()).collect::<Vec<_>>().join(", ")
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl From<&Error> for wait::Fault {
    /// What a look inside a wait makes of it when it passes.
    fn from(error: &Error) -> Self {
        Self { what: error.to_string(), retry_after: None }
    }
}

impl From<Error> for Failure {
    /// Maps to `invalid`, `denied` or `unreachable`; the hint names the fix.
    fn from(error: Error) -> Self {
        let text = error.to_string();
        match error {
            Error::Address(problem) => problem.into(),
            Error::Tls(_) => Self::invalid(text).hint("name a readable PEM file with the provider's CA certificate"),
            Error::Unreached { hint, .. } => {
                let failure = Self::unreachable(text);
                let failure = match hint {
                    Some(hint) => failure.hint(hint),
                    None => failure,
                };
                failure.hint("check that the runner reaches this address; then run the job again")
            }
            Error::Untrusted { .. } => Self::denied(text).hint(
                "let sslrootcert in DATABASE_URL name the provider's CA file (Supabase: database settings, SSL), or set \
                 sslmode=require if the network is trusted; a server without TLS needs sslmode=disable",
            ),
            Error::Login { hint, .. } => Self::denied(text).hint(hint),
            Error::NoSuchDatabase { .. } => {
                Self::denied(text).hint("check the name after the last slash in DATABASE_URL")
            }
            Error::Permission(_) if text.contains("_migrations") => Self::denied(text).hint(
                "grant the role of DATABASE_URL what it needs: grant usage on schema supabase_migrations to ROLE; grant \
                 select on supabase_migrations.schema_migrations to ROLE",
            ),
            Error::Permission(_) => Self::denied(text).hint(
                "grant the role of DATABASE_URL what it needs: grant usage on schema core to ROLE; grant select, insert, \
                 update on core.deployments, core.schema_merges to ROLE; grant select on core.workers, core.outbox to ROLE",
            ),
            Error::HiddenRows(_) => Self::denied(text)
                .hint("use the role that owns the tables, or one with BYPASSRLS: hidden rows look like none at all"),
            Error::Undefined(_) => Self::denied(text).hint("check that DATABASE_URL leads to the database of the ledger"),
            Error::Missing(missing) => missing
                .into_iter()
                .fold(Self::denied(text), |failure, missing| failure.hint(format!("create it: {}", missing.sql)))
                .hint("or DATABASE_URL leads to another database than that of the ledger"),
            Error::ReadOnly(_) => Self::denied(text)
                .hint("DATABASE_URL leads to a replica, or the role is read-only: name the primary, and a role that writes"),
            Error::Busy(_) => Self::unreachable(text).hint("run the job again in a while"),
            Error::Lost { perhaps_applied: true, .. } => Self::unreachable(text)
                .hint("the change may have been made; run the job again: it looks first and never does it twice"),
            Error::Lost { .. } => Self::unreachable(text).hint("run the job again"),
            Error::Refused { .. } => Self::denied(text)
                .hint("the server's own log says more; the code is explained in PostgreSQL's documentation, appendix A"),
            Error::Unreadable(_) => {
                Self::denied(text).hint("compare the columns' types with those of the ledger's schema")
            }
        }
    }
}
