//! What is pending, and what speaks against trying it.

use std::collections::BTreeSet;

use action::Failure;
use migration_history::{Applied, Drift, Migration, Migrations, compare};
use supabase::HistoryRow;

/// So many that a person reads them.
const SHOWN: usize = 10;

/// The rows of an answer in the terms of the rules.
pub(crate) fn rows(rows: Vec<HistoryRow>) -> Vec<Applied> {
    let row = |row: HistoryRow| Applied { version: row.version, name: row.name, statements: row.statements };
    rows.into_iter().map(row).collect()
}

/// The files that production lacks, in their order. What production has beyond them is
/// no drift: the tag of a rollback is older.
///
/// # Errors
/// `stale` when files and production tell different stories, `refused` when a pending
/// file cannot run as one migration.
pub(crate) fn pending<'f>(
    files: &'f Migrations,
    production: &[Applied],
) -> Result<Vec<&'f Migration>, Failure> {
    let found = compare(files, production);
    let drift: Vec<_> =
        found.drift.into_iter().filter(|drift| !matches!(drift, Drift::WithoutFile { .. })).collect();
    if let Some(first) = drift.first() {
        let more = match drift.len() {
            1 => String::new(),
            count => format!(" (and {} more)", count - 1),
        };
        let failure =
            Failure::stale(format!("the files and production tell different stories: {first}{more}"));
        let hint = |failure: Failure, drift: &Drift| failure.hint(format!("{drift}: {}", drift.fix()));
        return Err(drift.iter().take(SHOWN).fold(failure, hint));
    }
    for file in &found.pending {
        file.script().map_err(|problem| {
            let failure = Failure::refused(format!("{}: {problem}", file.file_name()));
            failure.hint(problem.fix()).hint("no branch was made")
        })?;
    }
    Ok(found.pending)
}

/// Says what a branch has that it should not have, or lacks, if anything: `lacks x, has
/// y beyond it`.
pub(crate) fn difference(wanted: &BTreeSet<String>, found: &[Applied]) -> Option<String> {
    let has: BTreeSet<&str> = found.iter().map(|row| row.version.as_str()).collect();
    let lacks: Vec<&str> =
        wanted.iter().map(String::as_str).filter(|version| !has.contains(version)).collect();
    let more: Vec<String> =
        found.iter().filter(|row| !wanted.contains(&row.version)).map(Applied::stem).collect();
    match (lacks.is_empty(), more.is_empty()) {
        (true, true) => None,
        (false, true) => Some(format!("lacks {}", lacks.join(", "))),
        (true, false) => Some(format!("has {} beyond it", more.join(", "))),
        (false, false) => Some(format!("lacks {}, has {} beyond it", lacks.join(", "), more.join(", "))),
    }
}

pub(crate) fn versions(rows: &[Applied]) -> BTreeSet<String> {
    rows.iter().map(|row| row.version.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_names_both_sides() {
        let row =
            |version: &str| Applied { version: version.into(), name: Some("n".into()), statements: None };
        let wanted = BTreeSet::from(["1".to_owned(), "2".to_owned()]);
        let told =
            |found: &[&str]| difference(&wanted, &found.iter().map(|one| row(one)).collect::<Vec<_>>());
        assert_eq!(told(&["1", "2"]), None);
        assert_eq!(told(&["2"]).unwrap(), "lacks 1");
        assert_eq!(told(&["1", "2", "3"]).unwrap(), "has 3_n beyond it");
        assert_eq!(told(&["3"]).unwrap(), "lacks 1, 2, has 3_n beyond it");
    }
}
