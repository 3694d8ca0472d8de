//! Fixes of Rust code: what the program does in one place, done in another one.

mod behind;
mod format;
mod hook;
mod moves;
mod page;
mod paths;
mod receivers;

use super::draft::Draft;
use super::{Planner, Step};
use crate::graph::Example;
use crate::rules::Remedy;
use crate::source::Location;

impl Planner<'_> {
    /// Does a remedy for Rust code by itself, in the `attempt`th way.
    pub(super) fn rust_step(
        &self,
        draft: &mut Draft<'_>,
        remedy: &Remedy,
        attempt: usize,
    ) -> Option<Step> {
        match remedy {
            Remedy::AddHook { block, event, examples } => {
                self.add_hook(draft, block, *event, examples.get(attempt)?)
            }
            Remedy::ExtendReceiver { event, examples } => {
                self.extend_receiver(draft, *event, examples.get(attempt)?)
            }
            Remedy::AddRowReceiver { manager } => self.add_row_receiver(draft, manager, attempt),
            _ => None,
        }
    }

    /// Drops entries behind all writes of a finding that are to be followed by a drop.
    pub(super) fn rust_drops(
        &self,
        draft: &mut Draft<'_>,
        remedies: &[Remedy],
        attempt: usize,
    ) -> Option<Option<Step>> {
        let writes = remedies.iter().filter_map(|remedy| match remedy {
            Remedy::DropLike { write, examples } => Some((*write, examples.as_slice())),
            _ => None,
        });
        let writes: Vec<(Location, &[Example])> = writes.collect();
        match writes.is_empty() {
            true => Some(None),
            false => self.drop_like(draft, &writes, attempt).map(Some),
        }
    }
}
