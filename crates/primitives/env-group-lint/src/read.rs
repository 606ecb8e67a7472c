//! What stands where, by name.

use std::collections::BTreeSet;

use action::{Context, Failure};
use http::Error;
use manifest::Manifest;
use manifest_file::Values;
use render::{Render, ServiceId};

/// A service or a group, with the names of its variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Holder {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) keys: Vec<String>,
    /// For a group, the services that are checked and linked to it.
    pub(crate) linked: Vec<String>,
}

/// Everything that is looked at.
#[derive(Debug, Default)]
pub(crate) struct Estate {
    pub(crate) services: Vec<Holder>,
    pub(crate) groups: Vec<Holder>,
}

/// Both colours of every target.
pub(crate) fn services(manifest: &Manifest, context: &Context) -> Result<Vec<ServiceId>, Failure> {
    let mut values = Values::new(context);
    let mut ids: Vec<String> = Vec::new();
    for service in manifest.targets.values().flat_map(|target| target.blue.iter().chain(&target.green)) {
        let id = values.id(service);
        ids.extend(id.filter(|id| !ids.contains(id)));
    }
    values.finish()?;
    if ids.is_empty() {
        return Err(Failure::invalid("the manifest names no service, and `services` names none either")
            .hint("give targets their `blue` and `green`, or list the ids of services in `services`"));
    }
    let parsed: Result<Vec<ServiceId>, _> = ids.iter().map(|id| id.parse()).collect();
    parsed.map_err(|error: render::NotAnId| {
        Failure::invalid(format!("the manifest's service {error}")).hint(
            "check the variables that the manifest names; a service's id stands in the address of its page",
        )
    })
}

/// Reads the services, and the groups that are linked to any of them.
pub(crate) async fn estate(render: &Render, ids: &[ServiceId]) -> Result<Estate, Error> {
    let (mut estate, mut owners) = (Estate::default(), BTreeSet::new());
    for id in ids {
        let service = render.service(id).await?;
        let keys = render.variables(id).await?.into_iter().map(|variable| variable.key).collect();
        estate.services.push(Holder { id: id.to_string(), name: service.name, keys, linked: Vec::new() });
        owners.insert(service.owner_id);
    }
    for owner in &owners {
        for group in render.env_groups(owner).await? {
            let linked: Vec<String> = group
                .services
                .into_iter()
                .filter(|id| ids.iter().any(|known| known.as_str() == id))
                .collect();
            if !linked.is_empty() {
                let keys = render.env_group(&group.id).await?.keys;
                estate.groups.push(Holder { id: group.id.to_string(), name: group.name, keys, linked });
            }
        }
    }
    Ok(estate)
}
