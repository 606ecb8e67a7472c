//! One order for all that happens.

use std::sync::atomic::{AtomicU64, Ordering};

/// Drawn by every server and every fault of this process, so that what happened
/// on two servers can be put in order.
pub(crate) fn next_order() -> u64 {
    static ORDER: AtomicU64 = AtomicU64::new(1);
    ORDER.fetch_add(1, Ordering::Relaxed)
}
