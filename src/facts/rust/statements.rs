//! The statements of a block.

use syn::{Block, Local, Pat, Stmt};

use super::lowering::{Goal, Lowering, join};
use crate::facts::body::{Block as Body, StmtKind};

impl Lowering<'_> {
    /// A block as one of its own; its last expression does what `goal` says.
    pub fn block(&mut self, block: &Block, goal: Goal) -> Body {
        self.open_block();
        self.statements(&block.stmts, goal);
        self.close_block()
    }

    /// Statements as part of the innermost block.
    pub fn statements(&mut self, stmts: &[Stmt], goal: Goal) {
        let last = stmts.len().saturating_sub(1);
        for (at, stmt) in stmts.iter().enumerate() {
            let goal = if at == last { goal } else { Goal::Nothing };
            self.statement(stmt, goal);
        }
    }

    fn statement(&mut self, stmt: &Stmt, goal: Goal) {
        match stmt {
            Stmt::Local(local) => {
                if !self.is_test(&local.attrs) {
                    self.local(local);
                }
            }
            Stmt::Item(item) => self.item(item),
            Stmt::Expr(expr, semicolon) => {
                let goal = if semicolon.is_some() { Goal::Nothing } else { goal };
                self.expr_into(expr, goal);
            }
            Stmt::Macro(stmt) => {
                let goal = if stmt.semi_token.is_some() { Goal::Nothing } else { goal };
                if !self.is_test(&stmt.attrs) {
                    self.macro_statement(&stmt.mac, goal);
                }
            }
        }
    }

    fn local(&mut self, local: &Local) {
        let (pat, ty) = match &local.pat {
            Pat::Type(typed) => (&*typed.pat, Some(&*typed.ty)),
            pat => (pat, None),
        };
        let start = self.span(local.let_token.span);
        let span = join(start, self.span(local.semi_token.span));
        let Some(init) = &local.init else {
            // A declaration says something where it names a type.
            if let (Pat::Ident(name), Some(ty)) = (pat, ty) {
                let annotation = Some(self.ty(ty));
                let (word, place) = self.word(&name.ident);
                let target = self.name(place, word);
                self.emit(span, StmtKind::Assign { target, value: None, annotation });
            }
            return;
        };
        match pat {
            Pat::Ident(name) if name.subpat.is_none() && init.diverge.is_none() => {
                let value = Some(self.expr(&init.expr));
                let annotation = ty.map(|ty| self.ty(ty));
                let (word, place) = self.word(&name.ident);
                let target = self.name(place, word);
                self.emit(span, StmtKind::Assign { target, value, annotation });
            }
            Pat::Wild(_) => {
                self.expr_into(&init.expr, Goal::Nothing);
            }
            pat => {
                let subject = self.typed_subject(&init.expr, ty);
                if let Some((_, diverge)) = &init.diverge {
                    let test = self.pattern_test(subject, pat);
                    let test = self.negated(test);
                    self.open_block();
                    self.expr_into(diverge, Goal::Nothing);
                    let body = self.close_block();
                    let orelse = Body::default();
                    self.emit(span, StmtKind::If { test, body, orelse });
                }
                self.bind(subject, pat);
            }
        }
    }
}
