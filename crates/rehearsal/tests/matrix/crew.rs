//! Many cells at once, each on a thread, a runtime and in a world of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// How many failing cells are shown.
const SHOWN: usize = 12;

/// Runs `cell` for every item, some at once, and returns what they returned, in
/// the order of the items.
///
/// # Panics
/// When a cell fails or panics: with the names of those that did, and why.
pub(crate) fn run<I: Sync, T: Send>(
    items: &[I],
    name: impl Fn(&I) -> String + Sync,
    cell: impl AsyncFn(&I) -> Result<T, String> + Sync,
) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let work = || {
        while let Some((index, item)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|i| Some((i, items.get(i)?)))
        {
            let ended = attempt(item, &cell).map_err(|why| format!("{}:\n  {why}", name(item)));
            done.lock().unwrap_or_else(PoisonError::into_inner).push((index, ended));
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..workers() {
            scope.spawn(work);
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(index, _)| *index);
    let (good, bad): (Vec<_>, Vec<_>) = done.into_iter().map(|(_, ended)| ended).partition(Result::is_ok);
    let bad: Vec<String> = bad.into_iter().filter_map(Result::err).collect();
    let shown = bad.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("\n\n");
    assert!(bad.is_empty(), "{} of {} cells fail:\n\n{shown}\n", bad.len(), items.len());
    good.into_iter().filter_map(Result::ok).collect()
}

/// Cells compute more than they wait, but each talks to threads of its own world.
fn workers() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from) + 1
}

/// Runs one cell to its end.
pub(crate) fn attempt<I, T>(item: &I, cell: impl AsyncFn(&I) -> Result<T, String>) -> Result<T, String> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
    let ended = catch_unwind(AssertUnwindSafe(|| runtime.block_on(cell(item))));
    ended.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
        Err(format!("it panicked: {}", text.unwrap_or_default()))
    })
}
