//! Plans whose fixes are looked at together.
//!
//! One look tells of all whether they help, where they do not depend on each other. Of one file only
//! fixes about different entries, or other models, are taken: two may help together, and neither alone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::state::{State, Subject};
use crate::fix::{FileChange, Fix, Joint, Planner, Way};
use crate::rules::{Finding, Remedy};

/// A finding that can be mended.
pub struct Plan {
    /// Its place among those of the state.
    pub at: usize,
    /// The finding, with the remedies of others that are to be made with its own.
    pub finding: Finding,
    pub subject: Subject,
    pub way: Way,
    /// The best fix.
    pub fix: Fix,
}

impl Plan {
    fn changes_no_code(&self) -> bool {
        let mut remedies = self.finding.remedies.iter();
        self.way != Way::Stub
            && remedies.all(|remedy| matches!(remedy, Remedy::RemoveComment { .. }))
    }

    /// Whether a fix did for its finding what it is there for: nobody is to believe that a stub helps.
    pub fn is_as_hoped(&self, before: &State, after: &State) -> bool {
        after.lacks(before, &self.subject) != self.fix.is_stub
    }
}

/// Plans with what all their fixes change together.
pub struct Batch {
    pub plans: Vec<Plan>,
    pub changes: Vec<FileChange>,
}

impl Batch {
    /// The first plans whose fixes go together, and the others.
    pub fn choose(planner: &Planner<'_>, plans: Vec<Plan>) -> (Batch, Vec<Plan>) {
        let mut joint = Joint::new(planner);
        let (mut chosen, mut rest): (Vec<Plan>, Vec<Plan>) = (Vec::new(), Vec::new());
        let mut subjects: BTreeSet<Subject> = BTreeSet::new();
        let mut about: BTreeMap<PathBuf, BTreeSet<(String, String)>> = BTreeMap::new();
        for plan in plans {
            let model = plan.finding.model.as_deref().unwrap_or_default();
            let of_model = |entry: &str| (entry.to_owned(), model.to_owned());
            let entries: BTreeSet<(String, String)> =
                plan.finding.entries().map(of_model).collect();
            let is_met = |file: &FileChange| {
                let known = about.get(&file.path);
                known.is_some_and(|known| entries.is_empty() || !known.is_disjoint(&entries))
            };
            let meets = subjects.contains(&plan.subject) || plan.fix.files.iter().any(is_met);
            // What changes no code depends on nothing.
            let goes_with_them = plan.changes_no_code() || !meets;
            if !goes_with_them || !joint.add(&plan.finding, plan.way) {
                rest.push(plan);
                continue;
            }
            for file in &plan.fix.files {
                about.entry(file.path.clone()).or_default().extend(entries.iter().cloned());
            }
            subjects.insert(plan.subject.clone());
            chosen.push(plan);
        }
        (Batch { plans: chosen, changes: joint.into_changes() }, rest)
    }

    /// Its plans in two parts, after a look at the program with all its fixes that was not good: those
    /// that did what they are there for, and the others.
    pub fn split(self, before: &State, after: &State) -> [Vec<Plan>; 2] {
        let mut plans = self.plans;
        let (good, bad): (Vec<Plan>, Vec<Plan>) =
            plans.into_iter().partition(|plan| plan.is_as_hoped(before, after));
        match (good.is_empty(), bad.is_empty()) {
            (false, false) => [good, bad],
            (is_bad, _) => {
                plans = if is_bad { bad } else { good };
                let second = plans.split_off(plans.len() / 2);
                [plans, second]
            }
        }
    }
}
