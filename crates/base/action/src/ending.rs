//! How a run ends: one word and one exit code, the same for every primitive.

use std::fmt;

/// Exit codes: the contract between a primitive and the script that calls it.
pub mod exit {
    /// Done, nothing to do, or a dry run.
    pub const OK: u8 = 0;
    /// The answer is no: a gate refused, a lint found something, a deploy ended badly.
    pub const NO: u8 = 1;
    /// The inputs are wrong.
    pub const INVALID: u8 = 2;
    /// The deadline passed.
    pub const TIMED_OUT: u8 = 3;
    /// A vendor refused us (401, 403, 404, 422, ...).
    pub const DENIED: u8 = 4;
    /// A vendor could not be reached, after every retry.
    pub const UNREACHABLE: u8 = 5;
    /// The world is not in the state that the plan was made for.
    pub const STALE: u8 = 6;
    /// A defect of Greenroom itself, or of its launcher.
    pub const BUG: u8 = 70;
    /// Stopped by SIGINT, as shells report it.
    pub const INTERRUPTED: u8 = 130;
    /// Stopped by SIGTERM, as shells report it.
    pub const TERMINATED: u8 = 143;
}

/// How a run ended well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// It did what was asked.
    Success,
    /// Everything was already as asked; nothing was changed.
    Unchanged,
}

/// The signal that stopped a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT: the runner's first word when a job is cancelled.
    Interrupt,
    /// SIGTERM: its second, 7.5 s later (`actions/runner`, `ProcessInvoker.cs`).
    Terminate,
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Interrupt => "SIGINT",
            Self::Terminate => "SIGTERM",
        })
    }
}

/// Every way in which a run can end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// As asked.
    Done(Done),
    /// A dry run said what it would have done.
    Planned,
    /// A gate said no before anything was changed.
    Refused,
    /// What was begun ended badly.
    Failed,
    /// The inputs are wrong.
    Invalid,
    /// The deadline passed.
    TimedOut,
    /// A vendor refused us.
    Denied,
    /// A vendor could not be reached.
    Unreachable,
    /// The world changed under the plan.
    Stale,
    /// A defect here.
    Bug,
    /// A signal stopped the run.
    Cancelled(Signal),
}

impl Ending {
    /// Every ending, for documentation and for tests that want them all.
    pub const ALL: [Self; 13] = [
        Self::Done(Done::Success),
        Self::Done(Done::Unchanged),
        Self::Planned,
        Self::Refused,
        Self::Failed,
        Self::Invalid,
        Self::TimedOut,
        Self::Denied,
        Self::Unreachable,
        Self::Stale,
        Self::Bug,
        Self::Cancelled(Signal::Interrupt),
        Self::Cancelled(Signal::Terminate),
    ];

    /// The process's exit code; see [`exit`].
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Done(_) | Self::Planned => exit::OK,
            Self::Refused | Self::Failed => exit::NO,
            Self::Invalid => exit::INVALID,
            Self::TimedOut => exit::TIMED_OUT,
            Self::Denied => exit::DENIED,
            Self::Unreachable => exit::UNREACHABLE,
            Self::Stale => exit::STALE,
            Self::Bug => exit::BUG,
            Self::Cancelled(Signal::Interrupt) => exit::INTERRUPTED,
            Self::Cancelled(Signal::Terminate) => exit::TERMINATED,
        }
    }

    /// The value of the output `result`: a composite action cannot expose an exit code.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Done(Done::Success) => "success",
            Self::Done(Done::Unchanged) => "unchanged",
            Self::Planned => "planned",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Invalid => "invalid",
            Self::TimedOut => "timed-out",
            Self::Denied => "denied",
            Self::Unreachable => "unreachable",
            Self::Stale => "stale",
            Self::Bug => "bug",
            Self::Cancelled(_) => "cancelled",
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
