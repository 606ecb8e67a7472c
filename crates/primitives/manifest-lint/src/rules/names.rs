//! Services, origins and public names belong to one place each.

use std::collections::BTreeMap;

use manifest::{Manifest, TargetName};
use yaml::Step;

use crate::flaw::Flaw;
use crate::lists::key;
use crate::rule::Rule;

pub(super) fn check(manifest: &Manifest) -> Vec<Flaw> {
    let mut seen = Seen::default();
    for (name, target) in &manifest.targets {
        for (colour, service) in [("blue", &target.blue), ("green", &target.green)] {
            let Some(service) = service else { continue };
            seen.service(name, colour, "service", service.id.to_string());
            if let Some(origin) = &service.origin {
                seen.service(name, colour, "origin", same_host(&origin.to_string()));
            }
        }
        for (index, hostname) in target.hostnames.iter().enumerate() {
            seen.hostname(name, index, hostname);
        }
    }
    seen.flaws
}

/// Where everything stood first.
#[derive(Default)]
struct Seen {
    services: BTreeMap<(&'static str, String), String>,
    hostnames: BTreeMap<String, TargetName>,
    flaws: Vec<Flaw>,
}

impl Seen {
    fn service(&mut self, target: &TargetName, colour: &'static str, what: &'static str, value: String) {
        let here = format!("`{colour}` of target `{target}`");
        let Some(first) = self.services.get(&(what, value.clone())) else {
            self.services.insert((what, value), here);
            return;
        };
        self.flaws.push(Flaw::new(
            Rule::RepeatedService,
            vec![key("targets"), key(target.as_str()), key(colour), key(what)],
            format!("{here} has the same {what} as {first}: {value:?}"),
            format!("give each its own {what}"),
        ));
    }

    fn hostname(&mut self, target: &TargetName, index: usize, name: &str) {
        match self.hostnames.get(&same_host(name)) {
            Some(first) if first != target => self.flaws.push(Flaw::new(
                Rule::RepeatedHostname,
                vec![key("targets"), key(target.as_str()), key("hostnames"), Step::Item(index)],
                format!("the public name {name:?} of target `{target}` is one of target `{first}`, too"),
                "let it stand with the target that answers it",
            )),
            Some(_) => {}
            None => drop(self.hostnames.insert(same_host(name), target.clone())),
        }
    }
}

/// Case does not count in host names (RFC 4343). Variables keep theirs.
fn same_host(name: &str) -> String {
    if name.contains("${{") { name.to_owned() } else { name.to_ascii_lowercase() }
}

#[cfg(test)]
mod tests {
    use crate::example::found;

    /// Two targets with public names and these services.
    fn with(api: &str, web: &str) -> Vec<String> {
        let target = |name: &str, keys: &str| {
            format!("  {name}:\n    paths: [apps/a/**]\n    hostnames: [{name}.example.com]\n{keys}")
        };
        let manifest = format!("version: 1\ntargets:\n{}{}", target("api", api), target("web", web));
        found(&manifest, &["apps/a/x"])
    }

    const API: &str = "    blue: { service: \"${{ vars.A }}\", origin: a.example }\n    green: { service: b, origin: b.example }\n";

    #[test]
    fn services_of_their_own_pass() {
        let web = "    blue: { service: \"${{ vars.a }}\", origin: c.example }\n    green: { service: d, origin: d.example }\n";
        assert_eq!(with(API, web), [""; 0]);
    }

    #[test]
    fn a_service_in_two_places_is_named() {
        let same =
            "    blue: { service: b, origin: x.example }\n    green: { service: b, origin: X.example }\n";
        assert_eq!(
            with(same, ""),
            [
                "7:23-24 repeated-service: `green` of target `api` has the same service as `blue` of target `api`: \"b\" | give each its own service",
                "7:34-43 repeated-service: `green` of target `api` has the same origin as `blue` of target `api`: \"x.example\" | give each its own origin",
            ]
        );
        let web = "    blue: { service: \"${{ vars.A }}\", origin: c.example }\n    green: { service: d, origin: d.example }\n";
        assert_eq!(
            with(API, web),
            [
                "11:22-37 repeated-service: `blue` of target `web` has the same service as `blue` of target `api`: \"${{ vars.A }}\" | give each its own service"
            ]
        );
    }

    #[test]
    fn a_public_name_in_two_places_is_named() {
        let twice = "version: 1\ntargets:\n  a: { paths: [apps/a/**], hostnames: [x.example, X.example] }\n";
        assert_eq!(found(twice, &["apps/a/x"]), [""; 0]);
        assert_eq!(with("", ""), [""; 0]);
        let two = found(
            "version: 1\ntargets:\n  a: { paths: [apps/a/**], hostnames: [x.example] }\n  b:\n    paths: [apps/a/**]\n    hostnames: [y.example, X.example]\n",
            &["apps/a/x"],
        );
        assert_eq!(
            two,
            [
                "6:28-37 repeated-hostname: the public name \"X.example\" of target `b` is one of target `a`, too | let it stand with the target that answers it"
            ]
        );
    }
}
