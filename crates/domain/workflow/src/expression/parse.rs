//! From the parser's tree, which borrows the text and is as deep as a chain of operators is long, to ours.

use github_actions_expressions::call::{Call as ParsedCall, Error as CallError, Function as ParsedFunction};
use github_actions_expressions::literal::Literal;
use github_actions_expressions::op::{BinExpr, BinOp};
use github_actions_expressions::{Error, Expr, SpannedExpr};

use crate::value::{Value, parse_number};

use super::error::shortened;
use super::{ExpressionError, ExpressionProblem, Function, StatusFunction};

/// The longest expression, in UTF-16 units (npm `@actions/expressions`, `MAX_EXPRESSION_LENGTH`).
pub const MAX_LENGTH: usize = 21_000;

/// The most operators, `!` aside, of one expression: the parser's tree is as deep as a chain of them is long, and
/// no stack may end before it. GitHub has no such limit.
pub const MAX_OPERATORS: usize = 500;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Literal(Value),
    Context(Name),
    Access(Box<Node>, Vec<Access>),
    Call(Call),
    Not(Box<Node>),
    /// `&&`, of two or more.
    All(Vec<Node>),
    /// `||`, of two or more.
    Any(Vec<Node>),
    Comparison(Comparison, Box<Node>, Box<Node>),
}

/// The name of a context, and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Name {
    pub(super) text: String,
    pub(super) offset: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Access {
    /// `.name`
    Name(String),
    /// `[..]`
    Index(Node),
    /// `.*` and `[*]`
    Every,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Call {
    pub(super) function: Function,
    pub(super) arguments: Vec<Node>,
    pub(super) offset: usize,
    /// As written, for errors.
    pub(super) source: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

pub(super) fn parse(text: &str) -> Result<Node, ExpressionError> {
    let whole = |problem| ExpressionError::new(text, 0, text.len(), problem);
    if text.trim().is_empty() {
        return Err(whole(ExpressionProblem::Empty));
    }
    if text.encode_utf16().count() > MAX_LENGTH {
        return Err(whole(ExpressionProblem::TooLong));
    }
    if operators(text) > MAX_OPERATORS {
        return Err(whole(ExpressionProblem::TooManyOperators));
    }
    let tree = Expr::parse(text).map_err(|error| refusal(text, &error))?;
    Reader { text }.node(&tree)
}

/// How many operators stand outside of quoted texts.
fn operators(text: &str) -> usize {
    let is_operator = |byte: &u8| matches!(byte, b'<' | b'>' | b'=' | b'&' | b'|');
    let mut count = 0;
    for part in text.split('\'').step_by(2) {
        let mut bytes = part.bytes().peekable();
        while let Some(byte) = bytes.next() {
            if is_operator(&byte) {
                count += 1;
                bytes.next_if(is_operator);
            }
        }
    }
    count
}

fn refusal(text: &str, error: &Error) -> ExpressionError {
    let whole = |problem| ExpressionError::new(text, 0, text.len(), problem);
    match error {
        Error::Syntax(error) => {
            ExpressionError::new(text, error.offset, 0, ExpressionProblem::Syntax(error.message))
        }
        Error::Depth => whole(ExpressionProblem::TooDeep),
        Error::Call(CallError::UnknownFunction(name)) => {
            let offset = call_offset(text, name).unwrap_or(0);
            let problem = ExpressionProblem::UnknownFunction(name.clone());
            ExpressionError::new(text, offset, name.len(), problem)
        }
        Error::Call(CallError::Arity(function, expected)) => {
            let name = supported(*function).map_or_else(|| "hashFiles".to_owned(), |known| known.to_string());
            let offset = call_offset(text, &name).unwrap_or(0);
            let length = name.len();
            let problem = ExpressionProblem::Arguments { function: name, expected };
            ExpressionError::new(text, offset, length, problem)
        }
    }
}

/// Where the function of this name is called first, outside of quoted texts.
fn call_offset(text: &str, name: &str) -> Option<usize> {
    let mut offset = 0;
    for (number, part) in text.split('\'').enumerate() {
        let found = part.to_ascii_lowercase().find(&name.to_ascii_lowercase());
        if let Some(found) = found.filter(|_| number % 2 == 0) {
            return Some(offset + found);
        }
        offset += part.len() + 1;
    }
    None
}

/// The function, unless it is `hashFiles`.
fn supported(function: ParsedFunction) -> Option<Function> {
    Some(match function {
        ParsedFunction::Case => Function::Case,
        ParsedFunction::Contains => Function::Contains,
        ParsedFunction::EndsWith => Function::EndsWith,
        ParsedFunction::Format => Function::Format,
        ParsedFunction::FromJSON => Function::FromJson,
        ParsedFunction::Join => Function::Join,
        ParsedFunction::StartsWith => Function::StartsWith,
        ParsedFunction::ToJSON => Function::ToJson,
        ParsedFunction::Always => Function::Status(StatusFunction::Always),
        ParsedFunction::Cancelled => Function::Status(StatusFunction::Cancelled),
        ParsedFunction::Failure => Function::Status(StatusFunction::Failure),
        ParsedFunction::Success => Function::Status(StatusFunction::Success),
        ParsedFunction::HashFiles => return None,
    })
}

struct Reader<'a> {
    text: &'a str,
}

impl Reader<'_> {
    fn node(&self, tree: &SpannedExpr<'_>) -> Result<Node, ExpressionError> {
        match &tree.inner {
            Expr::Literal(literal) => self.literal(tree, literal),
            Expr::Call(call) => self.call(tree, call),
            Expr::Identifier(name) => Ok(context(name.as_str(), tree.origin.span.start)),
            Expr::Context(context) => self.access(&context.parts),
            Expr::BinExpr(operation) => self.operation(operation),
            Expr::UnExpr { expr, .. } => Ok(Node::Not(Box::new(self.node(expr)?))),
            Expr::Index(_) | Expr::Star => {
                Err(self.error(tree, ExpressionProblem::Syntax("unexpected symbol")))
            }
        }
    }

    fn literal(&self, tree: &SpannedExpr<'_>, literal: &Literal<'_>) -> Result<Node, ExpressionError> {
        let value = match literal {
            Literal::Null => Value::Null,
            Literal::Boolean(value) => Value::Bool(*value),
            Literal::String(text) => Value::from(text.as_ref()),
            Literal::Number(number) => {
                let digits = tree.origin.raw.trim_matches(|c: char| "()".contains(c) || c.is_whitespace());
                // The parser reads as GitHub's service does; the other evaluator must agree.
                if digits != "NaN" && parse_number(digits) != *number {
                    return Err(self.error(tree, ExpressionProblem::DoubtfulNumber));
                }
                Value::Number(*number)
            }
        };
        Ok(Node::Literal(value))
    }

    fn access(&self, parts: &[SpannedExpr<'_>]) -> Result<Node, ExpressionError> {
        let Some((head, rest)) = parts.split_first() else {
            return Err(ExpressionError::new(self.text, 0, 0, ExpressionProblem::Empty));
        };
        let head = self.node(head)?;
        if rest.is_empty() {
            return Ok(head);
        }
        let accesses = rest.iter().map(|part| match &part.inner {
            Expr::Identifier(name) => Ok(Access::Name(name.as_str().to_owned())),
            Expr::Star => Ok(Access::Every),
            Expr::Index(index) if matches!(index.inner, Expr::Star) => Ok(Access::Every),
            Expr::Index(index) => Ok(Access::Index(self.node(index)?)),
            _ => Err(self.error(part, ExpressionProblem::Syntax("unexpected symbol"))),
        });
        Ok(Node::Access(Box::new(head), accesses.collect::<Result<_, _>>()?))
    }

    fn call(&self, tree: &SpannedExpr<'_>, call: &ParsedCall<'_>) -> Result<Node, ExpressionError> {
        let function = supported(call.func)
            .ok_or_else(|| self.error(tree, ExpressionProblem::UnsupportedFunction("hashFiles")))?;
        if !function.arguments().contains(&call.args.len()) {
            // The parser counts for all functions but this one.
            let expected = "at least 1 argument and at most 255";
            let problem = ExpressionProblem::Arguments { function: function.to_string(), expected };
            return Err(self.error(tree, problem));
        }
        self.refuse_trailing_comma(tree, call)?;
        let arguments = call.args.iter().map(|argument| self.node(argument));
        Ok(Node::Call(Call {
            function,
            arguments: arguments.collect::<Result<_, _>>()?,
            offset: tree.origin.span.start,
            source: shortened(tree.origin.raw),
        }))
    }

    fn refuse_trailing_comma(
        &self,
        tree: &SpannedExpr<'_>,
        call: &ParsedCall<'_>,
    ) -> Result<(), ExpressionError> {
        let Some(last) = call.args.last() else { return Ok(()) };
        let behind = last.origin.span.end;
        let rest = self.text.get(behind..tree.origin.span.end).unwrap_or_default();
        match rest.find(|character: char| !character.is_whitespace()) {
            Some(at) if rest.as_bytes().get(at) == Some(&b',') => {
                Err(ExpressionError::new(self.text, behind + at, 1, ExpressionProblem::TrailingComma))
            }
            _ => Ok(()),
        }
    }

    fn operation(&self, operation: &BinExpr<'_>) -> Result<Node, ExpressionError> {
        let comparison = match operation.op {
            BinOp::And | BinOp::Or => return self.chain(operation),
            BinOp::Eq => Comparison::Equal,
            BinOp::Neq => Comparison::NotEqual,
            BinOp::Gt => Comparison::Greater,
            BinOp::Ge => Comparison::GreaterOrEqual,
            BinOp::Lt => Comparison::Less,
            BinOp::Le => Comparison::LessOrEqual,
        };
        let (left, right) = (self.node(&operation.lhs)?, self.node(&operation.rhs)?);
        Ok(Node::Comparison(comparison, Box::new(left), Box::new(right)))
    }

    /// `a && b && c` as one node of three.
    fn chain(&self, operation: &BinExpr<'_>) -> Result<Node, ExpressionError> {
        let (mut links, mut rest) = (vec![self.node(&operation.rhs)?], &operation.lhs);
        while let Expr::BinExpr(inner) = &rest.inner {
            if inner.op != operation.op {
                break;
            }
            links.push(self.node(&inner.rhs)?);
            rest = &inner.lhs;
        }
        links.push(self.node(rest)?);
        links.reverse();
        Ok(match operation.op {
            BinOp::And => Node::All(links),
            _ => Node::Any(links),
        })
    }

    fn error(&self, tree: &SpannedExpr<'_>, problem: ExpressionProblem) -> ExpressionError {
        let span = &tree.origin.span;
        ExpressionError::new(self.text, span.start, span.end - span.start, problem)
    }
}

fn context(name: &str, offset: usize) -> Node {
    Node::Context(Name { text: name.to_owned(), offset })
}
