//! Whether a type takes the constant that is written as its default.
//!
//! Told only where PostgreSQL is certain to refuse; what is not read here passes (PostgreSQL docs, value expressions,
//! type conversion; each answer below is held to a server by the cases of this crate).

use super::TypeName;
use crate::cursor::Cursor;
use crate::token::{Kind, Token, without_parentheses};

/// What a type is, where the schema made it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Made<'c> {
    /// PostgreSQL's own.
    Own,
    Enum(&'c [String]),
    Composite,
}

/// Why a default is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Misfit {
    /// The SQLSTATE.
    pub(crate) code: &'static str,
    pub(crate) moment: Moment,
}

/// When a default is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Moment {
    /// By the statement that declares it.
    Declared,
    /// When a row is given it, as `add column` does at once even where there are no rows.
    WorkedOut,
}

/// What a constant is before it is converted.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Constant<'t> {
    /// A string that takes the type of the column.
    Untyped(&'t str),
    /// A string that was cast to a text.
    Text(&'t str),
    Number {
        text: &'t str,
        negative: bool,
    },
    Bool(bool),
    Uuid,
    Time,
}

/// Why a type refuses a default; `None` where it takes it, or that is not known here.
pub(crate) fn misfit(ty: &TypeName, made: Made<'_>, default: &[Token]) -> Option<Misfit> {
    let constant = constant(ty, default)?;
    if ty.array || !matches!(made, Made::Own) {
        return misfit_of_made(ty, made, constant);
    }
    match constant {
        Constant::Untyped(text) => untyped(ty, text),
        Constant::Text(text) if is_text(ty) => too_long(ty, text),
        Constant::Number { text, negative } if is_number(ty) => out_of_range(ty, text, negative),
        Constant::Number { text, negative } if is_text(ty) => {
            too_long(ty, &format!("{}{text}", if negative { "-" } else { "" }))
        }
        Constant::Bool(value) if is_text(ty) => too_long(ty, if value { "true" } else { "false" }),
        Constant::Time if is_moment(ty) || is_text(ty) => None,
        Constant::Uuid if ty.name == "uuid" || is_text(ty) => None,
        Constant::Bool(_) if ty.name == "bool" => None,
        // Of any other pair of these types there is no cast that a default may use (`pg_cast`, assignment).
        _ if is_number(ty) || is_moment(ty) => declared("42804"),
        _ => ["bool", "uuid", "json", "jsonb", "interval", "bytea"]
            .contains(&ty.name.as_str())
            .then_some(Misfit { code: "42804", moment: Moment::Declared }),
    }
}

fn declared(code: &'static str) -> Option<Misfit> {
    Some(Misfit { code, moment: Moment::Declared })
}

fn worked_out(code: &'static str) -> Option<Misfit> {
    Some(Misfit { code, moment: Moment::WorkedOut })
}

/// Arrays, enums and composite types: they take no other type, and of strings only theirs.
fn misfit_of_made(ty: &TypeName, made: Made<'_>, constant: Constant<'_>) -> Option<Misfit> {
    let Constant::Untyped(text) = constant else { return declared("42804") };
    let text_start = text.trim_start();
    let fits = match made {
        _ if ty.array => {
            let bounds = text_start.strip_prefix('[').is_some_and(|rest| {
                rest.trim_start().starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '+')
            });
            text_start.starts_with('{') || bounds
        }
        Made::Enum(labels) => labels.iter().any(|label| label == text),
        Made::Composite => text_start.starts_with('('),
        Made::Own => true,
    };
    if fits { None } else { declared("22P02") }
}

/// Reads a default that is a constant, perhaps cast to a text or to the type itself.
fn constant<'t>(ty: &TypeName, default: &'t [Token]) -> Option<Constant<'t>> {
    let default = without_parentheses(default);
    match default {
        [text] if text.kind == Kind::Text => Some(Constant::Untyped(&text.text)),
        [text, cast, rest @ ..] if text.kind == Kind::Text && cast.is("::") => {
            let mut cursor = Cursor::new(rest);
            let to = TypeName::read(&mut cursor)?;
            if !cursor.is_empty() || !to.modifiers.is_empty() {
                return None;
            }
            let same = to.name == ty.name && to.array == ty.array;
            match to.name.as_str() {
                _ if same && !is_text(ty) => Some(Constant::Untyped(&text.text)),
                "text" | "varchar" if to.schema.is_none() && !to.array => Some(Constant::Text(&text.text)),
                _ => None,
            }
        }
        [number] if number.kind == Kind::Number => {
            Some(Constant::Number { text: &number.text, negative: false })
        }
        [sign, number] if sign.is("-") && number.kind == Kind::Number => {
            Some(Constant::Number { text: &number.text, negative: true })
        }
        [word] if word.is("true") || word.is("false") => Some(Constant::Bool(word.is("true"))),
        [word] if word.is("current_timestamp") => Some(Constant::Time),
        [function, open, close] if open.is("(") && close.is(")") => match function.name()? {
            "now" => Some(Constant::Time),
            "gen_random_uuid" => Some(Constant::Uuid),
            _ => None,
        },
        _ => None,
    }
}

fn is_text(ty: &TypeName) -> bool {
    ["text", "varchar", "bpchar"].contains(&ty.name.as_str())
}

fn is_number(ty: &TypeName) -> bool {
    integer(ty).is_some() || ["numeric", "float4", "float8"].contains(&ty.name.as_str())
}

/// Whether a moment can be cast to it.
fn is_moment(ty: &TypeName) -> bool {
    ["date", "time", "timetz", "timestamp", "timestamptz"].contains(&ty.name.as_str())
}

/// The largest value of an integer type.
fn integer(ty: &TypeName) -> Option<i128> {
    match ty.name.as_str() {
        "int2" => Some(i128::from(i16::MAX)),
        "int4" => Some(i128::from(i32::MAX)),
        "int8" => Some(i128::from(i64::MAX)),
        _ => None,
    }
}

/// A string that takes the type of the column.
fn untyped(ty: &TypeName, text: &str) -> Option<Misfit> {
    let trimmed = text.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\u{b}');
    let lower = trimmed.to_ascii_lowercase();
    let invalid = || declared("22P02");
    match ty.name.as_str() {
        _ if is_text(ty) => too_long(ty, text),
        // Since PostgreSQL 16 `0x1f` and `1_000` are numbers.
        _ if is_number(ty) && (lower.contains('_') || has_base(&lower)) => None,
        _ if let Some(most) = integer(ty) => match trimmed.parse::<i128>() {
            Ok(number) if number > most || number < -most - 1 => declared("22003"),
            Ok(_) => None,
            Err(_) if trimmed.len() > 30 => None,
            Err(_) => invalid(),
        },
        "numeric" | "float4" | "float8" => match lower.parse::<f64>() {
            Ok(number) if ty.name == "numeric" && number.is_finite() => too_wide(ty, number),
            Ok(_) => None,
            Err(_) => invalid(),
        },
        "bool" => (!is_bool(&lower)).then(invalid).flatten(),
        "uuid" => (!is_uuid(text)).then(invalid).flatten(),
        "json" | "jsonb" => (!may_be_json(trimmed)).then(invalid).flatten(),
        "inet" | "cidr" if trimmed.is_empty() => invalid(),
        _ if is_moment(ty) || ty.name == "interval" => {
            (!may_be_time(&lower)).then_some(Misfit { code: "22007", moment: Moment::Declared })
        }
        _ => None,
    }
}

/// `0x1f`, `0o17` or `0b1`.
fn has_base(text: &str) -> bool {
    let digits = text.trim_start_matches(['-', '+']);
    ["0x", "0o", "0b"].iter().any(|base| digits.starts_with(base))
}

fn too_long(ty: &TypeName, text: &str) -> Option<Misfit> {
    let limit = *ty.modifiers.first().filter(|_| ty.name != "text")?;
    // Blanks beyond the end are cut off (PostgreSQL docs, character types).
    let length = text.trim_end_matches(' ').chars().count();
    if length > usize::try_from(limit).unwrap_or(usize::MAX) { worked_out("22001") } else { None }
}

fn out_of_range(ty: &TypeName, text: &str, negative: bool) -> Option<Misfit> {
    if let (Some(most), Ok(number)) = (integer(ty), text.parse::<i128>()) {
        let beyond = number > most + i128::from(negative);
        return if beyond { worked_out("22003") } else { None };
    }
    let number = text.parse::<f64>().ok()?;
    if ty.name == "numeric" {
        return too_wide(ty, number).map(|misfit| Misfit { moment: Moment::WorkedOut, ..misfit });
    }
    None
}

/// Of `numeric(precision, scale)`: more digits before the point than there is room for, once it is rounded.
fn too_wide(ty: &TypeName, number: f64) -> Option<Misfit> {
    let [precision, scale] = ty.modifiers.as_slice() else { return None };
    let power = |exponent: u32| 10_f64.powi(i32::try_from(exponent).unwrap_or(i32::MAX));
    if (number.abs() * power(*scale)).round() >= power(*precision) { worked_out("22003") } else { None }
}

/// PostgreSQL docs, boolean type: unique beginnings of these words are taken, too.
fn is_bool(text: &str) -> bool {
    let begins = ["true", "false", "yes", "no"].iter().any(|word| word.starts_with(text));
    !text.is_empty() && (begins || ["on", "of", "off", "1", "0"].contains(&text))
}

/// Thirty-two hexadecimal digits, with or without hyphens and braces.
fn is_uuid(text: &str) -> bool {
    let bare = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(text);
    let digits = bare.chars().filter(char::is_ascii_hexdigit).count();
    digits == 32 && bare.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}

/// Whether a text begins as JSON does.
fn may_be_json(text: &str) -> bool {
    let mut characters = text.chars();
    match characters.next() {
        Some('{') => characters.find(|c| !c.is_ascii_whitespace()).is_some_and(|c| c == '"' || c == '}'),
        Some('[' | '"' | '-' | '0'..='9') => true,
        Some(_) => ["true", "false", "null"].contains(&text),
        None => false,
    }
}

/// Whether a text may be a moment or an interval: of those without a digit it is one of a few words.
fn may_be_time(lower: &str) -> bool {
    let words = ["now", "today", "tomorrow", "yesterday", "epoch", "infinity", "inf", "allballs"];
    let word = lower.chars().all(|c| c.is_ascii_alphabetic());
    !lower.is_empty() && (!word || words.contains(&lower))
}

#[cfg(test)]
mod tests {
    use crate::syntax;

    use super::*;

    /// What `c type default ...` comes to.
    fn of(sql: &str) -> Option<Misfit> {
        let script = syntax::script(&format!("create table t (c {sql})"));
        assert!(script.errors.is_empty(), "{sql}");
        let tokens = script.statements.concat();
        let mut cursor = Cursor::new(tokens.get(5..tokens.len() - 1).unwrap_or_default());
        let ty = TypeName::read(&mut cursor).unwrap();
        assert!(cursor.eat("default"), "{sql}");
        misfit(&ty, Made::Own, cursor.rest())
    }

    #[test]
    fn what_postgresql_refuses_is_told_with_its_code() {
        for (sql, code) in [
            ("int default 'abc'", "22P02"),
            ("int default '1.5'", "22P02"),
            ("int default ''", "22P02"),
            ("int default '2147483648'", "22003"),
            ("int default 'abc'::int", "22P02"),
            ("int default true", "42804"),
            ("int default now()", "42804"),
            ("int default gen_random_uuid()", "42804"),
            ("smallint default '1'::text", "42804"),
            ("boolean default 1", "42804"),
            ("boolean default 'o'", "22P02"),
            ("boolean default now()", "42804"),
            ("jsonb default ''", "22P02"),
            ("jsonb default '{a: 1}'", "22P02"),
            ("jsonb default 5", "42804"),
            ("text[] default ''", "22P02"),
            ("text[] default '[]'", "22P02"),
            ("int[] default 5", "42804"),
            ("uuid default ''", "22P02"),
            ("uuid default now()", "42804"),
            ("date default 1", "42804"),
            ("timestamptz default 'foo'", "22007"),
            ("timestamptz default ''", "22007"),
            ("interval default 'x'", "22007"),
            ("numeric(4,2) default 'abc'", "22P02"),
            ("float default 'x'", "22P02"),
            ("inet default ''", "22P02"),
        ] {
            assert_eq!(of(sql), declared(code), "{sql}");
        }
        for (sql, code) in [
            ("int default 3000000000", "22003"),
            ("int default -2147483649", "22003"),
            ("bigint default 9223372036854775808", "22003"),
            ("numeric(4,2) default 99.996", "22003"),
            ("numeric(4,2) default '100'", "22003"),
            ("numeric(4,2) default -100", "22003"),
            ("varchar(3) default 'abcd'", "22001"),
            ("varchar(2) default 'abc'::text", "22001"),
            ("varchar(2) default 555", "22001"),
            ("varchar(2) default true", "22001"),
            ("char(2) default ('abc')", "22001"),
        ] {
            assert_eq!(of(sql), worked_out(code), "{sql}");
        }
    }

    #[test]
    fn what_fits_or_is_not_known_passes() {
        for sql in [
            "int default '12 '",
            "int default 1.5",
            "int default '0x1F'",
            "int default '1_000'",
            "int default -2147483648",
            "int default abs(-5)",
            "boolean default ' YES '",
            "jsonb default '5'",
            "jsonb default ' {} '",
            "jsonb default jsonb_build_object()",
            "text[] default '{}'",
            "text[] default array[]::text[]",
            "text default 5",
            "text default now()",
            "text default gen_random_uuid()",
            "date default now()",
            "date default current_timestamp",
            "timestamptz default 'now()'",
            "timestamptz default 'tomorrow'",
            "interval default '1 day'",
            "numeric default '1e5'",
            "numeric(4,2) default 99.994",
            "numeric(4,2) default 'NaN'",
            "float default 'infinity'",
            "varchar(3) default 'ab   '",
            "varchar(2) default 'abc'::varchar(2)",
            "uuid default '{00000000-0000-0000-0000-000000000000}'",
            "uuid default '00000000000000000000-000000000000'",
            "bytea default 'abc'",
            "citext default 5",
            "text default null",
        ] {
            assert_eq!(of(sql), None, "{sql}");
        }
    }

    #[test]
    fn enums_take_their_labels() {
        let labels = [String::from("a")];
        let of = |sql: &str| {
            let tokens = syntax::script(&format!("select {sql}")).statements.concat();
            let ty = TypeName { schema: Some(String::from("public")), ..TypeName::own("mood") };
            misfit(&ty, Made::Enum(&labels), tokens.get(1..).unwrap_or_default()).map(|misfit| misfit.code)
        };
        assert_eq!(["'a'", "'a'::mood", "'a'::public.mood", "lower('b')"].map(of), [None; 4]);
        assert_eq!(["'b'", "'A'::mood"].map(of), [Some("22P02"); 2]);
        assert_eq!(["1", "'a'::text"].map(of), [Some("42804"); 2]);
    }
}
