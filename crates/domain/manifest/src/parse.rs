//! The text of a manifest -> a manifest, or every problem with its place.

use yaml::duplicates::{self, Finding};
use yaml::{Position, Step, locate};

use crate::manifest::Manifest;
use crate::problem::{ManifestError, Problem, ProblemKind};
use crate::schema::{MAX_BYTES, RawManifest, Version};
use crate::validate::{Found, validate};

/// More problems than these are not listed.
const MAX_PROBLEMS: usize = 20;

impl Manifest {
    /// Reads a manifest; `file` is its name in errors.
    ///
    /// # Errors
    /// A text that is no YAML, or not of the manifest's shape: the first
    /// problem. One that breaks rules: all of them, the first 20.
    pub fn parse(file: &str, bytes: &[u8]) -> Result<Self, ManifestError> {
        let refuse = |problems| ManifestError { file: file.to_owned(), problems };
        let text = text(bytes).map_err(|problem| refuse(vec![problem]))?;
        let raw = read(text).map_err(|problem| refuse(vec![problem]))?;
        validate(raw).map_err(|found| refuse(place(text, found)))
    }
}

fn text(bytes: &[u8]) -> Result<&str, Problem> {
    if bytes.len() > MAX_BYTES {
        return Err(at_start(ProblemKind::TooLarge));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        at_end_of(&valid, ProblemKind::NotText)
    })?;
    let text = without_byte_order_mark(text);
    match text.char_indices().find(|&(_, c)| !is_printable(c)) {
        Some((at, c)) => Err(at_end_of(&text[..at], ProblemKind::Unprintable(c))),
        None => Ok(text),
    }
}

/// The characters that YAML takes (YAML 1.2, section 5.1).
fn is_printable(c: char) -> bool {
    matches!(c,
        '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}'
        | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
        && c != '\u{feff}'
}

/// A problem with what follows `before`.
fn at_end_of(before: &str, kind: ProblemKind) -> Problem {
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Problem {
        position: Position {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        },
        kind,
    }
}

fn without_byte_order_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

fn at_start(kind: ProblemKind) -> Problem {
    Problem { position: Position::START, kind }
}

fn read(text: &str) -> Result<RawManifest, Problem> {
    duplicates::check(text).map_err(|(error, finding)| Problem {
        position: Position::of(&error),
        kind: match finding {
            Some(Finding::Duplicate(key)) => ProblemKind::DuplicateKey(key),
            Some(Finding::Tag(tag)) => ProblemKind::Tag(tag),
            None => shape(text, &error),
        },
    })?;
    match serde_yaml::from_str::<RawManifest>(text) {
        Ok(raw) => check_version(text, raw.version).map(|()| raw),
        // Another version has other keys, so it is told first.
        Err(error) => {
            let Version { version } = serde_yaml::from_str(text).map_err(|error| misshapen(text, &error))?;
            let version = version.ok_or_else(|| at_start(ProblemKind::NoVersion))?;
            check_version(text, version)?;
            Err(misshapen(text, &error))
        }
    }
}

fn check_version(text: &str, version: u64) -> Result<(), Problem> {
    if version == 1 {
        return Ok(());
    }
    let position = locate(text, &[Step::Key("version".to_owned())]);
    Err(Problem { position, kind: ProblemKind::Version(version) })
}

fn misshapen(text: &str, error: &serde_yaml::Error) -> Problem {
    Problem { position: Position::of(error), kind: shape(text, error) }
}

fn shape(text: &str, error: &serde_yaml::Error) -> ProblemKind {
    let Position { line, column } = Position::of(error);
    let line = text.lines().nth(line - 1);
    if line.is_some_and(|line| line.chars().nth(column - 1) == Some('\t')) {
        return ProblemKind::Tab;
    }
    ProblemKind::Shape { message: message(error), unquoted: line.is_some_and(looks_unquoted) }
}

/// Whether an item of the list on this line begins with what YAML has a use for.
fn looks_unquoted(line: &str) -> bool {
    let items = ["- ", "[", ", "].iter().flat_map(|start| line.split(start).skip(1));
    items.map(str::trim_start).any(|item| item.starts_with(['*', '!', '{', '[', '&']))
}

/// The parser's message without the place, which stands before it already.
fn message(error: &serde_yaml::Error) -> String {
    let mut message = error.to_string();
    if let Some(location) = error.location() {
        let place = format!(" at line {} column {}", location.line(), location.column());
        if let Some(at) = message.find(&place) {
            message.replace_range(at..at + place.len(), "");
        }
    }
    match message.strip_suffix("expected a sequence") {
        Some(before) => format!("{before}expected a list: `- x` in lines of their own, or `[x]`"),
        None => message,
    }
}

fn place(text: &str, found: Vec<Found>) -> Vec<Problem> {
    let mut problems: Vec<Problem> = found
        .into_iter()
        .take(MAX_PROBLEMS)
        .map(|Found { path, kind }| Problem { position: locate(text, &path), kind })
        .collect();
    problems.sort_by_key(|problem| problem.position);
    problems
}
