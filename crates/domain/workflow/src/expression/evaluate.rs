//! What an expression is worth.

use std::cmp::Ordering;

use crate::value::{Array, Value, upper_case};

use super::parse::{Access, Call, Comparison, Node};
use super::{EvaluationError, Function, Scope, format};

/// The longest text in bytes that a function may make: repeated `format` grows without bounds otherwise. GitHub's
/// service counts memory, too (actions/runner, `EvaluationMemory.cs`), with another measure.
pub const MAX_TEXT: usize = 10 * 1024 * 1024;

pub(super) fn evaluate(node: &Node, scope: &dyn Scope) -> Result<Value, EvaluationError> {
    match node {
        Node::Literal(value) => Ok(value.clone()),
        Node::Context(name) => {
            scope.context(&name.text).ok_or_else(|| EvaluationError::NoContext(name.text.clone()))
        }
        Node::Access(head, accesses) => access(head, accesses, scope),
        Node::Call(call) => function(call, scope),
        Node::Not(operand) => Ok(Value::Bool(!evaluate(operand, scope)?.is_true())),
        Node::All(operands) => first(operands, scope, |value| !value.is_true()),
        Node::Any(operands) => first(operands, scope, Value::is_true),
        Node::Comparison(comparison, left, right) => {
            Ok(Value::Bool(compare(*comparison, &evaluate(left, scope)?, &evaluate(right, scope)?)))
        }
    }
}

/// The first operand that decides, else the last; those behind it are not evaluated.
fn first(
    operands: &[Node],
    scope: &dyn Scope,
    decides: impl Fn(&Value) -> bool,
) -> Result<Value, EvaluationError> {
    let mut value = Value::Null;
    for operand in operands {
        value = evaluate(operand, scope)?;
        if decides(&value) {
            break;
        }
    }
    Ok(value)
}

fn compare(comparison: Comparison, left: &Value, right: &Value) -> bool {
    let equal = || left.loosely_equals(right);
    let is = |order| left.loose_order(right) == Some(order);
    match comparison {
        Comparison::Equal => equal(),
        Comparison::NotEqual => !equal(),
        Comparison::Greater => is(Ordering::Greater),
        Comparison::GreaterOrEqual => equal() || is(Ordering::Greater),
        Comparison::Less => is(Ordering::Less),
        Comparison::LessOrEqual => equal() || is(Ordering::Less),
    }
}

fn access(head: &Node, accesses: &[Access], scope: &dyn Scope) -> Result<Value, EvaluationError> {
    let mut value = evaluate(head, scope)?;
    for access in accesses {
        let key = match access {
            Access::Every => Key::Every,
            Access::Name(name) => Key::of(&Value::from(name.as_str())),
            Access::Index(index) => Key::of(&evaluate(index, scope)?),
        };
        value = key.read(&value);
    }
    Ok(value)
}

/// What to take out of an object or an array.
enum Key {
    Every,
    Of {
        /// In an object; an array or an object is no name.
        name: Option<String>,
        /// In an array; what is not a number from 0 on is no position.
        position: Option<usize>,
    },
}

impl Key {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a position beyond usize is beyond every array"
    )]
    fn of(value: &Value) -> Self {
        let number = value.to_number();
        Self::Of {
            name: value.is_primitive().then(|| value.to_text()),
            position: (number.is_finite() && number >= 0.0).then(|| number.floor() as usize),
        }
    }

    /// What is not there is null; every item of what has none is an empty list.
    fn read(&self, value: &Value) -> Value {
        match (value, self) {
            (Value::Array(array), _) if array.is_filtered() => self.filter(array.items()),
            (Value::Array(_) | Value::Object(_), Self::Every) => self.filter(std::slice::from_ref(value)),
            (_, Self::Every) => Value::Array(Array::filtered(Vec::new())),
            (_, Self::Of { .. }) => self.find(value).cloned().unwrap_or(Value::Null),
        }
    }

    /// What each of the items has under this key; those that have nothing are left out.
    fn filter(&self, items: &[Value]) -> Value {
        let mut found = Vec::new();
        for item in items {
            match (item, self) {
                (Value::Array(array), Self::Every) => found.extend(array.items().iter().cloned()),
                (Value::Object(object), Self::Every) => {
                    found.extend(object.iter().map(|(_, value)| value.clone()));
                }
                _ => found.extend(self.find(item).cloned()),
            }
        }
        Value::Array(Array::filtered(found))
    }

    fn find<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        match (value, self) {
            (Value::Object(object), Self::Of { name, .. }) => object.get(name.as_ref()?),
            (Value::Array(array), Self::Of { position, .. }) => array.items().get((*position)?),
            _ => None,
        }
    }
}

fn function(call: &Call, scope: &dyn Scope) -> Result<Value, EvaluationError> {
    if let Function::Status(status) = call.function {
        let answer = scope.status(status).ok_or(EvaluationError::NoStatus(status))?;
        return Ok(Value::Bool(answer));
    }
    let arguments: Vec<Value> =
        call.arguments.iter().map(|argument| evaluate(argument, scope)).collect::<Result<_, _>>()?;
    let value = match (call.function, arguments.as_slice()) {
        (Function::Case, all) => case(call, all)?,
        (Function::Contains, [search, item]) => Value::Bool(contains(search, item)),
        (Function::StartsWith, [text, start]) => {
            Value::Bool(both_upper(text, start).is_some_and(|(text, start)| text.starts_with(&start)))
        }
        (Function::EndsWith, [text, end]) => {
            Value::Bool(both_upper(text, end).is_some_and(|(text, end)| text.ends_with(&end)))
        }
        (Function::Format, [template, values @ ..]) => {
            Value::String(format::format(&template.to_text(), values, &call.source)?)
        }
        (Function::FromJson, [text]) => Value::from_json(&text.to_text())
            .map_err(|cause| EvaluationError::Json { expression: call.source.clone(), cause })?,
        (Function::ToJson, [value]) => Value::String(value.to_json()),
        (Function::Join, [list, separator @ ..]) => Value::String(join(list, separator.first())),
        // The parser has counted the arguments.
        _ => Value::Null,
    };
    match value {
        Value::String(text) if text.len() > MAX_TEXT => Err(EvaluationError::TooLong(call.source.clone())),
        value => Ok(value),
    }
}

fn case(call: &Call, arguments: &[Value]) -> Result<Value, EvaluationError> {
    for pair in arguments.chunks_exact(2) {
        match pair {
            [Value::Bool(true), value] => return Ok(value.clone()),
            [Value::Bool(false), _] => {}
            _ => return Err(EvaluationError::CasePredicate(call.source.clone())),
        }
    }
    Ok(arguments.last().cloned().unwrap_or(Value::Null))
}

fn contains(search: &Value, item: &Value) -> bool {
    match search {
        Value::Array(array) => array.items().iter().any(|present| item.loosely_equals(present)),
        Value::Object(_) => false,
        // The package compares in lower case here and in upper case elsewhere.
        _ => item.is_primitive() && search.to_text().to_lowercase().contains(&item.to_text().to_lowercase()),
    }
}

fn both_upper(one: &Value, two: &Value) -> Option<(String, String)> {
    let both = one.is_primitive() && two.is_primitive();
    both.then(|| (upper_case(&one.to_text()), upper_case(&two.to_text())))
}

fn join(list: &Value, separator: Option<&Value>) -> String {
    let separator = separator.filter(|value| value.is_primitive()).map(Value::to_text);
    match list {
        Value::Array(array) => {
            let items: Vec<String> = array.items().iter().map(Value::to_text).collect();
            items.join(separator.as_deref().unwrap_or(","))
        }
        Value::Object(_) => String::new(),
        primitive => primitive.to_text(),
    }
}
