//! Where the database is and as whom to log in: `DATABASE_URL`, read strictly.
//!
//! `PostgreSQL`'s own library guesses what a half right address might mean. This
//! one is a secret that nobody can look at in a log, so every usual mistake gets
//! a cause and a fix of its own, before anything is sent.

mod authority;
mod parameters;
mod problem;
mod supabase;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use action::SecretString;

pub use problem::DsnProblem;

/// The port of a server whose address names none (PostgreSQL docs, connection URIs).
const PORT: u16 = 5432;

/// How much TLS is asked for (PostgreSQL docs, "SSL Mode Descriptions").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SslMode {
    /// None.
    Disable,
    /// If the server offers it; whose certificate it is does not matter.
    Prefer,
    /// Always; whose certificate it is does not matter, unless `sslrootcert` names a CA.
    Require,
    /// Always, and a trusted authority signed the certificate.
    VerifyCa,
    /// The same, and the certificate is the host's own.
    VerifyFull,
}

/// Which authorities may sign the server's certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Authorities {
    /// Mozilla's, and those of `SSL_CERT_FILE`.
    Public,
    /// Those of the file that `sslrootcert` names, and no others.
    File(PathBuf),
}

/// An address of a database that holds together.
#[derive(Clone)]
pub struct Dsn {
    pub(crate) user: String,
    pub(crate) password: Option<SecretString>,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) database: String,
    pub(crate) ssl_mode: SslMode,
    pub(crate) authorities: Authorities,
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) application_name: Option<String>,
    pub(crate) options: Option<String>,
}

impl Dsn {
    /// Reads `postgresql://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=...`.
    ///
    /// Without `sslmode` TLS is required, except from a server on this machine:
    /// libpq's default, `prefer`, lets anybody on the way switch TLS off.
    /// `allow` is refused for the same reason.
    ///
    /// # Errors
    /// The first [`DsnProblem`]; none of them repeats any part of `text` that
    /// could be a password.
    pub fn parse(text: &str) -> Result<Self, DsnProblem> {
        let rest = problem::address_of(text)?;
        let parts = authority::split(rest)?;
        let login = authority::Login::read(parts.login)?;
        let (host, port) = authority::host_and_port(parts.host)?;
        let parameters = parameters::read(parts.query)?;
        let port = port.unwrap_or(PORT);
        supabase::check(&login.user, &host, port)?;
        let here = is_loopback(&host);
        if !here && login.password.as_deref().is_none_or(str::is_empty) {
            return Err(DsnProblem::NoPassword);
        }
        let database = authority::database(parts.path)?;
        let ssl_mode = match (parameters.ssl_mode, &parameters.authorities) {
            (Some(SslMode::Require), Authorities::File(_)) => SslMode::VerifyCa,
            (Some(mode), _) => mode,
            // A file of authorities that would not be looked at protects nobody.
            (None, Authorities::File(_)) => SslMode::VerifyFull,
            (None, _) if here => SslMode::Prefer,
            (None, _) => SslMode::Require,
        };
        Ok(Self {
            user: login.user,
            password: login.password.map(SecretString::from),
            host,
            port,
            database,
            ssl_mode,
            authorities: parameters.authorities,
            connect_timeout: parameters.connect_timeout,
            application_name: parameters.application_name,
            options: parameters.options,
        })
    }

    /// Host and port: what may be shown.
    #[must_use]
    pub fn address(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// How much TLS is asked for.
    #[must_use]
    pub const fn ssl_mode(&self) -> SslMode {
        self.ssl_mode
    }

    /// Whether it is a Supabase project's own host, which has an IPv6 address only
    /// unless the project bought an IPv4 one (Supabase docs, connecting to Postgres).
    #[must_use]
    pub fn is_direct_supabase(&self) -> bool {
        supabase::project_of_direct_host(&self.host).is_some()
    }

    /// The reference of the Supabase project that it leads to, if its text tells.
    #[must_use]
    pub fn supabase_project(&self) -> Option<&str> {
        let of_user = || self.user.rsplit_once('.').map(|(_, reference)| reference);
        supabase::project_of_direct_host(&self.host).or_else(|| self.is_pooler().then(of_user)?)
    }

    /// Whether it leads through one of Supabase's shared poolers.
    #[must_use]
    pub fn is_pooler(&self) -> bool {
        supabase::is_pooler(&self.host)
    }
}

impl fmt::Debug for Dsn {
    /// Host and port only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dsn").field("address", &self.address()).finish_non_exhaustive()
    }
}

/// Whether the host is this machine, by its spelling.
fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests;
