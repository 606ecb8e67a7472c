//! Supabase's hosts (Supabase docs, "Connect to your database").

use super::DsnProblem;

/// The port of transaction pooling, shared and dedicated.
const TRANSACTION_POOLER: u16 = 6543;

/// Checks what only holds at Supabase.
pub(super) fn check(user: &str, host: &str, port: u16) -> Result<(), DsnProblem> {
    let direct = project_of_direct_host(host);
    if port == TRANSACTION_POOLER && (is_pooler(host) || direct.is_some()) {
        return Err(DsnProblem::TransactionPooler);
    }
    if is_pooler(host) {
        return match user.rsplit_once('.') {
            Some((role, reference)) if !role.is_empty() && is_reference(reference) => Ok(()),
            _ => Err(DsnProblem::NoProjectReference),
        };
    }
    if let Some(reference) = direct {
        return if !is_reference(reference) {
            Err(DsnProblem::BadReference)
        } else if user.contains('.') {
            Err(DsnProblem::NeedlessProjectReference)
        } else {
            Ok(())
        };
    }
    if host.ends_with(".supabase.co") { Err(DsnProblem::ApiHost) } else { Ok(()) }
}

/// Whether the host is one of the shared poolers. The prefix (`aws-0-`) and the
/// region are not guaranteed, so only the end counts.
pub(super) fn is_pooler(host: &str) -> bool {
    host.ends_with(".pooler.supabase.com")
}

/// `REF` in `db.REF.supabase.co`.
pub(super) fn project_of_direct_host(host: &str) -> Option<&str> {
    host.strip_prefix("db.")?.strip_suffix(".supabase.co")
}

/// A project's reference: 20 letters (Supabase's Management API, `ref`).
fn is_reference(text: &str) -> bool {
    text.len() == 20 && text.bytes().all(|byte| byte.is_ascii_lowercase())
}
