//! The twin's time: the rehearsal's clock, and how far Render's own is off.

use std::time::{Duration, Instant, SystemTime};

use action::SharedClock;

/// Calendar time that never goes back, taken from the rehearsal's clock.
#[derive(Clone, Debug)]
pub(super) struct TwinClock {
    clock: SharedClock,
    started: Instant,
    wall: SystemTime,
}

impl TwinClock {
    pub(super) fn new(clock: SharedClock) -> Self {
        let (started, wall) = (clock.now(), clock.wall());
        Self { clock, started, wall }
    }

    pub(super) fn now(&self) -> SystemTime {
        self.wall + self.clock.now().saturating_duration_since(self.started)
    }
}

/// How Render's calendar differs from the caller's. Callers compare `createdAt`
/// with the time of their request, so they must live with a few seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Skew {
    /// The same time.
    #[default]
    None,
    /// Render's clock shows a later time.
    Ahead(Duration),
    /// Render's clock shows an earlier time.
    Behind(Duration),
}

impl Skew {
    /// What Render shows when it is `time` here.
    pub(super) fn shown(self, time: SystemTime) -> SystemTime {
        match self {
            Self::None => time,
            Self::Ahead(by) => time + by,
            Self::Behind(by) => time - by,
        }
    }

    /// What time it is here when Render shows `time`; `None` outside the calendar.
    pub(super) fn real(self, time: SystemTime) -> Option<SystemTime> {
        match self {
            Self::None => Some(time),
            Self::Ahead(by) => time.checked_sub(by),
            Self::Behind(by) => time.checked_add(by),
        }
    }
}
