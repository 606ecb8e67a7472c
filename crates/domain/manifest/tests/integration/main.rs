//! The rules of the manifest, from outside.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod cases;
mod globs;
mod parsing;
mod properties;
mod schema;
mod selection;

use bstr::BStr;
use manifest::{Glob, GlobSet, Manifest};

/// Whether one pattern matches one path.
fn matches(pattern: &str, path: impl AsRef<[u8]>) -> bool {
    let glob = Glob::parse(pattern).unwrap_or_else(|error| panic!("{error}"));
    let set = GlobSet::new([&glob]);
    let mut matcher = set.matcher();
    !matcher.matches(path.as_ref()).is_empty()
}

/// A manifest that must be right.
fn manifest(text: &str) -> Manifest {
    Manifest::parse("m.yml", text.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn path(text: &str) -> &BStr {
    BStr::new(text)
}
