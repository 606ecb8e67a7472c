//! Is the public name attached to the Render service, and verified? Read from
//! Render's API, which tells which of the two is missing where a probe only shows
//! a 404.

use action::Failure;
use render::{CustomDomain, Render, Verification};

use crate::host::Host;
use crate::lines::Service;

/// Checks that each of `moves` (host, target) whose target is in `services` is a
/// verified custom domain there. Of the others [`unnamed`] tells.
///
/// # Errors
/// Refused: which name lacks what; or Render's own error.
pub(crate) async fn check(
    render: &Render,
    services: &[Service],
    moves: impl IntoIterator<Item = (&Host, &Host)>,
) -> Result<(), Failure> {
    let mut problems = Vec::new();
    for (host, target) in moves {
        let Some(service) = services.iter().find(|service| service.target == *target) else {
            continue;
        };
        let domains = render
            .custom_domains(&service.id, None)
            .await
            .map_err(|error| Failure::from(error).context(format!("read the domains of {}", service.id)))?;
        problems.extend(problem(host, service, &domains));
    }
    let Some((first, others)) = problems.split_first() else { return Ok(()) };
    let refusal = others
        .iter()
        .fold(Failure::refused(first.clone()), |refusal, other| refusal.hint(format!("also: {other}")));
    Err(refusal
        .hint("the service's page in Render's dashboard attaches and verifies custom domains")
        .hint("no name has been moved"))
}

/// The first of `moves` (host, target) whose target no line of `services` names, so
/// that nothing is known of its attachment. Without any line nothing is asked for.
pub(crate) fn unnamed<'m>(
    services: &[Service],
    moves: impl IntoIterator<Item = (&'m Host, &'m Host)>,
) -> Option<(&'m Host, &'m Host)> {
    let is_named = |target: &Host| services.iter().any(|service| service.target == *target);
    moves.into_iter().find(|(_, target)| !services.is_empty() && !is_named(target))
}

/// What the service lacks to answer for `host`, if anything.
fn problem(host: &Host, service: &Service, domains: &[CustomDomain]) -> Option<String> {
    let Service { target, id } = service;
    let wildcard = host.covering_wildcard();
    let covers = |domain: &&CustomDomain| {
        Host::parse(&domain.name)
            .is_ok_and(|name| name == *host || Some(name.as_str()) == wildcard.as_deref())
    };
    let covering: Vec<&CustomDomain> = domains.iter().filter(covers).collect();
    if covering.is_empty() {
        return Some(format!("{host} is not attached to {id} ({target}), which would answer 404"));
    }
    let verified = covering.iter().any(|domain| domain.verification_status == Verification::Verified);
    (!verified)
        .then(|| format!("{host} is attached to {id} ({target}) but not verified, so it has no certificate"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines;

    fn told(host: &str, domains: &[(&str, &str)]) -> Option<String> {
        let service = lines::services("render-services", "green.onrender.com srv-1").unwrap().remove(0);
        let domains: Vec<CustomDomain> = domains
            .iter()
            .map(|(name, status)| {
                serde_json::from_value(
                    serde_json::json!({"id": "cdm-1", "name": name, "verificationStatus": status}),
                )
                .unwrap()
            })
            .collect();
        problem(&Host::parse(host).unwrap(), &service, &domains)
    }

    #[test]
    fn which_of_the_two_is_missing_is_said() {
        let host = "api.example.com";
        let missing = "api.example.com is not attached to srv-1 (green.onrender.com), which would answer 404";
        assert_eq!(told(host, &[]).as_deref(), Some(missing));
        assert_eq!(told(host, &[("www.example.com", "verified")]).as_deref(), Some(missing));
        assert!(
            told(host, &[(host, "unverified")])
                .unwrap()
                .contains("attached to srv-1 (green.onrender.com) but not verified")
        );
        assert!(told(host, &[(host, "a new word")]).is_some());
        assert_eq!(told(host, &[("API.example.com", "verified")]), None);
    }

    #[test]
    fn a_wildcard_covers_one_level() {
        assert_eq!(told("api.example.com", &[("*.example.com", "verified")]), None);
        assert_eq!(told("*.example.com", &[("*.example.com", "verified")]), None);
        assert!(told("a.b.example.com", &[("*.example.com", "verified")]).is_some());
        assert!(told("example.com", &[("*.example.com", "verified")]).is_some());
    }
}
