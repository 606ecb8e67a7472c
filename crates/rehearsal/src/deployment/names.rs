//! Where the public names point, and when they move.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::estate::Estate;
use crate::timeline::Mark;

/// How often the records are looked at for a flip.
const LOOK: Duration = Duration::from_millis(20);

/// Where the names point.
pub(super) type Names = Vec<(String, String)>;

/// Notes when the public names move.
pub(super) struct Watch {
    marks: Arc<Mutex<Vec<Mark>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Watch {
    pub(super) fn begin(estate: &Arc<Estate>, start: Instant) -> Self {
        let marks: Arc<Mutex<Vec<Mark>>> = Arc::default();
        // Weak, so that the world can end.
        let (estate, seen) = (Arc::downgrade(estate), marks.clone());
        let task = tokio::spawn(async move {
            let mut known: Option<Names> = None;
            while let Some(now) = estate.upgrade().map(|estate| estate.cnames()) {
                if let Some(label) = known.as_ref().and_then(|known| moved(known, &now)) {
                    let mark = Mark { at: start.elapsed(), label };
                    seen.lock().unwrap_or_else(PoisonError::into_inner).push(mark);
                }
                known = Some(now);
                tokio::time::sleep(LOOK).await;
            }
        });
        Self { marks, task }
    }

    pub(super) fn end(self) -> Vec<Mark> {
        self.task.abort();
        std::mem::take(&mut *self.marks.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Which names moved, in a few words.
fn moved(before: &Names, now: &Names) -> Option<String> {
    let moves = before.iter().zip(now).filter(|(before, now)| before.1 != now.1);
    let moves: Vec<String> = moves
        .map(|(_, (host, target))| {
            let label = host.split('.').next().unwrap_or(host);
            format!("{label} to {}", colour_of(target))
        })
        .collect();
    (!moves.is_empty()).then(|| moves.join(", "))
}

/// The colour in a service's own name: `api-green.onrender.localhost` is green.
pub(super) fn colour_of(target: &str) -> &str {
    let service = target.split('.').next().unwrap_or(target);
    service.rsplit('-').next().unwrap_or(service)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_move_names_what_moved() {
        let names = |colour: &str| {
            let name = |label: &str| {
                (format!("{label}.example.localhost"), format!("{label}-{colour}.onrender.localhost"))
            };
            vec![name("api"), name("app")]
        };
        assert_eq!(moved(&names("blue"), &names("blue")), None);
        assert_eq!(moved(&names("blue"), &names("green")).unwrap(), "api to green, app to green");
    }
}
