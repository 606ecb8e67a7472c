//! What others do while a sync waits.

use std::fmt;
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime};

use action::{Clock, SimClock, Sleep};

type Event = (Box<dyn Fn() -> bool + Send>, Box<dyn FnOnce() + Send>);

/// A clock that jumps as far as a sleep is long; before one of the sleeps something happens.
#[derive(Default)]
pub(crate) struct Events {
    clock: SimClock,
    next: Mutex<Option<Event>>,
}

impl Events {
    /// Has `change` happen in the first sleep in which it is `due`.
    pub(crate) fn once(
        &self,
        due: impl Fn() -> bool + Send + 'static,
        change: impl FnOnce() + Send + 'static,
    ) {
        *self.next.lock().unwrap() = Some((Box::new(due), Box::new(change)));
    }

    /// Whether everything has happened.
    pub(crate) fn are_over(&self) -> bool {
        self.next.lock().unwrap().is_none()
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("clock", &self.clock).finish_non_exhaustive()
    }
}

impl Clock for Events {
    fn now(&self) -> Instant {
        self.clock.now()
    }

    fn wall(&self) -> SystemTime {
        self.clock.wall()
    }

    fn sleep(&self, duration: Duration) -> Sleep<'_> {
        let event = self.next.lock().unwrap().take_if(|(due, _)| due());
        if let Some((_, change)) = event {
            change();
        }
        self.clock.sleep(duration)
    }

    fn jitter(&self) -> f64 {
        self.clock.jitter()
    }
}
