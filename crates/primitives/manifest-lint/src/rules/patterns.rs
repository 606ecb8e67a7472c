//! Patterns that do nothing, or hardly what was meant.

use bstr::{BStr, ByteSlice as _};
use manifest::Entry;
use yaml::Step;

use crate::flaw::{Flaw, MOST, counted};
use crate::lists::{List, key, written};
use crate::nearest;
use crate::rule::Rule;
use crate::survey::{Survey, Uses};

/// How many patterns of a target are shown.
const SHOWN: usize = 5;

pub(super) fn check(lists: &[List<'_>], survey: &Survey<'_>) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    for (place, list) in lists.iter().enumerate() {
        let uses = &survey.uses[place];
        let whole = absent_target(list, uses).or_else(|| shadowed_target(list, uses));
        for (entry, (found, used)) in list.entries.iter().zip(uses).enumerate() {
            let look = Look { list, at: entry, entry: found, used, survey, is_told: flaws.len() < MOST };
            flaws.extend(look.spelling());
            flaws.extend(look.use_of_it(whole.is_some()));
        }
        flaws.extend(whole);
    }
    flaws
}

/// The most paths that one positive pattern matches.
fn most_matched(list: &List<'_>, uses: &[Uses]) -> usize {
    let positive = list.entries.iter().zip(uses).filter(|(entry, _)| !entry.negative);
    positive.map(|(_, used)| used.matched).max().unwrap_or_default()
}

/// A target whose patterns match nothing at all.
fn absent_target(list: &List<'_>, uses: &[Uses]) -> Option<Flaw> {
    let name = list.target().filter(|_| most_matched(list, uses) == 0)?;
    Some(Flaw::new(
        Rule::AbsentTarget,
        vec![key("targets"), Step::Name(name.to_owned())],
        format!(
            "nothing can affect target `{name}`: git tracks nothing that its patterns match: {}",
            first(list.entries.iter().filter(|entry| !entry.negative))
        ),
        "correct its `paths`, or take it out",
    ))
}

/// The first patterns of a list, in quotes.
fn first<'e>(mut entries: impl Iterator<Item = &'e Entry>) -> String {
    let shown: Vec<String> =
        entries.by_ref().take(SHOWN).map(|entry| format!("{:?}", written(entry))).collect();
    let more = if entries.next().is_some() { ", .." } else { "" };
    format!("{}{more}", shown.join(", "))
}

/// A target whose patterns match something, all of which its exclusions take away.
fn shadowed_target(list: &List<'_>, uses: &[Uses]) -> Option<Flaw> {
    let name = list.target()?;
    let mut positive = list.entries.iter().zip(uses).filter(|(entry, _)| !entry.negative);
    if most_matched(list, uses) == 0 || positive.any(|(_, used)| used.effective > 0) {
        return None;
    }
    let negative = list.entries.iter().zip(uses).filter(|(entry, _)| entry.negative);
    let (most, _) = negative.max_by_key(|(_, used)| used.effective)?;
    let most = written(most);
    Some(Flaw::new(
        Rule::ShadowedTarget,
        vec![key("targets"), Step::Name(name.to_owned())],
        format!(
            "nothing can affect target `{name}`: its exclusions, most of all {most:?}, take away every path that its patterns match"
        ),
        format!("narrow {most:?}, or take it out"),
    ))
}

/// One pattern, and what came of it.
struct Look<'l> {
    list: &'l List<'l>,
    at: usize,
    entry: &'l Entry,
    used: &'l Uses,
    survey: &'l Survey<'l>,
    /// Whether anybody gets to read what is found here; only then what is near it is looked for.
    is_told: bool,
}

impl Look<'_> {
    fn flaw(&self, rule: Rule, what: &str, instead: impl Into<String>) -> Flaw {
        let message = format!("pattern {:?} of {} {what}", written(self.entry), self.list.name);
        Flaw::new(rule, self.list.at(self.at), message, instead)
    }

    /// What is doubtful about it wherever it is used.
    fn spelling(&self) -> Vec<Flaw> {
        let text = self.entry.glob.text();
        let mut flaws = Vec::new();
        if let Some(escaped) = self.entry.glob.needless_escapes().first() {
            flaws.push(self.flaw(
                Rule::NeedlessEscape,
                &format!("has \"\\{escaped}\", which means just {escaped:?}"),
                "paths have forward slashes, and patterns are no regular expressions",
            ));
        }
        if let Some(path) = &self.used.verbatim {
            flaws.push(self.flaw(
                Rule::BracketName,
                &format!("has a bracket expression, and {path:?} exists"),
                "write \"\\[\" and \"\\]\" to mean that name",
            ));
        }
        let named = || self.entry.glob.named_paths().find(|path| self.survey.has_directory(path.as_bstr()));
        if text.ends_with('/') {
            let instead = format!("write {:?}", format!("{}**", written(self.entry)));
            flaws.push(self.flaw(Rule::DirectoryPattern, "ends in a slash and matches no file", instead));
        } else if let Some(path) = named() {
            flaws.push(self.flaw(
                Rule::DirectoryPattern,
                &format!("names the directory {path:?} and matches nothing in it"),
                format!("write {:?}", format!("{}{path}/**", if self.entry.negative { "!" } else { "" })),
            ));
        }
        flaws
    }

    /// Whether it does anything; `told` if it was said that the whole list does nothing.
    fn use_of_it(&self, told: bool) -> Option<Flaw> {
        let Uses { matched, effective, verbatim } = self.used;
        let glob = &self.entry.glob;
        let explained = verbatim.is_some()
            || glob.text().ends_with('/')
            || glob.named_paths().any(|path| self.survey.has_directory(path.as_bstr()));
        match (self.entry.negative, *matched, *effective) {
            (_, _, 1..) => None,
            (_, 0, _) if explained => None,
            (false, 0, 0) => self.unmatched(told),
            (false, _, 0) if told => None,
            (false, matched, 0) => Some(self.flaw(
                Rule::ShadowedPattern,
                &format!("does nothing: exclusions take away {}", the_paths(matched)),
                "narrow the exclusion, or take one of the two out",
            )),
            (true, _, 0) => Some(self.flaw(
                Rule::IdleExclusion,
                "takes nothing away: no other pattern of the list matches what it matches",
                "correct it, or take it out",
            )),
        }
    }

    fn unmatched(&self, told: bool) -> Option<Flaw> {
        let directories = self.survey.all_directories().iter().filter(|_| self.is_told);
        match nearest::directory(self.entry.glob.text(), directories) {
            Some((fixed, near)) => Some(self.flaw(
                Rule::UnmatchedPattern,
                &format!("matches nothing that git tracks, but there is a directory {near:?}"),
                format!("write {:?} if that was meant", self.corrected(&fixed, near)),
            )),
            None if told => None,
            None => Some(self.flaw(
                Rule::UnmatchedPattern,
                "matches nothing that git tracks",
                "correct it, or take it out",
            )),
        }
    }

    /// The pattern with its fixed beginning replaced.
    fn corrected(&self, fixed: &str, near: &BStr) -> String {
        written(self.entry).replacen(fixed, &near.to_str_lossy(), 1)
    }
}

fn the_paths(count: usize) -> String {
    match count {
        1 => "the one path that it matches".to_owned(),
        count => format!("all {} that it matches", counted(count, "path", "paths")),
    }
}

#[cfg(test)]
mod tests {
    use crate::example::{found, rules_of};

    const TREE: &[&str] = &["apps/api/a.py", "apps/api/b.md", "apps/web/[id]/c", "lock"];

    /// A manifest whose target `api` has these paths, in a tree in which nothing else is the matter.
    fn with(paths: &str) -> Vec<String> {
        let manifest = manifest(paths, "");
        found(&manifest, TREE)
    }

    fn manifest(paths: &str, more: &str) -> String {
        format!("version: 1\ntargets:\n  api:\n    paths: [{paths}]\nnon_deployed: ['apps/*/**']\n{more}")
    }

    #[test]
    fn a_pattern_that_matches_something_passes() {
        assert_eq!(with("'apps/api/**', './lock', 'apps/web/*/c', '!**/*.md'"), [""; 0]);
    }

    #[test]
    fn a_pattern_that_matches_nothing_is_named() {
        assert_eq!(
            with("apps/api/**, libs/**"),
            [
                "4:26-33 unmatched-pattern: pattern \"libs/**\" of target `api` matches nothing that git tracks | correct it, or take it out"
            ]
        );
        assert_eq!(
            with("lock, 'apps/wep/**'"),
            [
                "4:19-32 unmatched-pattern: pattern \"apps/wep/**\" of target `api` matches nothing that git tracks, but there is a directory \"apps/web\" | write \"apps/web/**\" if that was meant"
            ]
        );
        let lists = manifest("lock", "everything: [gone]\n");
        assert_eq!(
            found(&lists, TREE),
            [
                "6:14-18 unmatched-pattern: pattern \"gone\" of `everything` matches nothing that git tracks | correct it, or take it out"
            ]
        );
    }

    #[test]
    fn a_target_that_matches_nothing_is_named_once() {
        assert_eq!(
            with("libs/**, gone"),
            [
                "3:3-6 absent-target: nothing can affect target `api`: git tracks nothing that its patterns match: \"libs/**\", \"gone\" | correct its `paths`, or take it out"
            ]
        );
        let many = with("a, b, c, '!x', d, e, f, g");
        assert!(many[0].contains("match: \"a\", \"b\", \"c\", \"d\", \"e\", .. |"), "{many:?}");
        let manifest = manifest("apps/aip/**, gone", "");
        assert_eq!(rules_of(&manifest, TREE), ["absent-target", "unmatched-pattern"]);
    }

    #[test]
    fn a_target_that_its_exclusions_shadow_is_named() {
        assert_eq!(
            with("'apps/api/**', lock, '!apps/**', '!l*'"),
            [
                "3:3-6 shadowed-target: nothing can affect target `api`: its exclusions, most of all \"!apps/**\", take away every path that its patterns match | narrow \"!apps/**\", or take it out"
            ]
        );
        assert_eq!(with("'apps/api/**', lock, '!apps/api/*.py'"), [""; 0]);
    }

    #[test]
    fn a_pattern_that_exclusions_shadow_is_named() {
        assert_eq!(
            with("lock, 'apps/api/**', '!apps/api/*'"),
            [
                "4:19-32 shadowed-pattern: pattern \"apps/api/**\" of target `api` does nothing: exclusions take away all 2 paths that it matches | narrow the exclusion, or take one of the two out"
            ]
        );
        assert_eq!(
            with("lock, 'apps/api/a.py', '!apps/**'")[0],
            "4:19-34 shadowed-pattern: pattern \"apps/api/a.py\" of target `api` does nothing: exclusions take away the one path that it matches | narrow the exclusion, or take one of the two out"
        );
    }

    #[test]
    fn an_exclusion_that_takes_nothing_away_is_a_notice() {
        assert_eq!(
            with("lock, '!apps/**', '!gone'"),
            [
                "4:19-29 idle-exclusion: pattern \"!apps/**\" of target `api` takes nothing away: no other pattern of the list matches what it matches | correct it, or take it out",
                "4:31-38 idle-exclusion: pattern \"!gone\" of target `api` takes nothing away: no other pattern of the list matches what it matches | correct it, or take it out",
            ]
        );
    }

    #[test]
    fn a_pattern_that_names_a_directory() {
        assert_eq!(
            with("apps/api"),
            [
                "3:3-6 absent-target: nothing can affect target `api`: git tracks nothing that its patterns match: \"apps/api\" | correct its `paths`, or take it out",
                "4:13-21 directory-pattern: pattern \"apps/api\" of target `api` names the directory \"apps/api\" and matches nothing in it | write \"apps/api/**\"",
            ]
        );
        assert_eq!(
            with("lock, 'apps/*', apps/web/, '!apps/api'")[1..],
            [
                "4:29-38 directory-pattern: pattern \"apps/web/\" of target `api` ends in a slash and matches no file | write \"apps/web/**\"",
                "4:40-51 directory-pattern: pattern \"!apps/api\" of target `api` names the directory \"apps/api\" and matches nothing in it | write \"!apps/api/**\"",
            ]
        );
        let submodule = manifest("apps/sub", "");
        assert_eq!(rules_of(&submodule, &["apps/sub/", "apps/x/y"]), [""; 0]);
    }

    #[test]
    fn a_bracket_expression_that_is_a_name() {
        assert_eq!(
            with("lock, 'apps/web/[id]/**', '*/web/[di]/*'"),
            [
                "4:19-37 bracket-name: pattern \"apps/web/[id]/**\" of target `api` has a bracket expression, and \"apps/web/[id]/c\" exists | write \"\\[\" and \"\\]\" to mean that name",
                "4:39-53 unmatched-pattern: pattern \"*/web/[di]/*\" of target `api` matches nothing that git tracks | correct it, or take it out",
            ]
        );
        assert_eq!(with(r"lock, 'apps/web/\[id\]/c', '[kl]ock'"), [""; 0]);
    }

    #[test]
    fn an_escape_that_does_nothing() {
        assert_eq!(
            with(r"lock, '\lock', 'lo\ck'"),
            [
                r#"4:19-26 needless-escape: pattern "\\lock" of target `api` has "\l", which means just 'l' | paths have forward slashes, and patterns are no regular expressions"#,
                r#"4:28-35 needless-escape: pattern "lo\\ck" of target `api` has "\c", which means just 'c' | paths have forward slashes, and patterns are no regular expressions"#,
            ]
        );
        assert_eq!(with(r"'l\ock', '\*', lock").len(), 2);
    }
}
