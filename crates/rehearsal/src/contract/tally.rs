//! Says once per process whether the layer was on, and what it judged.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Vendor;

struct Tally {
    folder: Option<PathBuf>,
    judged: BTreeMap<Vendor, u64>,
}

static TALLY: Mutex<Tally> = Mutex::new(Tally { folder: None, judged: BTreeMap::new() });

/// Counts one judged exchange.
pub(super) fn count(vendor: Vendor) {
    *tally().judged.entry(vendor).or_default() += 1;
}

/// Notes the folder (`None`: off) and has the tally printed when the process ends.
pub(super) fn announce(folder: Option<PathBuf>) {
    tally().folder = folder;
    // Test harnesses have no end-of-run hook, so the C library's is used.
    #[expect(
        unsafe_code,
        reason = "the hook has no safe wrapper; `print` neither unwinds nor allocates for long"
    )]
    let registered = unsafe { libc::atexit(print) } == 0;
    if !registered {
        tracing::warn!("the contract layer cannot report at the end");
    }
}

extern "C" fn print() {
    let tally = tally();
    let line = match &tally.folder {
        None => "contract layer: off (GREENROOM_CONTRACTS names no folder)".to_owned(),
        Some(folder) => {
            let judged: Vec<String> =
                tally.judged.iter().map(|(vendor, count)| format!("{} {count}", vendor.name())).collect();
            let judged = if judged.is_empty() { "none".to_owned() } else { judged.join(", ") };
            format!("contract layer: on ({}), exchanges judged: {judged}", folder.display())
        }
    };
    // Nobody is left to tell if standard error is gone.
    let _ = writeln!(std::io::stderr(), "{line}");
}

fn tally() -> MutexGuard<'static, Tally> {
    TALLY.lock().unwrap_or_else(PoisonError::into_inner)
}
