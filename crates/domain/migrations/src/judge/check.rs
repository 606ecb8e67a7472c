//! Whether one check asks for no more than others do.

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

/// Whether every row that passed the old checks passes the new one: each of its conditions follows from one of theirs.
pub(super) fn is_implied(new: &[Token], old: &[&Vec<Token>]) -> bool {
    let given: Vec<&[Token]> = old.iter().flat_map(|sql| parts(sql, "and")).collect();
    parts(new, "and").iter().all(|wanted| given.iter().any(|given| follows(wanted, given)))
}

/// Whether a condition follows from another, by what their text shows.
fn follows(wanted: &[Token], given: &[Token]) -> bool {
    if line(wanted) == line(given) {
        return true;
    }
    let given_choices = parts(given, "or");
    let choices = parts(wanted, "or");
    if choices.len() > 1 || given_choices.len() > 1 {
        return given_choices.iter().all(|given| choices.iter().any(|wanted| follows(wanted, given)));
    }
    if let (Some((one, wide)), Some((other, narrow))) = (membership(wanted), membership(given)) {
        return one == other && narrow.iter().all(|value| wide.contains(value));
    }
    if let (Some((one, wide)), Some((other, narrow))) = (range(wanted), range(given)) {
        return one == other && wide.0 <= narrow.0 && narrow.1 <= wide.1;
    }
    match (bound(wanted), bound(given)) {
        (Some(wanted), Some(given)) => wanted.allows(&given),
        _ => false,
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
