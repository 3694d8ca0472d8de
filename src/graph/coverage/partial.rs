//! What stays open where the save of a row is covered: columns saved alone, and rows written through
//! classes that share the table.

use super::dead::dead_hooks;
use super::{Cell, CellState, DeadHook};
use crate::facts::ArgKind;
use crate::graph::effect::{Goal, HookRef};
use crate::graph::feeds::Feed;
use crate::graph::hooks::Hooks;
use crate::graph::ids::ClassId;
use crate::graph::interp::{Interp, Scenario};

/// The argument of `save()` and of its signals that tells which columns are saved.
const SAVED_COLUMNS: &str = "update_fields";

/// Whether what a hook does may depend on which columns are saved: its file names the argument that
/// tells them, it hands on all its arguments, or a decorator makes it a hook.
pub(super) fn may_ask_for_columns(interp: &Interp<'_>, hooks: &Hooks, hook: HookRef) -> bool {
    let function = match hook {
        HookRef::Receiver(id) => hooks[id].function(),
        HookRef::Method(function) => Some(function),
        HookRef::Library(_) => return false,
    };
    let Some(function) = function else { return true };
    let facts = interp.program.file(function.file);
    !facts.function(function.ix).decorators.is_empty() && matches!(hook, HookRef::Method(_))
        || facts.names.find(SAVED_COLUMNS).is_some()
        || facts.args.iter().any(|arg| arg.kind == ArgKind::DoubleStar)
}

/// The columns that can be saved alone, by `update_fields`, past the guard of a hook.
pub(super) fn open_columns(interp: &mut Interp<'_>, feed: &Feed, goal: &Goal) -> Vec<String> {
    let mut open = Vec::new();
    for column in interp.columns(feed.model) {
        let name = interp.column_name(feed.model, &column);
        // A single row whose key changes is looked up under the new one, where nothing is stored yet.
        let is_key = !feed.lists_rows && goal.is_keyed_by(feed.model, &name);
        if is_key || !feed.reads(Some(&[name])) {
            continue;
        }
        let effects = interp.follow_write(feed.model, &Scenario::UpdateColumn(column.clone()));
        if goal.reached_in(&effects).is_none() {
            open.push(column.to_string());
        }
    }
    open
}

/// Proxies and multi-table children through which rows are written past the hooks of the model. Rows of a
/// child are there for being written; a proxy may be no more than another way to read.
pub(super) fn open_relatives(
    interp: &mut Interp<'_>,
    hooks: &Hooks,
    goal: &Goal,
    model: ClassId,
    own: [&Cell; 3],
) -> Vec<(ClassId, Vec<DeadHook>)> {
    let mut open = Vec::new();
    let children = interp.table_children(model);
    for relative in interp.proxies_of(model).into_iter().chain(children) {
        let mut dead: Vec<DeadHook> = Vec::new();
        for (scenario, own) in
            [Scenario::Create, Scenario::Update, Scenario::Delete].into_iter().zip(own)
        {
            if !matches!(own.state, CellState::Covered { .. }) {
                continue;
            }
            let effects = interp.follow_write(relative, &scenario);
            if goal.reached_in(&effects).is_some() {
                continue;
            }
            for hook in dead_hooks(interp, hooks, goal, relative, &scenario) {
                if !dead.iter().any(|known| known.hook == hook.hook) {
                    dead.push(hook);
                }
            }
        }
        if !dead.is_empty() && (!interp.is_proxy(relative) || interp.is_written(relative)) {
            open.push((relative, dead));
        }
    }
    open
}
