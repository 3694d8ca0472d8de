//! `match`, as what its patterns ask.

use ruff_python_ast as ast;
use ruff_text_size::{Ranged, TextRange};

use super::Lowering;
use crate::facts::body::*;

impl Lowering {
    /// `match` as a chain of `if`: value patterns compare, captures always hold, others may.
    pub(super) fn match_statement(&mut self, node: &ast::StmtMatch, out: &mut Vec<StmtId>) {
        let subject = self.expr(&node.subject);
        let mut orelse = Block::default();
        for case in node.cases.iter().rev() {
            let body = self.block(&case.body);
            let mut test = self.pattern(subject, &case.pattern);
            if let Some(guard) = &case.guard {
                let guard = self.expr(guard);
                let both = self.build.list(&[test, guard]);
                test = self.add_expr(case.range, ExprKind::And(both));
            }
            // With the cases behind it, which are its `else`.
            let range = TextRange::new(case.start(), node.end());
            let id = self.add_stmt(range, StmtKind::If { test, body, orelse });
            orelse = self.build.block(&[id]);
        }
        out.extend_from_slice(
            &self.build.facts.stmt_lists[orelse.start as usize..orelse.end as usize],
        );
    }

    fn pattern(&mut self, subject: ExprId, pattern: &ast::Pattern) -> ExprId {
        let range = pattern.range();
        match pattern {
            ast::Pattern::MatchValue(node) => {
                let right = self.expr(&node.value);
                let kind = ExprKind::Compare { op: CompareOp::Eq, left: subject, right };
                self.add_expr(range, kind)
            }
            ast::Pattern::MatchSingleton(node) => {
                let constant = match node.value {
                    ast::Singleton::None => ExprKind::None,
                    ast::Singleton::True => ExprKind::Bool(true),
                    ast::Singleton::False => ExprKind::Bool(false),
                };
                let right = self.add_expr(range, constant);
                let kind = ExprKind::Compare { op: CompareOp::Is, left: subject, right };
                self.add_expr(range, kind)
            }
            ast::Pattern::MatchOr(node) => {
                let mut tests = Vec::with_capacity(node.patterns.len());
                for pattern in &node.patterns {
                    if self.enter(pattern.range()) {
                        tests.push(self.pattern(subject, pattern));
                        self.leave();
                    }
                }
                let tests = self.build.list(&tests);
                self.add_expr(range, ExprKind::Or(tests))
            }
            ast::Pattern::MatchClass(node) => {
                let tests = self.class_pattern(subject, node);
                self.add_expr(range, tests)
            }
            ast::Pattern::MatchAs(node) if node.pattern.is_none() => {
                self.add_expr(range, ExprKind::Bool(true))
            }
            _ => self.add_expr(range, ExprKind::Other(ExprList::default())),
        }
    }

    /// `case Class(...)` is an `isinstance` test; what the parentheses ask for may hold or not.
    fn class_pattern(&mut self, subject: ExprId, node: &ast::PatternMatchClass) -> ExprKind {
        let builtin = self.build.intern("isinstance");
        let func = self.add_expr(node.range, ExprKind::Name(builtin));
        let class = self.expr(&node.cls);
        let args = [subject, class].map(|value| Arg { kind: ArgKind::Positional, value });
        let args = self.build.args(&args);
        let test = ExprKind::Call { func, args };
        if node.arguments.patterns.is_empty() && node.arguments.keywords.is_empty() {
            return test;
        }
        let test = self.add_expr(node.range, test);
        let more = self.add_expr(node.range, ExprKind::Other(ExprList::default()));
        ExprKind::And(self.build.list(&[test, more]))
    }
}
