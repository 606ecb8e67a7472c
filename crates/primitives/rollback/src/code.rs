//! The code from before: whether it is there, and which migrations it does not know.

use action::{Context, Failure};
use cutover::rollback::{Effect, Migration};
use git::{CommitId, GitError, Repository};
use migration_history::Migrations;
use postgres::MigrationRow;

/// What stands before the reason in a migration that older code cannot work with
/// (ADR-053 D5: `-- compat: breaking (reason: <reason>)`).
const MARKER: &str = "compat: breaking";

/// Whether the repository has the commit; fetches it, if only the remote has it.
///
/// # Errors
/// The ledger's commit is no id; git failed for any reason but that nobody has it.
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
        Err(GitError::NotOnRemote { .. }) => Ok(None),
        Err(error) => Err(Failure::from(error).hint("check the repository out with `fetch-depth: 0`")),
    }
}

/// The repository of the working directory.
pub(crate) async fn open(context: &Context) -> Result<Repository, Failure> {
    Ok(Repository::open(context.directory(), context.environment()).await?)
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
