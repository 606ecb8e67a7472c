//! Which changes of a column's type running code does not notice.

use super::TypeName;

/// What a change of type does to code that knows the old one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fit {
    /// Every old value reads the same, every old write is taken the same.
    Same,
    /// SQL goes on, but drivers, output or plans may not.
    Doubtful,
    /// Some old read or write fails or comes out differently.
    Unfit,
}

/// Judges a change between PostgreSQL's own types (docs, `ALTER TABLE`, notes, and the data types' pages: which
/// conversions are binary coercible to a superset).
pub(crate) fn fit(from: &TypeName, to: &TypeName) -> Fit {
    if from == to {
        return Fit::Same;
    }
    if from.array != to.array || from.schema.is_some() || to.schema.is_some() {
        return Fit::Unfit;
    }
    match (from.name.as_str(), to.name.as_str()) {
        ("varchar", "varchar") | ("varbit", "varbit") => up(limit(from), limit(to)),
        ("varchar" | "text", "text") => Fit::Same,
        ("text", "varchar") => up(u32::MAX, limit(to)),
        ("numeric", "numeric") => numeric(from, to),
        ("timestamp", "timestamp")
        | ("timestamptz", "timestamptz")
        | ("time", "time")
        | ("timetz", "timetz") => up(precision(from), precision(to)),
        ("interval", "interval") => interval(from, to),
        ("cidr", "inet") => Fit::Same,
        ("int2", "int4" | "int8") | ("int4", "int8") => Fit::Doubtful,
        ("timestamp", "timestamptz") => zone(from, to),
        ("text" | "varchar", "citext") | ("citext", "text") | ("citext", "varchar") => Fit::Doubtful,
        ("name", "text" | "varchar") => up(64, limit(to)).max_doubt(),
        _ => Fit::Unfit,
    }
}

impl Fit {
    /// At best doubtful.
    fn max_doubt(self) -> Self {
        if self == Self::Same { Self::Doubtful } else { self }
    }
}

fn up(from: u32, to: u32) -> Fit {
    if to >= from { Fit::Same } else { Fit::Unfit }
}

fn limit(ty: &TypeName) -> u32 {
    ty.modifiers.first().copied().unwrap_or(u32::MAX)
}

fn precision(ty: &TypeName) -> u32 {
    ty.modifiers.first().copied().unwrap_or(6)
}

/// More digits before the point are fine; another scale shows old values with other digits, unless it is dropped.
fn numeric(from: &TypeName, to: &TypeName) -> Fit {
    match (from.modifiers.as_slice(), to.modifiers.as_slice()) {
        (_, []) => Fit::Same,
        ([old, scale], [new, same]) if scale == same => up(*old, *new),
        _ => Fit::Unfit,
    }
}

fn interval(from: &TypeName, to: &TypeName) -> Fit {
    if !to.suffix.is_empty() && to.suffix != from.suffix {
        return Fit::Unfit;
    }
    up(precision(from), precision(to))
}

fn zone(from: &TypeName, to: &TypeName) -> Fit {
    up(precision(from), precision(to)).max_doubt()
}

#[cfg(test)]
mod tests {
    use crate::cursor::Cursor;
    use crate::syntax;

    use super::*;

    fn ty(sql: &str) -> TypeName {
        let script = syntax::script(&format!("create table t (c {sql})"));
        let tokens = script.statements.concat();
        TypeName::read(&mut Cursor::new(tokens.get(5..).unwrap_or_default())).unwrap()
    }

    fn of(from: &str, to: &str) -> Fit {
        fit(&ty(from), &ty(to))
    }

    #[test]
    fn widening_is_the_same_and_narrowing_is_not() {
        for (small, large) in [
            ("varchar(5)", "varchar(9)"),
            ("varchar(5)", "text"),
            ("varchar(5)[]", "text[]"),
            ("numeric(8,2)", "numeric(12,2)"),
            ("numeric(8,2)", "numeric"),
            ("timestamp(0)", "timestamp(3)"),
            ("interval(3)", "interval"),
            ("bit varying(4)", "varbit"),
            ("time(2) with time zone", "timetz"),
        ] {
            assert_eq!(of(small, large), Fit::Same, "{small} to {large}");
            assert_eq!(of(large, small), Fit::Unfit, "{large} to {small}");
        }
    }

    #[test]
    fn spellings_of_one_type_are_one() {
        for (one, other) in [
            ("int", "pg_catalog.int4"),
            ("character varying(3)", "varchar(3)"),
            ("char", "character(1)"),
            ("numeric(5)", "decimal(5,0)"),
            ("timestamp(6) with time zone", "timestamptz"),
            ("float(20)", "real"),
            ("int array", "int4[]"),
        ] {
            assert_eq!(ty(one), ty(other));
        }
    }

    #[test]
    fn what_only_drivers_notice_is_doubtful() {
        assert_eq!(of("int", "bigint"), Fit::Doubtful);
        assert_eq!(of("timestamp", "timestamptz"), Fit::Doubtful);
        assert_eq!(of("timestamp", "timestamptz(0)"), Fit::Unfit);
        assert_eq!(of("int", "numeric"), Fit::Unfit);
        assert_eq!(of("text", "text[]"), Fit::Unfit);
    }
}
