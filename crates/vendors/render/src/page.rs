//! Lists: rows with cursors.

use std::time::SystemTime;

use http::{Error, Request};
use serde::de::DeserializeOwned;

use crate::limits::{PAGE, PAGES};

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows, in Render's order.
    pub items: Vec<T>,
    /// The cursor of the next page; nothing on the last one.
    pub next: Option<String>,
}

/// A row of a list: the thing, and the cursor from which the list goes on.
pub(crate) trait Row: DeserializeOwned {
    /// The thing.
    type Item;

    fn split(self) -> (Self::Item, String);
}

/// Reads one page of `limit` rows.
pub(crate) async fn one<R: Row>(
    request: Request<'_>,
    limit: usize,
    cursor: Option<&str>,
) -> Result<Page<R::Item>, Error> {
    let rows: Vec<R> = part(request, limit, cursor).fetch().await?;
    Ok(page(rows, limit))
}

/// The same for the first page, with the answer's `Date` header. An answer that
/// cannot be read is not asked for again.
pub(crate) async fn first_dated<R: Row>(
    request: Request<'_>,
    limit: usize,
) -> Result<(Page<R::Item>, Option<SystemTime>), Error> {
    let answer = part(request, limit, None).send().await?;
    let date = answer.header("date").and_then(|text| httpdate::parse_http_date(text).ok());
    Ok((page(answer.json::<Vec<R>>()?, limit), date))
}

fn part<'c>(request: Request<'c>, limit: usize, cursor: Option<&str>) -> Request<'c> {
    let request = request.query("limit", limit.to_string());
    match cursor {
        Some(cursor) => request.query("cursor", cursor),
        None => request,
    }
}

fn page<R: Row>(rows: Vec<R>, limit: usize) -> Page<R::Item> {
    let full = rows.len() >= limit;
    let (items, mut cursors): (Vec<_>, Vec<_>) = rows.into_iter().map(Row::split).unzip();
    Page { items, next: cursors.pop().filter(|_| full) }
}

/// Reads a list to its end. `request` makes the same request for each page.
pub(crate) async fn all<'c, R: Row>(request: impl Fn() -> Request<'c>) -> Result<Vec<R::Item>, Error> {
    let (mut items, mut cursor) = (Vec::new(), None);
    for _ in 0..PAGES {
        let page = one::<R>(request(), PAGE, cursor.as_deref()).await?;
        items.extend(page.items);
        cursor = page.next;
        if cursor.is_none() {
            return Ok(items);
        }
    }
    Err(Error::Undocumented {
        request: request().name(),
        status: 200,
        problem: format!("it does not end after {PAGES} pages"),
        excerpt: format!("{} rows", items.len()),
        retry_after: None,
    })
}
