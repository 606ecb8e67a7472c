//! Inputs of a flip, read.

use std::fmt;

use action::BadInput;
use dns::NameServer;
use render::ServiceId;

use crate::host::Host;

/// Where a host points, or is to point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pointing {
    /// The host.
    pub host: Host,
    /// What its CNAME holds.
    pub target: Host,
}

/// Reads lines `host target` of the input `input`, at least one.
///
/// # Errors
/// The first line that cannot be meant, or none.
pub fn pointings(input: &'static str, text: &str) -> Result<Vec<Pointing>, BadInput> {
    let mut found: Vec<Pointing> = Vec::new();
    for (number, line) in action::lines(text).enumerate() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [host, target] = words[..] else {
            return Err(BadInput::new(
                input,
                format!("line {}, `{line}`, does not hold a host and a target", number + 1),
            )
            .hint("write one `host target` a line, such as `api.example.com api-green.onrender.com`"));
        };
        let pointing = pointing(input, host, target)?;
        if found.iter().any(|other| other.host == pointing.host) {
            return Err(BadInput::new(input, format!("{} is listed twice", pointing.host)));
        }
        found.push(pointing);
    }
    if found.is_empty() {
        return Err(BadInput::new(input, "it lists nothing").hint("write one `host target` a line"));
    }
    Ok(found)
}

/// Checks the two words of one line.
pub(crate) fn pointing(input: &'static str, host: &str, target: &str) -> Result<Pointing, BadInput> {
    let read = |text: &str| {
        Host::parse(text).map_err(|rule| BadInput::new(input, format!("`{text}` is no host name: {rule}")))
    };
    let (host, target) = (read(host)?, read(target)?);
    if target.is_wildcard() {
        return Err(BadInput::new(input, format!("{target} is a wildcard, to which nothing can point")));
    }
    if host == target {
        return Err(BadInput::new(input, format!("{host} cannot point at itself")));
    }
    Ok(Pointing { host, target })
}

/// A Render service, by the host name at which it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Such as `api-green.onrender.com`.
    pub target: Host,
    /// Such as `srv-123`.
    pub id: ServiceId,
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.target, self.id)
    }
}

/// Reads lines `target service-id` of the input `input`, which may be none.
///
/// # Errors
/// The first line that cannot be meant.
pub fn services(input: &'static str, text: &str) -> Result<Vec<Service>, BadInput> {
    let mut found: Vec<Service> = Vec::new();
    for (number, line) in action::lines(text).enumerate() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [target, id] = words[..] else {
            return Err(BadInput::new(
                input,
                format!("line {}, `{line}`, does not hold a target and a service id", number + 1),
            )
            .hint("write one `target service-id` a line, such as `api-green.onrender.com srv-123`"));
        };
        let target = Host::parse(target)
            .map_err(|rule| BadInput::new(input, format!("`{target}` is no host name: {rule}")))?;
        let id: ServiceId = id.parse().map_err(|problem: render::NotAnId| {
            BadInput::new(input, problem.to_string())
                .hint("it is the last part of the service's address in Render's dashboard")
        })?;
        if found.iter().any(|other| other.target == target) {
            return Err(BadInput::new(input, format!("{target} is listed twice")));
        }
        found.push(Service { target, id });
    }
    Ok(found)
}

/// Reads the id of a zone.
///
/// # Errors
/// It is not 32 hexadecimal digits.
pub fn zone_id(input: &'static str, text: &str) -> Result<String, BadInput> {
    if text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(text.to_owned());
    }
    Err(BadInput::new(input, format!("`{text}` is no zone id"))
        .hint("it is the 32 hexadecimal digits on the zone's overview page, not the domain"))
}

/// Reads the path that targets are asked for; nothing for `off`.
///
/// # Errors
/// It is no path.
pub fn probe_path(input: &'static str, text: &str) -> Result<Option<String>, BadInput> {
    match text {
        "off" => Ok(None),
        path if path.starts_with('/') && !path.starts_with("//") && !path.contains('#') => {
            Ok(Some(path.to_owned()))
        }
        _ => Err(BadInput::new(input, format!("`{text}` is no path"))
            .hint("a path starts with one `/`, such as `/version`; `off` asks for nothing")),
    }
}

/// Reads name servers, one `host` or `host:port` a line, which may be none.
///
/// # Errors
/// The first that cannot be understood.
pub fn servers(input: &'static str, text: Option<&str>) -> Result<Vec<NameServer>, BadInput> {
    let read =
        |line: &str| line.trim().parse().map_err(|error: dns::Error| BadInput::new(input, error.to_string()));
    action::lines(text.unwrap_or_default()).map(read).collect()
}

#[cfg(test)]
mod tests {
    use action::Failure;

    use super::*;

    fn refusal(text: &str) -> String {
        Failure::from(pointings("records", text).unwrap_err()).to_string()
    }

    #[test]
    fn one_host_and_target_a_line() {
        let found =
            pointings("records", "API.example.com.  a.onrender.com\r\n\n  b.example.com\tc.onrender.com\n");
        let found: Vec<String> =
            found.unwrap().iter().map(|line| format!("{} {}", line.host, line.target)).collect();
        assert_eq!(found, ["api.example.com a.onrender.com", "b.example.com c.onrender.com"]);
    }

    #[test]
    fn a_line_that_cannot_be_meant_is_refused() {
        for (text, problem) in [
            ("", "lists nothing"),
            (" \n\r\n", "lists nothing"),
            ("a.example.com", "line 1"),
            ("a.example.com b.c d.e", "line 1"),
            ("a.example.com b.c\na.example.com -> b.c", "line 2"),
            ("a.example.com b.c\nA.example.com. d.e", "a.example.com is listed twice"),
            ("a.example.com A.example.com.", "cannot point at itself"),
            ("a.example.com *.b.c", "wildcard"),
            ("a.example.com 192.0.2.1", "`192.0.2.1` is no host name"),
            ("https://a.example.com b.c", "no host name"),
        ] {
            let told = refusal(text);
            assert!(told.starts_with("input `records`: ") && told.contains(problem), "{text:?}: {told}");
        }
    }

    #[test]
    fn services_are_web_services_by_their_target() {
        let found = services("render-services", "A.onrender.com srv-1\nb.onrender.com srv-2\n").unwrap();
        assert_eq!((found[0].target.as_str(), found[0].id.as_str()), ("a.onrender.com", "srv-1"));
        for bad in ["a.onrender.com", "a.onrender.com api", "a.b srv-1\nA.b srv-2", "a srv-1"] {
            assert!(services("render-services", bad).is_err(), "{bad}");
        }
        assert_eq!(services("render-services", "").unwrap(), []);
    }
}
