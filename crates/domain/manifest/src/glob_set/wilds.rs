//! The wildcard segments that may follow at one place, found by their literal ends.

use std::collections::HashMap;

use crate::glob::Wild;

/// Wildcard segments, each with the node that it leads to.
///
/// Hundreds of patterns such as `**/*-report.sql` all begin at one place. Asking
/// each of them about each segment of 50,000 paths takes seconds, so they are
/// filed under the longer of their literal ends and found by a lookup.
#[derive(Debug, Default)]
pub(super) struct Wilds {
    by_prefix: Affixes,
    by_suffix: Affixes,
    /// Those without a literal end.
    others: Vec<(Wild, usize)>,
}

/// Segments by a literal end.
#[derive(Debug, Default)]
struct Affixes {
    /// The lengths of the keys, each once.
    lengths: Vec<usize>,
    filed: HashMap<Box<[u8]>, Vec<(Wild, usize)>>,
}

impl Wilds {
    /// The node that `wild` leads to; `next` becomes it if there is none.
    pub(super) fn child(&mut self, wild: &Wild, next: usize) -> usize {
        let shelf = self.shelf(wild);
        if let Some((_, child)) = shelf.iter().find(|(known, _)| known == wild) {
            return *child;
        }
        shelf.push((wild.clone(), next));
        next
    }

    /// Calls `enter` with the node of every segment that matches.
    pub(super) fn for_each_match(&self, segment: &[u8], mut enter: impl FnMut(usize)) {
        let whole = segment.len();
        let starts = self.by_prefix.filed_under(whole, |length| &segment[..length]);
        let ends = self.by_suffix.filed_under(whole, |length| &segment[whole - length..]);
        for (wild, child) in starts.chain(ends).chain(&self.others) {
            if wild.matches(segment) {
                enter(*child);
            }
        }
    }

    fn shelf(&mut self, wild: &Wild) -> &mut Vec<(Wild, usize)> {
        let (prefix, suffix) = (wild.prefix(), wild.suffix());
        match prefix.len().max(suffix.len()) {
            0 => &mut self.others,
            longer if longer == suffix.len() => self.by_suffix.shelf(suffix),
            _ => self.by_prefix.shelf(prefix),
        }
    }
}

impl Affixes {
    fn shelf(&mut self, affix: &[u8]) -> &mut Vec<(Wild, usize)> {
        if !self.lengths.contains(&affix.len()) {
            self.lengths.push(affix.len());
        }
        self.filed.entry(affix.into()).or_default()
    }

    /// Everything filed under an end of a segment of `whole` bytes; `end` cuts it out by its length.
    fn filed_under<'a>(
        &'a self,
        whole: usize,
        end: impl Fn(usize) -> &'a [u8],
    ) -> impl Iterator<Item = &'a (Wild, usize)> {
        let lengths = self.lengths.iter().filter(move |&&length| length <= whole);
        lengths.filter_map(move |&length| self.filed.get(end(length))).flatten()
    }
}
