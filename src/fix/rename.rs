//! Gives a function another name where a later one takes its own.

use std::sync::Arc;

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, Stmt, StmtFunctionDef};
use ruff_text_size::Ranged;

use super::draft::Draft;
use super::page::{Change, Page};
use super::place::unused;
use super::receiver::snake;
use super::{Applicability, Planner, Step};
use crate::rules::{Remedy, RowEvent};

impl Planner<'_> {
    /// Renames functions at the top of one file.
    pub(super) fn rename(&self, draft: &mut Draft<'_>, remedies: &[&Remedy]) -> Option<Step> {
        let mut changes: Vec<Change> = Vec::new();
        let mut names: Vec<String> = Vec::new();
        let mut file = None;
        let mut text: Arc<str> = Arc::default();
        for remedy in remedies {
            let Remedy::Rename { receiver, model, events } = remedy else { continue };
            let place = self.graph.layout.receivers.at(*receiver).next()?.function?;
            if file.is_none() {
                file = Some(place.file);
                text = draft.untouched_text(place.file)?;
            }
            if file != Some(place.file) {
                return None;
            }
            let page = self.pages.of(place.file, &text)?;
            let nested = page.statement_at(place.span.start as usize)?;
            let Stmt::FunctionDef(function) = nested.stmt else { return None };
            if !nested.around.is_empty() {
                return None;
            }
            let when = match events.as_slice() {
                [RowEvent::Save] => "saved",
                [RowEvent::Delete] => "deleted",
                _ => "changed",
            };
            let name = format!("{}_when_{}_{when}", function.name, snake(model));
            let mut name = unused(&page, &name);
            while names.contains(&name) {
                name.push('_');
            }
            changes.extend(renamed(&page, function, &name));
            names.push(name);
        }
        draft.change(file?, changes)?;
        let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        Some(Step {
            applicability: Applicability::Unsafe,
            message: format!("renames the receiver to {}", quoted.join(" and ")),
        })
    }
}

/// The changes that give a function of the module another name: where it is defined, and where the module
/// names it before the name means something else.
fn renamed(page: &Page<'_>, function: &StmtFunctionDef, name: &str) -> Vec<Change> {
    let change = |node: &dyn Ranged| {
        let range = node.range().to_std_range();
        Change { start: range.start, end: range.end, content: name.to_owned() }
    };
    let mut changes = vec![change(&function.name)];
    let own = function.range();
    for stmt in page.body().iter().filter(|stmt| stmt.range().start() > own.start()) {
        let mut seek = Seek { name: function.name.as_str(), found: Vec::new() };
        seek.visit_stmt(stmt);
        changes.extend(seek.found.into_iter().map(|expr| change(expr)));
        let rebinds = match stmt {
            Stmt::FunctionDef(other) => other.name.as_str() == function.name.as_str(),
            Stmt::ClassDef(other) => other.name.as_str() == function.name.as_str(),
            _ => false,
        };
        if rebinds {
            break;
        }
    }
    changes
}

/// Looks for a name in what a module runs by itself.
struct Seek<'p> {
    name: &'p str,
    found: Vec<&'p Expr>,
}

impl<'p> Visitor<'p> for Seek<'p> {
    fn visit_stmt(&mut self, stmt: &'p Stmt) {
        match stmt {
            // What runs later means the later one.
            Stmt::FunctionDef(function) => {
                for decorator in &function.decorator_list {
                    self.visit_expr(&decorator.expression);
                }
                self.visit_parameters(&function.parameters);
            }
            _ => walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'p Expr) {
        match expr {
            Expr::Name(name) if name.id.as_str() == self.name => self.found.push(expr),
            Expr::Lambda(_) => {}
            _ => walk_expr(self, expr),
        }
    }
}
