//! The rules, applied.

mod coverage;
mod names;
mod patterns;
mod services;

use manifest::Manifest;

use crate::flaw::Flaw;
use crate::lists::List;
use crate::roots::Roots;
use crate::survey::Survey;

/// Everything that is wrong with a manifest that can be read, given what git tracks.
pub(crate) fn all(manifest: &Manifest, lists: &[List<'_>], roots: &Roots, survey: &Survey<'_>) -> Vec<Flaw> {
    let mut flaws = coverage::check(lists, roots, survey);
    flaws.extend(patterns::check(lists, survey));
    flaws.extend(services::check(manifest));
    flaws.extend(names::check(manifest));
    flaws
}
