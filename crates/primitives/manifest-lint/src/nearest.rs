//! What was probably meant: the pattern nearest to a directory, the directory nearest to a pattern.

use std::cmp::Reverse;

use bstr::{BStr, BString, ByteSlice as _};

use crate::lists::{List, Role};
use crate::survey::Pattern;

/// A pattern beside a directory.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Near {
    pub(crate) pattern: Pattern,
    /// Whether they differ by no more than a slip of the pen.
    pub(crate) is_slip: bool,
}

/// The positive pattern that comes nearest to matching what is in `directory`: the one that begins with the most of
/// its names, and of several the one that is spelt most like it. `None` if none begins like it or is spelt alike.
/// What affects every target is nowhere near any directory.
pub(crate) fn pattern(directory: &BStr, lists: &[List<'_>]) -> Option<Near> {
    let whole = directory.to_str_lossy();
    let names: Vec<&str> = whole.split('/').collect();
    let lists = lists.iter().enumerate().filter(|(_, list)| list.role != Role::Everything);
    let all = lists.flat_map(|(list, found)| {
        let entries = found.entries.iter().enumerate().filter(|(_, entry)| !entry.negative);
        entries.map(move |(entry, found)| ((list, entry), found.glob.text()))
    });
    let ranked = all.filter_map(|(place, text)| {
        let head: Vec<&str> = text.trim_start_matches("./").split('/').take(names.len()).collect();
        let shared = head.iter().zip(&names).take_while(|(one, other)| one == other).count();
        let distance = distance(&head[shared..].join("/"), &names[shared..].join("/"));
        (shared > 0 || is_near(distance, &whole)).then_some((Reverse(shared), distance, place))
    });
    let (_, distance, pattern) = ranked.min()?;
    Some(Near { pattern, is_slip: is_near(distance, &whole) })
}

/// The directory that the fixed beginning of a pattern is spelt most like; `None` if there is none as near as a slip
/// of the pen, or the beginning names what is there.
pub(crate) fn directory<'d>(
    pattern: &str,
    directories: impl Iterator<Item = &'d BString>,
) -> Option<(String, &'d BStr)> {
    let is_fixed = |name: &&str| !name.contains(['*', '?', '[', '{', '\\']) && !name.is_empty();
    let fixed: Vec<&str> = pattern.trim_start_matches("./").split('/').take_while(is_fixed).collect();
    let fixed = fixed.join("/");
    let candidates = directories.filter(|known| known.len().abs_diff(fixed.len()) <= MOST);
    let ranked = candidates.map(|known| (distance(&known.to_str_lossy(), &fixed), known.as_bstr()));
    let (distance, nearest) = ranked.min()?;
    (distance > 0 && is_near(distance, &fixed)).then_some((fixed, nearest))
}

/// More edits than these are never a slip of the pen.
const MOST: usize = 3;

fn is_near(distance: usize, text: &str) -> bool {
    distance <= (text.chars().count() / 4).min(MOST)
}

/// How many characters must be put in, taken out or changed to make one text of the other (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let (one, other) = without_common_ends(&one, &other);
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (before, char) in one.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], before + 1);
        for (at, wanted) in other.iter().enumerate() {
            let changed = diagonal + usize::from(char != wanted);
            diagonal = row[at + 1];
            row[at + 1] = changed.min(diagonal + 1).min(row[at] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

/// Paths have much in common, and it costs the square of what is compared.
fn without_common_ends<'t>(one: &'t [char], other: &'t [char]) -> (&'t [char], &'t [char]) {
    let start = one.iter().zip(other).take_while(|(one, other)| one == other).count();
    let (one, other) = (&one[start..], &other[start..]);
    let end = one.iter().rev().zip(other.iter().rev()).take_while(|(one, other)| one == other).count();
    (&one[..one.len() - end], &other[..other.len() - end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (one, other, wanted) in [
            ("", "", 0),
            ("", "ab", 2),
            ("kitten", "sitting", 3),
            ("wroker", "worker", 2),
            ("\u{e9}", "e", 1),
        ] {
            assert_eq!(distance(one, other), wanted, "{one} {other}");
            assert_eq!(distance(other, one), wanted, "{other} {one}");
        }
    }

    #[test]
    fn the_pattern_nearest_to_a_directory() {
        let text = "version: 1\ntargets:\n  a: { paths: ['./apps/api/**', 'apps/worker/src/*', '!apps/new', '*/b/**'] }\neverything: [apps/new/lock]\nnon_deployed: ['apps/*/docs/**']\n";
        let manifest = manifest::Manifest::parse("m", text.as_bytes()).unwrap();
        let lists = List::all(&manifest);
        let near =
            |directory: &str| pattern(directory.into(), &lists).map(|near| (near.pattern, near.is_slip));
        assert_eq!(near("apps/new").unwrap(), ((0, 0), false));
        assert_eq!(near("apps/wroker").unwrap(), ((0, 1), true));
        assert_eq!(near("apps/x/docs").unwrap(), ((2, 0), true));
        assert_eq!(near("app/api").unwrap(), ((0, 0), true));
        assert_eq!(near("services/new"), None);
    }

    #[test]
    fn the_directory_that_a_pattern_meant() {
        let known: Vec<BString> =
            ["apps", "apps/worker", "apps/worker/src", "libs"].map(BString::from).to_vec();
        let near = |pattern| directory(pattern, known.iter()).map(|(_, found)| found.to_string());
        assert_eq!(near("apps/wroker/**").unwrap(), "apps/worker");
        assert_eq!(near("apps/workers/**/*.py").unwrap(), "apps/worker");
        assert_eq!(near("Apps/worker/src/*").unwrap(), "apps/worker/src");
        for pattern in ["apps/worker/*.rs", "apps/dashboard/**", "**/*.md", "lib", "*"] {
            assert_eq!(near(pattern), None, "{pattern}");
        }
    }
}
