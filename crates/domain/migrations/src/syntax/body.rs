//! PL/pgSQL: the statements that a body would run, in order, with what guards them.

use squawk_syntax::ast::{self, AstNode as _};
use squawk_syntax::{SourceFile, SyntaxKind as K, SyntaxNode};

use super::into::without_into;
use super::{Fault, moved, nesting, span_of, tokens};
use crate::source::Span;
use crate::token::Token;

/// What a body does, flat: branches one after the other, since any of them may run.
#[derive(Debug, Default)]
pub(crate) struct Body {
    /// What does not parse.
    pub(crate) errors: Vec<Fault>,
    /// Its steps, in order.
    pub(crate) steps: Vec<Step>,
}

/// One step of a body.
#[derive(Debug)]
pub(crate) enum Step {
    /// A statement that stands there; guarded when a branch, a loop or a handler decides whether it runs or fails.
    Run { tokens: Vec<Token>, guarded: bool },
    /// A statement that is put together when it runs.
    Execute { query: Vec<Token>, guarded: bool },
    /// A variable gets a value; no tokens when it cannot be known.
    Assign { name: String, value: Vec<Token>, guarded: bool },
    /// A variable is declared, with its first value if it has one.
    Declare { name: String, ty: Vec<Token>, value: Vec<Token> },
    /// A loop over the elements of an array.
    Each { name: String, values: Vec<Token>, steps: Vec<Step> },
    /// An expression that is worked out.
    Evaluate { tokens: Vec<Token> },
    /// `raise exception`.
    Raise { guarded: bool },
    /// `return`, with its expression.
    Return { value: Vec<Token>, guarded: bool },
    /// A block whose errors, all but a few, go to a handler that stands after it.
    Caught { steps: Vec<Step> },
    /// Something that may fail, or give variables values: an assertion, a cursor, a `case` without `else`.
    Other,
}

/// All steps, with those inside of others after them.
pub(crate) fn flat(steps: &[Step]) -> impl Iterator<Item = &Step> {
    let mut stack: Vec<&Step> = steps.iter().rev().collect();
    std::iter::from_fn(move || {
        let step = stack.pop()?;
        if let Step::Caught { steps } | Step::Each { steps, .. } = step {
            stack.extend(steps.iter().rev());
        }
        Some(step)
    })
}

/// Reads the body of a function or a `do` block.
///
/// `verbatim` is where its text stands in the file, if it stands there as it is; else everything in it is at `span`.
pub(crate) fn body(text: &str, verbatim: Option<usize>, span: Span) -> Body {
    if let Some(fault) = nesting::of_body(text) {
        let span = verbatim.map_or(span, |start| moved(fault.span, start));
        return Body { errors: vec![Fault { span, ..fault }], steps: Vec::new() };
    }
    // The parser reads PL/pgSQL only inside a statement; the tag must not occur in the text.
    let mut tag = String::from("$body$");
    while text.contains(&tag) {
        tag.insert(1, 'b');
    }
    let prefix = format!("do {tag}");
    let readable = without_into(text);
    let parse = SourceFile::parse(&format!("{prefix}{readable}{tag};"));
    let Some(plpgsql) =
        parse.syntax_node().descendants().find_map(ast::Do::cast).and_then(|block| block.plpgsql())
    else {
        let message = "the body cannot be read".to_owned();
        return Body { errors: vec![Fault { message, span }], steps: Vec::new() };
    };
    let place = move |inner: Span| verbatim.map_or(span, |start| moved(inner, start));
    let fault = |error: squawk_syntax::syntax_error::SyntaxError| {
        let range = span_of(error.range());
        let inner = Span {
            start: range.start.saturating_sub(prefix.len()),
            end: range.end.saturating_sub(prefix.len()),
        };
        Fault { message: error.message().to_owned(), span: place(inner) }
    };
    let mut reader = Reader { place: &place, verbatim: verbatim.is_some() };
    Body {
        errors: plpgsql.errors().into_iter().map(fault).collect(),
        steps: reader.steps(&plpgsql.syntax(), false),
    }
}

struct Reader<'p> {
    place: &'p dyn Fn(Span) -> Span,
    /// Whether places inside the body are places in the file.
    verbatim: bool,
}

impl Reader<'_> {
    fn steps(&mut self, node: &SyntaxNode, guarded: bool) -> Vec<Step> {
        node.children().flat_map(|child| self.step(&child, guarded)).collect()
    }

    fn step(&mut self, node: &SyntaxNode, guarded: bool) -> Vec<Step> {
        match node.kind() {
            K::PLPGSQL_EXEC_SQL_STMT
            | K::PLPGSQL_PERFORM_STMT
            | K::PLPGSQL_CALL_STMT
            | K::PLPGSQL_DO_STMT => {
                vec![Step::Run { tokens: self.tokens(node), guarded }]
            }
            K::PLPGSQL_DYN_EXECUTE_STMT | K::PLPGSQL_RETURN_QUERY_EXECUTE_STMT => {
                let mut steps = vec![Step::Execute { query: self.of_child(node, K::PLPGSQL_EXPR), guarded }];
                let values = node.children().filter(|child| child.kind() == K::PLPGSQL_USING_CLAUSE);
                steps.extend(values.flat_map(|child| self.steps(&child, guarded)));
                steps
            }
            K::PLPGSQL_RETURN_QUERY_STMT => vec![Step::Evaluate { tokens: self.tokens(node) }],
            K::PLPGSQL_ASSIGN_STMT => {
                let (name, value) = self.assignment(node, K::PLPGSQL_ASSIGN_TARGET);
                vec![Step::Assign { name, value, guarded }]
            }
            K::PLPGSQL_VAR_DECL => {
                let (name, value) = self.assignment(node, K::PLPGSQL_VAR_NAME);
                vec![Step::Declare { name, ty: self.declared_type(node), value }]
            }
            K::PLPGSQL_RAISE_STMT => self.raise(node, guarded),
            K::PLPGSQL_RETURN_STMT => {
                vec![Step::Return { value: self.of_child(node, K::PLPGSQL_EXPR), guarded }]
            }
            K::PLPGSQL_FOR_EACH_STMT => vec![self.each(node)],
            K::PLPGSQL_FOR_QUERY_STMT | K::PLPGSQL_FOR_DYN_STMT | K::PLPGSQL_FOR_I_STMT => {
                let mut steps = self.unknown_variables(node);
                steps.push(Step::Other);
                if node.kind() == K::PLPGSQL_FOR_QUERY_STMT {
                    let query = self.tokens(node).into_iter().take_while(|token| !token.is("loop"));
                    steps.push(Step::Evaluate { tokens: query.collect() });
                }
                steps.extend(self.steps(node, true));
                steps
            }
            K::PLPGSQL_BLOCK => self.block(node, guarded),
            K::PLPGSQL_CASE_STMT => {
                let mut steps = self.steps(node, true);
                if !node.children().any(|child| child.kind() == K::PLPGSQL_ELSE_CLAUSE) {
                    steps.push(Step::Other);
                }
                steps
            }
            K::PLPGSQL_IF_STMT | K::PLPGSQL_LOOP_STMT | K::PLPGSQL_WHILE_STMT => self.steps(node, true),
            K::PLPGSQL_OPEN_STMT | K::PLPGSQL_CURSOR_DECL => {
                vec![Step::Other, Step::Evaluate { tokens: self.tokens(node) }]
            }
            K::PLPGSQL_FETCH_STMT
            | K::PLPGSQL_GET_DIAG_STMT
            | K::PLPGSQL_FOR_CURSOR_STMT
            | K::PLPGSQL_MOVE_STMT
            | K::PLPGSQL_COMMIT_STMT
            | K::PLPGSQL_ROLLBACK_STMT
            | K::PLPGSQL_ALIAS_DECL
            | K::PLPGSQL_ASSERT_STMT => {
                let mut steps = vec![Step::Other];
                steps.extend(self.steps(node, guarded));
                steps
            }
            K::PLPGSQL_EXPR => vec![Step::Evaluate { tokens: self.tokens(node) }],
            _ => self.steps(node, guarded),
        }
    }

    fn tokens(&self, node: &SyntaxNode) -> Vec<Token> {
        let (mut found, _) = tokens(node, self.place);
        if !self.verbatim {
            found.iter_mut().for_each(|token| token.verbatim = None);
        }
        found
    }

    fn of_child(&self, node: &SyntaxNode, kind: K) -> Vec<Token> {
        let child = node.children().find(|child| child.kind() == kind);
        child.map(|child| self.tokens(&child)).unwrap_or_default()
    }

    fn assignment(&self, node: &SyntaxNode, target: K) -> (String, Vec<Token>) {
        let name = self.of_child(node, target);
        let holder = node.children().find(|child| child.kind() == K::PLPGSQL_VAR_INIT);
        let value = self.of_child(holder.as_ref().unwrap_or(node), K::PLPGSQL_EXPR);
        (crate::token::line(&name), value)
    }

    /// What stands between the name of a variable and its first value.
    fn declared_type(&self, node: &SyntaxNode) -> Vec<Token> {
        let words = self.tokens(node);
        let ends = |token: &Token| {
            [":", ":=", "=", "default", "not", "collate", ";"].iter().any(|word| token.is(word))
        };
        let after = words.into_iter().skip(1).skip_while(|token| token.is("constant"));
        after.take_while(|token| !ends(token)).collect()
    }

    fn raise(&mut self, node: &SyntaxNode, guarded: bool) -> Vec<Step> {
        let level = self.of_child(node, K::PLPGSQL_RAISE_LEVEL);
        let fatal = level.first().is_none_or(|word| word.is("exception"));
        let mut steps = self.steps(node, guarded);
        steps.extend(fatal.then_some(Step::Raise { guarded }));
        steps
    }

    /// The handler for `others` catches everything but assertions and cancelled queries (PostgreSQL docs, PL/pgSQL,
    /// trapping errors).
    fn block(&mut self, node: &SyntaxNode, guarded: bool) -> Vec<Step> {
        let Some(handlers) = node.children().find(|child| child.kind() == K::PLPGSQL_EXCEPTION_SECTION)
        else {
            return self.steps(node, guarded);
        };
        let all = self
            .tokens(&handlers)
            .windows(2)
            .any(|pair| matches!(pair, [when, others] if when.is("when") && others.is("others")));
        if !all {
            return self.steps(node, true);
        }
        let is_inside = |child: &SyntaxNode| {
            !matches!(child.kind(), K::PLPGSQL_EXCEPTION_SECTION | K::PLPGSQL_DECLARE_SECTION)
        };
        // What declares the block's variables fails outside of it.
        let declared = node.children().filter(|child| child.kind() == K::PLPGSQL_DECLARE_SECTION);
        let mut steps: Vec<Step> = declared.flat_map(|child| self.step(&child, guarded)).collect();
        let inside = node.children().filter(is_inside).flat_map(|child| self.step(&child, true));
        steps.push(Step::Caught { steps: inside.collect() });
        steps.extend(self.step(&handlers, true));
        steps
    }

    fn each(&mut self, node: &SyntaxNode) -> Step {
        let name = crate::token::line(&self.of_child(node, K::PLPGSQL_FOR_VARIABLE));
        let values = self.of_child(node, K::PLPGSQL_EXPR);
        Step::Each { name, values, steps: self.steps(node, true) }
    }

    fn unknown_variables(&self, node: &SyntaxNode) -> Vec<Step> {
        let variables = node.children().filter(|child| child.kind() == K::PLPGSQL_FOR_VARIABLE);
        let unknown = |variable: SyntaxNode| Step::Assign {
            name: crate::token::line(&self.tokens(&variable)),
            value: Vec::new(),
            guarded: false,
        };
        variables.map(unknown).collect()
    }
}
