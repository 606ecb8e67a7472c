//! Makes expressions and contexts at random, the same for the same seed.
//!
//! Not made, because GitHub's package and this crate differ there on purpose (see the table of
//! `workflow::expression`): two `''` in one text, format specifiers, a comma before `)`, numbers that are doubtful,
//! half surrogate pairs, names that are integers beside others or JavaScript's own.

use fastrand::Rng;

/// The contexts that exist: those of a step's condition.
pub(crate) const CONTEXTS: [&str; 10] =
    ["github", "needs", "strategy", "matrix", "job", "runner", "env", "vars", "steps", "inputs"];

const NAMES: [&str; 17] = [
    "ref", "Ref", "build", "outputs", "result", "items", "list", "url", "ÄÖ", "äö", "K-elvin", "flag", "n",
    "nested", "nothing", "Array", "Object",
];

const TEXTS: [&str; 74] = [
    "",
    " ",
    "a",
    "A",
    "b",
    "abc",
    "ABC",
    "bc",
    "aB",
    "ß",
    "SS",
    "ss",
    "ı",
    "I",
    "i",
    "İ",
    "i̇",
    "ﬁ",
    "FI",
    "ς",
    "Σ",
    "σ",
    "ΑΣ",
    "ας",
    "é",
    "É",
    "µ",
    "μ",
    "K",
    "k",
    "ǆ",
    "ǅ",
    "ŉ",
    "ᾳ",
    "😀",
    "～",
    "日本",
    "\u{a0}",
    "\u{feff}",
    "a\u{2028}b",
    "line\nbreak\t",
    "\"quoted\"",
    "back\\slash",
    "\u{1}",
    "it''s",
    "0",
    "1",
    "-0",
    "00",
    " 12 ",
    "\u{feff}7\u{a0}",
    "1e3",
    ".5",
    "5.",
    "0x1F",
    "0o17",
    "0b11",
    "0xFFFFFFFF",
    "1_000",
    "-0x1",
    "Infinity",
    "+Infinity",
    "-Infinity",
    "infinity",
    "NaN",
    "inf",
    "true",
    "false",
    "null",
    "success",
    "skipped",
    "refs/heads/main",
    "refs/HEADS",
    "1.50",
];

const NUMBERS: [&str; 34] = [
    "0",
    "1",
    "2",
    "-1",
    "-0",
    "+7",
    "3.5",
    ".5",
    "-.25",
    "5.",
    "1e3",
    "1E-3",
    "1e21",
    "-1e21",
    "1e20",
    "1e-7",
    "0.000001",
    "0.1",
    "0.30000000000000004",
    "1234567890123456789",
    "9007199254740993",
    "123456789012345680000",
    "1.7976931348623157e30",
    "5e-24",
    "0.0000152587890625",
    "0.1234567890123456789",
    "0xff",
    "0x7FFFFFF",
    "0o17",
    "00012",
    "NaN",
    "Infinity",
    "-Infinity",
    "100",
];

const JSON: [&str; 34] = [
    "",
    " ",
    "null",
    "true",
    "\"a\"",
    "1",
    "-0",
    "1.0",
    "1e5",
    "1E400x",
    "[]",
    "{}",
    "[1,2,3]",
    "[1,\"a\",null,true,[2],{\"a\":1}]",
    "{\"a\":1,\"b\":[1,2],\"c\":{\"a\":\"x\"}}",
    "{\"a\":1,\"A\":2,\"a\":3}",
    "{\"b\":{\"a\":1},\"a\":{\"a\":2},\"c\":3}",
    "[{\"a\":1},{\"a\":2},{\"b\":3},4]",
    "[[1,2],[3,[4]],\"x\"]",
    "[[[[[[[[[[[[[[1]]]]]]]]]]]]]]",
    "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":[{}]}}}}}}",
    "{\"0\":\"zero\"}",
    "\"\\u00df\\ud83d\\ude00\\n\"",
    "[1,]",
    "{a:1}",
    "{\"a\":1",
    "[1] x",
    "0123",
    "+1",
    ".5",
    "NaN",
    "Infinity",
    "0.1234567890123456789",
    "123456789012345678901234567890",
];

const FORMATS: [&str; 18] = [
    "{0}",
    "{0}{1}",
    "{1} and {0}",
    "a{{b}}c",
    "{{{0}}}",
    "{{0}}",
    "}}{{",
    "plain",
    "",
    "{2}",
    "{",
    "}",
    "{}",
    "{a}",
    "{0",
    "a}b",
    "{ 0}",
    "{99999999999999999999999}",
];

/// Texts that are one without regard to case by some rules and two by others, or whose order depends on the encoding.
const NEIGHBOURS: [(&str, &str); 14] = [
    ("ß", "SS"),
    ("ẞ", "ß"),
    ("ﬁ", "FI"),
    ("ı", "I"),
    ("ı", "i"),
    ("İ", "i̇"),
    ("ς", "Σ"),
    ("ΑΣ", "ας"),
    ("µ", "Μ"),
    ("K", "k"),
    ("ǅ", "ǆ"),
    ("ŉ", "ʼN"),
    ("～", "😀"),
    ("_", "a"),
];

const OPERATORS: [&str; 8] = ["==", "!=", "<", "<=", ">", ">=", "&&", "||"];

/// What a slip of the keyboard may add.
const SLIPS: &str = "()[].,'!<>=&|* 0a_-+é{}\"\\";

/// Expressions to evaluate in one scope.
pub(crate) struct Batch {
    pub(crate) expressions: Vec<String>,
    /// JSON of all contexts.
    pub(crate) contexts: String,
    /// What `always`, `cancelled`, `failure` and `success` answer, in this order.
    pub(crate) status: [bool; 4],
}

pub(crate) struct Generator {
    rng: Rng,
}

impl Generator {
    pub(crate) fn new(seed: u64) -> Self {
        Self { rng: Rng::with_seed(seed) }
    }

    /// `count` expressions that `fits` takes, in contexts of their own.
    pub(crate) fn batch(&mut self, count: usize, fits: impl Fn(&str) -> bool) -> Batch {
        let mut expressions = Vec::new();
        while expressions.len() < count {
            let expression = self.expression(4);
            if !is_left_out(&expression) && fits(&expression) {
                expressions.push(expression);
            }
        }
        let status = [true, self.rng.bool(), self.rng.bool(), self.rng.bool()];
        Batch { expressions, contexts: self.all_contexts(), status }
    }

    fn expression(&mut self, depth: usize) -> String {
        let text = self.operand(depth);
        if self.rng.u8(..100) < 6 { self.slip(&text) } else { text }
    }

    fn operand(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.leaf();
        }
        match self.rng.u8(..20) {
            0..=2 => self.leaf(),
            3 => format!("!{}", self.operand(depth - 1)),
            4 => format!("({})", self.operand(depth - 1)),
            5..=9 => self.operation(depth),
            10..=15 => self.call(depth),
            16 => format!("({}){}", self.operand(depth - 1), self.accesses(depth)),
            17 => format!("fromJSON('{}'){}", self.pick(&JSON), self.accesses(depth)),
            18 => self.neighbours(),
            _ => self.read(depth),
        }
    }

    fn neighbours(&mut self) -> String {
        let (one, two) = NEIGHBOURS[self.rng.usize(..NEIGHBOURS.len())];
        let (one, two) = if self.rng.bool() { (one, two) } else { (two, one) };
        match self.rng.u8(..4) {
            0 => format!("contains('a{one}b', '{two}')"),
            1 => format!("startsWith('{one}a', '{two}')"),
            2 => format!("endsWith('a{one}', '{two}')"),
            _ => format!("'{one}' {} '{two}'", self.pick(&OPERATORS)),
        }
    }

    fn operation(&mut self, depth: usize) -> String {
        let mut text = self.operand(depth - 1);
        for _ in 0..self.rng.usize(1..=2) {
            let spaced = if self.rng.bool() { " " } else { "" };
            let operator = self.pick(&OPERATORS);
            text = format!("{text}{spaced}{operator}{spaced}{}", self.operand(depth - 1));
        }
        text
    }

    fn leaf(&mut self) -> String {
        match self.rng.u8(..10) {
            0 => ["null", "true", "false"][self.rng.usize(..3)].to_owned(),
            1..=2 => self.pick(&NUMBERS).to_owned(),
            3..=5 => format!("'{}'", self.pick(&TEXTS)),
            6 => ["always()", "cancelled()", "failure()", "success()"][self.rng.usize(..4)].to_owned(),
            _ => self.read(0),
        }
    }

    fn read(&mut self, depth: usize) -> String {
        let name = match self.rng.u8(..40) {
            0 => "unknown",
            1 => "secrets",
            _ => self.pick(&CONTEXTS),
        };
        let name = if self.rng.u8(..8) == 0 { name.to_uppercase() } else { name.to_owned() };
        format!("{name}{}", self.accesses(depth))
    }

    fn accesses(&mut self, depth: usize) -> String {
        (0..self.rng.usize(..4)).map(|_| self.access(depth)).collect()
    }

    fn access(&mut self, depth: usize) -> String {
        match self.rng.u8(..12) {
            0..=4 => {
                let ascii: Vec<&str> = NAMES.into_iter().filter(|name| name.is_ascii()).collect();
                format!(".{}", self.pick(&ascii))
            }
            5 => ".a".to_owned(),
            6 => ".*".to_owned(),
            7 => "[*]".to_owned(),
            8 => format!("['{}']", self.pick(&NAMES)),
            9 => format!(
                "[{}]",
                self.pick(&[
                    "github",
                    "fromJSON('[]')",
                    "0",
                    "1",
                    "2",
                    "-1",
                    "0.9",
                    "1e9",
                    "NaN",
                    "'0'",
                    "' 1'",
                    "null",
                    "true"
                ])
            ),
            _ if depth > 0 => format!("[{}]", self.operand(depth - 1)),
            _ => "[0]".to_owned(),
        }
    }

    fn call(&mut self, depth: usize) -> String {
        let (name, arguments) = match self.rng.u8(..16) {
            0..=2 => ("contains", vec![self.operand(depth - 1), self.operand(depth - 1)]),
            3..=4 => ("startsWith", vec![self.operand(depth - 1), self.leaf()]),
            5..=6 => ("endsWith", vec![self.operand(depth - 1), self.leaf()]),
            7..=8 => {
                let template = format!("'{}'", self.pick(&FORMATS));
                let values = self.rng.usize(..4);
                (
                    "format",
                    std::iter::once(template).chain((0..values).map(|_| self.operand(depth - 1))).collect(),
                )
            }
            9..=10 => ("join", (0..self.rng.usize(1..=2)).map(|_| self.operand(depth - 1)).collect()),
            11..=12 => ("toJSON", vec![self.operand(depth - 1)]),
            13 => ("fromJSON", vec![self.operand(depth - 1)]),
            14 => ("fromJSON", vec![format!("toJSON({})", self.operand(depth - 1))]),
            _ => {
                let predicates = ["true", "false", "success()", "1 < 2", "0", "'true'"];
                let predicate = self.pick(&predicates).to_owned();
                ("case", vec![predicate, self.operand(depth - 1), self.operand(depth - 1)])
            }
        };
        let mut arguments = arguments;
        match self.rng.u8(..60) {
            0 => arguments.push(self.leaf()),
            1 => drop(arguments.pop()),
            _ => {}
        }
        let name = match self.rng.u8(..20) {
            0 => name.to_uppercase(),
            1 => name.to_lowercase(),
            2 if self.rng.u8(..5) == 0 => "unknownFunction".to_owned(),
            _ => name.to_owned(),
        };
        format!("{name}({})", arguments.join(if self.rng.bool() { ", " } else { "," }))
    }

    /// With one character more, fewer or other.
    fn slip(&mut self, text: &str) -> String {
        let mut characters: Vec<char> = text.chars().collect();
        let slips: Vec<char> = SLIPS.chars().collect();
        let (at, new) = (self.rng.usize(..characters.len()), slips[self.rng.usize(..slips.len())]);
        match self.rng.u8(..4) {
            0 => drop(characters.remove(at)),
            1 => characters[at] = new,
            2 => characters.truncate(at),
            _ => characters.insert(at, new),
        }
        characters.into_iter().collect()
    }

    fn all_contexts(&mut self) -> String {
        let contexts: Vec<String> =
            CONTEXTS.iter().map(|name| format!("\"{name}\":{}", self.object(3))).collect();
        format!("{{{}}}", contexts.join(","))
    }

    fn object(&mut self, depth: usize) -> String {
        let mut pairs: Vec<String> = Vec::new();
        for _ in 0..self.rng.usize(..8) {
            let name = self.pick(&NAMES);
            pairs.push(format!("\"{name}\":{}", self.json(depth)));
        }
        format!("{{{}}}", pairs.join(","))
    }

    fn json(&mut self, depth: usize) -> String {
        let kinds = if depth == 0 { 5 } else { 9 };
        match self.rng.u8(..kinds) {
            0 => ["null", "true", "false"][self.rng.usize(..3)].to_owned(),
            1 => ["0", "1", "-0", "-2.5", "1e21", "0.1", "123456789012"][self.rng.usize(..7)].to_owned(),
            2..=4 => serde_json::Value::from(self.pick(&TEXTS)).to_string(),
            5..=6 => {
                let items: Vec<String> = (0..self.rng.usize(..4)).map(|_| self.json(depth - 1)).collect();
                format!("[{}]", items.join(","))
            }
            _ => self.object(depth - 1),
        }
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.rng.usize(..from.len())]
    }
}

/// Whether an expression holds what is not compared; seldom, by a slip.
fn is_left_out(expression: &str) -> bool {
    has_two_escapes(expression) || has_specifier(expression) || has_half_a_pair(expression)
}

/// `'a''b''c'`
fn has_two_escapes(expression: &str) -> bool {
    let (mut characters, mut is_inside, mut escapes) = (expression.chars().peekable(), false, 0);
    while let Some(character) = characters.next() {
        match character {
            '\'' if is_inside && characters.next_if_eq(&'\'').is_some() => escapes += 1,
            '\'' => (is_inside, escapes) = (!is_inside, 0),
            _ => {}
        }
        if escapes > 1 {
            return true;
        }
    }
    false
}

/// `{0:x}`
fn has_specifier(expression: &str) -> bool {
    expression.match_indices('{').any(|(at, _)| {
        let behind = &expression[at + 1..];
        let rest = behind.trim_start_matches(|character: char| character.is_ascii_digit());
        rest.len() < behind.len() && !rest.starts_with('}') && rest.contains('}')
    })
}

/// `\ud83d` in JSON, without what belongs behind it
fn has_half_a_pair(expression: &str) -> bool {
    expression.replace(r"\ud83d\ude00", "").contains(r"\ud")
}
