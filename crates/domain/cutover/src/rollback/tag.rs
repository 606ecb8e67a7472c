//! What the tag of a rollback is called.

/// What comes behind the tag that is deployed again (ADR-053 D14.3).
const SUFFIX: &str = "-rollback";

/// The names that a tag may bear with which `tag`, the tag of `generation`, is deployed
/// again: the first that nobody has used is the right one. Never ends.
///
/// `v1.4.2` gives `v1.4.2-rollback`, then `v1.4.2-rollback.2`, and so on; so does
/// `v1.4.2-rollback` itself. A tag of the other lineage, `prod-7`, stays in it, since a
/// tag `v...` would be released as well (deployment runbook, trigger model). What is
/// neither, and so would start nothing, is called by its generation.
pub fn tags(tag: Option<&str>, generation: u64) -> impl Iterator<Item = String> {
    let stem = tag.map(stem).filter(|stem| starts_a_deploy(stem));
    let first = match stem {
        Some(stem) => format!("{stem}{SUFFIX}"),
        None => format!("prod-{generation}{SUFFIX}"),
    };
    let again = first.clone();
    std::iter::once(first).chain((2_u64..).map(move |number| format!("{again}.{number}")))
}

/// A tag without what earlier rollbacks put behind it.
fn stem(tag: &str) -> &str {
    let Some((stem, rest)) = tag.rsplit_once(SUFFIX) else { return tag };
    let number = rest.strip_prefix('.').unwrap_or(rest);
    if number.bytes().all(|byte| byte.is_ascii_digit()) { stem } else { tag }
}

/// Whether a push of the tag starts a production deploy: `prod-*` or `v*.*.*`.
fn starts_a_deploy(tag: &str) -> bool {
    let is_version = |rest: &str| rest.split('.').count() >= 3;
    !tag.contains('/') && (tag.starts_with("prod-") || tag.strip_prefix('v').is_some_and(is_version))
}
