//! A stand-in for Cloudflare's API: zones, DNS records, KV, Pages, Workers.
//!
//! Written from Cloudflare's public docs, its API reference and its own client
//! libraries; what could not be verified there says so where it is done. Time
//! follows the clock that the twin is given, so `modified_on`, expiries and rate
//! windows can be simulated.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use action::SharedClock;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post, put};

mod dns;
mod envelope;
mod guard;
mod kv;
mod page;
mod pages;
mod seed;
mod workers;
mod zone;

pub use dns::record::Record;
pub use zone::Plan;

use crate::server::unknown_route;

/// The token that a new twin accepts.
pub const TOKEN: &str = "rehearsal-token-of-cloudflare-0123456789";

/// The account that seeded things belong to, unless another is named.
pub const ACCOUNT: &str = "023e105f4ecef8ad9ca31a8372d0c353";

/// The twin; a handle, cheap to clone.
#[derive(Clone, Debug)]
pub struct Cloudflare {
    clock: SharedClock,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    credentials: guard::Credentials,
    token_id: String,
    rate: guard::RateLimit,
    zones: Vec<zone::Zone>,
    /// Grows with every change of any record.
    version: u64,
    namespaces: Vec<kv::Namespace>,
    keys_to_lose: usize,
    projects: Vec<pages::Project>,
    workers: Vec<workers::Worker>,
}

impl Cloudflare {
    /// An empty account that accepts [`TOKEN`].
    #[must_use]
    pub fn new(clock: SharedClock) -> Self {
        let state = State {
            credentials: guard::Credentials { token: TOKEN.to_owned(), forbidden: Vec::new() },
            token_id: new_id(),
            rate: guard::RateLimit::default(),
            zones: Vec::new(),
            version: 0,
            namespaces: Vec::new(),
            keys_to_lose: 0,
            projects: Vec::new(),
            workers: Vec::new(),
        };
        Self { clock, state: Arc::new(Mutex::new(state)) }
    }

    /// Its routes, below `/client/v4`; any other path is answered by
    /// [`unknown_route`].
    pub fn router(&self) -> Router {
        const RECORDS: &str = "/zones/{zone}/dns_records";
        const NAMESPACES: &str = "/accounts/{account}/storage/kv/namespaces";
        let below = |base: &str, rest: &str| format!("{base}{rest}");
        let namespace = |rest: &str| format!("{NAMESPACES}/{{namespace}}{rest}");
        let routes = Router::new()
            .route("/user/tokens/verify", get(guard::verify))
            .route("/zones", get(zone::list))
            .route("/zones/{zone}", get(zone::get))
            .route(RECORDS, get(dns::list).post(dns::create))
            .route(&below(RECORDS, "/batch"), post(dns::batch))
            .route(
                &below(RECORDS, "/{record}"),
                get(dns::get).put(dns::update).patch(dns::edit).delete(dns::remove),
            )
            .route(NAMESPACES, get(kv::list).post(kv::create))
            .route(&namespace(""), get(kv::get))
            .route(&namespace("/keys"), get(kv::keys))
            .route(
                &namespace("/values/{*key}"),
                get(kv::values::get).put(kv::values::put).delete(kv::values::delete),
            )
            .route(&namespace("/metadata/{*key}"), get(kv::values::metadata))
            .route(&namespace("/bulk"), put(kv::bulk::put))
            .route(&namespace("/bulk/delete"), post(kv::bulk::delete))
            .route(&namespace("/bulk/get"), post(kv::bulk::get))
            .route("/accounts/{account}/pages/projects/{project}", get(pages::get).patch(pages::edit))
            .route(
                "/accounts/{account}/workers/scripts/{script}/settings",
                get(workers::get).patch(workers::edit),
            )
            .method_not_allowed_fallback(unknown_route)
            .layer(from_fn_with_state(self.clone(), guard::check))
            .layer(DefaultBodyLimit::disable())
            .with_state(self.clone());
        Router::new().nest("/client/v4", routes).fallback(unknown_route)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An id in Cloudflare's form: 32 hexadecimal digits, never the same twice.
fn new_id() -> String {
    static COUNTER: AtomicU64 = AtomicU64::new(1);
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    // Spread out, so that ids do not look alike; odd factors never collide.
    let spread = |factor: u64| count.wrapping_mul(factor);
    format!("{:016x}{:016x}", spread(0x9e37_79b9_7f4a_7c15), spread(0xd1b5_4a32_d192_ed03))
}

/// RFC 3339 with microseconds, as Cloudflare's time stamps.
fn timestamp(time: SystemTime) -> String {
    humantime::format_rfc3339_micros(time).to_string()
}
