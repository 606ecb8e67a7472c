//! Which files are migrations.

use action::BadInput;
use manifest::{Glob, GlobSet};

/// The input `migrations`: a folder, or a glob of files or folders.
#[derive(Debug)]
pub(crate) struct Pattern {
    /// As a glob of files.
    text: String,
    files: GlobSet,
    /// Its last part alone, for files that stood elsewhere.
    name: GlobSet,
    /// Whether it says itself which files, not just which folder.
    names_files: bool,
}

impl Pattern {
    /// Reads the input. Its parts begin at the top of the repository.
    ///
    /// # Errors
    /// It leads out of the repository, or is outside the grammar of globs.
    pub(crate) fn parse(input: &str) -> Result<Self, BadInput> {
        let trimmed = input.trim_start_matches("./").trim_end_matches('/');
        let odd = |part: &str| ["", ".", ".."].contains(&part);
        if trimmed.split('/').any(odd) || trimmed.contains(|char: char| char.is_control() || char == '\\') {
            return Err(BadInput::new("migrations", format!("{input:?} is not a folder of the repository")).hint(
                "write it from the top on, with `/` between its parts, such as `supabase/migrations` or `modules/*/migrations/*.sql`",
            ));
        }
        let last = trimmed.rsplit('/').next().unwrap_or_default();
        let names_files = last.ends_with(".sql") || is_wild(last);
        let text = if names_files { trimmed.to_owned() } else { format!("{trimmed}/*.sql") };
        // Braces with slashes in them leave half an expression as the last part.
        let whole = last.matches('{').count() == last.matches('}').count();
        let name = match (names_files, whole) {
            (true, true) => last,
            (true, false) => "*",
            (false, _) => "*.sql",
        };
        let set = |glob: &str| match Glob::parse(glob) {
            Ok(glob) => Ok(GlobSet::new([&glob])),
            Err(error) => Err(BadInput::new("migrations", error.to_string())),
        };
        Ok(Self { files: set(&text)?, name: set(name)?, names_files, text })
    }

    /// Whether a path from the top of the repository is a migration.
    pub(crate) fn takes(&self, path: &[u8]) -> bool {
        path.ends_with(b".sql") && !self.files.matcher().matches(path).is_empty()
    }

    /// Whether a file would be one if it stood in the right folder.
    pub(crate) fn takes_name(&self, name: &[u8]) -> bool {
        name.ends_with(b".sql") && !self.name.matcher().matches(name).is_empty()
    }

    /// The folder that all of them are below; empty for the top.
    pub(crate) fn folder(&self) -> String {
        let parts: Vec<&str> = self.text.split('/').collect();
        let plain = parts.iter().take(parts.len() - 1).take_while(|part| !is_wild(part));
        plain.copied().collect::<Vec<_>>().join("/")
    }

    /// How many folders deep below [`Self::folder`] they may be.
    pub(crate) fn depth(&self) -> usize {
        let below = self.text.strip_prefix(&self.folder()).unwrap_or(&self.text).trim_start_matches('/');
        let any = below.contains("**") || below.contains('{');
        if any { usize::MAX } else { below.matches('/').count() }
    }

    /// Whether it says itself which files, so that none is a slip.
    pub(crate) fn names_files(&self) -> bool {
        self.names_files
    }

    /// As a glob of files.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

fn is_wild(part: &str) -> bool {
    part.contains(['*', '?', '[', '{'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Pattern {
        Pattern::parse(text).unwrap()
    }

    #[test]
    fn a_folder_or_a_glob() {
        for (input, text, folder, depth) in [
            ("supabase/migrations/", "supabase/migrations/*.sql", "supabase/migrations", 0),
            ("./db/*_core.sql", "db/*_core.sql", "db", 0),
            ("migrations", "migrations/*.sql", "migrations", 0),
            ("supabase/*/migrations", "supabase/*/migrations/*.sql", "supabase", 2),
            ("*/migrations/*.sql", "*/migrations/*.sql", "", 2),
            ("db/one.sql", "db/one.sql", "db", 0),
            ("*.sql", "*.sql", "", 0),
            ("db/**", "db/**", "db", usize::MAX),
            ("db/{a,b/c}/*.sql", "db/{a,b/c}/*.sql", "db", usize::MAX),
        ] {
            let pattern = of(input);
            assert_eq!((pattern.text(), pattern.folder().as_str(), pattern.depth()), (text, folder, depth));
        }
        for bad in ["", "/", "../x", "a/../b", "a//b", "/etc", r"supabase\migrations", "a\nb", "a/[z-a]/b"] {
            assert!(Pattern::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn which_files_it_takes() {
        for (input, path) in [
            ("m", "m/a.sql"),
            ("m/*", "m/a.sql"),
            ("s/*/migrations", "s/a/migrations/1.sql"),
            ("s/*/migrations/*_core.sql", "s/b/migrations/1_core.sql"),
            ("**/migrations/*.sql", "a/b/migrations/1.sql"),
            ("**/migrations/*.sql", "migrations/1.sql"),
            ("m/{a,b/c}/*.sql", "m/b/c/1.sql"),
            ("m/*/migration.sql", "m/2026_init/migration.sql"),
        ] {
            assert!(of(input).takes(path.as_bytes()), "{input} {path}");
        }
        for (input, path) in [
            ("m", "m/b/a.sql"),
            ("m", "m/README.md"),
            ("m/*", "m/README.md"),
            ("m/*", "m/b/a.sql"),
            ("s/*/migrations", "s/migrations/1.sql"),
            ("s/*/migrations", "s/a/b/migrations/1.sql"),
            ("m/*_core.sql", "m/1_core.sql.bak"),
        ] {
            assert!(!of(input).takes(path.as_bytes()), "{input} {path}");
        }
        assert!(of("m/*_core.sql").takes_name(b"1_core.sql"));
        assert!(!of("m/*_core.sql").takes_name(b"1.sql"));
        assert!(of("m/{a/*.sql,b/*.sql}").takes_name(b"1.sql"));
    }
}
