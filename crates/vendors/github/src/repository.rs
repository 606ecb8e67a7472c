//! The name of a repository.

use std::fmt;

/// A repository: `owner/name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    owner: String,
    name: String,
}

impl Repository {
    /// Reads `owner/name`, the form of `GITHUB_REPOSITORY`; `None` when it is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (owner, name) = text.trim().split_once('/')?;
        let fits = |part: &str| {
            !matches!(part, "" | "." | "..")
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        };
        (fits(owner) && fits(name)).then(|| Self { owner: owner.to_owned(), name: name.to_owned() })
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_owner_and_a_name() {
        assert_eq!(Repository::parse(" acme/api.web_2 \n").unwrap().to_string(), "acme/api.web_2");
        for bad in ["", "acme", "acme/", "/api", "a/b/c", "../api", "acme/..", "acme/a b", "acme/a?b", "ä/b"]
        {
            assert_eq!(Repository::parse(bad), None, "{bad}");
        }
    }
}
