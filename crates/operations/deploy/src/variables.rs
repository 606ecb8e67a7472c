//! The input `env`: which variables the service is to have.
//!
//! A line is `KEY=VALUE`, taken exactly as it stands, or `KEY=$NAME`, which reads
//! the variable `NAME` of the step: the way for secrets, since the runner prints
//! every input before anything can be masked. A dollar sign is special only at
//! the beginning of a value, and there `$$` stands for one dollar sign; anything
//! else that begins with one is refused, because it looks like a form of
//! substitution that does not exist here. Empty values are refused: what is meant
//! to hold one is nearly always an output that never arrived.

use std::collections::BTreeSet;

use action::{BadInput, Context, Failure, SecretString};
use render::Variable;

use crate::mark;

/// Shorter values are not taken for secrets: masking `42` would blot out half of
/// the job's log, and GitHub drops job outputs that hold a masked text.
const SHORTEST_SECRET: usize = 4;

/// One line of the input.
#[derive(Clone, PartialEq, Eq)]
pub struct Line {
    key: String,
    source: Source,
}

/// Where a value comes from.
#[derive(Clone, PartialEq, Eq)]
enum Source {
    /// It stands in the line.
    Literal(String),
    /// A variable of the step holds it.
    Variable(String),
}

impl Line {
    /// A variable that is to have `value`, which is no secret. `key` is a name that Render takes, and not the mark's.
    #[must_use]
    pub fn literal(key: &str, value: impl Into<String>) -> Self {
        Self { key: key.to_owned(), source: Source::Literal(value.into()) }
    }

    /// The variable's name.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// Reads the input `env`: lines `KEY=VALUE` or `KEY=$NAME`, none with the name of the mark. Empty lines are skipped.
///
/// # Errors
/// The line and what is wrong with it; no message quotes a value.
pub fn parse(text: &str) -> Result<Vec<Line>, BadInput> {
    let mut keys = BTreeSet::new();
    let mut lines = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let bad = |problem: String| BadInput::new("env", format!("line {}: {problem}", index + 1));
        let (key, value) = line.split_once('=').ok_or_else(|| {
            bad("no `=` in it".to_owned())
                .hint("a line is KEY=VALUE, or KEY=$NAME for a secret or for a value of several lines")
        })?;
        let key = key.trim_start();
        if !is_key(key) {
            return Err(bad("what stands before `=` is no name of a variable".to_owned())
                .hint("letters, digits, `_`, `-` and `.`, beginning with a letter or `_`, without blanks"));
        }
        if key == mark::KEY {
            return Err(bad(format!("{key} is Greenroom's own mark")).hint("leave it out"));
        }
        if !keys.insert(key.to_owned()) {
            return Err(bad(format!("{key} is given twice")).hint("keep one of the two lines"));
        }
        let source = Source::parse(value).map_err(|problem| {
            bad(format!("the value of {key} {problem}"))
                .hint("a value that begins with `$` is `$NAME`, which reads that variable; write `$$` for a dollar sign")
                .hint("an output of another job that arrives empty is not known to this job; check its `needs:`")
        })?;
        lines.push(Line { key: key.to_owned(), source });
    }
    Ok(lines)
}

/// Checks that every variable that the lines name is set, and masks what it holds from here on: for a caller that
/// does something else before it [prepares](crate::prepare) a deploy.
///
/// # Errors
/// `invalid`: one is not set; no message quotes a value.
pub fn require(lines: &[Line], context: &Context) -> Result<(), Failure> {
    resolve(lines, context).map(drop)
}

/// Fetches the values that the lines name.
pub(crate) fn resolve(lines: &[Line], context: &Context) -> Result<Vec<Variable>, Failure> {
    let resolve = |line: &Line| {
        let value = match &line.source {
            Source::Literal(value) => SecretString::from(value.as_str()),
            Source::Variable(name) => read(name, context).ok_or_else(|| {
                Failure::invalid(format!("input `env`: {} is to hold ${name}, which is not set", line.key))
                    .hint(format!("set {name} in the step's or the job's `env:`; empty counts as not set"))
                    .hint("a job without `environment:` does not see an environment's secrets")
            })?,
        };
        Ok(Variable { key: line.key.clone(), value })
    };
    lines.iter().map(resolve).collect()
}

fn read(name: &str, context: &Context) -> Option<SecretString> {
    let value = context.variable(name)?;
    match value.trim().len() < SHORTEST_SECRET {
        true => Some(SecretString::from(value)),
        false => context.secret_variable(name),
    }
}

impl Source {
    fn parse(value: &str) -> Result<Self, &'static str> {
        match value.strip_prefix('$') {
            None if value.is_empty() => Err("is empty"),
            None => Ok(Self::Literal(value.to_owned())),
            Some(rest) if rest.starts_with('$') => Ok(Self::Literal(rest.to_owned())),
            Some(name) if is_variable(name) => Ok(Self::Variable(name.to_owned())),
            Some(_) => Err("begins with `$` and is no `$NAME`"),
        }
    }
}

/// What Render takes for a name; also safe as part of a path.
fn is_key(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-' | '.'))
}

fn is_variable(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.chars().all(|char| char.is_ascii_alphanumeric() || char == '_')
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.key)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn literal(key: &str, value: &str) -> Line {
        Line { key: key.into(), source: Source::Literal(value.into()) }
    }

    fn variable(key: &str, name: &str) -> Line {
        Line { key: key.into(), source: Source::Variable(name.into()) }
    }

    #[test]
    fn values_are_taken_as_they_stand_and_names_are_read() {
        let text = "A=1\r\n\n  B= x = y \nC=$SECRET_1\nD=$$5\nE=a$b\nF=$$$$\nG.h-i=\"q\"\n";
        assert_eq!(
            parse(text).unwrap(),
            [
                literal("A", "1"),
                literal("B", " x = y "),
                variable("C", "SECRET_1"),
                literal("D", "$5"),
                literal("E", "a$b"),
                literal("F", "$$$"),
                literal("G.h-i", "\"q\""),
            ]
        );
        assert_eq!(parse("").unwrap(), []);
    }

    #[test]
    fn bad_lines_are_refused_without_a_value_in_the_message() {
        let message = |text: &str| Failure::from(parse(text).unwrap_err()).to_string();
        for (text, told) in [
            ("A=1\nhunter2", "line 2: no `=` in it"),
            ("A =hunter2", "line 1: what stands before `=` is no name of a variable"),
            ("1A=hunter2", "no name"),
            ("=hunter2", "no name"),
            ("A=1\nA=hunter2", "line 2: A is given twice"),
            ("GREENROOM_PENDING=hunter2", "GREENROOM_PENDING is Greenroom's own mark"),
            ("A=", "the value of A is empty"),
            ("A=$", "begins with `$`"),
            ("A=${hunter2}", "begins with `$`"),
            ("A=$hunter2/x", "begins with `$`"),
            ("A=$1hunter2", "begins with `$`"),
        ] {
            let message = message(text);
            assert!(message.starts_with("input `env`: line ") && message.contains(told), "{text}: {message}");
            assert!(!message.contains("hunter2"), "{message}");
        }
    }

    proptest! {
        #[test]
        fn every_text_without_line_ends_can_be_written(value in "[^\r\n]{1,20}") {
            let dollar = if value.starts_with('$') { "$" } else { "" };
            let lines = parse(&format!("KEY={dollar}{value}")).unwrap();
            prop_assert_eq!(lines, [literal("KEY", &value)]);
        }

        #[test]
        fn no_text_makes_it_panic(text in "(?s).{0,60}") {
            let _ = parse(&text);
        }
    }
}
