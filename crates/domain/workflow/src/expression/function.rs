//! The functions, and how many arguments they take.

use std::fmt;
use std::ops::RangeInclusive;

/// A function that expressions may call. Names ignore case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Function {
    /// `case(condition, value, .., otherwise)`
    Case,
    /// `contains(search, item)`
    Contains,
    /// `endsWith(text, end)`
    EndsWith,
    /// `format(text, value, ..)`
    Format,
    /// `fromJSON(text)`
    FromJson,
    /// `join(array, separator)`
    Join,
    /// `startsWith(text, start)`
    StartsWith,
    /// `toJSON(value)`
    ToJson,
    /// One of the four that ask how the run stands.
    Status(StatusFunction),
}

/// A function whose answer depends on the run: what came before, and whether somebody cancelled it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatusFunction {
    /// `always()`: true, also after a cancellation.
    Always,
    /// `cancelled()`
    Cancelled,
    /// `failure()`
    Failure,
    /// `success()`
    Success,
}

impl Function {
    /// How many arguments it takes (npm `@actions/expressions`, each function's `minArgs` and `maxArgs`).
    pub(super) fn arguments(self) -> RangeInclusive<usize> {
        match self {
            Self::Case => 3..=usize::MAX,
            Self::Contains | Self::EndsWith | Self::StartsWith => 2..=2,
            Self::Format => 1..=255,
            Self::FromJson | Self::ToJson => 1..=1,
            Self::Join => 1..=2,
            Self::Status(_) => 0..=0,
        }
    }
}

impl fmt::Display for Function {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Case => "case",
            Self::Contains => "contains",
            Self::EndsWith => "endsWith",
            Self::Format => "format",
            Self::FromJson => "fromJSON",
            Self::Join => "join",
            Self::StartsWith => "startsWith",
            Self::ToJson => "toJSON",
            Self::Status(status) => return status.fmt(formatter),
        })
    }
}

impl fmt::Display for StatusFunction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Always => "always",
            Self::Cancelled => "cancelled",
            Self::Failure => "failure",
            Self::Success => "success",
        })
    }
}
