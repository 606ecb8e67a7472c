//! Several at a time.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Works on all items, on so many threads; gives what came of them, in the order of their ends.
pub(super) fn several<I: Send, O: Send>(
    items: impl IntoIterator<Item = I>,
    at_once: usize,
    work: impl Fn(I) -> O + Sync,
) -> Vec<O> {
    let (waiting, done) = (Mutex::new(items.into_iter().collect::<VecDeque<_>>()), Mutex::new(Vec::new()));
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| {
                while let Some(item) = next() {
                    let ended = work(item);
                    done.lock().unwrap_or_else(PoisonError::into_inner).push(ended);
                }
            });
        }
    });
    done.into_inner().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    #[test]
    fn each_item_is_worked_on_once_and_three_at_a_time_are_three() {
        let together = Barrier::new(3);
        let mut done = several(0..9, 3, |item| {
            together.wait();
            item
        });
        done.sort_unstable();
        assert_eq!(done, (0..9).collect::<Vec<_>>());
    }
}
