//! One JSON part as `multipart/form-data`, which is how Cloudflare takes a
//! Worker's settings.

/// A boundary that JSON text cannot contain: JSON escapes no letters, so it is
/// the line ends around it that a compact document lacks.
const BOUNDARY: &str = "greenroom-part-5d1c7f0a9e";

/// The content type and the body for one part called `name`.
pub(crate) fn json_part(name: &str, json: &str) -> (String, String) {
    let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
    let body = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\nContent-Type: application/json\r\n\r\n{json}\r\n--{BOUNDARY}--\r\n"
    );
    (content_type, body)
}
