//! What a YAML parser lets pass: keys that stand twice, and tags.
//!
//! Of two equal keys every parser of this family keeps the last in silence, so
//! half a manifest could vanish. And `- !docs/**` without quotes is not a
//! pattern but a tag on nothing.

use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor};

/// What was found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Finding {
    /// The key that stands twice.
    Duplicate(String),
    /// The tag.
    Tag(String),
}

/// Reads the whole document and fails at the first finding.
///
/// # Errors
/// The error tells the place. Without a finding beside it, the parser itself failed.
pub fn check(text: &str) -> Result<(), (serde_yaml::Error, Option<Finding>)> {
    let found = Cell::new(None);
    Strict { found: &found }
        .deserialize(serde_yaml::Deserializer::from_str(text))
        .map_err(|error| (error, found.take()))
}

#[derive(Clone, Copy)]
struct Strict<'f> {
    found: &'f Cell<Option<Finding>>,
}

impl Strict<'_> {
    fn stop<E: Error>(self, finding: Finding) -> E {
        self.found.set(Some(finding));
        E::custom("a finding")
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = HashSet::new();
        loop {
            let key = NewKey { seen: &mut seen, strict: self };
            if map.next_key_seed(key)?.is_none() {
                return Ok(());
            }
            map.next_value_seed(self)?;
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(self)?.is_some() {}
        Ok(())
    }

    fn visit_enum<A: EnumAccess<'de>>(self, tagged: A) -> Result<(), A::Error> {
        let (tag, value) = tagged.variant::<String>()?;
        value.newtype_variant_seed(self)?;
        Err(self.stop(Finding::Tag(tag)))
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    // An empty document.
    fn visit_none<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// A key that must not have been seen in this mapping.
struct NewKey<'s, 'f> {
    seen: &'s mut HashSet<String>,
    strict: Strict<'f>,
}

impl<'de> DeserializeSeed<'de> for NewKey<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for NewKey<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<(), E> {
        if self.seen.insert(key.to_owned()) {
            return Ok(());
        }
        Err(self.strict.stop(Finding::Duplicate(key.to_owned())))
    }
}
