//! Outputs: one struct for each primitive, and the runner's file format.

use std::fmt::Write as _;

/// One output's name and description, for help, `action.yml` and the README.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutputSpec {
    /// Kebab-case, as a workflow writes it.
    pub name: &'static str,
    /// One sentence.
    pub help: &'static str,
}

/// What a primitive tells later steps; made by [`outputs!`](crate::outputs!).
pub trait Outputs: Default {
    /// Every output, in the order in which they are documented.
    const SPECS: &'static [OutputSpec];

    /// The values known so far, in the order of [`Self::SPECS`].
    fn values(&self) -> Vec<Option<String>>;
}

/// Declares the outputs of a primitive: fields, names and descriptions in one place.
///
/// ```
/// action::outputs! {
///     /// What the deploy came to.
///     pub struct DeployOutputs {
///         /// The deploy's id.
///         deploy_id: "deploy-id" => String,
///         /// Seconds from request to end.
///         duration_seconds: "duration-seconds" => u64,
///     }
/// }
/// let mut outputs = DeployOutputs::default();
/// outputs.deploy_id = Some("dep-1".to_owned());
/// assert_eq!(action::Outputs::values(&outputs), [Some("dep-1".to_owned()), None]);
/// ```
#[macro_export]
macro_rules! outputs {
    ($(#[$meta:meta])* $vis:vis struct $type:ident {
        $(#[doc = $help:literal] $field:ident: $name:literal => $value:ty),+ $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default)]
        $vis struct $type {
            $(#[doc = $help] $vis $field: Option<$value>),+
        }

        impl $crate::Outputs for $type {
            const SPECS: &'static [$crate::OutputSpec] = &[
                $($crate::OutputSpec { name: $name, help: $help.trim_ascii() }),+
            ];

            fn values(&self) -> Vec<Option<String>> {
                vec![$(self.$field.as_ref().map(ToString::to_string)),+]
            }
        }
    };
}

/// The output that every primitive has beside its own.
pub(crate) const RESULT: OutputSpec = OutputSpec {
    name: "result",
    help: "How it ended: success, unchanged, planned, refused, failed, invalid, timed-out, denied, unreachable, stale, bug or cancelled.",
};

/// `name` and `value` as the runner's output file wants them: a heredoc whose
/// delimiter nobody can guess and the value does not contain
/// (`actions/runner`, `FileCommandManager.cs`).
pub(crate) fn heredoc(name: &str, value: &str, mut random: impl FnMut() -> u128) -> String {
    let mut delimiter = format!("ghadelimiter_{:032x}", random());
    while value.contains(&delimiter) {
        delimiter = format!("ghadelimiter_{:032x}", random());
    }
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write!(out, "{name}<<{delimiter}\n{value}\n{delimiter}\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_never_inside_the_value() {
        let mut numbers = [1_u128, 2].into_iter();
        let hostile = format!("a\nghadelimiter_{:032x}\nresult=success", 1);
        let text = heredoc("x", &hostile, || numbers.next().unwrap());
        let delimiter = format!("ghadelimiter_{:032x}", 2);
        assert_eq!(text, format!("x<<{delimiter}\n{hostile}\n{delimiter}\n"));
    }
}
