//! Lists in pages: `page` and `per_page` in, `result_info` out.

use std::collections::BTreeMap;

use axum::response::Response;
use serde_json::{Value, json};

use super::envelope::{Failure, listing};

/// A query as names and values; a name that is given twice keeps its last value.
pub(super) type Query = BTreeMap<String, String>;

/// The sizes that one list allows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    pub(super) default: usize,
    pub(super) least: usize,
    pub(super) most: usize,
}

/// The page that the query asks for.
///
/// `result_info` carries page, per_page, count, total_count and total_pages
/// (vendor's client library, V4PagePaginationArray); a page past the end is
/// empty. That a size out of bounds is refused, and with which code, is
/// unverified.
pub(super) fn page(items: Vec<Value>, query: &Query, sizes: Sizes) -> Result<Response, Failure> {
    let number = |name: &str, default: usize| match query.get(name) {
        None => Ok(default),
        Some(text) => text.parse().map_err(|_| out_of_bounds(name)),
    };
    let page: usize = number("page", 1)?;
    let per_page: usize = number("per_page", sizes.default)?;
    if page == 0 {
        return Err(out_of_bounds("page"));
    }
    if !(sizes.least..=sizes.most).contains(&per_page) {
        return Err(out_of_bounds("per_page"));
    }
    let total = items.len();
    let shown: Vec<Value> = items.into_iter().skip((page - 1) * per_page).take(per_page).collect();
    let info = json!({
        "page": page,
        "per_page": per_page,
        "count": shown.len(),
        "total_count": total,
        "total_pages": total.div_ceil(per_page),
    });
    Ok(listing(shown, info))
}

fn out_of_bounds(name: &str) -> Failure {
    Failure::bad_request(1004, format!("Invalid value for parameter {name}"))
}
