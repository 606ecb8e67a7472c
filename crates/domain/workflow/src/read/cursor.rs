//! A place in a document: what stands there, and the way to it.

use yaml::Node;

use super::Read;
use crate::problem::{Fault, Path};

/// A value and the way to it.
#[derive(Clone)]
pub(super) struct Cursor<'n> {
    pub(super) node: &'n Node,
    pub(super) path: Path,
    /// The way to its key, or to itself where it has none.
    name: Path,
}

/// The keys that may stand at a place.
pub(super) struct Keys {
    /// The place, for a sentence.
    pub(super) what: &'static str,
    /// Those that are read.
    pub(super) known: &'static [&'static str],
    /// Those that GitHub knows and this crate refuses.
    pub(super) unsupported: &'static [&'static str],
}

/// The entries of a mapping whose keys are known.
pub(super) struct Fields<'n> {
    cursor: Cursor<'n>,
    entries: Vec<(&'n str, Cursor<'n>)>,
}

impl<'n> Cursor<'n> {
    pub(super) fn top(node: &'n Node) -> Self {
        Self { node, path: Path::default(), name: Path::default() }
    }

    /// A fault of this value.
    pub(super) fn fault(&self, message: impl Into<String>) -> Fault {
        self.path.fault(message)
    }

    /// A fault of the key of this value.
    pub(super) fn name_fault(&self, message: impl Into<String>) -> Fault {
        self.name.fault(message)
    }

    /// The entries of a mapping, whatever their keys are; nothing has none.
    pub(super) fn entries(&self) -> Read<Vec<(&'n str, Cursor<'n>)>> {
        match self.node {
            Node::Null => Ok(Vec::new()),
            Node::Map(entries) => Ok(entries
                .iter()
                .map(|(key, node)| {
                    (key.as_str(), Cursor { node, path: self.path.key(key), name: self.path.name(key) })
                })
                .collect()),
            other => Err(self.fault(format!("a mapping stands here, not {}", other.kind()))),
        }
    }

    /// The entries of a mapping with these keys only.
    pub(super) fn keys(&self, keys: &Keys) -> Read<Fields<'n>> {
        let entries = self.entries()?;
        for (key, value) in &entries {
            if keys.unsupported.contains(key) {
                return Err(value.name_fault(format!("`{key}` of {} is not supported here", keys.what)));
            }
            if !keys.known.contains(key) {
                let known = keys.known.join(", ");
                return Err(
                    value.name_fault(format!("{} has no key `{key}`; its keys are {known}", keys.what))
                );
            }
        }
        Ok(Fields { cursor: self.clone(), entries })
    }

    /// The items of a list.
    pub(super) fn items(&self) -> Read<Vec<Cursor<'n>>> {
        let Node::List(items) = self.node else {
            return Err(self.fault(format!("a list stands here, not {}", self.node.kind())));
        };
        let item = |(index, node)| {
            let path = self.path.item(index);
            Cursor { node, name: path.clone(), path }
        };
        Ok(items.iter().enumerate().map(item).collect())
    }
}

impl<'n> Fields<'n> {
    /// The value of a key, taken out, if it is there.
    pub(super) fn take(&mut self, key: &str) -> Option<Cursor<'n>> {
        let at = self.entries.iter().position(|(name, _)| *name == key)?;
        Some(self.entries.swap_remove(at).1)
    }

    /// The value of a key that must be there.
    pub(super) fn require(&mut self, key: &str) -> Read<Cursor<'n>> {
        self.take(key).ok_or_else(|| self.cursor.name_fault(format!("`{key}` is missing")))
    }

    /// The value of a key as `read` reads it, if it is there.
    pub(super) fn read<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&Cursor<'n>) -> Read<T>,
    ) -> Read<Option<T>> {
        self.take(key).map(|value| read(&value)).transpose()
    }
}
