//! Names of migration files: `<14 digits>_<name>.sql`, in the order in which they are to run.

use std::collections::{BTreeMap, BTreeSet};

/// A name that is wrong.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BadName {
    /// The file, as it was given.
    pub path: String,
    /// What is wrong; a whole statement.
    pub message: String,
}

/// The version that a path's file name begins with; `None` when it does not have the form.
#[must_use]
pub fn version(path: &str) -> Option<&str> {
    let file = path.rsplit(['/', '\\']).next()?;
    let stem = file.strip_suffix(".sql")?;
    let (version, name) = stem.split_once('_')?;
    let digits = version.len() == 14 && version.bytes().all(|byte| byte.is_ascii_digit());
    let named = !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    (digits && named).then_some(version)
}

/// The 14 digits that a path's file name begins with, whatever comes after: the version by which a database may know
/// a file whose name does not have the form.
#[must_use]
pub fn digits(path: &str) -> Option<&str> {
    let file = path.rsplit(['/', '\\']).next()?;
    let digits = file.get(..14).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    let more = file.as_bytes().get(14).is_some_and(u8::is_ascii_digit);
    (!more).then_some(digits)
}

/// Looks at the names of all migrations of a repository.
///
/// `deployed` holds the versions that are applied where the base runs. Versions must differ; a pending one must be
/// later than every deployed one, for tools run migrations in the order of their versions; and every deployed one
/// must still have its file.
#[must_use]
pub fn check(paths: &[&str], deployed: &BTreeSet<String>) -> Vec<BadName> {
    let bad = |path: &str, message: String| BadName { path: path.to_owned(), message };
    let mut found = Vec::new();
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    let head = deployed.last();
    for path in paths {
        let Some(version) = version(path) else {
            if let Some(digits) = digits(path) {
                seen.entry(digits).or_insert(path);
            }
            found.push(bad(path, String::from("the name is not `<14 digits>_<name>.sql`")));
            continue;
        };
        if let Some(other) = seen.insert(version, path) {
            found.push(bad(path, format!("the version {version} is that of {other}, too")));
        }
        if let Some(head) = head.filter(|head| !deployed.contains(version) && version < head.as_str()) {
            found.push(bad(path, format!("the version {version} is earlier than {head}, which is deployed")));
        }
    }
    for version in deployed.iter().filter(|version| !seen.contains_key(version.as_str())) {
        found.push(bad(version, format!("the deployed version {version} has no file any more")));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(paths: &[&str], deployed: &[&str]) -> Vec<String> {
        let deployed = deployed.iter().map(|version| (*version).to_owned()).collect();
        check(paths, &deployed).into_iter().map(|bad| format!("{}: {}", bad.path, bad.message)).collect()
    }

    #[test]
    fn names_in_order_are_fine() {
        let paths = ["m/20260101000000_a.sql", "m/20260102000000_b-c.sql"];
        assert_eq!(messages(&paths, &["20260101000000"]), Vec::<String>::new());
    }

    #[test]
    fn every_other_name_is_told() {
        let paths =
            ["m/1_a.sql", "m/20260101000000_a.sql", "m/20260101000000_b.sql", "m/20260103000000_.sql"];
        assert_eq!(
            messages(&paths, &["20260101000000", "20260102000000"]),
            [
                "m/1_a.sql: the name is not `<14 digits>_<name>.sql`",
                "m/20260101000000_b.sql: the version 20260101000000 is that of m/20260101000000_a.sql, too",
                "m/20260103000000_.sql: the name is not `<14 digits>_<name>.sql`",
                "20260102000000: the deployed version 20260102000000 has no file any more",
            ]
        );
    }

    #[test]
    fn a_file_with_another_form_of_name_is_there_all_the_same() {
        let messages = messages(&["m/20260101000000 a.sql"], &["20260101000000"]);
        assert_eq!(messages, ["m/20260101000000 a.sql: the name is not `<14 digits>_<name>.sql`"]);
        assert_eq!(digits("m/202601010000001_a.sql"), None, "15 digits");
        assert_eq!(digits("m/2026_a.sql"), None);
    }

    #[test]
    fn nothing_goes_before_the_deployed_head() {
        let paths = ["20260101000000_a.sql", "20260102000000_b.sql"];
        assert_eq!(
            messages(&paths, &["20260102000000"]),
            [
                "20260101000000_a.sql: the version 20260101000000 is earlier than 20260102000000, which is deployed"
            ]
        );
    }
}
