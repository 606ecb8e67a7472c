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
