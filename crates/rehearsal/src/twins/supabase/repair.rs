//! What a person records by hand.

use anyhow::{Context as _, Result, anyhow};

use super::Supabase;
use super::migration::{Row, note};

impl Supabase {
    /// Records a migration as applied without running it, as `supabase migration repair VERSION --status applied` does
    /// (Supabase's CLI reference).
    ///
    /// # Errors
    /// No such database, or it is recorded already.
    pub fn record(&self, reference: &str, stem: &str, statements: &[&str]) -> Result<()> {
        let (version, name) = stem.split_once('_').with_context(|| format!("{stem} has no name"))?;
        let statements = statements.iter().map(|statement| (*statement).to_owned()).collect();
        let row = Row { version: version.to_owned(), name: name.to_owned(), statements };
        note(&self.address(reference)?, &row).map_err(|error| anyhow!("record {stem}: {error}"))
    }
}
