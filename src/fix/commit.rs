//! Makes a drop wait for the end of the transaction.

use ruff_python_ast::{Expr, ExprCall, Stmt};
use ruff_text_size::Ranged;

use super::draft::Draft;
use super::imports::Imports;
use super::page::{Change, Page};
use super::statements::Nested;
use super::wrap::wrap;
use super::{Applicability, Planner, Step};
use crate::source::Location;

/// A drop, and a place in the function that it is for.
pub type Early = (Location, Location);

impl Planner<'_> {
    /// Puts the calls that drop into callbacks for the commit: the drop itself where that stands in the
    /// function it is for, else the one call that is all the function does. All are for one file;
    /// `None` where one of them cannot be put off, or where `any` is asked for and none can.
    pub(super) fn defer(&self, draft: &mut Draft<'_>, drops: &[Early], any: bool) -> Option<Step> {
        let (_, place) = drops.first()?;
        let file = place.file;
        if drops.iter().any(|(_, hook)| hook.file != file) || !draft.is_untouched(file) {
            return None;
        }
        let text = draft.text(file)?;
        let page = Page::parse(&text)?;
        let mut imports = Imports::of(&page, &self.graph.layout, file, self.line_length);
        let mut changes = self.deferred(&page, &mut imports, drops, any)?;
        if changes.is_empty() {
            return None;
        }
        changes.extend(imports.changes()?);
        draft.change(file, changes)?;
        let message = "drops the entry when the transaction is committed".to_owned();
        Some(Step { applicability: Applicability::Unsafe, message })
    }

    /// The changes that put off drops in a file, without those of its imports.
    pub(super) fn deferred(
        &self,
        page: &Page<'_>,
        imports: &mut Imports<'_>,
        drops: &[Early],
        any: bool,
    ) -> Option<Vec<Change>> {
        let code = self.code?;
        let mut changes: Vec<Change> = Vec::new();
        for (drop, hook) in drops {
            let Some(call) = find(page, *drop, *hook) else {
                if any {
                    continue;
                }
                return None;
            };
            let (start, end) = (call.range().start().to_usize(), call.range().end().to_usize());
            if changes.iter().any(|change| change.start == start) {
                continue;
            }
            let on_commit = imports.spell(&code.on_commit)?;
            let callee = page.slice(&*call.func);
            let inside = page.slice(&call.arguments).strip_prefix('(')?.strip_suffix(')')?;
            let deferred = match call.arguments.is_empty() {
                true => format!("{on_commit}({callee})"),
                false => {
                    let partial = imports.spell(&code.partial)?;
                    format!("{on_commit}({partial}({callee}, {}))", inside.trim())
                }
            };
            let indent = page.indent_of(start)?;
            let content = match deferred.contains('\n') {
                true => deferred,
                false => {
                    let line = format!("{indent}{deferred}");
                    let wrapped = wrap(&line, self.line_length, page.style.unit);
                    wrapped.trim_start().replace('\n', page.style.newline)
                }
            };
            changes.push(Change { start, end, content });
        }
        Some(changes)
    }
}

/// The call to put off.
fn find<'p>(page: &'p Page<'_>, drop: Location, hook: Location) -> Option<&'p ExprCall> {
    let function = page.statement_at(hook.span.start as usize)?;
    let own = match function.stmt {
        Stmt::FunctionDef(_) => function.stmt,
        // The place of the drop stands for the function it is in.
        _ => function.around.iter().rev().find(|it| matches!(it, Stmt::FunctionDef(_))).copied()?,
    };
    if matches!(own, Stmt::FunctionDef(function) if function.is_async) {
        return None;
    }
    let at = drop.span.start as usize;
    let inside = drop.file == hook.file && own.range().to_std_range().contains(&at);
    let calls: Vec<(Nested<'p>, &'p ExprCall)> = page
        .statements_in(own)
        .into_iter()
        .filter_map(|nested| {
            let call = call_of(nested.stmt)?;
            Some((nested, call))
        })
        .collect();
    let wanted = |call: &ExprCall| call.range().to_std_range().contains(&at);
    let (nested, call) = match inside {
        true => calls.into_iter().find(|(_, call)| wanted(call))?,
        false => {
            let mut others = calls.into_iter().filter(|(_, call)| !is_of_super(call));
            let only = others.next()?;
            others.next().is_none().then_some(only)?
        }
    };
    let deferred = page.slice(&*call.func).ends_with("on_commit");
    (!deferred && !nested.may_be_caught(page, "atomic")).then_some(call)
}

/// The call that is all a statement does.
fn call_of(stmt: &Stmt) -> Option<&ExprCall> {
    match stmt {
        Stmt::Expr(stmt) => match &*stmt.value {
            Expr::Call(call) => Some(call),
            _ => None,
        },
        _ => None,
    }
}

/// `super().method(...)`
fn is_of_super(call: &ExprCall) -> bool {
    let Expr::Attribute(attribute) = &*call.func else { return false };
    match &*attribute.value {
        Expr::Call(inner) => {
            matches!(&*inner.func, Expr::Name(name) if name.id.as_str() == "super")
        }
        _ => false,
    }
}
