//! What calls did that were followed, so that each is followed once.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::Subject;
use super::muting::Muting;
use crate::facts::NameId;
use crate::frameworks::Event;
use crate::graph::effect::Effect;
use crate::graph::ids::ClassId;
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

/// What the write that is followed has come to when a call is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Moment {
    /// Where the subject row stands.
    pub(super) subject: Subject,
    /// The writes whose hooks are running.
    pub(super) dispatching: Vec<(ClassId, Event)>,
}

/// What a call returned and did; sites and hooks are relative to the call.
#[derive(Debug)]
pub(super) struct Summary {
    /// What it returned.
    pub(super) value: Value,
    /// What it did.
    pub(super) effects: Vec<Effect>,
    /// Where the subject row stands behind it; `None` where the call does the same at any moment.
    pub(super) subject: Option<Subject>,
    /// The receivers that do not run behind it.
    pub(super) muted: Vec<Muting>,
    /// Those that do not run where it first yields.
    pub(super) yielded: Option<Vec<Muting>>,
}

/// The summaries that are known.
#[derive(Debug, Clone, Default)]
pub(super) struct Summaries {
    known: FxHashMap<Call, Vec<(Moment, Arc<Summary>)>>,
}

impl Summaries {
    /// The summary of a call that is made now.
    pub(super) fn of(&self, call: &Call, is_now: impl Fn(&Moment) -> bool) -> Option<Arc<Summary>> {
        let fits = |(moment, summary): &&(Moment, Arc<Summary>)| {
            summary.subject.is_none() || is_now(moment)
        };
        self.known.get(call)?.iter().find(fits).map(|(_, summary)| summary.clone())
    }

    /// Keeps the summary of a call that was made at a moment.
    pub(super) fn keep(&mut self, call: Call, moment: Moment, summary: Arc<Summary>) {
        self.known.entry(call).or_default().push((moment, summary));
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.known.clear();
    }
}
