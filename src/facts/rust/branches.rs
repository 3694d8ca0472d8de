//! `if`, `match` and loops.
//!
//! A chain is lowered from its first branch to its last and linked from the last to the first, so that
//! a long one does not recurse.

use syn::{BinOp, Block as Braces, Expr, ExprForLoop, ExprIf, ExprLoop, ExprMatch, ExprWhile, Pat};

use super::expressions::peel;
use super::lowering::{Goal, Lowering, join};
use super::operators::operands;
use crate::facts::body::*;
use crate::source::Span;

/// One branch of a chain.
pub struct Branch {
    /// What goes before its test.
    pub before: Vec<StmtId>,
    /// When it is taken.
    pub test: ExprId,
    /// What it does.
    pub body: Block,
    /// Where it stands.
    pub span: Span,
}

impl Lowering<'_> {
    /// Makes one statement of some branches and what is done where none is taken.
    pub fn chain(&mut self, branches: Vec<Branch>, mut orelse: Block) {
        let mut branches = branches.into_iter().rev().peekable();
        while let Some(Branch { mut before, test, body, span }) = branches.next() {
            before.push(self.build.stmt(span, StmtKind::If { test, body, orelse }));
            if branches.peek().is_some() {
                orelse = self.build.block(&before);
            } else {
                self.emit_all(&before);
            }
        }
    }

    pub(super) fn if_chain(&mut self, node: &ExprIf, goal: Goal) -> Span {
        let mut branches = Vec::new();
        let mut node = node;
        let start = self.span(node.if_token.span);
        let (orelse, end) = loop {
            self.open_block();
            let (test, bound) = self.condition(&node.cond);
            let before = self.take_block();
            let body = self.bound_block(bound, &node.then_branch, goal);
            let end = self.span(node.then_branch.brace_token.span.close());
            let span = join(self.span(node.if_token.span), end);
            branches.push(Branch { before, test, body, span });
            match &node.else_branch {
                None => break (Block::default(), end),
                Some((_, last)) => match &**last {
                    Expr::If(next) => node = next,
                    last => {
                        self.open_block();
                        let end = self.expr_into(last, goal);
                        break (self.close_block(), end);
                    }
                },
            }
        };
        // Each `if` reaches to the end of its `else`.
        for branch in &mut branches {
            branch.span = join(branch.span, end);
        }
        self.chain(branches, orelse);
        join(start, end)
    }

    /// A condition, and the pattern that its branch starts with.
    ///
    /// Of `if let A = a && let B = b` only the last pattern can wait for the branch: what follows the
    /// others may use their variables.
    fn condition<'e>(&mut self, cond: &'e Expr) -> (ExprId, Option<(ExprId, &'e Pat)>) {
        let mut bound = None;
        let tests = match peel_groups(cond) {
            Expr::Binary(node) if matches!(node.op, BinOp::And(_)) => {
                let operands = operands(node);
                let last = operands.len() - 1;
                let tests = operands.iter().enumerate().map(|(at, operand)| match operand {
                    Expr::Let(node) if at == last => self.let_test(node, &mut bound),
                    operand => self.expr(operand),
                });
                tests.collect()
            }
            Expr::Let(node) => vec![self.let_test(node, &mut bound)],
            cond => vec![self.expr(cond)],
        };
        (self.join_tests(true, &tests), bound)
    }

    fn let_test<'e>(
        &mut self,
        node: &'e syn::ExprLet,
        bound: &mut Option<(ExprId, &'e Pat)>,
    ) -> ExprId {
        let subject = self.subject(&node.expr);
        *bound = Some((subject, &node.pat));
        self.pattern_test(subject, &node.pat)
    }

    /// A block that starts with the variables of a pattern.
    fn bound_block(&mut self, bound: Option<(ExprId, &Pat)>, block: &Braces, goal: Goal) -> Block {
        self.open_block();
        if let Some((subject, pat)) = bound {
            self.bind(subject, pat);
        }
        self.statements(&block.stmts, goal);
        self.close_block()
    }

    pub(super) fn match_chain(&mut self, node: &ExprMatch, goal: Goal) -> Span {
        let subject = self.subject(&node.expr);
        let mut branches = Vec::with_capacity(node.arms.len());
        for arm in &node.arms {
            if self.is_test(&arm.attrs) {
                continue;
            }
            self.open_block();
            let mut test = self.pattern_test(subject, &arm.pat);
            if let Some((_, guard)) = &arm.guard {
                // A guard sees the variables of the pattern.
                self.bind(subject, &arm.pat);
                let guard = self.expr(guard);
                test = self.join_tests(true, &[test, guard]);
            }
            let before = self.take_block();
            self.open_block();
            if arm.guard.is_none() {
                self.bind(subject, &arm.pat);
            }
            let end = self.expr_into(&arm.body, goal);
            let body = self.close_block();
            let span = join(self.span_of(test), end);
            branches.push(Branch { before, test, body, span });
        }
        let start = self.span(node.match_token.span);
        self.chain(branches, Block::default());
        join(start, self.span(node.brace_token.span.close()))
    }

    /// What a pattern is held against: a variable, so that it is evaluated once.
    pub fn subject(&mut self, expr: &Expr) -> ExprId {
        self.typed_subject(expr, None)
    }

    /// The same with the type that the code gives it.
    pub fn typed_subject(&mut self, expr: &Expr, ty: Option<&syn::Type>) -> ExprId {
        let value = self.expr(expr);
        if matches!(self.build.facts.expr(value).kind, ExprKind::Name(_)) {
            return value;
        }
        let span = self.span_of(value);
        let annotation = ty.map(|ty| self.ty(ty));
        let temporary = self.temporary();
        let target = self.build.expr(span, ExprKind::Name(temporary));
        self.emit(span, StmtKind::Assign { target, value: Some(value), annotation });
        self.build.expr(span, ExprKind::Name(temporary))
    }

    pub(super) fn endless_loop(&mut self, node: &ExprLoop, goal: Goal) -> Span {
        let start = self.span(node.loop_token.span);
        let test = self.build.expr(start, ExprKind::Bool(true));
        self.open_breakable(node.label.as_ref(), true, goal);
        let body = self.block(&node.body, Goal::Nothing);
        self.breakables.pop();
        let span = join(start, self.span(node.body.brace_token.span.close()));
        self.emit(span, StmtKind::While { test, body });
        span
    }

    pub(super) fn while_loop(&mut self, node: &ExprWhile) -> Span {
        let (test, bound) = self.condition(&node.cond);
        self.open_breakable(node.label.as_ref(), true, Goal::Nothing);
        let body = self.bound_block(bound, &node.body, Goal::Nothing);
        self.breakables.pop();
        let end = self.span(node.body.brace_token.span.close());
        let span = join(self.span(node.while_token.span), end);
        self.emit(span, StmtKind::While { test, body });
        span
    }

    pub(super) fn for_loop(&mut self, node: &ExprForLoop) -> Span {
        let iter = self.expr(&node.expr);
        let start = self.span(node.for_token.span);
        let (target, bound) = match &*node.pat {
            Pat::Ident(name) if name.subpat.is_none() => {
                let (word, place) = self.word(&name.ident);
                (self.name(place, word), None)
            }
            pat => {
                let name = self.temporary();
                let target = self.build.expr(start, ExprKind::Name(name));
                let subject = self.build.expr(start, ExprKind::Name(name));
                (target, Some((subject, pat)))
            }
        };
        self.open_breakable(node.label.as_ref(), true, Goal::Nothing);
        let body = self.bound_block(bound, &node.body, Goal::Nothing);
        self.breakables.pop();
        let span = join(start, self.span(node.body.brace_token.span.close()));
        self.emit(span, StmtKind::For { target, iter, body });
        span
    }
}

/// Without brackets; `let` stands in none.
fn peel_groups(cond: &Expr) -> &Expr {
    match cond {
        Expr::Paren(_) | Expr::Group(_) => peel(cond),
        cond => cond,
    }
}
