//! What a workflow passes, raw and validated.

use action::BadInput;
use findings::Format;
use migrations::Rule;

/// What a workflow passes.
#[derive(clap::Args, Debug)]
pub struct Inputs {
    /// Folder of the migrations, from the top of the repository; the last part may have `*` and `?`, as in `db/migrations/*_core.sql`
    #[arg(long, default_value = "supabase/migrations")]
    migrations: String,

    /// What is deployed: a commit, tag or branch, or the applied versions one a line, or the path of a file with them; what the folder has beyond that is pending. It is never guessed
    #[arg(long)]
    base: Option<String>,

    /// Whether what a person must look at fails, too, like what breaks
    #[arg(
        long,
        action = clap::ArgAction::Set,
        value_parser = action::boolean,
        value_name = "BOOL",
        default_value = "false",
        default_missing_value = "true",
        num_args = 0..=1,
        require_equals = true
    )]
    strict: bool,

    /// How findings are told: `human` as lines, `github` as annotations on their lines, `json` and `sarif` as the output `report`, too. Empty means `github` on a runner, else `human`
    #[arg(long, value_enum)]
    format: Option<Format>,

    /// Name of a rule: prints its page and does nothing else
    #[arg(long)]
    explain: Option<String>,
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
    pub(crate) folder: String,
    /// A file name with `*` and `?`.
    pub(crate) files: String,
    pub(crate) base: String,
    pub(crate) strict: bool,
    pub(crate) format: Option<Format>,
}

impl TryFrom<Inputs> for Job {
    type Error = BadInput;

    fn try_from(inputs: Inputs) -> Result<Self, BadInput> {
        if let Some(name) = inputs.explain.filter(|name| !name.is_empty()) {
            return explain(&name);
        }
        let (folder, files) = place(&inputs.migrations)?;
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
        Ok(Self::Lint(Lint { folder, files, base, strict: inputs.strict, format: inputs.format }))
    }
}

fn explain(name: &str) -> Result<Job, BadInput> {
    let names = || Rule::ALL.iter().map(|rule| rule.name());
    Rule::named(name).map(Job::Explain).ok_or_else(|| findings::no_such_rule(name, names()))
}

/// The folder, and which of its files.
fn place(text: &str) -> Result<(String, String), BadInput> {
    let trimmed = text.trim_start_matches("./").trim_end_matches('/');
    let (folder, files) = match trimmed.rsplit_once('/') {
        Some((folder, last)) if last.contains(['*', '?']) || last.ends_with(".sql") => (folder, last),
        _ => (trimmed, "*.sql"),
    };
    let odd = |part: &str| ["", ".", ".."].contains(&part) || part.contains(['*', '?']);
    if folder.split('/').any(odd) || trimmed.contains(char::is_control) {
        return Err(BadInput::new("migrations", format!("{text:?} is not a folder of the repository")).hint(
            "write it from the top on, such as `supabase/migrations`; `*` may stand in its last part",
        ));
    }
    Ok((folder.to_owned(), files.to_owned()))
}

/// Whether a file name fits a pattern of `*` and `?`.
pub(crate) fn fits(pattern: &str, name: &str) -> bool {
    let (mut head, mut rest) = (pattern.chars(), name.chars());
    match head.next() {
        None => name.is_empty(),
        Some('*') => {
            let after = head.as_str();
            name.char_indices().any(|(at, _)| fits(after, &name[at..])) || fits(after, "")
        }
        Some(wanted) => {
            rest.next().is_some_and(|found| wanted == '?' || wanted == found)
                && fits(head.as_str(), rest.as_str())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_or_a_pattern_in_it() {
        let of = |text: &str| place(text).map(|(folder, files)| format!("{folder} {files}")).ok();
        assert_eq!(of("supabase/migrations/").unwrap(), "supabase/migrations *.sql");
        assert_eq!(of("./db/*_core.sql").unwrap(), "db *_core.sql");
        assert_eq!(of("migrations").unwrap(), "migrations *.sql");
        for bad in ["", "/", "../x", "a/../b", "a//b", "*/migrations", "/etc"] {
            assert_eq!(of(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn patterns_of_file_names() {
        for (pattern, name) in
            [("*.sql", "a.sql"), ("*", ""), ("a?c*", "abcd"), ("*_core.sql", "1_x_core.sql")]
        {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("*.sql", "a.md"), ("?", ""), ("a*b", "ac"), ("*_core.sql", "1_core.sql.bak")]
        {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
    }
}
