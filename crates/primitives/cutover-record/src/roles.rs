//! Whether what stood by when a run looked still does.

use action::{Context, Failure};
use cloudflare::Cloudflare;

use crate::names::Names;

/// The roles that a run goes by.
#[derive(Debug)]
pub(crate) struct Roles {
    /// The zone of the names.
    pub(crate) zone: String,
    /// Where the names pointed when the run looked.
    pub(crate) expect: Names,
}

impl Roles {
    /// Refuses when a name points elsewhere now. Only the names tell of a rollback while it goes on, or of one that
    /// was done by hand: the ledger learns of it afterwards.
    ///
    /// # Errors
    /// `stale`; and Cloudflare's.
    pub(crate) async fn still_hold(&self, context: &Context) -> Result<(), Failure> {
        let cloudflare = Cloudflare::new(context, context.secret(colours::TOKEN)?)?;
        let hosts = self.expect.iter().map(|(host, _)| host);
        let now = colours::pointing(&cloudflare, &self.zone, hosts).await?;
        let moved = self.expect.iter().filter_map(|(host, target)| match now.get(host) {
            Some(found) if cutover::same_host(found, target) => None,
            Some(found) => Some(format!("{host} points at {found}, not at {target}")),
            None => Some(format!("{host} has no CNAME, and pointed at {target}")),
        });
        let moved: Vec<String> = moved.collect();
        if moved.is_empty() {
            return Ok(());
        }
        Err(Failure::stale(format!("the names have moved since this run looked: {}", moved.join("; ")))
            .hint("what stood by then may serve now, so nothing was deployed")
            .hint("push a new tag, whose run looks anew, and do not run this one again"))
    }
}
