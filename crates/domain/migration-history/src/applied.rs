//! One row of `supabase_migrations.schema_migrations`.

/// An applied migration, as the database has it (Supabase CLI, migration history).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Its version; text that need not have the form of a file's.
    pub version: String,
    /// Its name, if whoever applied it recorded one.
    pub name: Option<String>,
    /// What was run, if that was recorded.
    pub statements: Option<Vec<String>>,
}

impl Applied {
    /// Version and name as a file's stem would have them.
    #[must_use]
    pub fn stem(&self) -> String {
        match self.name.as_deref().filter(|name| !name.is_empty()) {
            Some(name) => format!("{}_{name}", self.version),
            None => self.version.clone(),
        }
    }
}
