//! Secrets that turn up where they do not belong, before any mask hides them: a mask is the last line of defence,
//! not the first, and it knows a value only as it was written.

use std::fs;
use std::io;
use std::path::Path;

use action::{bash_word, markdown};

/// Shorter texts turn up by chance.
const SHORTEST: usize = 6;

/// The secrets of a job, in every form in which a log, a summary or a file could show them.
#[derive(Clone, Default)]
pub(super) struct Secrets(Vec<String>);

impl Secrets {
    pub(super) fn new<'s>(values: impl IntoIterator<Item = &'s str>) -> Self {
        let parts = values.into_iter().flat_map(|value| [value].into_iter().chain(password(value)));
        let forms = parts.flat_map(forms).filter(|form| form.len() >= SHORTEST);
        Self(forms.collect())
    }

    /// The places of `text` that show one, told with what a reader may see.
    ///
    /// The command by which a step asks for a mask has to name what it masks.
    pub(super) fn in_text(&self, place: &str, text: &str) -> Vec<String> {
        let lines = text.lines().enumerate();
        let open = lines.filter(|(_, line)| !line.starts_with("::add-mask::") && self.shown_by(line));
        open.map(|(at, line)| format!("{place}, line {}: {}", at + 1, self.hide(line))).collect()
    }

    /// The files below `folder` that hold one.
    ///
    /// # Errors
    /// A file cannot be read.
    pub(super) fn in_files(&self, folder: &Path) -> io::Result<Vec<String>> {
        let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder)? {
                let entry = entry?;
                let (kind, path) = (entry.file_type()?, entry.path());
                if kind.is_dir() {
                    folders.push(path);
                } else if kind.is_file() && self.shown_by(&String::from_utf8_lossy(&fs::read(&path)?)) {
                    found.push(format!("the file {}", path.display()));
                }
            }
        }
        Ok(found)
    }

    fn shown_by(&self, text: &str) -> bool {
        self.0.iter().any(|form| text.contains(form.as_str()))
    }

    fn hide(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, form| text.replace(form.as_str(), "***"))
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets")
    }
}

/// The password within an address, such as a DSN's.
fn password(value: &str) -> Option<&str> {
    let (_, rest) = value.split_once("://")?;
    let (user, _) = rest.rsplit_once('@')?;
    user.split_once(':').map(|(_, password)| password)
}

/// As it is, and as Markdown and bash show it.
fn forms(secret: &str) -> Vec<String> {
    let mut forms = vec![secret.to_owned()];
    for form in [
        markdown::text(secret),
        markdown::code(secret).replace("<code>", "").replace("</code>", ""),
        bash_word(secret).trim_start_matches("$'").trim_end_matches('\'').to_owned(),
    ] {
        if !forms.contains(&form) {
            forms.push(form);
        }
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_as_it_is_escaped_and_within_an_address() {
        let secrets = Secrets::new(["rnd_key_1*2", "postgres://user:pass-word@host/db"]);
        for shown in [
            "a rnd_key_1*2",
            r"rnd\_key\_1\*2",
            "the password is pass-word",
            "postgres://user:pass-word@host/db",
        ] {
            assert_eq!(secrets.in_text("a log", shown).len(), 1, "{shown}");
        }
        let told = secrets.in_text("a log", "one\nthe rnd_key_1*2.").join("");
        assert_eq!(told, "a log, line 2: the ***.");
    }

    #[test]
    fn a_mask_may_name_what_it_masks() {
        let secrets = Secrets::new(["rnd_key_12"]);
        assert!(secrets.in_text("a log", "::add-mask::rnd_key_12\nuser and host").is_empty());
    }

    #[test]
    fn files_are_searched_at_every_depth() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("a/b")).unwrap();
        fs::write(folder.path().join("a/b/c"), "x rnd_key_12 y").unwrap();
        fs::write(folder.path().join("a/d"), "nothing").unwrap();
        let found = Secrets::new(["rnd_key_12"]).in_files(folder.path()).unwrap();
        assert_eq!(found.len(), 1);
        assert!(found[0].ends_with("a/b/c"), "{found:?}");
    }
}
