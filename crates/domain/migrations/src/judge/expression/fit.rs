//! Which values a type takes for certain, by assignment and by a cast.

use super::Sure;
use crate::catalogue::{CustomKind, Domain};
use crate::name::Name;
use crate::replay::Replay;
use crate::types::{Fit, TypeName, fit};

const NUMBERS: [&str; 6] = ["int2", "int4", "int8", "numeric", "float4", "float8"];
const TEXTS: [&str; 5] = ["text", "varchar", "bpchar", "name", "citext"];
const MOMENTS: [&str; 3] = ["date", "timestamp", "timestamptz"];

/// A type with the schema of the migration that made it.
pub(super) fn resolved(replay: &Replay, ty: TypeName, search: &[String]) -> TypeName {
    let name = Name { schema: ty.schema.clone(), name: ty.name.clone() };
    match replay.now.type_path(&name, search) {
        Some(path) => TypeName { schema: Some(path.schema), ..ty },
        None => ty,
    }
}

/// What a domain is made of, if it takes all of that; any other type is itself.
fn base(replay: &Replay, ty: &TypeName) -> Option<TypeName> {
    let open = |domain: &Domain| domain.is_open();
    match domain_of(replay, ty) {
        Some(domain) if open(domain) => base(replay, domain.base.as_ref()?),
        Some(_) => None,
        None => Some(ty.clone()),
    }
}

/// What a domain is made of, whatever it refuses.
fn inner(replay: &Replay, ty: &TypeName) -> TypeName {
    let made_of = domain_of(replay, ty).and_then(|domain| domain.base.as_ref());
    made_of.map_or_else(|| ty.clone(), |made_of| inner(replay, made_of))
}

fn domain_of<'r>(replay: &'r Replay, ty: &TypeName) -> Option<&'r Domain> {
    match &replay.now.custom(ty)?.kind {
        CustomKind::Domain(domain) => Some(domain),
        _ => None,
    }
}

/// Whether a type takes a value that is assigned to it (PL/pgSQL converts by any cast, or through a text).
pub(in crate::judge) fn takes(replay: &Replay, to: &TypeName, value: &Sure) -> bool {
    let Some(to) = base(replay, to).filter(|to| to.suffix.is_empty()) else { return false };
    let text = is_text(&to) && to.modifiers.is_empty() && to.name != "bpchar" && to.name != "name";
    match value {
        Sure::Null => true,
        Sure::Any => text,
        Sure::Row => false,
        Sure::Literal(value) => literal(replay, &to, value),
        Sure::Number(value) => number(&to, value),
        Sure::Of(from) => {
            let from = inner(replay, from);
            text || from == to || fits(&from, &to)
        }
    }
}

/// Whether a cast to a type takes a value: what is too long is cut.
pub(super) fn casts(replay: &Replay, to: &TypeName, value: &Sure) -> bool {
    let Some(base) = base(replay, to) else { return false };
    let cut = is_text(&base) && is_texty(replay, value);
    // What a row or a value became is no text that `jsonb` refuses.
    let json = base.name == "jsonb" && matches!(value, Sure::Of(ty) if ty.name == "json" && !ty.array);
    let bool_to_number =
        base.name == "int4" && matches!(value, Sure::Of(ty) if ty.name == "bool" && !ty.array);
    cut || json || bool_to_number || takes(replay, to, value)
}

fn literal(replay: &Replay, to: &TypeName, value: &str) -> bool {
    if to.array {
        return value.trim() == "{}";
    }
    if let Some(custom) = replay.now.custom(to) {
        return matches!(&custom.kind, CustomKind::Enum { labels } if labels.iter().any(|label| label == value));
    }
    match to.name.as_str() {
        "text" | "citext" | "name" => true,
        "varchar" | "bpchar" => {
            let length = value.trim_end_matches(' ').chars().count();
            to.modifiers.first().is_none_or(|limit| length <= *limit as usize)
        }
        "bool" => ["true", "false", "t", "f", "yes", "no", "on", "off", "0", "1"].contains(&value),
        "json" | "jsonb" => ["{}", "[]", "null"].contains(&value.trim()),
        "date" | "timestamp" | "timestamptz" => ["now", "infinity", "-infinity", "epoch"].contains(&value),
        name if NUMBERS.contains(&name) => number(to, value.trim()),
        _ => false,
    }
}

fn number(to: &TypeName, value: &str) -> bool {
    let Ok(number) = value.parse::<f64>() else { return false };
    if to.array {
        return false;
    }
    match to.name.as_str() {
        "int2" => number.abs() <= 32_767.0,
        "int4" => number.abs() <= 2_147_483_647.0,
        "int8" => number.abs() < 9.2e18,
        "numeric" => {
            let whole = to.modifiers.first().copied().unwrap_or(1_000)
                - to.modifiers.get(1).copied().unwrap_or(0).min(to.modifiers.first().copied().unwrap_or(0));
            number.abs() < 10_f64.powi(i32::try_from(whole).unwrap_or(i32::MAX)) - 1.0
        }
        "float4" => number.abs() < 3e38,
        "float8" => number.is_finite(),
        "text" => true,
        "varchar" => to.modifiers.first().is_none_or(|limit| value.len() <= *limit as usize),
        _ => false,
    }
}

/// How many digits stand before the point, at most.
fn whole_digits(ty: &TypeName) -> Option<u32> {
    match (ty.name.as_str(), ty.modifiers.as_slice()) {
        ("int2", _) => Some(5),
        ("int4", _) => Some(10),
        ("int8", _) => Some(19),
        ("numeric", [precision, scale]) => Some(precision.saturating_sub(*scale)),
        _ => None,
    }
}

/// How long a value is as a text, at most.
fn longest(ty: &TypeName) -> Option<u32> {
    match ty.name.as_str() {
        "bool" => Some(5),
        "int2" => Some(6),
        "int4" => Some(11),
        "int8" => Some(20),
        "uuid" => Some(36),
        "date" => Some(13),
        _ => None,
    }
}

fn fits(from: &TypeName, to: &TypeName) -> bool {
    if fit(from, to) != Fit::Unfit {
        return true;
    }
    if from.array || to.array || from.schema.is_some() || to.schema.is_some() {
        return false;
    }
    match (from.name.as_str(), to.name.as_str()) {
        ("int2", "int4" | "int8") | ("int4", "int8") | ("date", "timestamp" | "timestamptz") => true,
        ("timestamptz" | "timestamp", "date" | "time" | "timestamp" | "timestamptz") => true,
        ("int2" | "int4" | "int8" | "numeric" | "float4" | "float8", "float8") | ("jsonb", "json") => true,
        ("int2" | "int4" | "int8", "float4") | ("float4" | "float8", "numeric")
            if to.modifiers.is_empty() =>
        {
            true
        }
        ("int2" | "int4" | "int8" | "numeric", "numeric") => {
            match (to.modifiers.as_slice(), whole_digits(from)) {
                ([], _) => true,
                ([precision, scale], Some(digits)) => {
                    let room = precision.saturating_sub(*scale);
                    // Rounding may carry one digit over.
                    let exact = from.modifiers.get(1).is_none_or(|known| known <= scale);
                    room > digits || (room == digits && exact)
                }
                _ => false,
            }
        }
        (_, "varchar") => {
            to.modifiers.first().is_some_and(|limit| longest(from).is_some_and(|most| most <= *limit))
        }
        _ => false,
    }
}

fn is_text(ty: &TypeName) -> bool {
    ty.schema.is_none() && !ty.array && TEXTS.contains(&ty.name.as_str())
}

pub(super) fn is_number(ty: &TypeName) -> bool {
    ty.schema.is_none() && !ty.array && NUMBERS.contains(&ty.name.as_str())
}

fn is_moment(ty: &TypeName) -> bool {
    ty.schema.is_none() && !ty.array && MOMENTS.contains(&ty.name.as_str())
}

/// Whether a value is a text, or may become one where a text is wanted.
pub(super) fn is_texty(replay: &Replay, value: &Sure) -> bool {
    match value {
        Sure::Null | Sure::Literal(_) => true,
        Sure::Of(ty) => is_text(&inner(replay, ty)),
        Sure::Number(_) | Sure::Row | Sure::Any => false,
    }
}

/// Whether a value is a moment in time.
pub(super) fn is_time(value: &Sure) -> bool {
    matches!(value, Sure::Of(ty) if is_moment(ty))
}

/// Whether a type has `=` (PostgreSQL docs: `json`, `xml` and the geometric types have none, or another).
pub(in crate::judge) fn has_equality(ty: &TypeName) -> bool {
    !["json", "xml", "point", "polygon", "path"].contains(&ty.name.as_str())
}

/// Whether two values may be compared.
pub(super) fn compare(replay: &Replay, left: &Sure, right: &Sure) -> bool {
    match (left, right) {
        (Sure::Null, other) | (other, Sure::Null) => !matches!(other, Sure::Row),
        (Sure::Literal(_), Sure::Literal(_)) | (Sure::Number(_), Sure::Number(_)) => true,
        (Sure::Literal(text), Sure::Of(ty)) | (Sure::Of(ty), Sure::Literal(text)) => {
            let ty = inner(replay, ty);
            has_equality(&ty) && (is_text(&ty) || literal(replay, &ty, text))
        }
        (Sure::Number(_), Sure::Of(ty)) | (Sure::Of(ty), Sure::Number(_)) => is_number(&inner(replay, ty)),
        (Sure::Of(one), Sure::Of(other)) => {
            let (one, other) = (inner(replay, one), inner(replay, other));
            let same = one.name == other.name && one.schema == other.schema && one.array == other.array;
            let kin = (is_text(&one) && is_text(&other))
                || (is_number(&one) && is_number(&other))
                || (is_moment(&one) && is_moment(&other));
            (same || kin) && has_equality(&one)
        }
        _ => false,
    }
}

/// Whether `||` makes a text of two values.
pub(super) fn concatenates(replay: &Replay, left: &Sure, right: &Sure) -> bool {
    let plain = |value: &Sure| match value {
        Sure::Of(ty) => {
            !ty.array && !["json", "jsonb", "bytea", "tsvector", "hstore"].contains(&ty.name.as_str())
        }
        Sure::Null | Sure::Literal(_) | Sure::Number(_) => true,
        Sure::Row | Sure::Any => false,
    };
    (is_texty(replay, left) && plain(right)) || (is_texty(replay, right) && plain(left))
}

/// The type of a sum, a difference, a product or a quotient.
pub(super) fn arithmetic(operator: &str, left: &Sure, right: &Sure) -> Option<Sure> {
    let ty = |value: &Sure| match value {
        Sure::Of(ty) => Some(ty.clone()),
        Sure::Number(text) => {
            Some(TypeName::own(if text.contains(['.', 'e', 'E']) { "numeric" } else { "int4" }))
        }
        _ => None,
    };
    if (left == &Sure::Null && ty(right).is_some()) || (right == &Sure::Null && ty(left).is_some()) {
        return Some(Sure::Null);
    }
    let (left, right) = (ty(left)?, ty(right)?);
    if is_number(&left) && is_number(&right) {
        let rank = |ty: &TypeName| NUMBERS.iter().position(|name| *name == ty.name);
        let wider = if rank(&left) >= rank(&right) { left } else { right };
        return Some(Sure::Of(TypeName::own(&wider.name)));
    }
    match (left.name.as_str(), operator, right.name.as_str()) {
        ("timestamptz" | "timestamp", "+" | "-", "interval") => Some(Sure::Of(TypeName::own(&left.name))),
        ("date", "+" | "-", "interval") => Some(Sure::Of(TypeName::own("timestamp"))),
        ("date", "+" | "-", "int2" | "int4") => Some(Sure::Of(TypeName::own("date"))),
        ("timestamptz" | "timestamp", "-", "timestamptz" | "timestamp") => {
            Some(Sure::Of(TypeName::own("interval")))
        }
        ("date", "-", "date") => Some(Sure::Of(TypeName::own("int4"))),
        _ => None,
    }
}

/// The type that several values have together.
pub(super) fn common(replay: &Replay, values: &[Sure]) -> Option<Sure> {
    let typed: Vec<TypeName> = values
        .iter()
        .filter_map(|value| match value {
            Sure::Of(ty) => Some(inner(replay, ty)),
            _ => None,
        })
        .collect();
    if values.iter().all(|value| *value == Sure::Row) {
        return values.first().cloned();
    }
    let Some(first) = typed.first() else {
        let kinds = |wanted: fn(&Sure) -> bool| values.iter().all(|one| one == &Sure::Null || wanted(one));
        return match values.iter().find(|value| **value != Sure::Null) {
            None => Some(Sure::Null),
            Some(Sure::Number(text)) if kinds(|one| matches!(one, Sure::Number(_))) => {
                Some(Sure::Number(text.clone()))
            }
            Some(Sure::Literal(text)) if values.len() == 1 => Some(Sure::Literal(text.clone())),
            Some(Sure::Literal(_)) if kinds(|one| matches!(one, Sure::Literal(_))) => Some(super::of("text")),
            _ => None,
        };
    };
    let whole = if typed.iter().all(is_text) {
        if typed.iter().all(|ty| ty == first) { first.clone() } else { TypeName::own("text") }
    } else if typed.iter().all(is_number) {
        let rank = |ty: &&TypeName| NUMBERS.iter().position(|name| *name == ty.name);
        TypeName { modifiers: Vec::new(), ..typed.iter().max_by_key(rank)?.clone() }
    } else if typed.iter().all(|ty| ty == first) {
        first.clone()
    } else {
        return None;
    };
    let fits = |value: &Sure| match value {
        Sure::Null | Sure::Of(_) => true,
        // What stands there is not cut to a length.
        Sure::Literal(_) if is_text(&whole) => true,
        Sure::Number(_) => is_number(&whole),
        other => takes(replay, &whole, other),
    };
    let longer = values.iter().any(|value| match value {
        Sure::Literal(text) => !literal(replay, &whole, text),
        _ => false,
    });
    values.iter().all(fits).then_some(())?;
    Some(Sure::Of(if longer && is_text(&whole) { TypeName::own("text") } else { whole }))
}
