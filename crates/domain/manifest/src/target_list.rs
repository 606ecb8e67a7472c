//! A list of targets as one job hands it to the next: JSON.

use std::collections::BTreeSet;

use crate::TargetName;

/// Why a text is no list of targets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetListError {
    /// It is something else.
    #[error("is no JSON list of names: {0}")]
    NotAList(String),
    /// A name that no manifest can hold.
    #[error("holds {0:?}, which is no name of a target: small letters, digits and hyphens, a letter first")]
    NotAName(String),
    /// One name two times.
    #[error("names `{0}` twice")]
    Twice(String),
}

/// Reads a JSON list of target names such as `["api","workers"]`, in its order. It may be empty.
///
/// # Errors
/// [`TargetListError`]; its text follows the name of the input.
pub fn target_list(text: &str) -> Result<Vec<String>, TargetListError> {
    let names: Vec<String> =
        serde_json::from_str(text).map_err(|error| TargetListError::NotAList(error.to_string()))?;
    let mut seen = BTreeSet::new();
    for name in &names {
        if TargetName::new(name).is_none() {
            return Err(TargetListError::NotAName(name.clone()));
        }
        if !seen.insert(name) {
            return Err(TargetListError::Twice(name.clone()));
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_their_order() {
        assert_eq!(target_list(r#" ["workers", "api-2"] "#).unwrap(), ["workers", "api-2"]);
        assert!(target_list("[]").unwrap().is_empty());
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "api", r#"{"api": 1}"#, "[1]", "null"] {
            assert!(matches!(target_list(text), Err(TargetListError::NotAList(_))), "{text}");
        }
        for name in ["", "Api", "a b", "-a", "1a"] {
            let text = serde_json::to_string(&[name]).unwrap();
            assert_eq!(target_list(&text), Err(TargetListError::NotAName(name.to_owned())));
        }
        assert_eq!(target_list(r#"["a","b","a"]"#), Err(TargetListError::Twice("a".to_owned())));
    }
}
