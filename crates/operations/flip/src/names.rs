//! Where public names point, by Cloudflare's records.

use cloudflare::Cloudflare;
use cutover::Pointing;
use http::Error;

/// Reads the CNAME of every name in the zone with this id; one without a CNAME is absent.
///
/// # Errors
/// See [`Error`].
pub async fn names<'h>(
    api: &Cloudflare,
    zone: &str,
    hosts: impl Iterator<Item = &'h str>,
) -> Result<Pointing, Error> {
    let mut pointing = Pointing::new();
    for host in hosts {
        let host = host.to_ascii_lowercase();
        let records = api.dns_records(zone, &host).await?;
        let cname = records
            .into_iter()
            .find(|record| record.kind == "CNAME" && cutover::same_host(&record.name, &host));
        if let Some(content) = cname.and_then(|record| record.content) {
            tracing::info!("{host} points at {content}");
            pointing.insert(host, content);
        }
    }
    Ok(pointing)
}
