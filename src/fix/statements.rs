//! Finds statements by where they stand, and tells what they stand in.

use std::iter;

use ruff_python_ast::{ExceptHandler, Stmt};
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
        let mut suites: Vec<&[Stmt]> = vec![self.body()];
        while let Some(stmt) = suites.into_iter().find_map(|suite| one_of(suite, at)) {
            around.extend(found);
            found = Some(stmt);
            suites = inner(stmt);
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

/// The statement of a suite that a place is in.
fn one_of(suite: &[Stmt], at: usize) -> Option<&Stmt> {
    let behind = suite.partition_point(|stmt| stmt.range().start().to_usize() <= at);
    suite[..behind].last().filter(|stmt| at < stmt.range().end().to_usize())
}

/// The suites that a statement holds.
fn inner(stmt: &Stmt) -> Vec<&[Stmt]> {
    match stmt {
        Stmt::FunctionDef(it) => vec![&it.body],
        Stmt::ClassDef(it) => vec![&it.body],
        Stmt::For(it) => vec![&it.body, &it.orelse],
        Stmt::While(it) => vec![&it.body, &it.orelse],
        Stmt::With(it) => vec![&it.body],
        Stmt::If(it) => {
            let clauses = it.elif_else_clauses.iter().map(|clause| &clause.body[..]);
            iter::once(&it.body[..]).chain(clauses).collect()
        }
        Stmt::Try(it) => {
            let handlers = it.handlers.iter().map(|handler| {
                let ExceptHandler::ExceptHandler(handler) = handler;
                &handler.body[..]
            });
            let end = [&it.orelse[..], &it.finalbody];
            iter::once(&it.body[..]).chain(handlers).chain(end).collect()
        }
        Stmt::Match(it) => it.cases.iter().map(|case| &case.body[..]).collect(),
        _ => Vec::new(),
    }
}
