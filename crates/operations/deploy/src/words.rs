//! Small texts for people.

use std::time::Duration;

use action::markdown;
use render::{DeployId, Service};

/// The hint of everything that ends before a deploy is live.
pub(crate) const STILL_SERVES: &str = "what served before still serves; nothing visible changed";

/// A duration in whole seconds: `2m10s`.
pub(crate) fn short(duration: Duration) -> String {
    let whole = Duration::from_secs(duration.as_secs());
    humantime::format_duration(whole).to_string().replace(' ', "")
}

/// The deploy's page in the dashboard, if the service told a plausible one.
pub(crate) fn page(service: &Service, deploy: &DeployId) -> Option<String> {
    let base = service.dashboard_url.as_deref()?;
    let plain = |char: char| char.is_ascii_alphanumeric() || "-._/:".contains(char);
    let is_sound = base.starts_with("https://dashboard.render.com/") && base.chars().all(plain);
    is_sound.then(|| format!("{}/deploys/{deploy}", base.trim_end_matches('/')))
}

/// ` (https://...)`, or nothing.
pub(crate) fn in_brackets(page: Option<&str>) -> String {
    page.map(|page| format!(" ({page})")).unwrap_or_default()
}

/// A deploy as Markdown, with a link where there is one.
pub(crate) fn link(service: &Service, deploy: &DeployId) -> String {
    let name = markdown::code(deploy.as_str());
    match page(service, deploy) {
        Some(page) => format!("[{name}]({page})"),
        None => name,
    }
}

/// `1 variable`, `2 variables`.
pub(crate) fn count(number: usize, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}
