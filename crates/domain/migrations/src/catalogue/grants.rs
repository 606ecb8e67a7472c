//! Who may do what.

use std::collections::{BTreeMap, BTreeSet};

use super::Id;

/// Who has privileges on what.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Holder {
    Relation(Id),
    Sequence(Id),
    Function(Id),
    Schema(Id),
    Type(Id),
}

impl Holder {
    pub(crate) fn id(self) -> Id {
        match self {
            Self::Relation(id)
            | Self::Sequence(id)
            | Self::Function(id)
            | Self::Schema(id)
            | Self::Type(id) => id,
        }
    }

    /// What `all` means on it (PostgreSQL docs, privileges).
    pub(crate) fn all(self) -> &'static [&'static str] {
        match self {
            Self::Relation(_) => {
                &["select", "insert", "update", "delete", "truncate", "references", "trigger"]
            }
            Self::Sequence(_) => &["select", "update", "usage"],
            Self::Function(_) => &["execute"],
            Self::Schema(_) => &["usage", "create"],
            Self::Type(_) => &["usage"],
        }
    }
}

/// The word of `alter default privileges` for what a holder is.
fn default_kind(holder: Holder) -> &'static str {
    match holder {
        Holder::Relation(_) => "tables",
        Holder::Sequence(_) => "sequences",
        Holder::Function(_) => "functions",
        Holder::Schema(_) => "schemas",
        Holder::Type(_) => "types",
    }
}

/// The extent of a privilege: of the whole, or of some columns.
type Extent = Option<BTreeSet<String>>;

/// All privileges that migrations tell of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Grants {
    held: BTreeMap<(Holder, String), BTreeMap<String, Extent>>,
    future: Vec<Future>,
    /// What was taken from a role by name.
    taken: BTreeSet<(Holder, String, String)>,
    /// What roles from outside the migrations had on objects, as far as defaults that are taken back tell.
    presumed: BTreeSet<(Holder, String, String)>,
}

/// One `alter default privileges`.
#[derive(Clone, Debug)]
struct Future {
    schemas: Vec<String>,
    kind: String,
    grant: bool,
    role: String,
    privileges: Vec<String>,
}

impl Grants {
    /// Gives a privilege on the whole, or on columns.
    pub(crate) fn give(&mut self, holder: Holder, role: &str, privilege: &str, columns: &[String]) {
        self.taken.remove(&(holder, role.to_owned(), privilege.to_owned()));
        let extents = self.held.entry((holder, role.to_owned())).or_default();
        let extent = extents.entry(privilege.to_owned()).or_insert_with(|| Some(BTreeSet::new()));
        match extent {
            Some(_) if columns.is_empty() => *extent = None,
            Some(some) => some.extend(columns.iter().cloned()),
            None => {}
        }
    }

    /// Takes a privilege; tells whether it was there.
    pub(crate) fn take(&mut self, holder: Holder, role: &str, privilege: &str, columns: &[String]) -> bool {
        if columns.is_empty() {
            let what = (holder, role.to_owned(), privilege.to_owned());
            self.presumed.remove(&what);
            self.taken.insert(what);
        }
        let Some(extents) = self.held.get_mut(&(holder, role.to_owned())) else { return false };
        if columns.is_empty() {
            return extents.remove(privilege).is_some();
        }
        let Some(Some(some)) = extents.get_mut(privilege) else { return false };
        let before = some.len();
        some.retain(|column| !columns.contains(column));
        some.len() < before
    }

    /// Whether defaults were taken from a role before.
    pub(crate) fn is_withheld(&self, schemas: &[String], kind: &str, role: &str) -> bool {
        let fits = |future: &Future| {
            let wide =
                future.schemas.is_empty() || schemas.iter().all(|schema| future.schemas.contains(schema));
            !future.grant && future.role == role && future.kind == kind && wide
        };
        self.future.iter().any(fits)
    }

    /// Takes it that a role has privileges which nothing shows, unless they were taken from it; none named are all.
    pub(crate) fn presume(&mut self, holder: Holder, role: &str, privileges: &[String]) {
        let named: Vec<&str> = privileges.iter().map(String::as_str).collect();
        for privilege in if named.is_empty() { holder.all() } else { named.as_slice() } {
            let what = (holder, role.to_owned(), (*privilege).to_owned());
            if !self.taken.contains(&what) && !self.has(holder, role, privilege, None) {
                self.presumed.insert(what);
            }
        }
    }

    /// What is [presumed](Self::presume): on what, whose and which.
    pub(crate) fn presumed(&self) -> impl Iterator<Item = (Holder, &str, &str)> {
        self.presumed.iter().map(|(holder, role, privilege)| (*holder, role.as_str(), privilege.as_str()))
    }

    /// Whether a privilege was taken from a role by name, and not given back.
    pub(crate) fn is_taken(&self, holder: Holder, role: &str, privilege: &str) -> bool {
        self.taken.contains(&(holder, role.to_owned(), privilege.to_owned()))
    }

    /// Whether a role, or everybody, has a privilege on some column at least.
    pub(crate) fn has_some(&self, holder: Holder, role: &str, privilege: &str) -> bool {
        ["public", role].iter().any(|role| {
            let extents = self.held.get(&(holder, (*role).to_owned()));
            extents.is_some_and(|extents| extents.contains_key(privilege))
        })
    }

    /// The privileges on one thing: whose and which.
    pub(crate) fn on(&self, holder: Holder) -> impl Iterator<Item = (&str, &str)> {
        let from =
            self.held.range((holder, String::new())..).take_while(move |((other, _), _)| *other == holder);
        from.flat_map(|((_, role), extents)| {
            extents.keys().map(|privilege| (role.as_str(), privilege.as_str()))
        })
    }

    /// Every privilege: on what, whose, which, and on which columns.
    pub(crate) fn all(&self) -> impl Iterator<Item = (Holder, &str, &str, &Extent)> {
        self.held.iter().flat_map(|((holder, role), extents)| {
            extents.iter().map(|(privilege, extent)| (*holder, role.as_str(), privilege.as_str(), extent))
        })
    }

    /// Whether a role, or everybody, has a privilege on the whole or on a column.
    pub(crate) fn has(&self, holder: Holder, role: &str, privilege: &str, column: Option<&str>) -> bool {
        ["public", role].iter().any(|role| {
            let extent =
                self.held.get(&(holder, (*role).to_owned())).and_then(|extents| extents.get(privilege));
            match (extent, column) {
                (Some(None), _) => true,
                (Some(Some(some)), Some(column)) => some.contains(column),
                _ => false,
            }
        })
    }

    /// Notes a change of default privileges.
    pub(crate) fn in_future(
        &mut self,
        schemas: &[String],
        kind: &str,
        grant: bool,
        role: &str,
        privileges: &[String],
    ) {
        let kind = if kind == "routines" { "functions" } else { kind };
        self.future.push(Future {
            schemas: schemas.to_vec(),
            kind: kind.to_owned(),
            grant,
            role: role.to_owned(),
            privileges: privileges.to_vec(),
        });
    }

    /// Gives a new object what defaults give it.
    pub(crate) fn begin(&mut self, holder: Holder, schema: &str) {
        match holder {
            Holder::Function(_) => self.give(holder, "public", "execute", &[]),
            Holder::Type(_) => self.give(holder, "public", "usage", &[]),
            _ => {}
        }
        let kind = default_kind(holder);
        let fits = |future: &&Future| {
            future.kind == kind
                && (future.schemas.is_empty() || future.schemas.iter().any(|name| name == schema))
        };
        let apply: Vec<Future> = self.future.iter().filter(fits).cloned().collect();
        for future in apply {
            let named: Vec<&str> = future.privileges.iter().map(String::as_str).collect();
            for privilege in if named.is_empty() { holder.all() } else { named.as_slice() } {
                if future.grant {
                    self.give(holder, &future.role, privilege, &[]);
                } else {
                    self.take(holder, &future.role, privilege, &[]);
                }
            }
        }
    }
}
