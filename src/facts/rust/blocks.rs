//! Expressions that are made of statements: where their values go.

use syn::{Block, Expr, ExprBreak, Label};

use super::lowering::{Breakable, Goal, Lowering, join};
use super::operators::is_assignment;
use crate::facts::body::*;
use crate::source::Span;

impl Lowering<'_> {
    /// An expression whose value does what `goal` says; its place.
    pub fn expr_into(&mut self, expr: &Expr, goal: Goal) -> Span {
        let mut expr = expr;
        loop {
            expr = match expr {
                Expr::Group(node) => &node.expr,
                Expr::Paren(node) => &node.expr,
                _ => break,
            }
        }
        if self.is_test(attributes_of(expr)) {
            return Span::default();
        }
        if !self.enter(|this| this.start_of(expr)) {
            return Span::default();
        }
        let span = self.bare_expr_into(expr, goal);
        self.leave();
        span
    }

    fn bare_expr_into(&mut self, expr: &Expr, goal: Goal) -> Span {
        match expr {
            Expr::If(node) => self.if_chain(node, goal),
            Expr::Match(node) => self.match_chain(node, goal),
            Expr::Loop(node) => self.endless_loop(node, goal),
            Expr::While(node) => self.while_loop(node),
            Expr::ForLoop(node) => self.for_loop(node),
            Expr::Block(node) => match &node.label {
                None => self.statements_of(&node.block, goal),
                Some(label) => {
                    self.open_breakable(Some(label), false, goal);
                    let span = self.statements_of(&node.block, goal);
                    self.breakables.pop();
                    span
                }
            },
            Expr::Unsafe(node) => self.statements_of(&node.block, goal),
            Expr::Const(node) => self.statements_of(&node.block, goal),
            Expr::TryBlock(node) => self.statements_of(&node.block, goal),
            Expr::Macro(node) => {
                self.macro_statement(&node.mac, goal);
                self.path_text(&node.mac.path).1
            }
            Expr::Assign(node) => {
                let value = self.expr(&node.right);
                if matches!(*node.left, Expr::Infer(_)) {
                    self.deliver(value, Goal::Nothing);
                    return self.span_of(value);
                }
                let target = self.expr(&node.left);
                let span = join(self.span_of(target), self.span_of(value));
                let value = Some(value);
                self.emit(span, StmtKind::Assign { target, value, annotation: None });
                span
            }
            Expr::Binary(node) if is_assignment(&node.op) => self.expr_into_binary(node),
            Expr::Return(node) => {
                let start = self.span(node.return_token.span);
                let value = node.expr.as_ref().map(|value| self.expr(value));
                let span = value.map_or(start, |value| join(start, self.span_of(value)));
                self.emit(span, StmtKind::Return(value));
                span
            }
            Expr::Break(node) => self.break_out(node),
            Expr::Continue(node) => {
                let span = self.span(node.continue_token.span);
                self.emit(span, StmtKind::LoopExit);
                span
            }
            expr => {
                let value = self.expr(expr);
                self.deliver(value, goal);
                self.span_of(value)
            }
        }
    }

    /// The statements of a block as part of the innermost one; its place.
    fn statements_of(&mut self, block: &Block, goal: Goal) -> Span {
        self.statements(&block.stmts, goal);
        self.span(block.brace_token.span.join())
    }

    /// The value of a block, whose statements become part of the innermost one.
    pub(super) fn block_value(&mut self, block: &Block) -> ExprId {
        if let [stmts @ .., syn::Stmt::Expr(value, None)] = block.stmts.as_slice() {
            self.statements(stmts, Goal::Nothing);
            return self.expr(value);
        }
        if let [stmts @ .., syn::Stmt::Macro(last)] = block.stmts.as_slice()
            && last.semi_token.is_none()
        {
            self.statements(stmts, Goal::Nothing);
            return self.macro_value(&last.mac);
        }
        let span = self.statements_of(block, Goal::Nothing);
        self.unknown(span)
    }

    /// Goes into what `break` can leave; the caller takes it off again.
    pub(super) fn open_breakable(&mut self, label: Option<&Label>, is_loop: bool, goal: Goal) {
        let label = label.map(|label| {
            let word = self.word(&label.name.ident).0;
            self.build.intern(word)
        });
        self.breakables.push(Breakable { label, is_loop, goal });
    }

    fn break_out(&mut self, node: &ExprBreak) -> Span {
        let start = self.span(node.break_token.span);
        let label = node.label.as_ref().map(|label| {
            let word = self.word(&label.ident).0;
            self.build.intern(word)
        });
        let left = self.breakables.iter().rev().find(|breakable| match label {
            Some(_) => breakable.label == label,
            None => breakable.is_loop,
        });
        let (is_loop, goal) = left.map_or((true, Goal::Nothing), |left| (left.is_loop, left.goal));
        let mut span = start;
        if let Some(value) = &node.expr {
            span = join(start, self.expr_into(value, goal));
        }
        if is_loop && !(node.expr.is_some() && goal == Goal::Return) {
            self.emit(span, StmtKind::LoopExit);
        }
        span
    }
}

/// The attributes of an expression that may be a statement.
fn attributes_of(expr: &Expr) -> &[syn::Attribute] {
    match expr {
        Expr::Assign(node) => &node.attrs,
        Expr::Await(node) => &node.attrs,
        Expr::Block(node) => &node.attrs,
        Expr::Call(node) => &node.attrs,
        Expr::ForLoop(node) => &node.attrs,
        Expr::If(node) => &node.attrs,
        Expr::Macro(node) => &node.attrs,
        Expr::Match(node) => &node.attrs,
        Expr::MethodCall(node) => &node.attrs,
        Expr::Return(node) => &node.attrs,
        Expr::Try(node) => &node.attrs,
        Expr::Unsafe(node) => &node.attrs,
        Expr::While(node) => &node.attrs,
        _ => &[],
    }
}
