//! Objects: names that ignore case, in the order in which they were given.

use std::collections::HashMap;
use std::sync::Arc;

use super::Value;

/// Names and values. Cloning shares them; `==` in expressions asks whether it is the very same object.
#[derive(Debug, Clone)]
pub struct Object {
    entries: Arc<Entries>,
}

/// Whether `a.Name` and `a.name` are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameCase {
    /// They are one: all contexts but `env`.
    Ignored,
    /// They are two: the `env` context on every runner but Windows (actions/runner, `ExecutionContext.cs`).
    Kept,
}

#[derive(Debug)]
struct Entries {
    pairs: Vec<(String, Value)>,
    positions: HashMap<String, usize>,
    case: NameCase,
}

impl Object {
    /// An object of these names, in this order. Of names that count as one only the first is kept.
    pub fn new<N: Into<String>>(case: NameCase, pairs: impl IntoIterator<Item = (N, Value)>) -> Self {
        let mut entries = Entries { pairs: Vec::new(), positions: HashMap::new(), case };
        for (name, value) in pairs {
            let name = name.into();
            let key = entries.key(&name);
            if !entries.positions.contains_key(&key) {
                entries.positions.insert(key, entries.pairs.len());
                entries.pairs.push((name, value));
            }
        }
        Self { entries: Arc::new(entries) }
    }

    /// The value of this name, if there is one.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let position = self.entries.positions.get(&self.entries.key(name))?;
        self.entries.pairs.get(*position).map(|(_, value)| value)
    }

    /// Names and values, in order; names as they were given.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.entries.pairs.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Whether it has no names.
    pub fn is_empty(&self) -> bool {
        self.entries.pairs.is_empty()
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.entries, &other.entries)
    }
}

impl Entries {
    fn key(&self, name: &str) -> String {
        match self.case {
            NameCase::Ignored => name.to_lowercase(),
            NameCase::Kept => name.to_owned(),
        }
    }
}

impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        self.entries.case == other.entries.case && self.entries.pairs == other.entries.pairs
    }
}

impl Default for Object {
    /// Without names.
    fn default() -> Self {
        Self::new(NameCase::Ignored, [("", Value::Null); 0])
    }
}

impl<N: Into<String>> FromIterator<(N, Value)> for Object {
    /// Names ignore case.
    fn from_iter<I: IntoIterator<Item = (N, Value)>>(pairs: I) -> Self {
        Self::new(NameCase::Ignored, pairs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_two_cases_counts() {
        let pairs = [("Key", Value::from("one")), ("KEY", Value::from("two"))];
        let ignoring: Object = pairs.clone().into_iter().collect();
        assert_eq!(ignoring.get("key"), Some(&Value::from("one")));
        assert_eq!(ignoring.iter().count(), 1);
        let keeping = Object::new(NameCase::Kept, pairs);
        assert_eq!(keeping.get("KEY"), Some(&Value::from("two")));
        assert_eq!(keeping.get("key"), None);
    }
}
