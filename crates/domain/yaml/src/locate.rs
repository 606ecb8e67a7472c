//! Where something stands in the text of a YAML document.
//!
//! The parser tells a place only through its errors. So a place is found by
//! reading the document once more, down to what is looked for, and failing there.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, EnumAccess, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A line and a column, both from 1.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Position {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

impl Position {
    /// Where every file begins, for what has no better place.
    pub const START: Self = Self { line: 1, column: 1 };

    /// The place that an error of the parser carries.
    #[must_use]
    pub fn of(error: &serde_yaml::Error) -> Self {
        error
            .location()
            .map_or(Self::START, |location| Self { line: location.line(), column: location.column() })
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// One step on the way from the top of a document.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Step {
    /// To the value of this key.
    Key(String),
    /// To the key itself; only as the last step.
    Name(String),
    /// To this item of a list, from 0.
    Item(usize),
}

/// The position that `path` leads to in `text`; the beginning of the text or the
/// end of the last step found, when it leads nowhere.
#[must_use]
pub fn locate(text: &str, path: &[Step]) -> Position {
    let document = serde_yaml::Deserializer::from_str(text);
    match (Seek { path }).deserialize(document) {
        Ok(()) => Position::START,
        Err(error) => Position::of(&error),
    }
}

/// The error that says "here"; its text is never seen.
fn here<E: Error>() -> E {
    E::custom("here")
}

#[derive(Clone, Copy)]
struct Seek<'p> {
    path: &'p [Step],
}

impl<'de> DeserializeSeed<'de> for Seek<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seek<'_> {
    type Value = ();

    // What a scalar or anything unexpected ends in: an error, at its place.
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nothing here")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some((first, rest)) = self.path.split_first() else {
            return Err(here());
        };
        while let Some(found) = map.next_key_seed(KeyOf { step: first })? {
            if found {
                return map.next_value_seed(Seek { path: rest });
            }
            map.next_value::<IgnoredAny>()?;
        }
        Err(here())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Some((Step::Item(wanted), rest)) = self.path.split_first() else {
            return Err(here());
        };
        for _ in 0..*wanted {
            items.next_element::<IgnoredAny>()?;
        }
        items.next_element_seed(Seek { path: rest })?;
        Err(here())
    }

    fn visit_enum<A: EnumAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        Err(here())
    }
}

/// Whether a key is the one that the step names.
struct KeyOf<'p> {
    step: &'p Step,
}

impl<'de> DeserializeSeed<'de> for KeyOf<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeyOf<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<bool, E> {
        match self.step {
            Step::Name(name) if name == key => Err(here()),
            Step::Key(name) => Ok(name == key),
            _ => Ok(false),
        }
    }
}
