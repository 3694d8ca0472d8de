//! Operators, literals, calls of methods and literals of structs.

use syn::punctuated::Punctuated;
use syn::{BinOp, Expr, ExprBinary, ExprMethodCall, ExprRange, ExprStruct, ExprUnary, Lit, Member};
use syn::{Token, UnOp};

use super::expressions::peel;
use super::lowering::{Goal, Lowering, join, positional};
use crate::facts::body::*;
use crate::source::Span;

impl<'t> Lowering<'t> {
    /// A literal.
    pub fn literal(&mut self, lit: &Lit) -> ExprId {
        let span = self.span(lit.span());
        match lit {
            Lit::Str(lit) => self.string(span, &lit.value()),
            Lit::Char(lit) => self.string(span, lit.value().encode_utf8(&mut [0; 4])),
            Lit::Bool(lit) => self.build.expr(span, ExprKind::Bool(lit.value)),
            Lit::Int(lit) => match lit.base10_parse() {
                Ok(int) => self.build.expr(span, ExprKind::Int(int)),
                Err(_) => self.unknown(span),
            },
            _ => self.unknown(span),
        }
    }

    /// The arguments of a call; `a = b`, which only attributes and macros have, is a keyword.
    pub fn call_arguments(&mut self, args: &Punctuated<Expr, Token![,]>) -> Vec<Arg> {
        args.iter()
            .map(|arg| match arg {
                Expr::Assign(assign) => match &*assign.left {
                    Expr::Path(name) => {
                        let name = self.path_text(&name.path).0;
                        let kind = ArgKind::Keyword(self.build.intern(&name));
                        Arg { kind, value: self.expr(&assign.right) }
                    }
                    _ => positional(self.expr(arg)),
                },
                arg => positional(self.expr(arg)),
            })
            .collect()
    }

    pub(super) fn method_call(&mut self, node: &ExprMethodCall) -> ExprId {
        let value = self.expr(&node.receiver);
        let start = self.span_of(value);
        let (name, place) = self.word(&node.method);
        let mut func = self.attribute(join(start, place), value, name);
        if let Some(turbofish) = &node.turbofish {
            let items: Vec<ExprId> = turbofish
                .args
                .iter()
                .filter_map(|argument| self.generic_argument(argument))
                .collect();
            if !items.is_empty() {
                let end = self.span(turbofish.gt_token.span);
                func = self.subscript(join(start, end), func, &items);
            }
        }
        let args = self.call_arguments(&node.args);
        let end = self.span(node.paren_token.span.close());
        self.call(join(start, end), func, &args)
    }

    pub(super) fn struct_literal(&mut self, node: &ExprStruct) -> ExprId {
        let func = self.path(node.qself.as_ref(), &node.path);
        let mut args = Vec::with_capacity(node.fields.len() + 1);
        for field in &node.fields {
            let name = self.member(&field.member).0;
            let kind = ArgKind::Keyword(self.build.intern(name));
            args.push(Arg { kind, value: self.expr(&field.expr) });
        }
        if let Some(rest) = &node.rest {
            args.push(Arg { kind: ArgKind::DoubleStar, value: self.expr(rest) });
        }
        let end = self.span(node.brace_token.span.close());
        self.call(join(self.span_of(func), end), func, &args)
    }

    /// The name of a field, and where it stands.
    pub fn member(&self, member: &Member) -> (&'t str, Span) {
        match member {
            Member::Named(ident) => self.word(ident),
            Member::Unnamed(index) => {
                // Of `a.0.1` the parser has one number, whose place covers both.
                let span = self.span(index.span);
                let text = self.word_at(index.span);
                let digits = text.bytes().take_while(u8::is_ascii_digit).count();
                if text.len() == digits {
                    return (text, span);
                }
                let parts = text.split('.').find(|part| part.parse() == Ok(index.index));
                (parts.unwrap_or(text).trim(), span)
            }
        }
    }

    pub(super) fn binary(&mut self, node: &ExprBinary) -> ExprId {
        let compare = match node.op {
            BinOp::And(_) | BinOp::Or(_) => return self.and_or(node),
            BinOp::Eq(_) => Some(CompareOp::Eq),
            BinOp::Ne(_) => Some(CompareOp::NotEq),
            BinOp::Lt(_) | BinOp::Le(_) | BinOp::Gt(_) | BinOp::Ge(_) => Some(CompareOp::Order),
            _ => None,
        };
        if is_assignment(&node.op) {
            let span = self.expr_into_binary(node);
            return self.unknown(span);
        }
        let left = self.expr(&node.left);
        let right = self.expr(&node.right);
        let span = join(self.span_of(left), self.span_of(right));
        match (compare, node.op) {
            (Some(op), _) => self.build.expr(span, ExprKind::Compare { op, left, right }),
            (None, BinOp::Add(_)) => {
                self.build.expr(span, ExprKind::Binary { op: BinaryOp::Add, left, right })
            }
            _ => self.other(span, &[left, right]),
        }
    }

    /// `target += value` and the like, as a statement; its place.
    pub(super) fn expr_into_binary(&mut self, node: &ExprBinary) -> Span {
        if !is_assignment(&node.op) {
            let value = self.binary(node);
            self.deliver(value, Goal::Nothing);
            return self.span_of(value);
        }
        let value = self.expr(&node.right);
        let target = self.expr(&node.left);
        let span = join(self.span_of(target), self.span_of(value));
        self.emit(span, StmtKind::AugAssign { target, value });
        span
    }

    fn and_or(&mut self, node: &ExprBinary) -> ExprId {
        let operands = self.exprs(operands(node));
        self.join_tests(matches!(node.op, BinOp::And(_)), &operands)
    }

    /// `a && b && ...` or `a || b || ...`; one alone is itself.
    pub fn join_tests(&mut self, and: bool, tests: &[ExprId]) -> ExprId {
        let (first, last) = match tests {
            [test] => return *test,
            [first, .., last] => (self.span_of(*first), self.span_of(*last)),
            [] => (Span::default(), Span::default()),
        };
        let list = self.build.list(tests);
        let kind = if and { ExprKind::And(list) } else { ExprKind::Or(list) };
        self.build.expr(join(first, last), kind)
    }

    pub(super) fn unary(&mut self, node: &ExprUnary) -> ExprId {
        let operand = self.expr(&node.expr);
        let end = self.span_of(operand);
        match node.op {
            UnOp::Not(token) => {
                let span = join(self.span(token.span), end);
                self.build.expr(span, ExprKind::Not(operand))
            }
            UnOp::Neg(token) => self.other(join(self.span(token.span), end), &[operand]),
            _ => operand,
        }
    }

    pub(super) fn range(&mut self, node: &ExprRange) -> ExprId {
        let ends = [&node.start, &node.end];
        let operands = self.exprs(ends.into_iter().flatten().map(|end| &**end));
        let span = match operands.as_slice() {
            [] => Span::default(),
            [first, ..] => join(self.span_of(*first), self.span_of(operands[operands.len() - 1])),
        };
        self.other(span, &operands)
    }

    /// Where an expression starts; only asked where it has no place of its own yet.
    pub fn start_of(&self, expr: &Expr) -> u32 {
        let mut expr = peel(expr);
        loop {
            expr = peel(match expr {
                Expr::MethodCall(node) => &node.receiver,
                Expr::Call(node) => &node.func,
                Expr::Field(node) => &node.base,
                Expr::Index(node) => &node.expr,
                Expr::Binary(node) => &node.left,
                Expr::Assign(node) => &node.left,
                Expr::Unary(node) => &node.expr,
                _ => break,
            });
        }
        let span = match expr {
            Expr::Path(node) => self.path_text(&node.path).1,
            Expr::Struct(node) => self.path_text(&node.path).1,
            Expr::Macro(node) => self.path_text(&node.mac.path).1,
            Expr::Lit(node) => self.span(node.lit.span()),
            Expr::Closure(node) => self.span(node.or1_token.span),
            Expr::Array(node) => self.span(node.bracket_token.span.open()),
            Expr::Tuple(node) => self.span(node.paren_token.span.open()),
            Expr::If(node) => self.span(node.if_token.span),
            Expr::Match(node) => self.span(node.match_token.span),
            Expr::Loop(node) => self.span(node.loop_token.span),
            Expr::While(node) => self.span(node.while_token.span),
            Expr::ForLoop(node) => self.span(node.for_token.span),
            Expr::Block(node) => self.span(node.block.brace_token.span.open()),
            Expr::Unsafe(node) => self.span(node.unsafe_token.span),
            Expr::Return(node) => self.span(node.return_token.span),
            Expr::Break(node) => self.span(node.break_token.span),
            Expr::Continue(node) => self.span(node.continue_token.span),
            Expr::Infer(node) => self.span(node.underscore_token.span),
            _ => Span::default(),
        };
        span.start
    }
}

/// The operands of a chain of one operator, in source order.
pub fn operands(node: &ExprBinary) -> Vec<&Expr> {
    let mut right_to_left = vec![&*node.right];
    let mut left = &*node.left;
    while let Expr::Binary(inner) = left
        && std::mem::discriminant(&inner.op) == std::mem::discriminant(&node.op)
    {
        right_to_left.push(&inner.right);
        left = &inner.left;
    }
    right_to_left.push(left);
    right_to_left.reverse();
    right_to_left
}

/// Whether an operator assigns to its left operand.
pub fn is_assignment(op: &BinOp) -> bool {
    matches!(
        op,
        BinOp::AddAssign(_)
            | BinOp::SubAssign(_)
            | BinOp::MulAssign(_)
            | BinOp::DivAssign(_)
            | BinOp::RemAssign(_)
            | BinOp::BitXorAssign(_)
            | BinOp::BitAndAssign(_)
            | BinOp::BitOrAssign(_)
            | BinOp::ShlAssign(_)
            | BinOp::ShrAssign(_)
    )
}
