//! Deletes that a receiver refuses: what raises before the row is gone keeps it.

use crate::facts::{Block, FileFacts, StmtKind};
use crate::frameworks::Event;
use crate::graph::hooks::{Hook, Hooks, Sender};
use crate::graph::ids::ClassId;
use crate::graph::interp::Interp;

/// Whether a receiver that runs before rows of a model are deleted lets none of them go. Its signal is sent
/// by instances, querysets and cascades alike.
pub(super) fn refuses_deletes(interp: &Interp<'_>, hooks: &Hooks, model: ClassId) -> bool {
    let program = interp.program;
    let surely_raises = |hook: &Hook| {
        hook.function().is_some_and(|function| {
            let facts = program.file(function.file);
            always_raises(facts, facts.function(function.ix).body)
        })
    };
    hooks.called_for([model]).into_iter().map(|id| &hooks[id]).any(|hook| {
        hook.event == Event::Delete
            && hook.is_before_write
            && hook.is_live()
            && hook.sender == Sender::Class(model)
            && surely_raises(hook)
    })
}

/// Whether a body comes to nothing but a `raise`: no condition, loop or `try` is in its way.
fn always_raises(facts: &FileFacts, body: Block) -> bool {
    for stmt in facts.block(body) {
        match facts.stmt(*stmt).kind {
            StmtKind::Raise(_) => return true,
            StmtKind::Expr(_)
            | StmtKind::Assign { .. }
            | StmtKind::Import { .. }
            | StmtKind::ImportFrom { .. } => {}
            _ => return false,
        }
    }
    false
}
