//! The values that expressions compute with, and GitHub's rules of converting and comparing them.
//!
//! Source of the rules: GitHub Docs, "Evaluate expressions in workflows and actions" (literals, operators), and
//! where that page is silent npm `@actions/expressions` 0.3.61, which is GitHub's own evaluator.

mod json;
mod number;
mod object;

use std::cmp::Ordering;
use std::sync::Arc;

pub use json::JsonError;
pub use object::{NameCase, Object};

pub(crate) use number::parse as parse_number;

/// One value. Cloning is cheap: arrays and objects are shared.
///
/// `PartialEq` compares contents; the `==` of expressions is [`Value::loosely_equals`].
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`, and whatever is read but does not exist.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// Every number is a double; it may be NaN or infinite.
    Number(f64),
    /// Text. Comparisons ignore its case.
    String(String),
    /// A list.
    Array(Array),
    /// Names and values, in the order in which they were given.
    Object(Object),
}

/// A list that keeps its identity when it is cloned: `==` on arrays asks whether they are the very same one.
#[derive(Debug, Clone)]
pub struct Array {
    items: Arc<Vec<Value>>,
    origin: Origin,
}

/// Accesses to what `.*` gave apply to each of its items, and not to the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Plain,
    Filter,
}

impl Value {
    /// Reads JSON, as `fromJSON` does. Of a name that occurs twice the last value counts, of names that differ in
    /// case only the first.
    ///
    /// # Errors
    ///
    /// Text that is not JSON, is nested deeper than 127 levels, has a number that no double holds or half of a
    /// surrogate pair.
    pub fn from_json(text: &str) -> Result<Self, JsonError> {
        json::read(text)
    }

    /// Indented JSON, as `toJSON` writes it: two spaces a level; NaN and infinities are `null`.
    pub fn to_json(&self) -> String {
        json::write(self)
    }

    /// The text that stands in place of the value: nothing for null, `Array` and `Object` for these.
    pub fn to_text(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Bool(value) => value.to_string(),
            Self::Number(value) => number::rounded_text(*value),
            Self::String(text) => text.clone(),
            Self::Array(_) => "Array".to_owned(),
            Self::Object(_) => "Object".to_owned(),
        }
    }

    /// The number for comparisons with another kind: null and empty text are 0; what is no number is NaN.
    pub fn to_number(&self) -> f64 {
        match self {
            Self::Null => 0.0,
            Self::Bool(value) => f64::from(u8::from(*value)),
            Self::Number(value) => *value,
            Self::String(text) => number::parse(text),
            Self::Array(_) | Self::Object(_) => f64::NAN,
        }
    }

    /// False for null, `false`, 0, NaN and empty text; true for everything else, `'false'` and `[]` too.
    pub fn is_true(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Bool(value) => *value,
            Self::Number(value) => *value != 0.0 && !value.is_nan(),
            Self::String(text) => !text.is_empty(),
            Self::Array(_) | Self::Object(_) => true,
        }
    }

    /// Neither an array nor an object.
    pub fn is_primitive(&self) -> bool {
        !matches!(self, Self::Array(_) | Self::Object(_))
    }

    /// The operator `==`: text without regard to case, unlike kinds as numbers, arrays and objects by identity.
    pub fn loosely_equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(one), Self::Bool(two)) => one == two,
            (Self::String(one), Self::String(two)) => upper_case(one) == upper_case(two),
            (Self::Array(one), Self::Array(two)) => Arc::ptr_eq(&one.items, &two.items),
            (Self::Object(one), Self::Object(two)) => one.is_same(two),
            (one, two) if one.is_primitive() && two.is_primitive() => one.to_number() == two.to_number(),
            _ => false,
        }
    }

    /// The order behind `<` and `>`; none between values that have no order (null and null, NaN, arrays, objects).
    pub fn loose_order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Null, Self::Null) => None,
            (Self::Bool(one), Self::Bool(two)) => Some(one.cmp(two)),
            (Self::String(one), Self::String(two)) => {
                // By UTF-16 units, as both of GitHub's evaluators do; they differ from characters beyond U+FFFF.
                Some(upper_case(one).encode_utf16().cmp(upper_case(two).encode_utf16()))
            }
            (one, two) if one.is_primitive() && two.is_primitive() => {
                one.to_number().partial_cmp(&two.to_number())
            }
            _ => None,
        }
    }
}

impl Array {
    pub(crate) fn filtered(items: Vec<Value>) -> Self {
        Self { items: Arc::new(items), origin: Origin::Filter }
    }

    pub(crate) fn is_filtered(&self) -> bool {
        self.origin == Origin::Filter
    }

    /// The items, in order.
    pub fn items(&self) -> &[Value] {
        &self.items
    }
}

impl PartialEq for Array {
    fn eq(&self, other: &Self) -> bool {
        self.items == other.items
    }
}

impl FromIterator<Value> for Array {
    fn from_iter<I: IntoIterator<Item = Value>>(items: I) -> Self {
        Self { items: Arc::new(items.into_iter().collect()), origin: Origin::Plain }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<Array> for Value {
    fn from(array: Array) -> Self {
        Self::Array(array)
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Self {
        Self::Object(object)
    }
}

/// Upper case as GitHub folds text for comparisons; the dotless i stays, lest it equal `I`.
pub(crate) fn upper_case(text: &str) -> String {
    let mut upper = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            'ı' => upper.push('ı'),
            other => upper.extend(other.to_uppercase()),
        }
    }
    upper
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_list_equals_itself() {
        let one = Value::Array([Value::Null].into_iter().collect());
        let two = Value::Array([Value::Null].into_iter().collect());
        assert!(one.loosely_equals(&one.clone()));
        assert!(!one.loosely_equals(&two));
        assert_eq!(one, two, "contents are compared by PartialEq");
    }

    #[test]
    fn unlike_kinds_compare_as_numbers() {
        assert!(Value::Null.loosely_equals(&Value::from("")));
        assert!(Value::from(true).loosely_equals(&Value::from(" 0x1 ")));
        assert!(!Value::from("true").loosely_equals(&Value::from(true)));
        assert!(!Value::from(f64::NAN).loosely_equals(&Value::from(f64::NAN)));
        assert_eq!(Value::from("b").loose_order(&Value::from("A")), Some(Ordering::Greater));
        assert_eq!(Value::Null.loose_order(&Value::Null), None);
    }

    #[test]
    fn beyond_the_basic_plane_order_is_that_of_utf_16() {
        assert_eq!(Value::from("\u{FF5E}").loose_order(&Value::from("\u{1F600}")), Some(Ordering::Greater));
    }
}
