//! What is wrong with an address, and the fix.

use action::Failure;

/// Words that documents and dashboards print where a secret belongs.
const PLACEHOLDERS: [&str; 22] = [
    "[your-password]",
    "[your_password]",
    "[password]",
    "<password>",
    "<your-password>",
    "your-password",
    "your_password",
    "%5byour-password%5d",
    "[project-ref]",
    "<project-ref>",
    "[project_ref]",
    "[ref]",
    "<ref>",
    "[region]",
    "<region>",
    "[your-",
    "<your-",
    "[host]",
    "<host>",
    "${",
    "$(",
    "{{",
];

/// Why `DATABASE_URL` cannot be used. No variant holds a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DsnProblem {
    /// Nothing is there.
    #[error("DATABASE_URL is empty")]
    Empty,
    /// Quotation marks came along.
    #[error("DATABASE_URL is wrapped in quotation marks")]
    Quoted,
    /// The name came along.
    #[error("DATABASE_URL begins with a variable's name and `=`")]
    Assignment,
    /// The program came along.
    #[error("DATABASE_URL is a psql command, not an address")]
    Command,
    /// `host=... user=...`
    #[error("DATABASE_URL is a list of keywords, not an address")]
    Keywords,
    /// No `://`.
    #[error("DATABASE_URL has no scheme")]
    NoScheme,
    /// The address of a project's web API or dashboard.
    #[error("DATABASE_URL is the address of a web page or an API, not of a database")]
    WebAddress,
    /// An address for Java's or Python's drivers.
    #[error("DATABASE_URL has the scheme of one driver, not postgresql://")]
    DriverScheme,
    /// Some other scheme.
    #[error("DATABASE_URL has another scheme than postgresql://")]
    Scheme,
    /// A blank, a tab or a line break.
    #[error("DATABASE_URL holds a blank or a line break")]
    Whitespace,
    /// What a person should have replaced.
    #[error("DATABASE_URL still holds a placeholder")]
    Placeholder,
    /// A character that must be percent-encoded.
    #[error("the user or password in DATABASE_URL holds `{0}` as it is")]
    Unescaped(char),
    /// A `%` that begins no escape, or one that is no text.
    #[error("DATABASE_URL holds a `%` that begins no valid escape")]
    BadEscape,
    /// Nobody to log in as.
    #[error("DATABASE_URL names no user")]
    NoUser,
    /// Nothing to log in with.
    #[error("DATABASE_URL has no password")]
    NoPassword,
    /// Nowhere to connect to.
    #[error("DATABASE_URL names no host")]
    NoHost,
    /// A host that is no name and no address.
    #[error("the host in DATABASE_URL is no name and no address")]
    BadHost,
    /// `a,b`
    #[error("DATABASE_URL names several hosts")]
    SeveralHosts,
    /// A socket's folder.
    #[error("DATABASE_URL names a socket's folder instead of a host")]
    Socket,
    /// Not a number, or out of range.
    #[error("the port in DATABASE_URL is no number from 1 to 65535")]
    BadPort,
    /// Nothing after the host.
    #[error("DATABASE_URL names no database")]
    NoDatabase,
    /// A slash, an `@`: the name was cut in the wrong place.
    #[error("the database's name in DATABASE_URL holds `{0}`")]
    BadDatabase(char),
    /// Transaction pooling loses prepared statements and session settings.
    #[error("DATABASE_URL leads to a transaction pooler (port 6543), where no session lasts")]
    TransactionPooler,
    /// The pooler routes by the user's name.
    #[error("the user in DATABASE_URL lacks the project's reference, which a Supabase pooler needs")]
    NoProjectReference,
    /// Only the pooler wants it.
    #[error("the user in DATABASE_URL carries a project's reference, but the host is the project's own")]
    NeedlessProjectReference,
    /// `<ref>.supabase.co`
    #[error("DATABASE_URL names the host of a project's API, where no database listens")]
    ApiHost,
    /// The host a Supabase pooler never has.
    #[error("the Supabase host in DATABASE_URL holds no project's reference of 20 letters")]
    BadReference,
    /// An unknown `sslmode`.
    #[error("sslmode in DATABASE_URL is none of disable, prefer, require, verify-ca and verify-full")]
    SslMode,
    /// `sslmode=allow`
    #[error("sslmode=allow in DATABASE_URL would send the password without TLS first")]
    SslModeAllow,
    /// Roots of the system with a mode that does not check them.
    #[error("sslrootcert=system in DATABASE_URL needs sslmode=verify-full")]
    WeakSystemRoots,
    /// A parameter that libpq knows and this does not.
    #[error("DATABASE_URL sets {0}, which is not supported here")]
    Unsupported(&'static str),
    /// A parameter that libpq does not know either.
    #[error("DATABASE_URL sets a parameter that PostgreSQL does not know")]
    UnknownParameter,
    /// A parameter's value cannot be used.
    #[error("{0} in DATABASE_URL has a value that cannot be used")]
    BadValue(&'static str),
    /// The same parameter twice.
    #[error("DATABASE_URL sets {0} twice")]
    Twice(&'static str),
}

impl DsnProblem {
    /// What to do about it, as a hint.
    #[must_use]
    pub fn fix(self) -> String {
        match self {
            Self::Empty => "set it to postgresql://USER:PASSWORD@HOST:5432/DATABASE".into(),
            Self::Quoted => {
                "store the address without quotation marks: a secret keeps every character".into()
            }
            Self::Assignment => "store only what comes after the `=`".into(),
            Self::Command => "store only the address that begins with postgresql://".into(),
            Self::Keywords => "write it as postgresql://USER:PASSWORD@HOST:5432/DATABASE".into(),
            Self::NoScheme => "it must begin with postgresql:// or postgres://".into(),
            Self::WebAddress => {
                "copy the connection string instead: in Supabase under Connect, session pooler".into()
            }
            Self::DriverScheme => {
                "leave out what stands before or after `postgresql`, such as jdbc: or +asyncpg".into()
            }
            Self::Scheme => "it must begin with postgresql:// or postgres://".into(),
            Self::Whitespace => {
                "a blank in a password is written %20; a line break was pasted by accident".into()
            }
            Self::Placeholder => {
                "replace it, brackets included, by the real value; the database's password is in \
                no copied address"
                    .into()
            }
            Self::Unescaped(found) => format!(
                "percent-encode the password: `{found}` is written %{:02X}; \
                python3 -c 'import urllib.parse,getpass; print(urllib.parse.quote(getpass.getpass(),safe=\"\"))' does it",
                u32::from(found)
            ),
            Self::BadEscape => {
                "a `%` in a password is written %25, and an escape is two hexadecimal digits of UTF-8".into()
            }
            Self::NoUser => {
                "write the user before the password: postgresql://USER:PASSWORD@HOST:5432/DATABASE".into()
            }
            Self::NoPassword => {
                "an address that was put together from secrets loses its password when one of them is \
                not set in this environment"
                    .into()
            }
            Self::NoHost | Self::BadHost => {
                "the host stands between `@` and `:`, such as db.example.com".into()
            }
            Self::SeveralHosts => "name the primary alone".into(),
            Self::Socket => "name a host; a server on this machine is 127.0.0.1".into(),
            Self::BadPort => {
                "the port stands after the host's `:`; PostgreSQL's own is 5432. A password with an \
                unescaped `/`, `?` or `#` ends up there too"
                    .into()
            }
            Self::NoDatabase => "add it after the port, such as /postgres".into(),
            Self::BadDatabase(_) => {
                "percent-encode what belongs to the password, or correct the database's name".into()
            }
            Self::TransactionPooler => "use the session pooler: the same host with port 5432, \
                and no pgbouncer=true"
                .into(),
            Self::NoProjectReference => {
                "the user is postgres.<project reference>, or <role>.<project reference>".into()
            }
            Self::NeedlessProjectReference => {
                "the user is postgres here; or use the session pooler's host, which \
                GitHub's runners reach"
                    .into()
            }
            Self::ApiHost => {
                "the database is at db.<project reference>.supabase.co, or behind the session pooler \
                (Supabase: Connect)"
                    .into()
            }
            Self::BadReference => "copy the address again from Supabase: Connect".into(),
            Self::SslMode => {
                "verify-full is the safest, with sslrootcert naming the provider's CA file".into()
            }
            Self::SslModeAllow => "use sslmode=require or verify-full; on this machine, prefer".into(),
            Self::WeakSystemRoots => "set sslmode=verify-full, or name a CA file".into(),
            Self::Unsupported(_) => "leave it out; supported are sslmode, sslrootcert, connect_timeout, \
                application_name and options"
                .into(),
            Self::UnknownParameter => {
                "leave it out: it belongs to one driver, or to a password with an unescaped `?`".into()
            }
            Self::BadValue(_) => "correct the value, or leave the parameter out".into(),
            Self::Twice(_) => "leave one of them out".into(),
        }
    }
}

impl From<DsnProblem> for Failure {
    fn from(problem: DsnProblem) -> Self {
        Self::invalid(problem.to_string()).hint(problem.fix())
    }
}

/// What comes after the scheme, once the whole looks like an address.
pub(super) fn address_of(text: &str) -> Result<&str, DsnProblem> {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    if text.is_empty() {
        return Err(DsnProblem::Empty);
    }
    if lower.starts_with("psql ") {
        return Err(DsnProblem::Command);
    }
    if lower.starts_with(['"', '\'', '`']) || lower.ends_with(['"', '\'', '`']) {
        return Err(DsnProblem::Quoted);
    }
    if lower.starts_with("export ") || is_assignment(text) {
        return Err(DsnProblem::Assignment);
    }
    let Some((scheme, _)) = lower.split_once("://") else {
        let keywords = ["host=", "user=", "dbname=", "hostaddr="];
        let listed = keywords.iter().any(|keyword| lower.contains(keyword));
        return Err(if listed { DsnProblem::Keywords } else { DsnProblem::NoScheme });
    };
    match scheme {
        "postgresql" | "postgres" => {}
        "http" | "https" => return Err(DsnProblem::WebAddress),
        _ if scheme.starts_with("jdbc:postgres") || scheme.starts_with("postgres") => {
            return Err(DsnProblem::DriverScheme);
        }
        _ => return Err(DsnProblem::Scheme),
    }
    if PLACEHOLDERS.iter().any(|placeholder| lower.contains(placeholder)) {
        return Err(DsnProblem::Placeholder);
    }
    if text.contains(|found: char| found.is_whitespace() || found.is_control()) {
        return Err(DsnProblem::Whitespace);
    }
    Ok(text.get(scheme.len() + 3..).unwrap_or_default())
}

/// `DATABASE_URL=postgres://...`
fn is_assignment(text: &str) -> bool {
    text.split_once('=').is_some_and(|(name, value)| {
        let named = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        named && value.trim_start_matches(['"', '\'']).to_ascii_lowercase().starts_with("postgres")
    })
}
