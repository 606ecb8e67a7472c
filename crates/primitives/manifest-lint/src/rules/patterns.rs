//! Patterns that do nothing, or hardly what was meant.

use bstr::{BStr, ByteSlice as _};
use manifest::Entry;
use yaml::Step;

use crate::flaw::{Flaw, counted};
use crate::lists::{List, key, written};
use crate::nearest;
use crate::rule::Rule;
use crate::survey::{Survey, Uses};

pub(super) fn check(lists: &[List<'_>], survey: &Survey<'_>) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    for (place, list) in lists.iter().enumerate() {
        let uses = &survey.uses[place];
        let whole = absent_target(list, uses).or_else(|| shadowed_target(list, uses));
        for (entry, (found, used)) in list.entries.iter().zip(uses).enumerate() {
            let look = Look { list, at: entry, entry: found, used, survey };
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
    let name = list.target.filter(|_| most_matched(list, uses) == 0)?;
    Some(Flaw::new(
        Rule::AbsentTarget,
        vec![key("targets"), Step::Name(name.to_owned())],
        format!("nothing can affect target `{name}`: no pattern of it matches anything that git tracks"),
        "correct its `paths`, or take it out",
    ))
}

/// A target whose patterns match something, all of which its exclusions take away.
fn shadowed_target(list: &List<'_>, uses: &[Uses]) -> Option<Flaw> {
    let name = list.target?;
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
                format!("write {:?}", format!("{path}/**")),
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
        let directories = self.survey.all_directories().iter();
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
