//! Names of effects, the same in every world.

use std::collections::BTreeMap;

/// A path whose ids have become words: those that are known, `{commit}` and `{id}`.
pub(super) fn path(path: &str, words: &BTreeMap<String, String>) -> String {
    let segments = path.split('/').map(|segment| match words.get(segment) {
        Some(word) => word.as_str(),
        None if is_commit(segment) => "{commit}",
        None if is_id(segment) => "{id}",
        None => segment,
    });
    segments.collect::<Vec<_>>().join("/")
}

/// Supabase's API reference: a query is a POST, and this one is asked as a user that may only read.
pub(super) fn only_asks(path: &str) -> bool {
    path.ends_with("/database/query/read-only")
}

fn is_commit(segment: &str) -> bool {
    segment.len() == 40 && segment.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A UUID, or twenty small letters and digits at least, behind a prefix or not: `dep-crbq6v3qf0us73dfii20`.
fn is_id(segment: &str) -> bool {
    let own = segment.split_once('-').map_or(segment, |(_, own)| own);
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let uuid = segment.len() == 36 && segment.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
    uuid || own.len() >= 20 && own.bytes().all(plain)
}

/// What a statement writes: its words up to the first value, such as `update core.deployments set intent_at`.
pub(crate) fn statement(sql: &str) -> String {
    let end = sql.find(['=', '(', '$', '\'']).unwrap_or(sql.len());
    let head = sql.get(..end).unwrap_or(sql);
    head.split_whitespace().take(6).collect::<Vec<_>>().join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_become_words_and_names_stay() {
        let words = BTreeMap::from([("srv-1".to_owned(), "api-green".to_owned())]);
        let variable = "/v1/services/srv-1/env-vars/SPECTRAL_GENERATION";
        assert_eq!(path(variable, &words), "/v1/services/api-green/env-vars/SPECTRAL_GENERATION");
        let cancel = "/v1/services/srv-2/deploys/dep-crbq6v3qf0us73dfii20/cancel";
        assert_eq!(path(cancel, &words), "/v1/services/srv-2/deploys/{id}/cancel");
        let status = format!("/repos/example-company/product/statuses/{}", "0f".repeat(20));
        assert_eq!(path(&status, &words), "/repos/example-company/product/statuses/{commit}");
        assert_eq!(path("/v1/branches/abcdefghijklmnopqrst/merge", &words), "/v1/branches/{id}/merge");
        let uuid = "/v1/branches/0b1a2c3d-0000-4000-8000-1234567890ab";
        assert_eq!(path(uuid, &words), "/v1/branches/{id}");
    }

    #[test]
    fn a_statement_is_named_by_what_it_writes() {
        let insert = "INSERT INTO core.deployments (reference, tag) VALUES ($1, $2)";
        assert_eq!(statement(insert), "insert into core.deployments");
        let update = "update core.deployments set intent_at = now() where generation = $1";
        assert_eq!(statement(update), "update core.deployments set intent_at");
    }
}
