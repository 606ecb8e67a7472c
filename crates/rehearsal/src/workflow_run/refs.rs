//! Which refs may deploy to an environment. Its patterns are not those of triggers, see [`RefPolicy`].

use super::event::Reference;
use super::settings::RefPolicy;

/// The answer, or the pattern that is not understood here.
pub(super) fn admits(policy: &RefPolicy, reference: &Reference) -> Result<bool, String> {
    let (patterns, name) = match (policy, reference) {
        (RefPolicy::Any, _) => return Ok(true),
        (RefPolicy::Selected { branches, .. }, Reference::Branch(name)) => (branches, name),
        (RefPolicy::Selected { tags, .. }, Reference::Tag(name)) => (tags, name),
    };
    any(patterns, name)
}

/// Whether any of these patterns matches the name, or the first one that has more than `*` and plain characters.
fn any(patterns: &[String], name: &str) -> Result<bool, String> {
    let special =
        |pattern: &&String| pattern.contains(['[', '{', '?', '+', '\\', '!']) || pattern.contains("**");
    if let Some(pattern) = patterns.iter().find(special) {
        return Err(pattern.clone());
    }
    Ok(patterns.iter().any(|pattern| matches(pattern.as_bytes(), name.as_bytes())))
}

/// `*` stands for any characters but `/`.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern.split_first(), name.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) if matches(rest, name) => true,
        (Some((b'*', _)), Some((byte, behind))) => *byte != b'/' && matches(pattern, behind),
        (Some((wanted, rest)), Some((byte, behind))) => wanted == byte && matches(rest, behind),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_of_one_kind_and_stop_at_slashes() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let policy = RefPolicy::Selected { branches: words(&["main"]), tags: words(&["prod-*", "v*.*.*"]) };
        let tag = |name: &str| admits(&policy, &Reference::Tag(name.to_owned())).unwrap();
        let branch = |name: &str| admits(&policy, &Reference::Branch(name.to_owned())).unwrap();
        assert!(tag("prod-12") && tag("prod-") && tag("v1.2.3") && tag("v1.2.3.4"));
        assert!(!tag("v1.2") && !tag("main") && !tag("a-prod-1") && !tag("prod-a/b"));
        assert!(branch("main") && !branch("main2") && !branch("prod-1"));
        let open = RefPolicy::Selected { branches: Vec::new(), tags: words(&["[a]"]) };
        assert_eq!(admits(&open, &Reference::Tag("a".to_owned())), Err("[a]".to_owned()));
        assert_eq!(admits(&RefPolicy::Any, &Reference::Tag("a".to_owned())), Ok(true));
    }
}
