//! The receivers of a program, found by what may set them off.

use std::ops::{Deref, Index};

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Hook, HookId, Sender};
use crate::graph::ids::{ClassId, FunctionId};
use crate::graph::value::Value;

/// All receivers of a program, in the order in which they are called.
#[derive(Debug, Default)]
pub struct Hooks {
    all: Vec<Hook>,
    /// Those whose sender is a class, or the links of one of its fields.
    of_class: FxHashMap<ClassId, Vec<HookId>>,
    /// Those whose sender is a label, by that in lower case.
    of_label: FxHashMap<String, Vec<HookId>>,
    /// Those that run, whatever the sender.
    of_any: Vec<HookId>,
    /// Those that would, if they ran at all.
    of_any_if_ever: Vec<HookId>,
    by_signal: FxHashMap<Value, Vec<HookId>>,
    functions: FxHashSet<FunctionId>,
}

impl Hooks {
    /// Sorts receivers by what sets them off.
    pub fn of(all: Vec<Hook>) -> Hooks {
        let mut hooks = Hooks::default();
        for (at, hook) in all.iter().enumerate() {
            let id = HookId(at as u32);
            match &hook.sender {
                Sender::Class(class) | Sender::Through(class, _) => {
                    hooks.of_class.entry(*class).or_default().push(id);
                }
                Sender::Label(label) => {
                    hooks.of_label.entry(label.to_lowercase()).or_default().push(id);
                }
                Sender::Any | Sender::Unknown if hook.is_live() => hooks.of_any.push(id),
                Sender::Any | Sender::Unknown => hooks.of_any_if_ever.push(id),
                Sender::Outside => {}
            }
            hooks.by_signal.entry(hook.connection.signal.clone()).or_default().push(id);
            hooks.functions.extend(hook.function());
        }
        Hooks { all, ..hooks }
    }

    /// The receivers with their numbers.
    pub fn numbered(&self) -> impl Iterator<Item = (HookId, &Hook)> {
        self.all.iter().enumerate().map(|(at, hook)| (HookId(at as u32), hook))
    }

    /// Those that a write of rows or links of some classes may call, in their order.
    pub fn called_for(&self, classes: impl IntoIterator<Item = ClassId>) -> Vec<HookId> {
        in_order(self.for_classes(classes).chain(&self.of_any))
    }

    /// Those that may be meant for rows or links of some classes, or for a label, whether or not they run.
    pub fn meant_for(
        &self,
        classes: impl IntoIterator<Item = ClassId>,
        label: Option<&str>,
    ) -> Vec<HookId> {
        let of_label = label.and_then(|label| self.of_label.get(&label.to_lowercase()));
        in_order(
            self.for_classes(classes)
                .chain(of_label.into_iter().flatten())
                .chain(&self.of_any_if_ever),
        )
    }

    /// Those that are connected to a signal, in their order.
    pub fn of_signal(&self, signal: &Value) -> &[HookId] {
        self.by_signal.get(signal).map_or(&[], Vec::as_slice)
    }

    /// Whether a function is a receiver.
    pub fn hold(&self, function: FunctionId) -> bool {
        self.functions.contains(&function)
    }

    fn for_classes(
        &self,
        classes: impl IntoIterator<Item = ClassId>,
    ) -> impl Iterator<Item = &HookId> {
        classes.into_iter().filter_map(|class| self.of_class.get(&class)).flatten()
    }
}

impl Deref for Hooks {
    type Target = [Hook];

    fn deref(&self) -> &[Hook] {
        &self.all
    }
}

impl Index<HookId> for Hooks {
    type Output = Hook;

    fn index(&self, id: HookId) -> &Hook {
        &self.all[id.0 as usize]
    }
}

fn in_order<'i>(ids: impl Iterator<Item = &'i HookId>) -> Vec<HookId> {
    let mut ids: Vec<HookId> = ids.copied().collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
