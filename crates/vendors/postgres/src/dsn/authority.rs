//! The parts of an address: `USER:PASSWORD@HOST:PORT/DATABASE?QUERY`.

use percent_encoding::percent_decode_str;

use super::DsnProblem;

/// The pieces, not decoded yet.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parts<'a> {
    pub(super) login: &'a str,
    pub(super) host: &'a str,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
}

/// Cuts what comes after `://`. Where an unescaped password makes the cut
/// ambiguous, it is refused: other programs would cut elsewhere.
pub(super) fn split(rest: &str) -> Result<Parts<'_>, DsnProblem> {
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    let Some((login, host)) = authority.rsplit_once('@') else {
        return Err(without_login(authority, tail));
    };
    if login.contains('@') {
        return Err(DsnProblem::Unescaped('@'));
    }
    // `user@x:pass/word@host`: the login ended too early, the rest went astray.
    let (path, query) = tail.split_once('?').unwrap_or((tail, ""));
    if path.contains('@') {
        return Err(DsnProblem::Unescaped('@'));
    }
    if let Some(found) = path.chars().chain(query.chars()).find(|&found| found == '#') {
        return Err(DsnProblem::Unescaped(found));
    }
    Ok(Parts { login, host, path, query })
}

/// Why there is no `@` where it should be.
fn without_login(authority: &str, tail: &str) -> DsnProblem {
    match tail.chars().next() {
        Some(found) if tail.contains('@') => DsnProblem::Unescaped(found),
        _ if authority.is_empty() => DsnProblem::NoHost,
        _ => DsnProblem::NoUser,
    }
}

/// Who logs in.
pub(super) struct Login {
    pub(super) user: String,
    pub(super) password: Option<String>,
}

impl Login {
    pub(super) fn read(text: &str) -> Result<Self, DsnProblem> {
        let (user, password) = match text.split_once(':') {
            Some((user, password)) => (user, Some(password)),
            None => (text, None),
        };
        let odd =
            |found: &char| matches!(found, '[' | ']' | '<' | '>' | '"' | '\\' | '^' | '`' | '{' | '|' | '}');
        // A second colon is the one that other programs read differently.
        let odd = password
            .and_then(|password| password.chars().find(|&found| found == ':'))
            .or_else(|| text.chars().find(odd));
        if let Some(found) = odd {
            return Err(DsnProblem::Unescaped(found));
        }
        let user = decode(user)?;
        if user.is_empty() {
            return Err(DsnProblem::NoUser);
        }
        Ok(Self { user, password: password.map(decode).transpose()? })
    }
}

/// The host without brackets, and the port if there is one.
pub(super) fn host_and_port(text: &str) -> Result<(String, Option<u16>), DsnProblem> {
    if text.contains(',') {
        return Err(DsnProblem::SeveralHosts);
    }
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']').ok_or(DsnProblem::BadHost)?;
            host.parse::<std::net::Ipv6Addr>().map_err(|_| DsnProblem::BadHost)?;
            match port.strip_prefix(':') {
                Some(port) => (host.to_owned(), Some(port)),
                None if port.is_empty() => (host.to_owned(), None),
                None => return Err(DsnProblem::BadHost),
            }
        }
        None => match text.split_once(':') {
            Some((host, port)) => (decode(host)?, Some(port)),
            None => (decode(text)?, None),
        },
    };
    if host.is_empty() {
        return Err(DsnProblem::NoHost);
    }
    if host.starts_with('/') {
        return Err(DsnProblem::Socket);
    }
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':');
    if !host.bytes().all(fits) || host.len() > 253 {
        return Err(DsnProblem::BadHost);
    }
    let port = match port {
        None | Some("") => None,
        Some(port) => Some(number(port).ok_or(DsnProblem::BadPort)?),
    };
    Ok((host.to_ascii_lowercase(), port))
}

fn number(port: &str) -> Option<u16> {
    // `parse` alone would take a sign.
    let digits = port.bytes().all(|byte| byte.is_ascii_digit());
    port.parse().ok().filter(|&port| digits && port > 0)
}

/// The database's name, which is one segment.
pub(super) fn database(path: &str) -> Result<String, DsnProblem> {
    let name = path.strip_prefix('/').unwrap_or(path);
    if name.is_empty() {
        return Err(DsnProblem::NoDatabase);
    }
    match name.chars().find(|&found| matches!(found, '/' | '@' | ':')) {
        Some(found) => Err(DsnProblem::BadDatabase(found)),
        None => decode(name),
    }
}

/// Percent-decodes to UTF-8 without NUL, which no name of PostgreSQL may hold.
pub(super) fn decode(text: &str) -> Result<String, DsnProblem> {
    let bytes = text.as_bytes();
    let escapes = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'%');
    for (at, _) in escapes {
        let digits = bytes.get(at + 1..at + 3).unwrap_or_default();
        if digits.len() < 2 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(DsnProblem::BadEscape);
        }
    }
    let decoded = percent_decode_str(text).decode_utf8().map_err(|_| DsnProblem::BadEscape)?;
    if decoded.contains('\0') { Err(DsnProblem::BadEscape) } else { Ok(decoded.into_owned()) }
}
