//! What calls did that were followed, so that each is followed once.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::contexts::Yield;
use super::moment::{Asked, Moment, Subject};
use super::muting::Muting;
use crate::facts::NameId;
use crate::graph::effect::Effect;
use crate::graph::hooks::{HookId, Sender};
use crate::graph::shared::Shared;
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
    /// Where it first yields.
    pub(super) yielded: Option<Yield>,
    /// What it left of the instance whose method it is, where that is another one now.
    pub(super) left_behind: Option<Value>,
}

/// How many effects are kept at the most from one entry to the next: some 30 MB.
const MAX_KEPT: usize = 400_000;
/// How many are kept at the most while one entry is looked at.
const MAX_KEPT_OF_ONE: usize = 2 * MAX_KEPT;

/// A call with no more effects than this did little: it costs little to keep.
const FEW: usize = 8;

/// The summaries that are known.
#[derive(Debug, Clone, Default)]
pub(super) struct Summaries {
    /// How many effects they list.
    effects: usize,
    known: FxHashMap<Shared<Call>, Vec<Arc<Summary>>>,
}

impl Summaries {
    /// The summary of a call that is made at a moment.
    pub(super) fn of(&self, call: &Shared<Call>, moment: &Moment) -> Option<Arc<Summary>> {
        self.known.get(call)?.iter().find(|summary| moment.answers(&summary.asked)).cloned()
    }

    /// Keeps the summary of a call, and of those that did a lot no others where they list too much.
    pub(super) fn keep(&mut self, call: Shared<Call>, summary: Arc<Summary>) {
        self.bound(MAX_KEPT_OF_ONE);
        self.effects += summary.effects.len();
        self.known.entry(call).or_default().push(summary);
    }

    /// Forgets those that did a lot where all list too much.
    pub(super) fn thin_out(&mut self) {
        self.bound(MAX_KEPT);
    }

    fn bound(&mut self, most: usize) {
        if self.effects <= most {
            return;
        }
        self.known.retain(|_, summaries| {
            summaries.retain(|summary| summary.effects.len() <= FEW);
            !summaries.is_empty()
        });
        self.effects = self.known.values().flatten().map(|summary| summary.effects.len()).sum();
        if self.effects > most / 2 {
            self.clear();
        }
    }

    /// How much there is to keep.
    fn weight(&self) -> usize {
        self.effects + self.known.len()
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.effects = 0;
        self.known.clear();
    }
}

/// Which receivers run in runs that suppose other ones than the program connects.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum View {
    /// Nothing mutes them.
    Unmuted,
    /// One more runs, for these senders.
    Revived(HookId, Sender),
}

/// The summaries of runs in which other receivers run, by view.
#[derive(Debug, Clone, Default)]
pub(super) struct Elsewhere {
    weight: usize,
    known: FxHashMap<View, Summaries>,
}

impl Elsewhere {
    /// What is known in a view, to be given back.
    pub(super) fn take(&mut self, view: &View) -> Summaries {
        let summaries = self.known.remove(view).unwrap_or_default();
        self.weight -= summaries.weight();
        summaries
    }

    /// Gives back what is known in a view; forgets the others where all is a lot.
    pub(super) fn keep(&mut self, view: View, mut summaries: Summaries) {
        summaries.thin_out();
        if self.weight + summaries.weight() > MAX_KEPT {
            *self = Elsewhere::default();
        }
        self.weight += summaries.weight();
        self.known.insert(view, summaries);
    }
}
