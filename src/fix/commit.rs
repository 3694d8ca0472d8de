//! Makes a drop wait for the end of the transaction.

use std::collections::{BTreeMap, BTreeSet};

use ruff_python_ast::{Expr, ExprCall, Stmt};
use ruff_text_size::Ranged;

use super::draft::Draft;
use super::imports::Imports;
use super::page::{Change, Page};
use super::pages::Pages;
use super::wrap::wrap;
use super::{Applicability, Planner, Step};
use crate::rules::EarlyDrops;
use crate::source::{FileId, Location};

/// Which of the calls on the way to a drop is put off: of those that can be, this one, or the last.
pub type Depth = usize;

impl Planner<'_> {
    /// Puts calls that drop into callbacks for the commit: of those on the way to a drop one that is a
    /// statement of its own. `None` where one of the drops cannot be put off, or where `any` is asked for and
    /// none can.
    pub(super) fn defer(
        &self,
        draft: &mut Draft<'_>,
        drops: &[&EarlyDrops],
        depth: Depth,
        any: bool,
    ) -> Option<Step> {
        let calls = self.calls_to_defer(draft, drops, depth, any)?;
        let mut files: Vec<FileId> = calls.iter().map(|call| call.file).collect();
        files.sort_unstable();
        files.dedup();
        for file in files.iter().copied() {
            let text = draft.original(file)?;
            let page = self.pages.of(file, &text)?;
            let mut imports = Imports::of(&page, &self.graph.layout, file, self.line_length);
            let of_file = calls.iter().filter(|call| call.file == file);
            let mut changes = self.deferred(&page, &mut imports, of_file)?;
            changes.extend(imports.changes()?);
            draft.change_original(file, changes)?;
        }
        let message = "drops the entry when the transaction is committed".to_owned();
        (!files.is_empty()).then_some(Step { applicability: Applicability::Unsafe, message })
    }

    /// The calls that are put off for some drops.
    pub(super) fn calls_to_defer(
        &self,
        draft: &Draft<'_>,
        drops: &[&EarlyDrops],
        depth: Depth,
        any: bool,
    ) -> Option<Vec<Location>> {
        let ways = || drops.iter().flat_map(|drops| &drops.ways).flatten();
        let possible = deferrable_calls(&self.pages, draft, ways().copied());
        let mut found: Vec<Location> = Vec::new();
        for drops in drops {
            for way in &drops.ways {
                // Next to the hook rather than in what it has in common with other code.
                let (near, far): (Vec<Location>, Vec<Location>) =
                    way.iter().partition(|call| call.file == drops.hook.file);
                let calls = near.into_iter().chain(far);
                let calls: Vec<Location> = calls.filter(|call| possible.contains(call)).collect();
                match calls.get(depth).or(calls.last()) {
                    Some(call) if found.contains(call) => {}
                    Some(call) => found.push(*call),
                    None if any => {}
                    None => return None,
                }
            }
        }
        Some(found)
    }

    /// The changes that put off calls of a file, without those of its imports.
    pub(super) fn deferred<'c>(
        &self,
        page: &Page<'_>,
        imports: &mut Imports<'_>,
        calls: impl IntoIterator<Item = &'c Location>,
    ) -> Option<Vec<Change>> {
        let code = self.code?;
        let mut changes: Vec<Change> = Vec::new();
        for call in calls {
            let call = deferrable(page, *call)?;
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

/// Those of some calls that can be put off; each file is read once.
fn deferrable_calls(
    pages: &Pages,
    draft: &Draft<'_>,
    calls: impl Iterator<Item = Location>,
) -> BTreeSet<Location> {
    let mut by_file: BTreeMap<FileId, Vec<Location>> = BTreeMap::new();
    for call in calls {
        by_file.entry(call.file).or_default().push(call);
    }
    let mut found = BTreeSet::new();
    for (file, calls) in by_file {
        let text = draft.original(file);
        let Some(page) = text.as_deref().and_then(|text| pages.of(file, text)) else { continue };
        found.extend(calls.into_iter().filter(|call| deferrable(&page, *call).is_some()));
    }
    found
}

/// The call at a place, where it is a statement of a function and can as well be made later.
fn deferrable<'p>(page: &'p Page<'_>, place: Location) -> Option<&'p ExprCall> {
    let nested = page.statement_at(place.span.start as usize)?;
    let call = call_of(nested.stmt)?;
    let range = call.range();
    let is_it =
        range.start().to_u32() <= place.span.start && place.span.end <= range.end().to_u32();
    let is_sync = nested.function().is_some_and(|function| !function.is_async);
    let is_deferred = page.slice(&*call.func).ends_with("on_commit");
    // What hands on all it is given hands on rows, which a delete leaves without their keys.
    let is_plain = !call.arguments.args.iter().any(Expr::is_starred_expr);
    let can_be = is_it && is_sync && is_plain && !is_deferred && !is_of_super(call);
    (can_be && !nested.may_be_caught(page, "atomic")).then_some(call)
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
