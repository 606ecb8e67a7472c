//! One pattern of a manifest.
//!
//! # The grammar
//!
//! | written | matches |
//! |---|---|
//! | `*` | any characters but `/`; at least one where it is a whole segment |
//! | `?` | one character but `/` |
//! | `**` | any number of whole segments, none included; stands alone between slashes |
//! | `[ab]`, `[a-c]` | one of these characters |
//! | `[!ab]`, `[^ab]` | one character but these and `/` |
//! | `{a,b}` | either; may hold slashes, wildcards and further braces |
//! | `\x` | the character `x` |
//! | anything else | itself |
//!
//! Case counts, names with a leading dot are like any other, `dir/**` also
//! matches `dir` itself (it may be a submodule, a symbolic link or, after a
//! change of type, a file), a path that equals the pattern's text matches
//! whatever the text means, one leading `./` is ignored, and a `[`, `]`, `{` or
//! `}` that belongs to no expression is a character like any other. A path is
//! bytes: a sequence that is not UTF-8 counts as one character, which `*`, `?`
//! and negated expressions accept.
//!
//! What is refused, and why, is [`Refusal`].
//!
//! # Where it differs from picomatch
//!
//! Whatever is accepted means what it means to the npm package picomatch 4 with
//! `{ dot: true }`, which path filters of GitHub Actions commonly use, down to
//! its habit of letting `[id]` match the text `[id]` as well, and `*/**` not
//! match a top-level file. The deliberate differences:
//!
//! - `{a,b}` means exactly "`a` or `b` written out": in picomatch a `**` loses
//!   its meaning beside a brace (`{**/*.md,docs/**}` misses `a.md`), and a `*`
//!   that follows one may match nothing.
//! - `[!a]` is a negation, as in every shell; picomatch reads the `!` as a member.
//! - Characters are Unicode scalar values; picomatch counts UTF-16 code units.
//! - A newline is a character like any other, also for `**`.
//! - Parentheses, `|`, `"` and a `+` after a bracket or brace are characters,
//!   never groups, alternatives, quotes or repetitions.
//! - `\d` is the letter `d`, in brackets too; picomatch hands it to the regular
//!   expression. [`Glob::needless_escapes`] reports such escapes.
//! - `\\` is a backslash, whatever follows it.
//! - `*.*` and `**/*.*` match a name that ends in a dot, as `a/*.*` does.
//! - An expression that picomatch compiles to an invalid regular expression, and
//!   that then matches nothing, is refused (`{a,b`, `[z-a]`) or read as
//!   characters (`{a`).

mod class;
mod expand;
mod node;
mod parse;
mod refusal;
mod segment;

use bstr::BString;

pub use refusal::{GlobError, Refusal};
pub(crate) use segment::{Segment, Wild};

use expand::Alternative;
use node::Atom;
use parse::Parsed;
use refusal::Refused;

/// The longest pattern, in bytes: the longest path that Linux takes (`PATH_MAX`).
pub const MAX_LENGTH: usize = 4096;
/// How deep braces may be nested.
pub const MAX_NESTING: usize = 16;
/// How many plain patterns the braces of one pattern may stand for.
pub const MAX_ALTERNATIVES: usize = 1000;
/// How many characters and wildcards those may have together.
const MAX_ATOMS: usize = 100_000;

/// One pattern, parsed and compiled.
#[derive(Clone, Debug)]
pub struct Glob {
    text: String,
    alternatives: Vec<Vec<Segment>>,
    /// The pattern's own text, where no alternative is just that.
    own_text: Option<Vec<Segment>>,
    needless_escapes: Vec<char>,
    /// Those alternatives that have a bracket expression.
    bracketed: Vec<Alternative>,
}

impl Glob {
    /// Parses one pattern, without the `!` that negates it in a list.
    ///
    /// # Errors
    /// A pattern outside the grammar, with the reason and the offending text.
    pub fn parse(pattern: &str) -> Result<Self, GlobError> {
        Self::compile(pattern).map_err(|(refusal, offending)| GlobError {
            pattern: pattern.to_owned(),
            offending,
            refusal,
        })
    }

    fn compile(pattern: &str) -> Result<Self, Refused> {
        check_text(pattern)?;
        let text = pattern.strip_prefix("./").unwrap_or(pattern);
        let Parsed { nodes, needless_escapes } = parse::parse(text)?;
        let mut expanded = expand::expand(text, nodes)?;
        let alternatives: Vec<_> = expanded.iter().map(|atoms| compile_one(atoms)).collect();
        // Any other pattern matches its own text anyway.
        let own_text = text.contains(['[', '{', '\\']).then(|| literally(text));
        let own_text = own_text.filter(|own| !alternatives.contains(own));
        expanded.retain(|atoms| has_class(atoms));
        Ok(Self { text: pattern.to_owned(), alternatives, own_text, needless_escapes, bracketed: expanded })
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Letters and digits with a backslash before them: it changes nothing, and
    /// whoever wrote it probably meant a separator of paths or a regular expression.
    #[must_use]
    pub fn needless_escapes(&self) -> &[char] {
        &self.needless_escapes
    }

    /// The paths that it names without any wildcard, a trailing slash taken off.
    ///
    /// If one of them is a directory, the pattern matches nothing in it, which
    /// is hardly what was meant.
    pub fn named_paths(&self) -> impl Iterator<Item = BString> {
        self.alternatives.iter().filter_map(|segments| literal_path(segments))
    }

    /// The paths that exist if a bracket expression of this pattern is really a
    /// name, as in `app/[id]/**`; as far as no wildcard comes before them.
    pub fn bracket_paths(&self) -> impl Iterator<Item = BString> {
        self.bracketed.iter().filter_map(|alternative| {
            let is_name = |s: &&[Atom]| s.iter().all(|a| is_char(a) || is_class(a));
            let names: Vec<_> = expand::segments(alternative).take_while(is_name).collect();
            let last = names.iter().rposition(|segment| has_class(segment))?;
            let names: Vec<_> = names[..=last].iter().map(|s| expand::render(s)).collect();
            Some(names.join("/").into())
        })
    }

    /// The same pattern with its brackets read as characters, if it has any.
    #[must_use]
    pub fn with_verbatim_brackets(&self) -> Option<Self> {
        let verbatim = |alternative: &Alternative| compile_one(&spell_out(alternative));
        (!self.bracketed.is_empty()).then(|| Self {
            text: self.text.clone(),
            alternatives: self.bracketed.iter().map(verbatim).collect(),
            own_text: None,
            needless_escapes: Vec::new(),
            bracketed: Vec::new(),
        })
    }

    /// What it stands for: any of these lists of segments.
    pub(crate) fn alternatives(&self) -> impl Iterator<Item = &[Segment]> {
        self.alternatives.iter().chain(&self.own_text).map(Vec::as_slice)
    }

    /// How much room it takes once compiled, in segments.
    pub(crate) fn size(&self) -> usize {
        self.alternatives().map(<[Segment]>::len).sum()
    }
}

fn check_text(pattern: &str) -> Result<(), Refused> {
    let refuse = |refusal| Err((refusal, pattern.to_owned()));
    let trimmed = pattern.trim();
    let escaped_end = trimmed.ends_with('\\') && !trimmed.ends_with(r"\\");
    let body = pattern.strip_prefix("./").unwrap_or(pattern);
    match pattern {
        "" | "./" => refuse(Refusal::Empty),
        p if p.len() > MAX_LENGTH => refuse(Refusal::TooLong),
        p if p.contains("${{") => Err((Refusal::Expression, expression(p).to_owned())),
        p if p.contains('\0') => refuse(Refusal::Nul),
        p if p.trim_start() != p => refuse(Refusal::SurroundingBlanks),
        p if p.trim_end() != p && !escaped_end => refuse(Refusal::SurroundingBlanks),
        _ if body.starts_with('!') && !body.starts_with("!(") => refuse(Refusal::Negation),
        _ => Ok(()),
    }
}

/// The first `${{ .. }}`, as far as it goes.
fn expression(pattern: &str) -> &str {
    let from = pattern.find("${{").map_or(pattern, |start| &pattern[start..]);
    from.find("}}").map_or(from, |end| &from[..end + 2])
}

fn compile_one(alternative: &[Atom]) -> Vec<Segment> {
    let mut segments: Vec<Segment> = expand::segments(alternative).map(Segment::new).collect();
    if let Some(Atom::Globstar { deeper: true }) = alternative.last() {
        // picomatch does not let `*/**` match a top-level file.
        segments.push(Segment::new(&[Atom::Star]));
    }
    segments
}

/// `text` as the one path that equals it.
fn literally(text: &str) -> Vec<Segment> {
    text.split('/').map(|segment| Segment::Literal(segment.as_bytes().into())).collect()
}

fn is_char(atom: &Atom) -> bool {
    matches!(atom, Atom::Char(_))
}

fn is_class(atom: &Atom) -> bool {
    matches!(atom, Atom::Class(_))
}

fn has_class(atoms: &[Atom]) -> bool {
    atoms.iter().any(is_class)
}

/// The atoms with their bracket expressions as the characters they are written in.
fn spell_out(atoms: &[Atom]) -> Vec<Atom> {
    atoms
        .iter()
        .flat_map(|atom| match atom {
            Atom::Class(class) => class.text().chars().map(Atom::Char).collect(),
            atom => vec![atom.clone()],
        })
        .collect()
}

fn literal_path(segments: &[Segment]) -> Option<BString> {
    let mut names = Vec::with_capacity(segments.len());
    for segment in segments {
        match segment {
            Segment::Literal(name) => names.push(&**name),
            _ => return None,
        }
    }
    if names.last().is_some_and(|name| name.is_empty()) {
        names.pop();
    }
    Some(bstr::join("/", names).into())
}
