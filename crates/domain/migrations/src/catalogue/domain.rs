//! Domains, and what they are made of.

use super::{Catalogue, CustomKind, Domain};
use crate::types::TypeName;

/// How many domains over domains are followed.
const DEPTH: usize = 64;

impl Catalogue {
    /// The domain that a type is and those that it is made of, outermost first: their checks and their `not null` all
    /// hold, and the default is the outermost's. None for any other type, and none for an array of a domain, which is
    /// no domain itself.
    pub(crate) fn domains(&self, ty: &TypeName) -> Vec<&Domain> {
        let mut found = Vec::new();
        let mut next = Some(ty);
        while let Some(domain) =
            next.filter(|ty| !ty.array && found.len() < DEPTH).and_then(|ty| self.domain(ty))
        {
            found.push(domain);
            next = domain.base.as_ref();
        }
        found
    }

    /// What a domain is made of in the end; any other type is itself.
    pub(crate) fn base(&self, ty: &TypeName) -> TypeName {
        let mut found = ty.clone();
        for _ in 0..DEPTH {
            let Some(inner) = self.domain(&found).and_then(|domain| domain.base.as_ref()) else { break };
            found = TypeName { array: inner.array || found.array, ..inner.clone() };
        }
        found
    }

    /// Whether a type is a domain, or an array of one, that refuses anything that its base takes.
    pub(crate) fn refuses(&self, ty: &TypeName) -> bool {
        let mut next = Some(ty);
        for _ in 0..DEPTH {
            match next.and_then(|ty| self.domain(ty)) {
                Some(domain) if !domain.is_open() => return true,
                Some(domain) => next = domain.base.as_ref(),
                None => break,
            }
        }
        false
    }

    fn domain(&self, ty: &TypeName) -> Option<&Domain> {
        match &self.custom(ty)?.kind {
            CustomKind::Domain(domain) => Some(domain),
            _ => None,
        }
    }
}
