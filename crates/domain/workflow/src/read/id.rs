//! Names that expressions refer to.

/// The rule for ids of jobs and steps (GitHub, "Workflow syntax", `jobs.<job_id>`).
pub(super) fn is_id(id: &str) -> bool {
    let first = id.chars().next();
    first.is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}
