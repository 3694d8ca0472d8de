//! Statements, and what modules import.

use ruff_python_ast as ast;
use ruff_text_size::{Ranged, TextRange};

use super::Lowering;
use crate::facts::body::*;

impl Lowering {
    pub(super) fn block(&mut self, body: &[ast::Stmt]) -> Block {
        let mut ids = Vec::with_capacity(body.len());
        for stmt in body {
            if self.enter(stmt.range()) {
                self.stmt(stmt, &mut ids);
                self.leave();
            }
        }
        self.build.block(&ids)
    }

    pub(super) fn stmt(&mut self, stmt: &ast::Stmt, out: &mut Vec<StmtId>) {
        let range = stmt.range();
        match stmt {
            ast::Stmt::Expr(node) => {
                if !is_inert(&node.value) {
                    let value = self.expr(&node.value);
                    out.push(self.add_stmt(range, StmtKind::Expr(value)));
                }
            }
            ast::Stmt::Assign(node) => {
                let value = self.expr(&node.value);
                for target in &node.targets {
                    self.mention_item_method(target, SETS_ITEM);
                    let target = self.expr(target);
                    let kind = StmtKind::Assign { target, value: Some(value), annotation: None };
                    out.push(self.add_stmt(range, kind));
                }
            }
            ast::Stmt::AnnAssign(node) => {
                let value = node.value.as_deref().map(|value| self.expr(value));
                let annotation = Some(self.expr(&node.annotation));
                let target = self.expr(&node.target);
                out.push(self.add_stmt(range, StmtKind::Assign { target, value, annotation }));
            }
            ast::Stmt::AugAssign(node) => {
                let value = self.expr(&node.value);
                let target = self.expr(&node.target);
                out.push(self.add_stmt(range, StmtKind::AugAssign { target, value }));
            }
            ast::Stmt::TypeAlias(node) => {
                let value = Some(self.expr(&node.value));
                let target = self.expr(&node.name);
                out.push(
                    self.add_stmt(range, StmtKind::Assign { target, value, annotation: None }),
                );
            }
            ast::Stmt::Return(node) => {
                let value = node.value.as_deref().map(|value| self.expr(value));
                out.push(self.add_stmt(range, StmtKind::Return(value)));
            }
            ast::Stmt::If(node) => {
                let id = self.if_chain(range, &node.test, &node.body, &node.elif_else_clauses);
                out.push(id);
            }
            ast::Stmt::For(node) => {
                let iter = self.expr(&node.iter);
                let target = self.expr(&node.target);
                let body = self.block(&node.body);
                out.push(self.add_stmt(range, StmtKind::For { target, iter, body }));
                self.append_block(&node.orelse, out);
            }
            ast::Stmt::While(node) => {
                let test = self.expr(&node.test);
                let body = self.block(&node.body);
                out.push(self.add_stmt(range, StmtKind::While { test, body }));
                self.append_block(&node.orelse, out);
            }
            ast::Stmt::With(node) => {
                let mut body = None;
                for item in node.items.iter().rev() {
                    // The innermost item owns the body; each outer one owns a block of one `with`.
                    let inner = match body.take() {
                        None => self.block(&node.body),
                        Some(id) => self.build.block(&[id]),
                    };
                    let context = self.expr(&item.context_expr);
                    let target = item.optional_vars.as_deref().map(|target| self.expr(target));
                    let kind = StmtKind::With { context, target, body: inner };
                    body = Some(self.add_stmt(range, kind));
                }
                out.extend(body);
            }
            ast::Stmt::Match(node) => self.match_statement(node, out),
            ast::Stmt::Try(node) => {
                let mut ids = Vec::with_capacity(node.body.len() + node.orelse.len());
                self.append_block(&node.body, &mut ids);
                self.append_block(&node.orelse, &mut ids);
                let body = self.build.block(&ids);
                let mut handlers = Vec::with_capacity(node.handlers.len());
                for ast::ExceptHandler::ExceptHandler(handler) in &node.handlers {
                    let body = self.block(&handler.body);
                    handlers.push(self.add_stmt(handler.range, StmtKind::Handler(body)));
                }
                let handlers = self.build.block(&handlers);
                let finally = self.block(&node.finalbody);
                out.push(self.add_stmt(range, StmtKind::Try { body, handlers, finally }));
            }
            ast::Stmt::Raise(node) => {
                let value = node.exc.as_deref().map(|value| self.expr(value));
                out.push(self.add_stmt(range, StmtKind::Raise(value)));
            }
            ast::Stmt::Assert(_) | ast::Stmt::Pass(_) | ast::Stmt::IpyEscapeCommand(_) => {}
            ast::Stmt::Break(_) | ast::Stmt::Continue(_) => {
                out.push(self.add_stmt(range, StmtKind::LoopExit));
            }
            ast::Stmt::Delete(node) => {
                for target in &node.targets {
                    self.mention_item_method(target, DELETES_ITEM);
                    let target = self.expr(target);
                    out.push(self.add_stmt(range, StmtKind::Delete(target)));
                }
            }
            ast::Stmt::Import(node) => {
                for alias in &node.names {
                    let module = self.build.intern(&alias.name.id);
                    let name = alias.asname.as_ref().map(|name| self.build.intern(&name.id));
                    let kind = StmtKind::Import { module, name };
                    out.push(self.add_stmt(alias.range, kind));
                }
            }
            ast::Stmt::ImportFrom(node) => self.import_from(node, out),
            ast::Stmt::Global(node) => self.outer(&node.names, out),
            ast::Stmt::Nonlocal(node) => self.outer(&node.names, out),
            ast::Stmt::FunctionDef(node) => {
                let ix = self.function_def(node);
                out.push(self.add_stmt(range, StmtKind::Function(ix)));
            }
            ast::Stmt::ClassDef(node) => {
                let ix = self.class_def(node);
                out.push(self.add_stmt(range, StmtKind::Class(ix)));
            }
        }
    }

    /// `x[i] = value` and `del x[i]` call a method of `x`.
    fn mention_item_method(&mut self, target: &ast::Expr, method: &str) {
        if target.is_subscript_expr() {
            let name = self.build.intern(method);
            self.build.mention(name);
        }
    }

    fn append_block(&mut self, body: &[ast::Stmt], out: &mut Vec<StmtId>) {
        for stmt in body {
            if self.enter(stmt.range()) {
                self.stmt(stmt, out);
                self.leave();
            }
        }
    }

    fn if_chain(
        &mut self,
        range: TextRange,
        test: &ast::Expr,
        body: &[ast::Stmt],
        clauses: &[ast::ElifElseClause],
    ) -> StmtId {
        // From the last clause to the first, so that a long `elif` chain does not recurse.
        let mut orelse = Block::default();
        for clause in clauses.iter().rev() {
            let clause_body = self.block(&clause.body);
            orelse = match &clause.test {
                None => clause_body,
                Some(test) => {
                    let test = self.expr(test);
                    let kind = StmtKind::If { test, body: clause_body, orelse };
                    // With the clauses behind it, which are its `else`.
                    let id = self.add_stmt(TextRange::new(clause.start(), range.end()), kind);
                    self.build.block(&[id])
                }
            };
        }
        let test = self.expr(test);
        let body = self.block(body);
        self.add_stmt(range, StmtKind::If { test, body, orelse })
    }

    fn import_from(&mut self, node: &ast::StmtImportFrom, out: &mut Vec<StmtId>) {
        let text = node.module.as_ref().map_or("", |module| module.id.as_str());
        let module = self.build.intern(text);
        let level = node.level;
        for alias in &node.names {
            let kind = if alias.name.id.as_str() == "*" {
                StmtKind::ImportStar { level, module }
            } else {
                let member = self.build.intern(&alias.name.id);
                let name = match &alias.asname {
                    Some(name) => self.build.intern(&name.id),
                    None => member,
                };
                StmtKind::ImportFrom { level, module, member, name }
            };
            out.push(self.add_stmt(alias.range, kind));
        }
    }

    fn outer(&mut self, names: &[ast::Identifier], out: &mut Vec<StmtId>) {
        for name in names {
            let id = self.build.intern(&name.id);
            out.push(self.add_stmt(name.range, StmtKind::Outer(id)));
        }
    }
}

/// Whether an expression statement does nothing: a docstring, an ellipsis, a bare name.
fn is_inert(expr: &ast::Expr) -> bool {
    matches!(
        expr,
        ast::Expr::StringLiteral(_)
            | ast::Expr::BytesLiteral(_)
            | ast::Expr::NumberLiteral(_)
            | ast::Expr::BooleanLiteral(_)
            | ast::Expr::NoneLiteral(_)
            | ast::Expr::EllipsisLiteral(_)
            | ast::Expr::Name(_)
    )
}
