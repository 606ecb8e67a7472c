//! The list of targets.

use std::collections::BTreeSet;

use action::BadInput;

/// Reads a JSON list of names: none empty, none twice. The list itself may be
/// empty: a deploy of nothing but pages covers no service.
pub(crate) fn parse(text: &str) -> Result<Vec<String>, BadInput> {
    let bad = |problem: String| {
        BadInput::new("targets", problem)
            .hint("pass the output `targets` of manifest-resolve, such as [\"api\",\"workers\"]")
    };
    let targets: Vec<String> =
        serde_json::from_str(text).map_err(|error| bad(format!("is no JSON list of names: {error}")))?;
    let mut seen = BTreeSet::new();
    for target in &targets {
        if target.is_empty() || target.contains(|found: char| found.is_whitespace() || found.is_control()) {
            return Err(bad("holds a name that is empty or has a blank in it".to_owned()));
        }
        if !seen.insert(target) {
            return Err(bad(format!("names `{target}` twice")));
        }
    }
    Ok(targets)
}
