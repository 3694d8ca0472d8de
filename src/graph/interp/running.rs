//! The receivers that writes and signals run.

use std::sync::Arc;

use crate::graph::hooks::{Hook, HookId, Hooks};
use crate::graph::ids::ClassId;
use crate::graph::value::Value;

/// A receiver that does not run, as it would be if it did.
#[derive(Debug, Clone)]
pub struct Revived {
    /// Which.
    pub id: HookId,
    /// What it would be.
    pub hook: Arc<Hook>,
}

/// The receivers that run; copied for little.
#[derive(Debug, Clone, Default)]
pub(super) struct Running {
    hooks: Arc<Hooks>,
    revived: Option<Revived>,
}

impl Running {
    /// Those of all that run.
    pub(super) fn of(hooks: Arc<Hooks>) -> Running {
        Running { hooks, revived: None }
    }

    /// The same, and one more.
    pub(super) fn with(&self, revived: Revived) -> Running {
        Running { hooks: self.hooks.clone(), revived: Some(revived) }
    }

    /// Those that a write of rows or links of some classes may run, in their order.
    pub(super) fn called_for(
        &self,
        classes: impl IntoIterator<Item = ClassId>,
    ) -> impl Iterator<Item = (HookId, &Hook)> {
        let mut ids = self.hooks.called_for(classes);
        if let Some(revived) = &self.revived
            && let Err(at) = ids.binary_search(&revived.id)
        {
            ids.insert(at, revived.id);
        }
        ids.into_iter().filter_map(|id| self.get(id))
    }

    /// Those that are connected to a signal, in their order.
    pub(super) fn of_signal(&self, signal: &Value) -> impl Iterator<Item = (HookId, &Hook)> {
        self.hooks.of_signal(signal).iter().filter_map(|id| self.get(*id))
    }

    fn get(&self, id: HookId) -> Option<(HookId, &Hook)> {
        let hook = match &self.revived {
            Some(revived) if revived.id == id => &*revived.hook,
            _ => &self.hooks[id],
        };
        hook.is_live().then_some((id, hook))
    }
}
