//! The custom domains of a service.

use axum::Json;
use axum::extract::{Path, State};
use serde_json::Value;

use super::super::Render;
use super::answer::Refusal;
use super::query::{Between, Params};
use super::services::find;

pub(super) async fn list(
    State(render): State<Render>,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Value>, Refusal> {
    params.word("domainType", &["", "apex", "subdomain"])?;
    params.word("verificationStatus", &["", "verified", "unverified"])?;
    render.with(|world, _| {
        let skew = world.policy.skew;
        let created = Between::of(&params, "created", skew)?;
        let service = find(world, &id)?;
        let rows = service.domains.iter().filter(|domain| {
            params.admits("name", &domain.name)
                && params.admits("domainType", domain.kind())
                && params.admits("verificationStatus", domain.verification())
                && created.holds(Some(domain.created_at))
        });
        let holder = (service.settings.id.as_str(), service.settings.name.as_str());
        params.page("customDomain", rows.map(|domain| (domain.sequence, domain.json(holder, skew)))).map(Json)
    })
}
