//! Deletes in sight that take cached rows with them, where no hook of these drops the entry.

use super::{CellState, Coverage, Gap, OpenWrite};
use crate::graph::effect::Goal;
use crate::graph::feeds::{Feed, FeedKind};
use crate::graph::ids::ClassId;
use crate::graph::interp::Interp;
use crate::graph::writers::{Outcome, Site, Writers};

impl Coverage {
    /// The models whose deletes are to be looked at: those that take rows of a feed with them, where code
    /// in sight has to drop the entry.
    pub fn targets_by_hand(&self, interp: &mut Interp<'_>, feed: &Feed) -> Vec<ClassId> {
        let own_rows = matches!(feed.kind(), FeedKind::Own | FeedKind::Reverse);
        let by_hooks = matches!(self.delete.state, CellState::Covered { .. });
        match own_rows && (!by_hooks || self.bypassed_override.is_some()) {
            true => interp.cascading_targets(feed.model),
            false => Vec::new(),
        }
    }

    /// The models whose deletes change rows of a feed without a signal: code in sight has to drop the entry.
    pub fn targets_in_silence(&self, interp: &mut Interp<'_>, feed: &Feed) -> Vec<ClassId> {
        if !matches!(feed.kind(), FeedKind::Own | FeedKind::Reverse) {
            return Vec::new();
        }
        let fields = interp.relation_fields(feed.model);
        let mut targets = Vec::new();
        for field in fields.iter() {
            if feed.reads(Some(std::slice::from_ref(field)))
                && interp.changes_silently(feed.model, field)
            {
                targets.extend(interp.relation(feed.model, field).and_then(|it| it.target));
            }
        }
        targets
    }

    /// Judges these deletes: which drop the entry before their transaction ends and, where others drop it,
    /// which forget to.
    pub fn judge_cascades(
        &mut self,
        interp: &mut Interp<'_>,
        writers: &mut Writers,
        feed: &Feed,
        goal: &Goal,
    ) {
        let mut is_meant = matches!(self.delete.state, CellState::ByHand { is_sure: true, .. });
        let mut forgotten: Vec<Site> = Vec::new();
        for target in self.targets_by_hand(interp, feed) {
            for site in writers.of(interp, target) {
                if !site.write.kind.deletes_with_signals() {
                    continue;
                }
                match writers.outcome(interp, &site, goal) {
                    Outcome::ByHand { is_sure: true, .. } => {
                        is_meant = true;
                        if let Some(early) = writers.early_drop(interp, &site, goal) {
                            self.early_by_hand.push((site, early));
                        }
                    }
                    Outcome::Partly { is_sure, .. } => {
                        is_meant |= is_sure;
                        forgotten.push(site);
                    }
                    Outcome::Open => forgotten.push(site),
                    Outcome::ByHand { .. } | Outcome::WhereMade { .. } | Outcome::Hooked => {}
                }
            }
        }
        for target in self.targets_in_silence(interp, feed) {
            for site in writers.of(interp, target) {
                // Those that drop nothing are told of with the relation.
                if site.write.kind.deletes_with_signals()
                    && matches!(
                        writers.outcome(interp, &site, goal),
                        Outcome::ByHand { is_sure: true, .. }
                    )
                    && let Some(early) = writers.early_drop(interp, &site, goal)
                {
                    self.early_by_hand.push((site, early));
                }
            }
        }
        // What goes past an override is told of as such.
        if is_meant && self.bypassed_override.is_none() {
            let open = |site| OpenWrite { site, gap: Gap::Cascade };
            self.open_writes.extend(forgotten.into_iter().map(open));
        }
    }
}
