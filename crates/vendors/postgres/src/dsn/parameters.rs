//! What comes after the `?`.

use std::time::Duration;

use super::authority::decode;
use super::{Authorities, DsnProblem, SslMode};

/// Parameters that libpq knows (PostgreSQL docs, "Parameter Key Words"), for a
/// name may only be shown when it cannot be a piece of a password.
const KNOWN: &[&str] = &[
    "application_name",
    "channel_binding",
    "client_encoding",
    "connect_timeout",
    "dbname",
    "fallback_application_name",
    "gssdelegation",
    "gssencmode",
    "gsslib",
    "host",
    "hostaddr",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "krbsrvname",
    "load_balance_hosts",
    "options",
    "passfile",
    "password",
    "port",
    "replication",
    "require_auth",
    "requirepeer",
    "service",
    "ssl_max_protocol_version",
    "ssl_min_protocol_version",
    "sslcert",
    "sslcertmode",
    "sslcompression",
    "sslcrl",
    "sslcrldir",
    "sslkey",
    "sslmode",
    "sslnegotiation",
    "sslpassword",
    "sslrootcert",
    "sslsni",
    "target_session_attrs",
    "tcp_user_timeout",
    "user",
];

/// The parameters that count here.
#[derive(Debug)]
pub(super) struct Parameters {
    pub(super) ssl_mode: Option<SslMode>,
    pub(super) authorities: Authorities,
    pub(super) connect_timeout: Option<Duration>,
    pub(super) application_name: Option<String>,
    pub(super) options: Option<String>,
}

pub(super) fn read(query: &str) -> Result<Parameters, DsnProblem> {
    let mut found = Parameters {
        ssl_mode: None,
        authorities: Authorities::Public,
        connect_timeout: None,
        application_name: None,
        options: None,
    };
    let mut seen: Vec<&'static str> = Vec::new();
    let mut system = false;
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        if pair.contains('@') && !pair.contains('=') {
            return Err(DsnProblem::Unescaped('?'));
        }
        let (name, value) = pair.split_once('=').ok_or(DsnProblem::UnknownParameter)?;
        let (name, value) = (decode(name)?, decode(value)?);
        if name == "pgbouncer" {
            return Err(DsnProblem::TransactionPooler);
        }
        let known = KNOWN.iter().find(|known| **known == name);
        let name = *known.ok_or(DsnProblem::UnknownParameter)?;
        if seen.contains(&name) {
            return Err(DsnProblem::Twice(name));
        }
        seen.push(name);
        match name {
            "sslmode" => found.ssl_mode = Some(ssl_mode(&value)?),
            "sslrootcert" if value == "system" => system = true,
            "sslrootcert" if value.is_empty() => return Err(DsnProblem::BadValue(name)),
            "sslrootcert" => found.authorities = Authorities::File(value.into()),
            "connect_timeout" => found.connect_timeout = Some(seconds(&value)?),
            "application_name" => found.application_name = Some(value),
            "options" => found.options = Some(value),
            _ => return Err(DsnProblem::Unsupported(name)),
        }
    }
    if system {
        match found.ssl_mode {
            None | Some(SslMode::VerifyFull) => found.ssl_mode = Some(SslMode::VerifyFull),
            Some(_) => return Err(DsnProblem::WeakSystemRoots),
        }
    }
    Ok(found)
}

fn ssl_mode(value: &str) -> Result<SslMode, DsnProblem> {
    Ok(match value {
        "disable" => SslMode::Disable,
        "prefer" => SslMode::Prefer,
        "require" => SslMode::Require,
        "verify-ca" => SslMode::VerifyCa,
        "verify-full" => SslMode::VerifyFull,
        "allow" => return Err(DsnProblem::SslModeAllow),
        _ => return Err(DsnProblem::SslMode),
    })
}

/// Whole seconds, from 1 to 60: libpq's 0 would wait for ever.
fn seconds(value: &str) -> Result<Duration, DsnProblem> {
    match value.parse() {
        Ok(seconds @ 1..=60) => Ok(Duration::from_secs(seconds)),
        _ => Err(DsnProblem::BadValue("connect_timeout")),
    }
}
