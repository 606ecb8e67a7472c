//! Names of types in one spelling.

mod compatible;
mod literal;

use std::fmt;

use crate::cursor::Cursor;
use crate::name::Name;
use crate::token::Kind;

pub(crate) use compatible::{Fit, fit};
pub(crate) use literal::{Made, Misfit, Moment, misfit};

/// A type as a column has it: PostgreSQL's internal name, with its modifiers.
#[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct TypeName {
    /// The schema, unless the type is PostgreSQL's own.
    pub(crate) schema: Option<String>,
    /// The internal name: `int4`, `bpchar`, `timestamptz`; or that of a type of the schema.
    pub(crate) name: String,
    /// `(10, 2)`, with PostgreSQL's defaults filled in.
    pub(crate) modifiers: Vec<u32>,
    /// Whether it is an array; PostgreSQL does not keep how many dimensions.
    pub(crate) array: bool,
    /// `interval year to month` and `%type`, as written.
    pub(crate) suffix: String,
}

/// Spellings of more than one word, longest first, and what they mean (PostgreSQL docs, data types).
const PHRASES: [(&str, &str); 12] = [
    ("national character varying", "varchar"),
    ("national char varying", "varchar"),
    ("national character", "bpchar"),
    ("national char", "bpchar"),
    ("character varying", "varchar"),
    ("char varying", "varchar"),
    ("nchar varying", "varchar"),
    ("bit varying", "varbit"),
    ("double precision", "float8"),
    ("character", "bpchar"),
    ("char", "bpchar"),
    ("nchar", "bpchar"),
];

/// Other spellings of PostgreSQL's own types.
const ALIASES: [(&str, &str); 15] = [
    ("smallint", "int2"),
    ("int", "int4"),
    ("integer", "int4"),
    ("bigint", "int8"),
    ("real", "float4"),
    ("float", "float8"),
    ("decimal", "numeric"),
    ("dec", "numeric"),
    ("boolean", "bool"),
    ("smallserial", "serial2"),
    ("serial", "serial4"),
    ("bigserial", "serial8"),
    ("\"char\"", "char"),
    ("string", "text"),
    ("character varying", "varchar"),
];

impl TypeName {
    /// Reads a type; `None` when no name comes next.
    pub(crate) fn read(cursor: &mut Cursor<'_>) -> Option<Self> {
        let mut ty = match PHRASES.iter().find(|(words, _)| cursor.eat(words)) {
            Some((_, name)) => Self::own(name),
            None => Self::named(cursor)?,
        };
        ty.read_modifiers(cursor);
        if ty.name == "timestamp" || ty.name == "time" {
            ty.read_zone(cursor);
        }
        ty.read_suffix(cursor);
        ty.fill();
        Some(ty)
    }

    /// A type of PostgreSQL's own.
    pub(crate) fn own(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    fn named(cursor: &mut Cursor<'_>) -> Option<Self> {
        let quoted = cursor.peek()?.kind == Kind::Quoted;
        let path = cursor.path()?;
        let schema = path.schema.filter(|schema| schema != "pg_catalog");
        if schema.is_some() || (quoted && path.name != "char") {
            return Some(Self { schema, name: path.name, ..Self::default() });
        }
        let alias = ALIASES.iter().find(|(from, _)| *from == path.name);
        Some(Self::own(alias.map_or(path.name.as_str(), |(_, to)| to)))
    }

    fn read_modifiers(&mut self, cursor: &mut Cursor<'_>) {
        let Some(inner) = (if cursor.sees("(") { cursor.brackets() } else { None }) else { return };
        let parts = crate::token::split_commas(inner);
        let numbers: Option<Vec<u32>> = parts.iter().map(|part| part.last()?.text.parse().ok()).collect();
        match numbers {
            Some(numbers) => self.modifiers = numbers,
            // Such as `geometry(point, 4326)`.
            None => self.suffix = crate::token::line(inner),
        }
    }

    fn read_zone(&mut self, cursor: &mut Cursor<'_>) {
        if cursor.eat("with time zone") {
            self.name.push_str("tz");
        } else {
            cursor.eat("without time zone");
        }
    }

    fn read_suffix(&mut self, cursor: &mut Cursor<'_>) {
        if self.name == "interval" {
            let fields = ["year to month", "day to hour", "day to minute", "day to second", "hour to minute"];
            let more =
                ["hour to second", "minute to second", "year", "month", "day", "hour", "minute", "second"];
            let found = cursor.eat_one(&fields).or_else(|| cursor.eat_one(&more));
            self.suffix = found.unwrap_or_default().to_owned();
            self.read_modifiers(cursor);
        }
        if cursor.eat("% type") {
            self.suffix = String::from("%type");
        }
        while cursor.sees("[") {
            cursor.brackets();
            self.array = true;
        }
        if cursor.eat("array") {
            cursor.brackets();
            self.array = true;
        }
    }

    /// Fills in what PostgreSQL fills in (docs, data types: the default lengths and precisions).
    fn fill(&mut self) {
        match (self.name.as_str(), self.modifiers.as_slice()) {
            ("bpchar" | "bit", []) => self.modifiers = vec![1],
            ("numeric", [precision]) => self.modifiers = vec![*precision, 0],
            ("timestamp" | "timestamptz" | "time" | "timetz" | "interval", [6]) => self.modifiers.clear(),
            ("float8", [..=24]) => {
                *self = Self { name: "float4".to_owned(), modifiers: Vec::new(), ..self.clone() }
            }
            ("float8", [_]) => self.modifiers.clear(),
            _ => {}
        }
    }

    /// For `serial` and its kin: the type that the column gets.
    pub(crate) fn of_serial(&self) -> Option<Self> {
        match self.name.as_str() {
            "serial2" => Some(Self::own("int2")),
            "serial4" => Some(Self::own("int4")),
            "serial8" => Some(Self::own("int8")),
            _ => None,
        }
    }

    /// Its name as one that a schema's type may have.
    pub(crate) fn path(&self) -> Name {
        Name { schema: self.schema.clone(), name: self.name.clone() }
    }

    /// The same without modifiers, as functions are told apart.
    pub(crate) fn bare(&self) -> Self {
        Self { modifiers: Vec::new(), ..self.clone() }
    }
}

impl fmt::Display for TypeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}.")?;
        }
        f.write_str(spelling(&self.name))?;
        if !self.modifiers.is_empty() {
            let numbers: Vec<String> = self.modifiers.iter().map(u32::to_string).collect();
            write!(f, "({})", numbers.join(","))?;
        }
        if !self.suffix.is_empty() {
            write!(f, " {}", self.suffix)?;
        }
        if self.array { f.write_str("[]") } else { Ok(()) }
    }
}

/// The name that people know.
fn spelling(name: &str) -> &str {
    match name {
        "int2" => "smallint",
        "int4" => "integer",
        "int8" => "bigint",
        "float4" => "real",
        "float8" => "double precision",
        "bool" => "boolean",
        "bpchar" => "char",
        other => other,
    }
}
