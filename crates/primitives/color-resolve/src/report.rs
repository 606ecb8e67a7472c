//! The roles, as jobs and people read them.

use std::collections::BTreeMap;

use action::{Context, Failure, markdown};
use colours::{Side, TargetRoles};
use serde::Serialize;

use crate::Roles;

/// The roles of all affected targets, by name.
#[derive(Debug, Default)]
pub(crate) struct Report(Vec<TargetRoles>);

/// A place as jobs read it.
#[derive(Serialize)]
struct Told<'s> {
    colour: &'static str,
    service: &'s str,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<&'s str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<&'s str>,
    /// Those of the target: the same on both sides.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    hostnames: &'s [String],
}

impl<'s> Told<'s> {
    fn of(side: &'s Side, hostnames: &'s [String]) -> Self {
        Self {
            colour: side.colour.word(),
            service: &side.service,
            origin: side.origin.as_ref().map(|origin| origin.url.as_str()),
            host: side.host(),
            hostnames,
        }
    }
}

impl Report {
    pub(crate) fn new(targets: Vec<TargetRoles>) -> Self {
        Self(targets)
    }

    /// Fills the outputs, and tells a person.
    pub(crate) fn tell(&self, context: &Context, outputs: &mut Roles) -> Result<(), Failure> {
        let names: Vec<&str> = self.0.iter().map(|target| target.name.as_str()).collect();
        outputs.standby = Some(self.places(|target| &target.standby)?);
        outputs.live = Some(self.places(|target| &target.live)?);
        outputs.records = Some(self.pointing(|target| &target.standby));
        outputs.expect = Some(self.pointing(|target| &target.live));
        let standby =
            self.0.iter().filter_map(|target| Some((target.standby.host()?, &target.standby.service)));
        outputs.render_services = Some(lines(standby.map(|(host, service)| format!("{host} {service}"))));
        outputs.live_services = Some(lines(self.0.iter().map(|target| target.live.service.clone())));
        outputs.flips = Some(json(&names)?);
        for target in &self.0 {
            tracing::info!(
                "{}: {} is live, {} stands by",
                target.name,
                target.live.colour,
                target.standby.colour
            );
        }
        context.summarise(&self.markdown());
        Ok(())
    }

    fn places(&self, side: impl Fn(&TargetRoles) -> &Side) -> Result<String, Failure> {
        json(
            &self
                .0
                .iter()
                .map(|target| (target.name.as_str(), Told::of(side(target), &target.hostnames)))
                .collect::<BTreeMap<_, _>>(),
        )
    }

    fn pointing(&self, side: impl Fn(&TargetRoles) -> &Side) -> String {
        lines(self.0.iter().flat_map(|target| {
            let origin = side(target).host();
            target.hostnames.iter().filter_map(move |host| Some(format!("{host} {}", origin?)))
        }))
    }

    fn markdown(&self) -> String {
        if self.0.is_empty() {
            return "### Roles\n\nNo affected target has two colours: nothing flips.\n".to_owned();
        }
        let side = |side: &Side| format!("{} {}", side.colour, markdown::code(&side.service));
        let rows = self.0.iter().map(|target| {
            let names: Vec<String> = target.hostnames.iter().map(|host| markdown::code(host)).collect();
            let names = if names.is_empty() { "-".to_owned() } else { names.join(", ") };
            [markdown::code(&target.name), side(&target.live), side(&target.standby), names]
        });
        format!("### Roles\n\n{}", markdown::table(["Target", "Live", "Standby", "Public names"], rows))
    }
}

fn lines(lines: impl Iterator<Item = String>) -> String {
    lines.collect::<Vec<_>>().join("\n")
}

fn json(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|error| Failure::bug(error.to_string()))
}
