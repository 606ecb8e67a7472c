//! Services and origins, with the workflow's variables put in.

use std::collections::BTreeSet;

use action::{Context, Failure};
use http::Address;
use manifest::{Service, Value};

/// Resolves values, and remembers every variable that is not set, so that all of
/// them are named at once.
#[derive(Debug)]
pub struct Values<'c> {
    context: &'c Context,
    unset: BTreeSet<String>,
    wrong: Vec<String>,
}

/// A service of the manifest.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Resolved {
    /// The vendor's id.
    pub service: String,
    /// Where it answers without the public name, if it answers anybody.
    pub origin: Option<Origin>,
}

/// An origin: written as a host name, which means https, or as an address.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Origin {
    /// The host name, in lower case: what a CNAME points at.
    pub host: String,
    /// The address without a path, such as `https://api-green.onrender.com`.
    pub url: String,
}

impl<'c> Values<'c> {
    /// Looks names up in the run's environment.
    #[must_use]
    pub const fn new(context: &'c Context) -> Self {
        Self { context, unset: BTreeSet::new(), wrong: Vec::new() }
    }

    /// The service; `None` if something is missing or wrong, which [`Self::finish`] tells.
    pub fn service(&mut self, service: &Service) -> Option<Resolved> {
        let id = self.value(&service.id);
        let origin = service.origin.as_ref().map(|origin| {
            let text = self.value(origin)?;
            let origin = Origin::parse(&text);
            if origin.is_none() {
                self.wrong.push(text);
            }
            origin
        });
        match origin {
            Some(origin) => Some(Resolved { service: id?, origin: Some(origin?) }),
            None => Some(Resolved { service: id?, origin: None }),
        }
    }

    /// The service's id alone; `None` if its variable is not set.
    pub fn id(&mut self, service: &Service) -> Option<String> {
        self.value(&service.id)
    }

    fn value(&mut self, value: &Value) -> Option<String> {
        let resolved = value.resolve(|name| self.context.variable(name));
        resolved.map_err(|unset| self.unset.insert(unset.name)).ok()
    }

    /// Whether everything could be resolved.
    ///
    /// # Errors
    /// `invalid`, with every variable that is not set and every origin that is none.
    pub fn finish(self) -> Result<(), Failure> {
        if !self.unset.is_empty() {
            let names: Vec<String> = self.unset.into_iter().collect();
            let first = names.first().cloned().unwrap_or_default();
            return Err(Failure::invalid(format!("the manifest names variables that are not set: {}", names.join(", ")))
                .hint(format!("GitHub evaluates no expression in a file: put them into the job's env, `{first}: ${{{{ vars.{first} }}}}`"))
                .hint("a job without `environment:` does not see an environment's variables"));
        }
        if let Some(text) = self.wrong.first() {
            return Err(Failure::invalid(format!(
                "the manifest's origin {text:?} is neither a host name nor an address without a path"
            ))
            .hint("write it like `api-green.onrender.com`, or `https://api-green.onrender.com`"));
        }
        Ok(())
    }
}

impl Origin {
    /// `None` for anything but a host name, or an address of https (or of http on this
    /// machine) without a path. A bare name means what [`Address::parse_or_host`] makes of it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.contains(char::is_whitespace) {
            return None;
        }
        let address = Address::parse_or_host(text).ok().filter(Address::is_origin)?;
        let host = address.host().strip_suffix('.').unwrap_or(address.host()).to_owned();
        let url = address.as_str().trim_end_matches('/').replacen(address.host(), &host, 1);
        is_host(&host).then_some(Self { host, url })
    }
}

/// Labels of letters, digits, dashes and underscores, two at least (RFC 1123; origins
/// of some vendors have underscores).
fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    host.len() <= 253 && host.contains('.') && host.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_host_name_or_an_address() {
        for (text, host, url) in [
            ("api-green.onrender.com", "api-green.onrender.com", "https://api-green.onrender.com"),
            ("API-green.onrender.com.", "api-green.onrender.com", "https://api-green.onrender.com"),
            ("https://api.onrender.com/", "api.onrender.com", "https://api.onrender.com"),
            ("api.onrender.localhost", "api.onrender.localhost", "http://api.onrender.localhost"),
            (
                "http://api.onrender.localhost:4711",
                "api.onrender.localhost",
                "http://api.onrender.localhost:4711",
            ),
        ] {
            let origin = Origin::parse(text).unwrap();
            assert_eq!((origin.host.as_str(), origin.url.as_str()), (host, url));
        }
        for text in [
            "",
            "api",
            "api.x:80",
            "ftp://a.b",
            "https://a.b/path",
            "https://u:p@a.b",
            "a b.c",
            "a..b",
            "https://",
            "x.y\n",
            "http://a.b:99999",
            "http://api.onrender.com",
        ] {
            assert_eq!(Origin::parse(text), None, "{text:?}");
        }
    }
}
