//! The inputs that every lint has.

use action::BadInput;

use crate::format::Format;

/// What makes a lint fail, and how it tells what it found; a lint takes it among its own inputs with
/// `#[command(flatten)]`.
#[derive(clap::Args, Debug)]
pub struct LintInputs {
    /// Whether warnings fail the run, too, like errors
    #[arg(long)]
    pub strict: bool,

    /// How findings are told: `human` as lines, `github` as annotations on their lines, `json` and `sarif` as the output `report`, too. Empty means `github` on a runner, else `human`
    #[arg(long, value_enum)]
    pub format: Option<Format>,

    /// Name of a rule: prints its page and does nothing else
    #[arg(long)]
    explain: Option<String>,
}

impl LintInputs {
    /// The rule whose page is asked for, among all of a lint; `None` if there is something to judge instead.
    ///
    /// # Errors
    /// No rule has that name; the hint lists those that there are.
    pub fn explained<R: Copy>(
        &self,
        rules: &[R],
        name: impl Fn(R) -> &'static str,
    ) -> Result<Option<R>, BadInput> {
        let Some(wanted) = self.explain.as_deref().filter(|wanted| !wanted.is_empty()) else {
            return Ok(None);
        };
        rule_named("explain", wanted, rules, name).map(Some)
    }
}

/// The rule that an input names, among those that it may name.
///
/// # Errors
/// No rule has that name; the hint lists those that there are.
pub fn rule_named<R: Copy>(
    input: &'static str,
    wanted: &str,
    rules: &[R],
    name: impl Fn(R) -> &'static str,
) -> Result<R, BadInput> {
    let found = rules.iter().copied().find(|rule| name(*rule) == wanted);
    found.ok_or_else(|| {
        let names: Vec<&str> = rules.iter().map(|rule| name(*rule)).collect();
        BadInput::new(input, format!("no rule is called {wanted:?}"))
            .hint(format!("the rules are {}", names.join(", ")))
    })
}
