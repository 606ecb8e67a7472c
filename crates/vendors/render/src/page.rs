//! Lists: rows with cursors.

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
    let mut request = request.query("limit", limit.to_string());
    if let Some(cursor) = cursor {
        request = request.query("cursor", cursor);
    }
    let rows: Vec<R> = request.fetch().await?;
    let full = rows.len() >= limit;
    let (items, mut cursors): (Vec<_>, Vec<_>) = rows.into_iter().map(Row::split).unzip();
    Ok(Page { items, next: cursors.pop().filter(|_| full) })
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
        request: "GET a list".to_owned(),
        status: 200,
        problem: format!("it does not end after {PAGES} pages"),
        excerpt: format!("{} rows", items.len()),
        retry_after: None,
    })
}
