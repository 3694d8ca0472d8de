//! What a function does beside a write: for the rows of its other writes, for messages, or to look up.

use std::collections::BTreeSet;

use super::effect::{Act, Effect};
use super::entries::Entry;
use super::run::Outcome;
use super::tables::TableId;
use crate::graph::key::{Part, Template};
use crate::source::Location;

/// Calls of a function, beside the one that does a write, that write rows which feed the same entry: what they
/// drop, they drop for those.
pub struct OtherWrites<'o> {
    outcome: &'o Outcome,
    /// The call that does the write.
    call: Option<Location>,
    others: BTreeSet<Location>,
    /// Whether they may be given the same row.
    by_row: bool,
}

impl Outcome {
    /// Whether an effect stores what a call has looked up in vain: what is there stays.
    pub(super) fn looks_up(&self, entry: &Entry, effect: &Effect) -> bool {
        let reads =
            |it: &&Effect| matches!(&it.act, Act::Read(store, _) if entry.store.may_be(store));
        matches!(effect.act, Act::Fill(_))
            && effect.called_at.is_some()
            && self.effects.iter().filter(reads).any(|it| it.called_at == effect.called_at)
    }

    /// Which effects are done for messages that are waited for, by where they stand.
    pub(super) fn done_for_messages(&self) -> BTreeSet<usize> {
        let mut is_waiting = false;
        let waited = self.effects.iter().enumerate().filter(|(_, effect)| {
            match effect.act {
                Act::Receive(_) if !effect.is_delivered => is_waiting = true,
                Act::Received => is_waiting = false,
                _ => return is_waiting,
            }
            false
        });
        waited.map(|(at, _)| at).collect()
    }

    pub(super) fn of_other_writes(&self, entry: &Entry, site: Location) -> OtherWrites<'_> {
        let call = self.effects.iter().find(|effect| effect.site == site);
        let call = call.and_then(|effect| effect.called_at);
        let feeds = |table: TableId| entry.rows.iter().any(|source| source.table == table);
        let writes =
            |effect: &&Effect| matches!(&effect.act, Act::Write(write) if feeds(write.table));
        let others = self.effects.iter().filter(writes).filter_map(|it| it.called_at).collect();
        OtherWrites { outcome: self, call, others, by_row: true }
    }
}

impl<'o> OtherWrites<'o> {
    /// The same, whichever rows they are given.
    pub fn of_any_row(self) -> OtherWrites<'o> {
        OtherWrites { by_row: false, ..self }
    }

    /// Whether an effect is one of these calls', and drops what another row feeds.
    pub fn have(&self, effect: &Effect) -> bool {
        if effect.called_at == self.call
            || !effect.called_at.is_some_and(|at| self.others.contains(&at))
        {
            return false;
        }
        let key = match &effect.act {
            Act::Drop(_, key) => key.as_ref(),
            Act::Patch(patch) => patch.key.as_ref(),
            Act::Fill(fill) => Some(&fill.key),
            _ => return false,
        };
        // Which row a function writes itself is not asked.
        let Some(key) = key.filter(|_| self.call.is_some() || !self.by_row) else {
            return !self.by_row;
        };
        let given = self.call.and_then(|call| self.outcome.given.get(&call));
        let roots: BTreeSet<&str> =
            given.into_iter().flatten().flat_map(|it| roots_of(it)).collect();
        !self.by_row || !roots_of(key).any(|root| roots.contains(root))
    }
}

/// What the parts of a key that are not known are called, without their fields.
fn roots_of(key: &Template) -> impl Iterator<Item = &str> {
    key.parts.iter().filter_map(|part| match part {
        Part::Hole { label, .. } => label.split('.').next(),
        Part::Text(_) | Part::Gone => None,
    })
}
