//! Drops that come too early: who looks the entry up before the rows are there for all puts the old ones back.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::coverage::{Runs, Side};
use super::effect::{Act, Effect};
use super::entries::Entry;
use super::run::Outcome;
use super::tables::TableId;
use crate::graph::ids::FunctionId;
use crate::source::Location;

impl Runs {
    /// The drops of an entry that come before rows of a table are written, or before the transaction ends in which
    /// they are, with none behind it: the function, the drop, and the side. `columns` are those that feed the entry.
    pub fn early_drops(
        &self,
        entry: &Entry,
        table: TableId,
        columns: Option<&BTreeSet<Arc<str>>>,
    ) -> Vec<(FunctionId, Location, Side)> {
        let mut found: Vec<(FunctionId, Location, Side)> = Vec::new();
        for function in &self.dropping {
            let outcome = &self.by_function[function];
            let effects = &outcome.effects;
            // Whoever begins or ends it inside a call does so for what that call writes.
            let own = |act: Act| move |effect: &Effect| effect.depth == 0 && effect.act == act;
            let Some(commit) = effects.iter().rposition(own(Act::Commit)) else {
                found.extend(self.before_the_write(entry, table, columns, *function, outcome));
                continue;
            };
            let begin = effects[..commit].iter().rposition(own(Act::Begin)).unwrap_or(0);
            let inside = effects.get(begin..commit).unwrap_or_default();
            let written = inside.iter().find_map(|effect| match &effect.act {
                Act::Write(write) if write.table == table => Some(Side::of(write.verb)),
                _ => None,
            });
            let Some(side) = written else { continue };
            let drops = |effect: &&Effect| entry.is_cleared_by(&effect.act);
            if effects[commit..].iter().any(|effect| drops(&effect)) {
                continue;
            }
            // What a function does that it calls is told of that one, where it ends the transaction itself.
            if let Some(drop) = inside.iter().find(drops)
                && !found.iter().any(|(_, site, _)| *site == drop.site)
            {
                found.push(match drop.is_delivered {
                    // Who receives the message cannot know of the transaction.
                    true => (*function, drop.place(), side),
                    false => (drop.function, drop.site, side),
                });
            }
        }
        found
    }

    /// The first drop of an entry in a function that writes rows of a table only behind it, where neither it nor
    /// its callers drop the entry again.
    fn before_the_write(
        &self,
        entry: &Entry,
        table: TableId,
        columns: Option<&BTreeSet<Arc<str>>>,
        function: FunctionId,
        outcome: &Outcome,
    ) -> Option<(FunctionId, Location, Side)> {
        let effects = &outcome.effects;
        let first = effects.iter().position(|effect| effect.writes(table))?;
        let drops = |effect: &Effect| effect.act == Act::Named || entry.is_dropped_by(&effect.act);
        let is_drop = |effect: &Effect| matches!(effect.act, Act::Drop(..)) && drops(effect);
        let at = effects[..first].iter().position(is_drop)?;
        let Act::Write(write) = &effects[first].act else { return None };
        let side = Side::of(write.verb);
        let (drop, written) = (&effects[at], &effects[first]);
        if side == Side::Insert
            // What a function does that it calls is told of that one.
            || drop.called_at.is_some() && drop.called_at == written.called_at
            || drop.is_delivered
            || !side.is_read(write, columns)
            || entry.leaves_out(write)
            // It is stored anew, or dropped again.
            || effects[at + 1..first].iter().any(|effect| matches!(effect.act, Act::Fill(_)) && drops(effect))
            || effects[first..].iter().any(drops)
            || outcome.forks.iter().any(|fork| fork.parts(at, first))
        {
            return None;
        }
        let callers = self.callers.get(&function).map_or(&[][..], Vec::as_slice);
        let is_dropped_behind = |caller: &FunctionId| {
            let effects = self.by_function.get(caller).map_or(&[][..], |it| &it.effects);
            let last = effects.iter().rposition(|effect| effect.site == written.site);
            last.is_some_and(|last| effects[last..].iter().any(drops))
        };
        if callers.iter().any(is_dropped_behind) {
            return None;
        }
        Some((function, drop.place(), side))
    }
}
