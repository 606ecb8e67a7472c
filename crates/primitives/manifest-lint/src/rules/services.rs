//! Kinds have what they need: services, origins, and a public name that tells which colour is live.

use manifest::{Kind, Manifest, Service, Target, TargetName};
use yaml::Step;

use crate::flaw::Flaw;
use crate::lists::key;
use crate::rule::Rule;

pub(super) fn check(manifest: &Manifest) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    for (name, target) in &manifest.targets {
        let look = Look { name, target };
        flaws.extend(look.services());
        flaws.extend(look.origins());
        flaws.extend(look.contradictions());
    }
    flaws.extend(nameless(manifest));
    flaws
}

/// The word for a kind in the manifest.
fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::RenderWeb => "render-web",
        Kind::RenderWorker => "render-worker",
        Kind::RenderCron => "render-cron",
        Kind::Pages => "pages",
        Kind::Container => "container",
    }
}

/// Groups in which nothing tells which colour is live.
fn nameless(manifest: &Manifest) -> Vec<Flaw> {
    let coupled = |name: &TargetName| manifest.coupling.iter().any(|group| group.contains(name));
    let alone = manifest.targets.keys().filter(|name| !coupled(name)).map(|name| vec![name.clone()]);
    let groups = manifest.coupling.iter().cloned().chain(alone);
    let judged = groups.filter_map(|group| {
        let is_pair = |name: &&TargetName| {
            manifest.targets.get(*name).is_some_and(|target| target.blue.is_some() && target.green.is_some())
        };
        let pairs: Vec<&TargetName> = group.iter().filter(is_pair).collect();
        let has_names = |name: &&TargetName| !manifest.targets[*name].hostnames.is_empty();
        let first = pairs.first()?;
        (!pairs.iter().any(has_names)).then(|| without_name(first, &pairs))
    });
    judged.collect()
}

fn without_name(first: &TargetName, pairs: &[&TargetName]) -> Flaw {
    let names: Vec<String> = pairs.iter().map(|name| format!("`{name}`")).collect();
    Flaw::new(
        Rule::MissingHostname,
        vec![key("targets"), Step::Name(first.to_string())],
        format!(
            "nothing tells which colour of {} is live: no public name, and none in what is coupled to it",
            names.join(", ")
        ),
        "give it `hostnames`, or couple it to a target that has some: `coupling: [[api, workers]]`",
    )
}

/// One target.
struct Look<'m> {
    name: &'m TargetName,
    target: &'m Target,
}

impl Look<'_> {
    fn at(&self) -> Vec<Step> {
        vec![key("targets"), Step::Name(self.name.to_string())]
    }

    fn at_key(&self, name: &str) -> Vec<Step> {
        vec![key("targets"), key(self.name.as_str()), Step::Name(name.to_owned())]
    }

    /// The services with the names of their colours.
    fn colours(&self) -> impl Iterator<Item = (&'static str, &Service)> {
        let colours = [("blue", &self.target.blue), ("green", &self.target.green)];
        colours.into_iter().filter_map(|(colour, service)| Some((colour, service.as_ref()?)))
    }

    fn services(&self) -> Option<Flaw> {
        let name = self.name;
        match (&self.target.blue, &self.target.green, self.target.kind) {
            (Some(_), Some(_), _) => None,
            (None, None, Some(kind @ (Kind::RenderWeb | Kind::RenderWorker))) => Some(Flaw::new(
                Rule::MissingService,
                self.at(),
                format!(
                    "target `{name}` is a {} without `blue` and `green`, so every cutover leaves it out in silence",
                    word(kind)
                ),
                "give it both, each with its `service`, or leave `kind` out if no cutover is meant to move it",
            )),
            (None, None, _) => None,
            (blue, ..) => {
                let (has, lacks) = if blue.is_some() { ("blue", "green") } else { ("green", "blue") };
                Some(Flaw::new(
                    Rule::MissingService,
                    self.at_key(has),
                    format!(
                        "target `{name}` has `{has}` and no `{lacks}`, so every cutover of it is refused"
                    ),
                    format!("give it `{lacks}`, too, or neither"),
                ))
            }
        }
    }

    fn origins(&self) -> Vec<Flaw> {
        let answers = self.target.kind == Some(Kind::RenderWeb) || !self.target.hostnames.is_empty();
        let without = self.colours().filter(|(_, service)| answers && service.origin.is_none());
        let flaw = |(colour, _)| {
            Flaw::new(
                Rule::MissingOrigin,
                self.at_key(colour),
                format!("target `{}` answers requests, and its `{colour}` has no origin", self.name),
                format!("write `{colour}: {{ service: .., origin: NAME-{colour}.onrender.com }}`"),
            )
        };
        without.map(flaw).collect()
    }

    fn contradictions(&self) -> Vec<Flaw> {
        let Some(kind) = self.target.kind else { return Vec::new() };
        let answers_nobody = matches!(kind, Kind::RenderWorker | Kind::RenderCron);
        let no_pair = matches!(kind, Kind::Pages | Kind::Container);
        let mut flaws = Vec::new();
        let mut add = |at, what: String| {
            let message = format!("target `{}` is a {} and has {what}", self.name, word(kind));
            flaws.push(Flaw::new(
                Rule::ContradictingKind,
                at,
                message,
                "take it out, or correct the kind; a cutover goes by what is written",
            ));
        };
        if answers_nobody && !self.target.hostnames.is_empty() {
            add(self.at_key("hostnames"), "public names".to_owned());
        }
        for (colour, service) in self.colours() {
            if answers_nobody && service.origin.is_some() {
                add(self.at_key(colour), format!("an origin for `{colour}`"));
            }
            if no_pair {
                add(self.at_key(colour), format!("`{colour}`, a service at Render"));
            }
        }
        flaws
    }
}

#[cfg(test)]
mod tests {
    use crate::example::{found, rules_of};

    /// A target with these keys, in a tree in which nothing else is the matter.
    fn manifest(keys: &str) -> String {
        format!("version: 1\ntargets:\n  api:\n    paths: [apps/api/**]\n{keys}")
    }

    fn with(keys: &str) -> Vec<String> {
        found(&manifest(keys), &["apps/api/a"])
    }

    const PAIR: &str =
        "    blue: { service: srv-1, origin: a.example }\n    green: { service: srv-2, origin: b.example }\n";

    #[test]
    fn what_has_all_it_needs_passes() {
        for keys in [
            "",
            "    kind: pages\n    hostnames: [a.example.com]\n",
            "    kind: container\n",
            "    kind: render-cron\n",
            &format!("    kind: render-web\n    hostnames: [a.example.com]\n{PAIR}"),
            &format!("    hostnames: [a.example.com]\n{PAIR}"),
        ] {
            assert_eq!(with(keys), [""; 0], "{keys}");
        }
    }

    #[test]
    fn services_of_a_target_on_render() {
        for kind in ["render-web", "render-worker"] {
            assert_eq!(
                with(&format!("    kind: {kind}\n")),
                [format!(
                    "3:3-6 missing-service: target `api` is a {kind} without `blue` and `green`, so every cutover leaves it out in silence | give it both, each with its `service`, or leave `kind` out if no cutover is meant to move it"
                )]
            );
        }
        assert_eq!(
            with("    hostnames: [a.example.com]\n    green: { service: s, origin: o.example }\n"),
            [
                "6:5-10 missing-service: target `api` has `green` and no `blue`, so every cutover of it is refused | give it `blue`, too, or neither"
            ]
        );
    }

    #[test]
    fn origins_of_what_answers() {
        let without = "    blue: { service: srv-1 }\n    green: { service: srv-2, origin: b.example }\n";
        assert_eq!(
            with(&format!("    hostnames: [a.example.com]\n{without}")),
            [
                "6:5-9 missing-origin: target `api` answers requests, and its `blue` has no origin | write `blue: { service: .., origin: NAME-blue.onrender.com }`"
            ]
        );
        let web = manifest(&format!("    kind: render-web\n{without}"));
        assert_eq!(rules_of(&web, &["apps/api/a"]), ["missing-hostname", "missing-origin"]);
    }

    #[test]
    fn something_tells_which_colour_is_live() {
        let workers = "  workers:\n    kind: render-worker\n    paths: [apps/api/**]\n    blue: { service: srv-3 }\n    green: { service: srv-4 }\n";
        let with = |names: &str, more: &str| with(&format!("{names}{PAIR}{workers}{more}"));
        let names = "    hostnames: [a.example.com]\n";
        assert_eq!(with(names, "coupling: [[api, workers]]\n"), [""; 0]);
        assert_eq!(
            with(names, ""),
            [
                "8:3-10 missing-hostname: nothing tells which colour of `workers` is live: no public name, and none in what is coupled to it | give it `hostnames`, or couple it to a target that has some: `coupling: [[api, workers]]`"
            ]
        );
        let both = with("", "coupling: [[api, workers]]\n");
        assert_eq!(both.len(), 1, "{both:?}");
        assert!(both[0].contains("which colour of `api`, `workers` is live"), "{both:?}");
    }

    #[test]
    fn kinds_that_cannot_use_what_they_have() {
        assert_eq!(
            with(&format!("    kind: pages\n    hostnames: [a.example.com]\n{PAIR}")),
            ["7:5-9", "8:5-10"].map(|at| {
                let colour = if at == "7:5-9" { "blue" } else { "green" };
                format!("{at} contradicting-kind: target `api` is a pages and has `{colour}`, a service at Render | take it out, or correct the kind; a cutover goes by what is written")
            })
        );
        let worker = with(&format!("    kind: render-worker\n    hostnames: [a.example.com]\n{PAIR}"));
        assert_eq!(worker.len(), 3, "{worker:?}");
        assert!(
            worker[0].starts_with(
                "6:5-14 contradicting-kind: target `api` is a render-worker and has public names"
            )
        );
        assert!(worker[2].contains("has an origin for `green`"));
        assert_eq!(with("    kind: render-cron\n    hostnames: [a.example.com]\n").len(), 1);
    }
}
