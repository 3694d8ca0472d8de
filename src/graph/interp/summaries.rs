//! What calls did that were followed, so that each is followed once.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::moment::{Asked, Moment, Subject};
use super::muting::Muting;
use crate::facts::NameId;
use crate::graph::effect::Effect;
use crate::graph::value::{Closure, Value};

/// A call with all that it can see of its caller, but for the moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Call {
    /// What is called.
    pub(super) closure: Arc<Closure>,
    /// Its parameters, sorted by name.
    pub(super) locals: Vec<(NameId, Value)>,
    /// The receivers that do not run.
    pub(super) muted: Vec<Muting>,
    /// Whether what it returns is wanted.
    pub(super) is_wanted: bool,
}

/// What a call returned and did; sites and hooks are relative to the call.
#[derive(Debug)]
pub(super) struct Summary {
    /// What it returned.
    pub(super) value: Value,
    /// What it did.
    pub(super) effects: Vec<Effect>,
    /// What it asked of the moment.
    pub(super) asked: Asked,
    /// Where the subject row stands behind it; `None` where it does not ask and leaves it there.
    pub(super) subject: Option<Subject>,
    /// The receivers that do not run behind it.
    pub(super) muted: Vec<Muting>,
    /// Those that do not run where it first yields.
    pub(super) yielded: Option<Vec<Muting>>,
    /// What it left of the instance whose method it is, where that is another one now.
    pub(super) left_behind: Option<Value>,
}

/// How many effects are kept at the most from one entry to the next: some 50 MB.
const MAX_KEPT: usize = 100_000;
/// How many are kept at the most while one entry is looked at.
const MAX_KEPT_OF_ONE: usize = 4 * MAX_KEPT;

/// The summaries that are known.
#[derive(Debug, Clone, Default)]
pub(super) struct Summaries {
    /// How many effects they list.
    effects: usize,
    known: FxHashMap<Call, Vec<Arc<Summary>>>,
}

impl Summaries {
    /// The summary of a call that is made at a moment.
    pub(super) fn of(&self, call: &Call, moment: &Moment) -> Option<Arc<Summary>> {
        self.known.get(call)?.iter().find(|summary| moment.answers(&summary.asked)).cloned()
    }

    /// Keeps the summary of a call, and of no others where those are a lot.
    pub(super) fn keep(&mut self, call: Call, summary: Arc<Summary>) {
        if self.effects > MAX_KEPT_OF_ONE {
            self.clear();
        }
        self.effects += summary.effects.len();
        self.known.entry(call).or_default().push(summary);
    }

    /// Forgets all where that is a lot.
    pub(super) fn thin_out(&mut self) {
        if self.effects > MAX_KEPT {
            self.clear();
        }
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.effects = 0;
        self.known.clear();
    }
}
