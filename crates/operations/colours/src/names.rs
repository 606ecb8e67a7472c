//! Where the public names point, by Cloudflare's records.

use action::BadInput;
use cloudflare::Cloudflare;
use cutover::Pointing;
use http::Error;

/// The variable that holds Cloudflare's token.
pub const TOKEN: &str = "CLOUDFLARE_API_TOKEN";

/// Checks the input `zone-id`: 32 hexadecimal digits.
///
/// # Errors
/// It is something else.
pub fn zone_id(text: String) -> Result<String, BadInput> {
    if text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(text);
    }
    Err(BadInput::new("zone-id", format!("{text:?} is not a zone id of 32 hexadecimal digits"))
        .hint("it stands on the zone's overview page in Cloudflare's dashboard"))
}

/// Reads the CNAME of every name in a zone; one without a CNAME is absent.
///
/// # Errors
/// Cloudflare's; see [`Error`].
pub async fn pointing<'h>(
    cloudflare: &Cloudflare,
    zone: &str,
    hosts: impl Iterator<Item = &'h str>,
) -> Result<Pointing, Error> {
    let mut pointing = Pointing::new();
    for host in hosts {
        let host = host.to_ascii_lowercase();
        if pointing.contains_key(&host) {
            continue;
        }
        let records = cloudflare.dns_records(zone, &host).await?;
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
