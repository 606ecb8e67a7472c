//! Whether one check asks for no more than others do.

use std::collections::{BTreeMap, HashSet};

use crate::cursor::Cursor;
use crate::statement::{Constraint, ConstraintKind};
use crate::token::{Kind, Token, line, split_commas, without_parentheses};

/// The expression of a check that is enforced.
pub(super) fn expression(constraint: &Constraint) -> Option<&Vec<Token>> {
    match &constraint.kind {
        ConstraintKind::Check(sql) if constraint.enforced => Some(sql),
        _ => None,
    }
}

/// What old checks say, taken apart once for all that is held against it.
pub(super) struct Given {
    conditions: Vec<Condition>,
    lines: HashSet<String>,
}

impl Given {
    pub(super) fn of<'t>(checks: impl Iterator<Item = &'t Vec<Token>>) -> Self {
        let conditions: Vec<Condition> =
            checks.flat_map(|sql| parts(sql, "and")).map(Condition::of).collect();
        let lines = conditions.iter().map(|condition| condition.line.clone()).collect();
        Self { conditions, lines }
    }

    /// Whether every row that passed the old checks passes the new one: each of its conditions follows from one of
    /// theirs.
    pub(super) fn implies(&self, new: &[Token]) -> bool {
        parts(new, "and").into_iter().all(|part| {
            if self.lines.contains(&line(part)) {
                return true;
            }
            let wanted = Condition::of(part);
            self.conditions.iter().any(|given| wanted.follows(given))
        })
    }
}

/// A condition as far as it is read.
struct Condition {
    line: String,
    form: Form,
}

enum Form {
    /// Any of several, none of which has choices.
    Choices(Vec<Condition>, HashSet<String>),
    /// One of these values.
    Member(String, HashSet<String>),
    Range(String, (f64, f64)),
    Bound(Bound),
    Other,
}

impl Condition {
    fn of(tokens: &[Token]) -> Self {
        let line = line(tokens);
        let choices = parts(tokens, "or");
        if choices.len() < 2 {
            return Self { line, form: Form::of(tokens) };
        }
        let mut members: BTreeMap<String, HashSet<String>> = BTreeMap::new();
        let mut all = Vec::new();
        for choice in choices {
            let choice = Self { line: crate::token::line(choice), form: Form::of(choice) };
            match choice.form {
                // `x = 1 or x = 2` is `x in (1, 2)`.
                Form::Member(subject, values) => members.entry(subject).or_default().extend(values),
                _ => all.push(choice),
            }
        }
        all.extend(members.into_iter().map(|(subject, values)| {
            let mut sorted: Vec<&str> = values.iter().map(String::as_str).collect();
            sorted.sort_unstable();
            let line = format!("{subject} in ( {} )", sorted.join(" , "));
            Self { line, form: Form::Member(subject, values) }
        }));
        if let [_] = all.as_slice()
            && let Some(only) = all.pop()
        {
            return Self { line, ..only };
        }
        let lines = all.iter().map(|choice| choice.line.clone()).collect();
        Self { line, form: Form::Choices(all, lines) }
    }

    /// Whether it follows from another, by what their text shows.
    fn follows(&self, given: &Self) -> bool {
        if self.line == given.line {
            return true;
        }
        match (&self.form, &given.form) {
            (_, Form::Choices(choices, _)) => choices.iter().all(|given| self.follows(given)),
            (Form::Choices(choices, lines), _) => {
                lines.contains(&given.line) || choices.iter().any(|wanted| wanted.follows(given))
            }
            (Form::Member(one, wide), Form::Member(other, narrow)) => one == other && narrow.is_subset(wide),
            (Form::Range(one, wide), Form::Range(other, narrow)) => {
                one == other && wide.0 <= narrow.0 && narrow.1 <= wide.1
            }
            (Form::Bound(wanted), Form::Bound(given)) => wanted.allows(given),
            _ => false,
        }
    }
}

impl Form {
    /// Of a condition without choices.
    fn of(tokens: &[Token]) -> Self {
        if let Some((subject, values)) = membership(tokens) {
            return Self::Member(subject, values.into_iter().collect());
        }
        if let Some((subject, bounds)) = range(tokens) {
            return Self::Range(subject, bounds);
        }
        bound(tokens).map_or(Self::Other, Self::Bound)
    }
}

/// The parts of a condition between `and`s or `or`s.
fn parts<'t>(tokens: &'t [Token], word: &str) -> Vec<&'t [Token]> {
    let tokens = without_parentheses(tokens);
    // `between a and b` keeps its `and`.
    if word == "and" && tokens.iter().any(|token| token.is("between")) {
        return vec![tokens];
    }
    let mut found = Vec::new();
    let mut cursor = Cursor::new(tokens);
    loop {
        found.push(without_parentheses(cursor.until(&[word])));
        if !cursor.eat(word) {
            return found;
        }
    }
}

/// `x in (...)`, `x = any (array[...])` and `x = 'a'`: what is compared, and with which values.
fn membership(tokens: &[Token]) -> Option<(String, Vec<String>)> {
    let mut cursor = Cursor::new(tokens);
    let subject = line(cursor.until(&["in", "="]));
    let mut list = if cursor.eat("in") || cursor.eat("= any") {
        cursor.brackets()?
    } else if cursor.eat("=") {
        let value = cursor.rest();
        return value
            .first()
            .filter(|token| token.kind == Kind::Text || token.kind == Kind::Number)
            .map(|_| (subject, vec![value_of(value)]));
    } else {
        return None;
    };
    if list.first().is_some_and(|token| token.is("array")) {
        let mut array = Cursor::new(list);
        array.eat("array");
        list = array.brackets()?;
    }
    cursor.is_empty().then(|| (subject, split_commas(list).iter().map(|value| value_of(value)).collect()))
}

/// A value without its cast.
fn value_of(tokens: &[Token]) -> String {
    let cut = tokens.iter().position(|token| token.is("::")).unwrap_or(tokens.len());
    line(tokens.get(..cut).unwrap_or_default())
}

/// `x between 1 and 10`: what is compared, and the two numbers.
fn range(tokens: &[Token]) -> Option<(String, (f64, f64))> {
    let mut cursor = Cursor::new(tokens);
    let subject = line(cursor.until(&["between"]));
    let number = |tokens: &[Token]| line(tokens).replace("- ", "-").parse::<f64>().ok();
    cursor.eat("between").then_some(())?;
    let low = number(cursor.until(&["and"]))?;
    cursor.eat("and").then_some(())?;
    Some((subject, (low, number(cursor.rest())?)))
}

/// `expression < number` and its kin.
struct Bound {
    subject: String,
    upper: bool,
    open: bool,
    value: f64,
}

impl Bound {
    /// Whether everything within the other is within this.
    fn allows(&self, given: &Self) -> bool {
        let further = if self.upper { self.value > given.value } else { self.value < given.value };
        let equal = (self.value - given.value).abs() < f64::EPSILON;
        self.subject == given.subject
            && self.upper == given.upper
            && (further || (equal && (!self.open || given.open)))
    }
}

fn bound(tokens: &[Token]) -> Option<Bound> {
    let at =
        tokens.iter().position(|token| token.kind == Kind::Symbol && token.text.starts_with(['<', '>']))?;
    let mut operator = tokens.get(at)?.text.clone();
    let mut after = at + 1;
    if tokens.get(after).is_some_and(|token| token.is("=")) {
        operator.push('=');
        after += 1;
    }
    let upper = operator.starts_with('<');
    let open = !operator.ends_with('=');
    let subject = line(tokens.get(..at)?);
    let number = line(tokens.get(after..)?).replace("- ", "-");
    Some(Bound { subject, upper, open, value: number.parse().ok()? })
}
