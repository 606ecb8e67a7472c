//! The migration files of one folder, in their order.

use crate::file::{Migration, NameProblem};

/// The files of a folder, each version once, in the order of their versions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Migrations(Vec<Migration>);

/// A folder that is no folder of migrations.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FolderProblem {
    /// A file whose name ends in `.sql` and is no migration's.
    #[error(transparent)]
    Name(#[from] NameProblem),
    /// Two files of one version: only one of them could ever be recorded.
    #[error("{first} and {second} have the same version; give the newer one a version of its own")]
    Twice {
        /// One file.
        first: String,
        /// The other one.
        second: String,
    },
}

impl Migrations {
    /// Orders the files of a folder, given as name and text. Files that do not end in
    /// `.sql` are none of its business.
    ///
    /// # Errors
    /// A name that is no migration's, or a version that two files share.
    pub fn new(files: impl IntoIterator<Item = (String, String)>) -> Result<Self, FolderProblem> {
        let mut found = Vec::new();
        for (name, text) in files {
            match Migration::new(&name, text) {
                Ok(migration) => found.push(migration),
                Err(NameProblem::NoSql(_)) => {}
                Err(problem) => return Err(problem.into()),
            }
        }
        found.sort_by(|one, other| {
            one.version().cmp(other.version()).then_with(|| one.name().cmp(other.name()))
        });
        for pair in found.windows(2) {
            if let [first, second] = pair
                && first.version() == second.version()
            {
                return Err(FolderProblem::Twice { first: first.file_name(), second: second.file_name() });
            }
        }
        Ok(Self(found))
    }

    /// The files, oldest version first.
    pub fn iter(&self) -> std::slice::Iter<'_, Migration> {
        self.0.iter()
    }

    /// The file of a version.
    #[must_use]
    pub fn of_version(&self, version: &str) -> Option<&Migration> {
        let at = self.0.binary_search_by(|migration| migration.version().as_str().cmp(version)).ok()?;
        self.0.get(at)
    }

    /// The file with the newest version.
    #[must_use]
    pub fn newest(&self) -> Option<&Migration> {
        self.0.last()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> IntoIterator for &'a Migrations {
    type Item = &'a Migration;
    type IntoIter = std::slice::Iter<'a, Migration>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(names: &[&str]) -> Result<Migrations, FolderProblem> {
        Migrations::new(names.iter().map(|name| ((*name).to_owned(), String::new())))
    }

    #[test]
    fn files_are_ordered_by_version_whatever_order_the_folder_has() {
        let found = read(&["20260102000000_b.sql", "README.md", "20260101000000_z.sql"]).unwrap();
        let stems: Vec<_> = found.iter().map(Migration::stem).collect();
        assert_eq!(stems, ["20260101000000_z", "20260102000000_b"]);
        assert_eq!(found.newest().unwrap().name(), "b");
        assert_eq!(found.of_version("20260101000000").unwrap().name(), "z");
        assert!(found.of_version("20260103000000").is_none());
        assert!(read(&[]).unwrap().is_empty());
    }

    #[test]
    fn a_version_that_two_files_share_and_a_stray_file_are_refused() {
        let twice =
            read(&["20260101000000_b.sql", "20260102000000_c.sql", "20260101000000_a.sql"]).unwrap_err();
        let told = "20260101000000_a.sql and 20260101000000_b.sql have the same version";
        assert!(twice.to_string().starts_with(told), "{twice}");
        assert!(matches!(read(&["fix.sql"]), Err(FolderProblem::Name(_))));
    }
}
