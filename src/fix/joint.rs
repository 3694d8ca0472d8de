//! Fixes of several findings in one draft, so that one look tells whether they help.

use super::draft::Draft;
use super::edit::FileChange;
use super::{Planner, Way};
use crate::rules::Finding;

/// Fixes that are made together.
pub struct Joint<'p> {
    planner: &'p Planner<'p>,
    draft: Draft<'p>,
}

impl<'p> Joint<'p> {
    /// None yet.
    pub fn new(planner: &'p Planner<'p>) -> Joint<'p> {
        Joint { planner, draft: Draft::new(planner.sources) }
    }

    /// Mends one more finding; `false` where its fix does not go with the others.
    pub fn add(&mut self, finding: &Finding, way: Way) -> bool {
        let mut draft = self.draft.clone();
        let is_made = self.planner.go(&mut draft, finding, way).is_some();
        if is_made {
            self.draft = draft;
        }
        is_made
    }

    /// The files that they change, sorted by path.
    pub fn into_changes(self) -> Vec<FileChange> {
        let planner = self.planner;
        self.draft.into_changes(|path| planner.name_of(path))
    }
}
