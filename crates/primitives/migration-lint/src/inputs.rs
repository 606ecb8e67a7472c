//! What a workflow passes, raw and validated.

use action::BadInput;
use findings::{Format, LintInputs, rule_named};
use migrations::Rule;

use crate::pattern::Pattern;

/// What a workflow passes.
#[derive(clap::Args, Debug)]
pub struct Inputs {
    /// Folder of the migrations, or a glob of folders or `.sql` files, such as `modules/*/migrations` or `db/migrations/*_core.sql`, from the top of the repository. All that it finds is one database's, in the order of the file names
    #[arg(long, default_value = "supabase/migrations")]
    migrations: String,

    /// What is deployed: a commit, tag or branch, or the applied versions one a line, or the path of a file with them; what the folder has beyond that is pending. It is never guessed
    #[arg(long)]
    base: Option<String>,

    /// Names of rules that this repository does without, separated by commas. What ADR-053 D5 rejects is judged all the same: a break that is meant gets a marker
    #[arg(long)]
    exclude: Option<String>,

    #[command(flatten)]
    lint: LintInputs,
}

/// Validated inputs.
#[derive(Debug)]
pub enum Job {
    /// Print the page of a rule.
    Explain(Rule),
    /// Judge migrations.
    Lint(Lint),
}

/// What to judge, and how.
#[derive(Debug)]
pub struct Lint {
    pub(crate) migrations: Pattern,
    pub(crate) base: String,
    pub(crate) excluded: Vec<Rule>,
    pub(crate) strict: bool,
    pub(crate) format: Option<Format>,
}

impl TryFrom<Inputs> for Job {
    type Error = BadInput;

    fn try_from(inputs: Inputs) -> Result<Self, BadInput> {
        if let Some(rule) = inputs.lint.explained(Rule::ALL, Rule::name)? {
            return Ok(Self::Explain(rule));
        }
        let migrations = Pattern::parse(&inputs.migrations)?;
        let base = inputs.base.map(|base| base.trim().to_owned()).filter(|base| !base.is_empty());
        let base = base.ok_or_else(|| {
            BadInput::new("base", "nothing says what is deployed").hint(
                "pass the commit that runs, as `deployed-base` tells it, or a file with the applied versions",
            )
        })?;
        if base.len() >= 40 && base.bytes().all(|byte| byte == b'0') {
            return Err(BadInput::new("base", "zeros name no commit")
                .hint("on a new branch take the branch that it goes into, such as `origin/main`"));
        }
        let excluded = excluded(inputs.exclude.as_deref().unwrap_or_default())?;
        let LintInputs { strict, format, .. } = inputs.lint;
        Ok(Self::Lint(Lint { migrations, base, excluded, strict, format }))
    }
}

/// The rules that are not wanted.
fn excluded(text: &str) -> Result<Vec<Rule>, BadInput> {
    let names = text.split([',', '\n']).map(str::trim).filter(|name| !name.is_empty());
    let optional: Vec<Rule> = Rule::ALL.iter().copied().filter(|rule| !rule.is_always_on()).collect();
    let rule = |name: &str| match Rule::named(name) {
        Some(rule) if rule.is_always_on() => {
            Err(BadInput::new("exclude", format!("the rule {name} cannot be excluded"))
                .hint("where a break is meant, say why in its file: -- compat: breaking (reason: <reason>)"))
        }
        _ => rule_named("exclude", name, &optional, Rule::name),
    };
    names.map(rule).collect()
}
