//! Which files are migrations.
//!
//! `*` and `?` stand for characters of one part of a path, `**` for any number of parts. The deploy manifest has a larger
//! grammar; for a folder and a name this is enough, at a hundredth of its size.

use action::BadInput;

/// The input `migrations`: a folder, or a glob of files or folders.
#[derive(Debug)]
pub(crate) struct Pattern {
    /// As a glob of files.
    text: String,
    /// Whether it says itself which files, not just which folder.
    names_files: bool,
}

impl Pattern {
    /// Reads the input. Its parts begin at the top of the repository.
    ///
    /// # Errors
    /// It leads out of the repository, or has what other globs have and this one does not.
    pub(crate) fn parse(input: &str) -> Result<Self, BadInput> {
        let trimmed = input.trim_start_matches("./").trim_end_matches('/');
        let odd = |part: &str| ["", ".", ".."].contains(&part);
        if trimmed.split('/').any(odd) || trimmed.contains(|char: char| char.is_control() || char == '\\') {
            return Err(BadInput::new("migrations", format!("{input:?} is not a folder of the repository"))
                .hint(
                    "write it from the top on, with `/` between its parts, such as `supabase/migrations`",
                ));
        }
        if trimmed.starts_with('!') || trimmed.contains(['[', '{']) {
            let problem = format!("{input:?} has more in it than this glob knows");
            return Err(BadInput::new("migrations", problem).hint(
                "`*` and `?` work in any part of it, and `**` for any number of parts, as in `modules/*/migrations/*.sql`",
            ));
        }
        let last = trimmed.rsplit('/').next().unwrap_or_default();
        let names_files = last.ends_with(".sql") || is_wild(last);
        let text = if names_files { trimmed.to_owned() } else { format!("{trimmed}/*.sql") };
        Ok(Self { text, names_files })
    }

    /// Whether a path from the top of the repository is a migration.
    pub(crate) fn takes(&self, path: &str) -> bool {
        path.ends_with(".sql") && is_path(&self.parts(), &path.split('/').collect::<Vec<_>>())
    }

    /// Whether a file would be one if it stood in the right folder.
    pub(crate) fn takes_name(&self, name: &str) -> bool {
        name.ends_with(".sql") && self.parts().last().is_some_and(|last| is_name(last, name))
    }

    /// The folder that all of them are below; empty for the top.
    pub(crate) fn folder(&self) -> String {
        let parts = self.parts();
        let plain = parts.iter().take(parts.len() - 1).take_while(|part| !is_wild(part));
        plain.copied().collect::<Vec<_>>().join("/")
    }

    /// How many folders deep below [`Self::folder`] they may be.
    pub(crate) fn depth(&self) -> usize {
        let parts = self.parts();
        let folders = parts.iter().take(parts.len() - 1).skip_while(|part| !is_wild(part));
        if parts.contains(&"**") { usize::MAX } else { folders.count() }
    }

    /// Whether it says itself which files, so that none is a slip.
    pub(crate) fn names_files(&self) -> bool {
        self.names_files
    }

    /// As a glob of files.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    fn parts(&self) -> Vec<&str> {
        self.text.split('/').collect()
    }
}

fn is_wild(part: &str) -> bool {
    part.contains(['*', '?'])
}

fn is_path(pattern: &[&str], path: &[&str]) -> bool {
    fits(pattern, path, |part| *part == "**", |part, name| is_name(part, name))
}

fn is_name(pattern: &str, name: &str) -> bool {
    let chars = |text: &str| text.chars().collect::<Vec<char>>();
    fits(&chars(pattern), &chars(name), |char| *char == '*', |wanted, char| *wanted == '?' || wanted == char)
}

/// Whether all of some things fit a pattern, some of which stand for any number of things. Only the last of these need
/// be tried with more.
fn fits<P, T>(
    pattern: &[P],
    things: &[T],
    is_any: impl Fn(&P) -> bool,
    is_one: impl Fn(&P, &T) -> bool,
) -> bool {
    let (mut at, mut from) = (0, 0);
    let mut again = None;
    while let Some(thing) = things.get(from) {
        match pattern.get(at) {
            Some(part) if is_any(part) => {
                at += 1;
                again = Some((at, from));
            }
            Some(part) if is_one(part, thing) => (at, from) = (at + 1, from + 1),
            _ => {
                let Some((after, first)) = again else { return false };
                (at, from) = (after, first + 1);
                again = Some((at, from));
            }
        }
    }
    pattern.iter().skip(at).all(is_any)
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
            ("db/*/x/**/*.sql", "db/*/x/**/*.sql", "db", usize::MAX),
        ] {
            let pattern = of(input);
            assert_eq!((pattern.text(), pattern.folder().as_str(), pattern.depth()), (text, folder, depth));
        }
        for bad in [
            "",
            "/",
            "../x",
            "a/../b",
            "a//b",
            "/etc",
            r"supabase\migrations",
            "a\nb",
            "a/[ab]/b",
            "a/{b,c}",
            "!a",
        ] {
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
            ("m/**", "m/1.sql"),
            ("m/**", "m/b/c/1.sql"),
            ("a/**/b/**/c/*.sql", "a/x/b/b/y/c/c/1.sql"),
            ("a**z/*.sql", "a.z/1.sql"),
            ("m/?x?y*.sql", "m/éxay.sql"),
            ("m/*a*b.sql", "m/aab.b.sql.ab.sql"),
            ("m/*/migration.sql", "m/2026_init/migration.sql"),
        ] {
            assert!(of(input).takes(path), "{input} {path}");
        }
        for (input, path) in [
            ("m", "m/b/a.sql"),
            ("m", "m/README.md"),
            ("m/*", "m/README.md"),
            ("m/*", "m/b/a.sql"),
            ("s/*/migrations", "s/migrations/1.sql"),
            ("s/*/migrations", "s/a/b/migrations/1.sql"),
            ("m/*_core.sql", "m/1_core.sql.bak"),
            ("a/**/b/*.sql", "a/x/c/1.sql"),
            ("m/?.sql", "m/.sql"),
            ("m/*a*b.sql", "m/b.a.sql"),
            ("m/**", "n/1.sql"),
        ] {
            assert!(!of(input).takes(path), "{input} {path}");
        }
        assert!(of("m/*_core.sql").takes_name("1_core.sql"));
        assert!(!of("m/*_core.sql").takes_name("1.sql"));
        assert!(of("m").takes_name("1.sql") && !of("m").takes_name("1.md"));
    }
}
