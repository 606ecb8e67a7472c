//! How findings are told.

use action::Context;

/// How findings are told.
#[derive(clap::ValueEnum, Clone, Copy, Debug, Eq, PartialEq)]
pub enum Format {
    /// Lines for a person.
    Human,
    /// Annotations of GitHub.
    Github,
    /// One JSON object.
    Json,
    /// SARIF 2.1.0.
    Sarif,
}

impl Format {
    /// What was asked for; else annotations where a runner shows them, and lines elsewhere.
    #[must_use]
    pub fn or_usual(asked: Option<Self>, context: &Context) -> Self {
        let on_runner = context.variable("GITHUB_ACTIONS").as_deref() == Some("true");
        asked.unwrap_or(if on_runner { Self::Github } else { Self::Human })
    }
}
