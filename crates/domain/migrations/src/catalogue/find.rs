//! Finding things by name.

use super::{Catalogue, Custom, Function, Relation};
use crate::name::{Name, Path};
use crate::types::TypeName;

/// The schema of temporary tables.
pub(crate) const TEMPORARY: &str = "pg_temp";

impl Catalogue {
    /// The relation of a name, along a search path.
    pub(crate) fn relation_path(&self, name: &Name, search: &[String]) -> Option<Path> {
        along(name, search).find(|path| self.relations.contains_key(path))
    }

    /// The type of a name, along a search path.
    pub(crate) fn type_path(&self, name: &Name, search: &[String]) -> Option<Path> {
        along(name, search).find(|path| self.types.contains_key(path))
    }

    /// The functions of a name, along a search path.
    pub(crate) fn function_path(&self, name: &Name, search: &[String]) -> Option<Path> {
        along(name, search).find(|path| self.functions.contains_key(path))
    }

    /// Where an index is: its table and its place there.
    pub(crate) fn index_place(&self, name: &Name, search: &[String]) -> Option<(Path, usize)> {
        let schemas: Vec<Path> = along(name, search).collect();
        self.relations.iter().find_map(|(path, relation)| {
            let fits = schemas.iter().any(|wanted| wanted.schema == path.schema);
            let at = relation.indexes.iter().position(|index| index.name == name.name)?;
            fits.then(|| (path.clone(), at))
        })
    }

    /// The type that a column has, when a migration made it.
    pub(crate) fn custom(&self, ty: &TypeName) -> Option<&Custom> {
        self.types.get(&Path::new(ty.schema.clone()?, &ty.name))
    }

    /// The function with these input types, or the only one when none are given.
    pub(crate) fn function(&self, path: &Path, inputs: Option<&[TypeName]>) -> Option<&Function> {
        let overloads = self.functions.get(path)?;
        match inputs {
            Some(inputs) => overloads.iter().find(|function| function.inputs() == inputs),
            None => overloads.first().filter(|_| overloads.len() == 1),
        }
    }

    /// The relation with an id, and its name now.
    pub(crate) fn relation_of(&self, id: super::Id) -> Option<(&Path, &Relation)> {
        self.relations.iter().find(|(_, relation)| relation.id == id)
    }
}

/// The paths that a name may mean, in the order in which PostgreSQL looks.
fn along<'a>(name: &'a Name, search: &'a [String]) -> impl Iterator<Item = Path> + 'a {
    let written = name.schema.iter().map(String::as_str);
    let temporary = std::iter::once(TEMPORARY).chain(search.iter().map(String::as_str));
    let schemas: Vec<&str> = if name.schema.is_some() { written.collect() } else { temporary.collect() };
    schemas.into_iter().map(|schema| Path::new(schema, &name.name))
}
