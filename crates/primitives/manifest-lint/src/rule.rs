//! The rules, and a page on each.

use action::Severity;

/// An error: something is not deployed, or its deploy will be refused.
pub(crate) const ERROR: findings::Level = findings::Level { word: "error", severity: Severity::Error };
/// A warning: hardly what was meant.
pub(crate) const WARNING: findings::Level = findings::Level { word: "warning", severity: Severity::Warning };
/// A notice: worth knowing.
pub(crate) const NOTICE: findings::Level = findings::Level { word: "notice", severity: Severity::Notice };

macro_rules! rules {
    ($($variant:ident = $name:literal $level:ident,)*) => {
        /// A rule; what it looks for is on its page.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[allow(missing_docs, reason = "each has a page of its own")]
        pub enum Rule {
            $($variant,)*
        }

        impl Rule {
            /// All of them, in the order of their importance.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its name in reports.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// Its page: what is the matter, why it matters, what to write instead; Markdown.
            #[must_use]
            pub fn page(self) -> &'static str {
                match self {
                    $(Self::$variant => include_str!(concat!("../pages/", $name, ".md")),)*
                }
            }

            /// How much what it finds matters.
            pub(crate) fn level(self) -> findings::Level {
                match self {
                    $(Self::$variant => $level,)*
                }
            }
        }
    };
}

rules! {
    UnreadableManifest = "unreadable-manifest" ERROR,
    BadEntry = "bad-entry" ERROR,
    BadPattern = "bad-pattern" ERROR,
    UnknownTarget = "unknown-target" ERROR,
    LonelyCoupling = "lonely-coupling" ERROR,
    UncoveredDirectory = "uncovered-directory" ERROR,
    NoDirectory = "no-directory" ERROR,
    ShadowedTarget = "shadowed-target" ERROR,
    MissingService = "missing-service" ERROR,
    MissingOrigin = "missing-origin" ERROR,
    MissingHostname = "missing-hostname" ERROR,
    RepeatedService = "repeated-service" ERROR,
    RepeatedHostname = "repeated-hostname" ERROR,
    PartlyCoveredDirectory = "partly-covered-directory" WARNING,
    UnmatchedRoot = "unmatched-root" WARNING,
    AbsentTarget = "absent-target" WARNING,
    UnmatchedPattern = "unmatched-pattern" WARNING,
    DirectoryPattern = "directory-pattern" WARNING,
    ShadowedPattern = "shadowed-pattern" WARNING,
    BracketName = "bracket-name" WARNING,
    NeedlessEscape = "needless-escape" WARNING,
    ContradictingKind = "contradicting-kind" WARNING,
    IdleExclusion = "idle-exclusion" NOTICE,
}

impl Rule {
    /// The rule as reports have it.
    pub(crate) fn told(self) -> findings::Rule {
        let body = self.page().lines().skip(1).find(|line| !line.trim().is_empty());
        findings::Rule { name: self.name(), summary: body.unwrap_or_default(), page: self.page() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_begins_with_its_rule_and_says_what_to_do() {
        for rule in Rule::ALL {
            let page = rule.page();
            assert!(page.starts_with(&format!("# {}\n", rule.name())), "{}", rule.name());
            assert!(page.contains("\nInstead: "), "{}", rule.name());
            let same = Rule::ALL.iter().filter(|other| other.name() == rule.name());
            assert_eq!(same.count(), 1, "{}", rule.name());
            let summary = rule.told().summary;
            assert!(summary.ends_with('.'), "{}: {summary}", rule.name());
        }
    }

    #[test]
    fn errors_come_first() {
        let rank = |rule: &Rule| Rule::ALL.iter().position(|known| known.level() == rule.level());
        assert!(Rule::ALL.is_sorted_by_key(rank));
    }
}
