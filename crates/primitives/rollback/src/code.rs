//! The code from before: whether it is there, and which migrations it does not know.

use action::{Context, Environment, Failure};
use cutover::rollback::{Effect, Migration};
use git::{CommitId, GitError, Repository};
use migration_history::Migrations;
use postgres::MigrationRow;

/// What stands before the reason in a migration that older code cannot work with
/// (ADR-053 D5: `-- compat: breaking (reason: <reason>)`).
const MARKER: &str = "compat: breaking";

/// The variable that holds GitHub's token.
pub(crate) const TOKEN: &str = "GITHUB_TOKEN";

/// A git credential helper that gives the token (git docs, gitcredentials): git asks it only when the remote wants to
/// know who asks, and reads the token from its environment, so that no argument ever holds it. GitHub's user name for
/// tokens is `x-access-token` (GitHub docs, authenticating as an installation).
const HELPER: &str =
    r#"!f() { test "$1" != get || printf 'username=x-access-token\npassword=%s\n' "$GITHUB_TOKEN"; }; f"#;

/// Whether the repository has the commit; fetches it, if only the remote has it.
///
/// # Errors
/// The ledger's commit is no id; nobody can tell, since the remote did not answer to the question.
pub(crate) async fn find(repository: &Repository, sha: &str) -> Result<Option<CommitId>, Failure> {
    let Some(id) = CommitId::parse(sha) else {
        return Err(Failure::stale(format!("the ledger has the commit {sha:?}, which is no commit's id"))
            .hint("mend the row of core.deployments"));
    };
    if repository.commit(id.as_str()).await?.is_some() {
        return Ok(Some(id));
    }
    match repository.fetch(&id).await {
        Ok(()) => Ok(Some(id)),
        // Anything else may be the answer to a stranger, or to a server's own rules.
        Err(GitError::NotOnRemote { stderr, .. }) if stderr.contains("not our ref") => Ok(None),
        Err(error) => Err(unknown(&id, error)),
    }
}

/// Class 5 is declared for a commit that is gone, and never for a question that was not answered.
fn unknown(commit: &CommitId, error: GitError) -> Failure {
    Failure::from(error)
        .context(format!("tell whether commit {commit}, which served before, is still to be had"))
        .hint("check the repository out with `fetch-depth: 0`, so that every commit of a branch or a tag is there")
        .hint(format!("for a commit of none, in a private repository, give `{TOKEN}` with contents: read"))
        .hint("to lead the names back all the same, use cname-flip with `mode: restore`")
        .hint("nothing was changed")
}

/// The repository of the working directory, and the token for its remote, if there is one.
pub(crate) async fn open(context: &Context) -> Result<Repository, Failure> {
    let environment = context.environment();
    let Some(_) = context.optional_secret(TOKEN) else {
        return Ok(Repository::open(context.directory(), environment).await?);
    };
    let server = context.variable("GITHUB_SERVER_URL").unwrap_or_else(|| "https://github.com".to_owned());
    let environment = with_configuration(environment, &format!("credential.{server}.helper"), HELPER);
    Ok(Repository::open(context.directory(), &environment).await?)
}

/// The same with one more line of git's configuration (git docs, `GIT_CONFIG_COUNT`).
fn with_configuration(environment: &Environment, key: &str, value: &str) -> Environment {
    let count = environment.get("GIT_CONFIG_COUNT").and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
    let inherited = environment.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    let more = [
        ("GIT_CONFIG_COUNT".to_owned(), (count + 1).to_string()),
        (format!("GIT_CONFIG_KEY_{count}"), key.to_owned()),
        (format!("GIT_CONFIG_VALUE_{count}"), value.to_owned()),
    ];
    inherited.chain(more.map(|(name, value)| (name.into(), value.into()))).collect()
}

/// The applied migrations that `prior` does not have, and what they mean for it. Their
/// text is looked for in `own`, in what is checked out, and in what the database recorded.
pub(crate) async fn migrations_since(
    repository: &Repository,
    folder: &str,
    prior: &CommitId,
    own: &str,
    applied: &[MigrationRow],
) -> Result<Vec<Migration>, Failure> {
    let known = at(repository, prior, folder).await?;
    let mut texts = Vec::new();
    for revision in [own, "HEAD"] {
        if let Some(commit) = repository.commit(revision).await? {
            texts.extend(at(repository, &commit, folder).await?);
        }
    }
    let is_known =
        |row: &&MigrationRow| known.as_ref().is_some_and(|known| known.of_version(&row.version).is_some());
    let since = applied.iter().filter(|row| !is_known(row));
    Ok(since.map(|row| Migration { version: row.version.clone(), effect: effect(row, &texts) }).collect())
}

/// The files of a commit; none where it has no such folder.
async fn at(repository: &Repository, commit: &CommitId, folder: &str) -> Result<Option<Migrations>, Failure> {
    match migration_files::at_commit(repository, commit, folder).await {
        Ok(found) => Ok(Some(found)),
        Err(migration_files::Error::NoFolder { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn effect(row: &MigrationRow, texts: &[Migrations]) -> Effect {
    let recorded = row.statements.as_ref().map(|statements| statements.join("\n;\n"));
    let files = texts.iter().filter_map(|files| Some(files.of_version(&row.version)?.text().to_owned()));
    let mut all = files.chain(recorded).peekable();
    if all.peek().is_none() {
        return Effect::Unknown;
    }
    // One of them is enough: comments may have been lost on the way into the database.
    if all.any(|text| is_breaking(&text)) { Effect::Contracts } else { Effect::Expands }
}

/// Whether a line of the text is the marker.
fn is_breaking(text: &str) -> bool {
    let comments = text.lines().filter_map(|line| line.trim_start().strip_prefix("--"));
    comments.into_iter().any(|comment| comment.trim_start().starts_with(MARKER))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(statements: Option<&str>) -> MigrationRow {
        MigrationRow {
            version: "20260101000000".to_owned(),
            name: None,
            statements: statements.map(|text| vec![text.to_owned()]),
        }
    }

    fn file(text: &str) -> Migrations {
        Migrations::new([("20260101000000_a.sql".to_owned(), text.to_owned())]).unwrap()
    }

    #[test]
    fn the_marker_says_what_older_code_cannot_work_with() {
        for text in ["-- compat: breaking (reason: x)", "select 1;\n  --compat: breaking (reason: y)\n"] {
            assert!(is_breaking(text), "{text}");
        }
        for text in ["", "drop table x;", "select '-- compat: breaking';", "-- not compat: breaking"] {
            assert!(!is_breaking(text), "{text}");
        }
    }

    #[test]
    fn any_text_of_it_tells_and_none_tells_nothing() {
        let breaking = "-- compat: breaking (reason: x)\ndrop table a;";
        assert_eq!(effect(&row(None), &[]), Effect::Unknown);
        assert_eq!(effect(&row(None), &[file("select 1;")]), Effect::Expands);
        assert_eq!(effect(&row(None), &[file(breaking)]), Effect::Contracts);
        assert_eq!(effect(&row(Some("select 1")), &[]), Effect::Expands);
        assert_eq!(effect(&row(Some(breaking)), &[]), Effect::Contracts);
        assert_eq!(effect(&row(Some("drop table a")), &[file(breaking)]), Effect::Contracts);
    }
}
