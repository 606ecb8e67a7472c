//! The API's routes and what they have in common: the key, the rate limits, the
//! shape of refusals.

mod answer;
mod body;
mod create;
mod custom_domains;
mod deploys;
mod env_groups;
mod env_vars;
mod events;
mod guard;
mod logs;
mod query;
mod services;

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{delete, get, post, put};

use super::Render;
use answer::Refusal;

/// Every path of Render's API reference that the toolkit needs, under `/v1`.
pub(super) fn router(render: Render) -> Router {
    let api = Router::new()
        .route("/services", get(services::list).post(create::create))
        .route(
            "/services/{service}",
            get(services::retrieve).patch(services::update).delete(services::delete),
        )
        .route("/services/{service}/suspend", post(services::suspend))
        .route("/services/{service}/resume", post(services::resume))
        .route("/services/{service}/restart", post(services::restart))
        .route("/services/{service}/deploys", get(deploys::list).post(deploys::trigger))
        .route("/services/{service}/deploys/{deploy}", get(deploys::retrieve))
        .route("/services/{service}/deploys/{deploy}/cancel", post(deploys::cancel))
        .route("/services/{service}/rollback", post(deploys::rollback))
        .route("/services/{service}/env-vars", get(env_vars::list).put(env_vars::replace))
        .route(
            "/services/{service}/env-vars/{key}",
            get(env_vars::retrieve).put(env_vars::set).delete(env_vars::delete),
        )
        .route("/services/{service}/custom-domains", get(custom_domains::list))
        .route("/services/{service}/events", get(events::list))
        .route("/env-groups", get(env_groups::list))
        .route("/env-groups/{group}", get(env_groups::retrieve))
        .route(
            "/env-groups/{group}/services/{service}",
            post(env_groups::link).merge(delete(env_groups::unlink)),
        )
        .route("/env-groups/{group}/env-vars/{key}", put(env_groups::set))
        .route("/logs", get(logs::list))
        .method_not_allowed_fallback(unknown)
        .layer(from_fn_with_state(render.clone(), guard::guard))
        .with_state(render);
    Router::new().nest("/v1", api).fallback(unknown)
}

/// The real API would say 404. A twin that has no such route says so loudly: a
/// client that calls it has never been tried.
async fn unknown(request: Request) -> Result<Response, Refusal> {
    let original = request.extensions().get::<axum::extract::OriginalUri>();
    let uri = original.map_or_else(|| request.uri().clone(), |original| original.0.clone());
    Err(Refusal::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        format!("the Render twin has no route {} {}", request.method(), uri.path()),
    ))
}
