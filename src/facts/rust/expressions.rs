//! Expressions; what is transparent (`&x`, `x?`, `x.await`, `x as T`) is what it wraps.

use syn::Expr;

use super::lowering::{Goal, Lowering, join};
use crate::facts::body::*;
use crate::source::Span;

/// The expression that stands for another one, without what is transparent.
pub fn peel(mut expr: &Expr) -> &Expr {
    loop {
        expr = match expr {
            Expr::Await(node) => &node.base,
            Expr::Cast(node) => &node.expr,
            Expr::Group(node) => &node.expr,
            Expr::Paren(node) => &node.expr,
            Expr::RawAddr(node) => &node.expr,
            Expr::Reference(node) => &node.expr,
            Expr::Try(node) => &node.expr,
            Expr::Unary(node) if matches!(node.op, syn::UnOp::Deref(_)) => &node.expr,
            other => return other,
        }
    }
}

impl Lowering<'_> {
    /// An expression; statements inside of it go before the current one.
    pub fn expr(&mut self, expr: &Expr) -> ExprId {
        let expr = peel(expr);
        if !self.enter(|this| this.start_of(expr)) {
            return self.unknown(Span::default());
        }
        let id = self.bare_expr(expr);
        self.leave();
        id
    }

    /// Several expressions.
    pub fn exprs<'e>(&mut self, exprs: impl IntoIterator<Item = &'e Expr>) -> Vec<ExprId> {
        exprs.into_iter().map(|expr| self.expr(expr)).collect()
    }

    fn bare_expr(&mut self, expr: &Expr) -> ExprId {
        match expr {
            Expr::Path(node) => self.path(node.qself.as_ref(), &node.path),
            Expr::Lit(node) => self.literal(&node.lit),
            Expr::MethodCall(node) => self.method_call(node),
            Expr::Call(node) => {
                let func = self.expr(&node.func);
                let args = self.call_arguments(&node.args);
                let end = self.span(node.paren_token.span.close());
                self.call(join(self.span_of(func), end), func, &args)
            }
            Expr::Field(node) => {
                let value = self.expr(&node.base);
                let (name, place) = self.member(&node.member);
                let span = join(self.span_of(value), place);
                self.attribute(span, value, name)
            }
            Expr::Index(node) => {
                let value = self.expr(&node.expr);
                let index = self.expr(&node.index);
                let end = self.span(node.bracket_token.span.close());
                let span = join(self.span_of(value), end);
                self.build.expr(span, ExprKind::Subscript { value, index })
            }
            Expr::Struct(node) => self.struct_literal(node),
            Expr::Tuple(node) => {
                let items = self.exprs(&node.elems);
                self.sequence(self.span(node.paren_token.span.join()), &items)
            }
            Expr::Array(node) => {
                let items = self.exprs(&node.elems);
                self.sequence(self.span(node.bracket_token.span.join()), &items)
            }
            Expr::Repeat(node) => {
                let item = self.expr(&node.expr);
                self.sequence(self.span(node.bracket_token.span.join()), &[item])
            }
            Expr::Binary(node) => self.binary(node),
            Expr::Unary(node) => self.unary(node),
            Expr::Range(node) => self.range(node),
            Expr::Let(node) => {
                let subject = self.subject(&node.expr);
                let test = self.pattern_test(subject, &node.pat);
                self.bind(subject, &node.pat);
                test
            }
            Expr::Closure(node) => self.closure(node),
            Expr::Async(node) => self.async_block(node),
            Expr::Macro(node) => self.macro_value(&node.mac),
            Expr::Yield(node) => {
                self.build.mark_generator();
                let start = self.span(node.yield_token.span);
                let value = match &node.expr {
                    Some(value) => self.expr(value),
                    None => self.unknown(start),
                };
                let span = join(start, self.span_of(value));
                self.build.expr(span, ExprKind::Yield(value))
            }
            Expr::Block(node) if node.label.is_none() => self.block_value(&node.block),
            Expr::Unsafe(node) => self.block_value(&node.block),
            Expr::Const(node) => self.block_value(&node.block),
            Expr::TryBlock(node) => self.block_value(&node.block),
            Expr::If(_) | Expr::Match(_) | Expr::Loop(_) | Expr::Block(_) => {
                let name = self.temporary();
                let span = self.expr_into(expr, Goal::Temporary(name));
                self.build.expr(span, ExprKind::Name(name))
            }
            Expr::Assign(_)
            | Expr::Break(_)
            | Expr::Continue(_)
            | Expr::ForLoop(_)
            | Expr::Return(_)
            | Expr::While(_) => {
                let span = self.expr_into(expr, Goal::Nothing);
                self.unknown(span)
            }
            _ => {
                let at = self.start_of(expr);
                self.unknown(Span { start: at, end: at })
            }
        }
    }
}
