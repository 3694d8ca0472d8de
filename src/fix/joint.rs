//! Fixes of several findings in one draft, so that one look tells whether they help.

use super::draft::{Changes, Draft};
use super::edit::FileChange;
use super::{Planner, Way};
use crate::rules::Finding;

/// Fixes that are made together.
pub struct Joint<'p> {
    planner: &'p Planner<'p>,
    changes: Changes,
}

impl<'p> Joint<'p> {
    /// None yet.
    pub fn new(planner: &'p Planner<'p>) -> Joint<'p> {
        Joint { planner, changes: Changes::default() }
    }

    /// Mends one more finding; `false` where its fix does not go with the others.
    pub fn add(&mut self, finding: &Finding, way: Way) -> bool {
        let mut draft = Draft::over(self.planner.sources, &self.changes);
        let is_made = self.planner.go(&mut draft, finding, way).is_some();
        if is_made {
            let own = draft.into_own();
            self.changes.absorb(own);
        }
        is_made
    }

    /// The files that they change, sorted by path.
    pub fn into_changes(self) -> Vec<FileChange> {
        let planner = self.planner;
        Draft::with(planner.sources, self.changes).into_changes(|path| planner.name_of(path))
    }
}
