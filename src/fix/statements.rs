//! Finds statements by where they stand, and tells what they stand in.

use ruff_python_ast::Stmt;
use ruff_text_size::Ranged;

use super::page::Page;

/// A statement, and the statements it stands in, the outermost first.
pub struct Nested<'p> {
    /// The statement.
    pub stmt: &'p Stmt,
    /// What it stands in.
    pub around: Vec<&'p Stmt>,
}

impl<'p> Page<'p> {
    /// The innermost statement that a place is in.
    pub fn statement_at(&self, at: usize) -> Option<Nested<'_>> {
        let mut around: Vec<&Stmt> = Vec::new();
        let mut found: Option<&Stmt> = None;
        let mut body: Vec<&Stmt> = self.body().iter().collect();
        while let Some(stmt) = body.into_iter().find(|stmt| holds(stmt, at)) {
            around.extend(found);
            found = Some(stmt);
            body = inner(stmt);
        }
        found.map(|stmt| Nested { stmt, around })
    }
}

impl Nested<'_> {
    /// Whether an error in it may be caught around it: by a `try`, or by a context that is not one of
    /// those whose text holds `known`.
    pub fn may_be_caught(&self, page: &Page<'_>, known: &str) -> bool {
        let around = self.around.iter().rev();
        around.take_while(|stmt| !matches!(stmt, Stmt::FunctionDef(_))).any(|stmt| match stmt {
            Stmt::Try(it) => !it.handlers.is_empty(),
            Stmt::With(it) => {
                it.items.iter().any(|item| !page.slice(&item.context_expr).contains(known))
            }
            _ => false,
        })
    }

    /// The function that it stands in.
    pub fn function(&self) -> Option<&ruff_python_ast::StmtFunctionDef> {
        self.around.iter().rev().find_map(|stmt| match stmt {
            Stmt::FunctionDef(function) => Some(function),
            _ => None,
        })
    }
}

fn holds(stmt: &Stmt, at: usize) -> bool {
    stmt.range().start().to_usize() <= at && at < stmt.range().end().to_usize()
}

/// The statements that one holds.
fn inner(stmt: &Stmt) -> Vec<&Stmt> {
    match stmt {
        Stmt::FunctionDef(it) => it.body.iter().collect(),
        Stmt::ClassDef(it) => it.body.iter().collect(),
        Stmt::For(it) => it.body.iter().chain(&it.orelse).collect(),
        Stmt::While(it) => it.body.iter().chain(&it.orelse).collect(),
        Stmt::With(it) => it.body.iter().collect(),
        Stmt::If(it) => {
            let clauses = it.elif_else_clauses.iter().flat_map(|clause| &clause.body);
            it.body.iter().chain(clauses).collect()
        }
        Stmt::Try(it) => {
            let handlers = it.handlers.iter().flat_map(|handler| {
                let ruff_python_ast::ExceptHandler::ExceptHandler(handler) = handler;
                &handler.body
            });
            it.body.iter().chain(handlers).chain(&it.orelse).chain(&it.finalbody).collect()
        }
        Stmt::Match(it) => it.cases.iter().flat_map(|case| &case.body).collect(),
        _ => Vec::new(),
    }
}
