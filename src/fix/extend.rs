//! Lets a receiver that does nothing but drop an entry hear of one more signal.

use ruff_python_ast::{Expr, ExprCall, Stmt, StmtFunctionDef};
use ruff_text_size::Ranged;

use super::draft::Draft;
use super::imports::Imports;
use super::page::{Change, Page};
use super::{Applicability, Planner, Step};
use crate::frameworks::Imported;
use crate::source::Location;

impl Planner<'_> {
    /// Adds a signal to the decorators of the receiver at `place`; `None` where it does more than drop, or
    /// is connected in another way.
    pub(super) fn extend(
        &self,
        draft: &mut Draft<'_>,
        place: Location,
        signal: &Imported,
    ) -> Option<Step> {
        let code = self.code?;
        let text = draft.original(place.file)?;
        let page = self.pages.of(place.file, &text)?;
        let nested = page.statement_at(place.span.start as usize)?;
        let Stmt::FunctionDef(function) = nested.stmt else { return None };
        // What a loop goes through is gone when a delete is told.
        let loops = function.body.iter().any(|stmt| matches!(stmt, Stmt::For(_)));
        let is_too_late = loops && *signal == code.signals.delete;
        if !only_drops(function) || !hears_any_signal(function) || is_too_late {
            return None;
        }
        let mut imports = Imports::of(&page, &self.graph.layout, place.file, self.line_length);
        let receiver = imports.spell(&code.receiver)?;
        let signal = imports.spell(signal)?;
        let mut changes = Vec::new();
        for decorator in &function.decorator_list {
            let Expr::Call(call) = &decorator.expression else { return None };
            if page.slice(&*call.func) != receiver
                || call.arguments.find_keyword("sender").is_none()
            {
                return None;
            }
            changes.push(with_signal(&page, call, &signal, self.line_length)?);
        }
        if changes.is_empty() {
            return None;
        }
        changes.extend(imports.changes()?);
        draft.change_original(place.file, changes)?;
        let message = format!("connects `{}` to `{signal}` as well", function.name);
        Some(Step { applicability: Applicability::Safe, message })
    }
}

/// Whether all that a function does is one call, for one row or in a loop.
fn only_drops(function: &StmtFunctionDef) -> bool {
    let is_docstring =
        |stmt: &&Stmt| matches!(stmt, Stmt::Expr(it) if it.value.is_string_literal_expr());
    let mut body = function.body.iter().skip_while(is_docstring);
    let is_call = |stmt: &Stmt| matches!(stmt, Stmt::Expr(it) if it.value.is_call_expr());
    let only = match (body.next(), body.next()) {
        (Some(Stmt::For(it)), None) => it.body.len() == 1 && it.body.iter().all(is_call),
        (Some(stmt), None) => is_call(stmt),
        _ => false,
    };
    only && !function.is_async
}

/// Whether its parameters are those that every signal of a row gives.
fn hears_any_signal(function: &StmtFunctionDef) -> bool {
    let parameters = &function.parameters;
    let names: Vec<&str> =
        parameters.iter_non_variadic_params().map(|it| it.name().as_str()).collect();
    parameters.kwarg.is_some() && names.iter().all(|name| matches!(*name, "sender" | "instance"))
}

/// The signals of a decorator with one more.
fn with_signal(
    page: &Page<'_>,
    call: &ExprCall,
    signal: &str,
    line_length: usize,
) -> Option<Change> {
    let first = call.arguments.args.first()?;
    let (start, end) = (first.range().start().to_usize(), first.range().end().to_usize());
    let text = page.slice(first);
    let listed = match first {
        Expr::List(list) => list.elts.iter().map(|it| page.slice(it)).collect::<Vec<_>>(),
        Expr::Tuple(tuple) => tuple.elts.iter().map(|it| page.slice(it)).collect(),
        Expr::Name(_) | Expr::Attribute(_) => vec![text],
        _ => return None,
    };
    let content = format!("[{}, {signal}]", listed.join(", "));
    let line = page.text[page.line_start(start)..page.next_line(end)].trim_end();
    let length = line.chars().count() + content.chars().count() - text.chars().count();
    (length <= line_length && !text.contains('\n') && !listed.contains(&signal)).then_some(Change {
        start,
        end,
        content,
    })
}
