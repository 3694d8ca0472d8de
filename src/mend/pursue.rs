//! Looks for a fix that helps against one finding, with what else must be done for it.
//!
//! A receiver that is brought to life may have other faults, which nothing told of as long as it was dead.
//! What a fix brings up is mended with it, or it is not made.

use super::batch::Plan;
use super::state::State;
use super::{Mender, with_companions};
use crate::fix::{Applicability, Fix, Way};
use crate::rules::Finding;

/// How many fixes that bring something up are pursued, and how far.
const PURSUED: usize = 2;
const STEPS: usize = 4;
/// How many ways to mend what they bring up are tried.
const WAYS: usize = 3;

impl Mender<'_> {
    /// The first fix of a plan that helps, and the program with it; else one with further ones.
    pub(super) fn pursue(
        &self,
        before: &State,
        plan: &Plan,
        at_most: Applicability,
    ) -> Option<(State, Fix)> {
        let planner = self.planner(before);
        let fixes: Vec<Fix> = match plan.way {
            Way::Stub => vec![plan.fix.clone()],
            Way::Attempt(_) => planner.plan(&plan.finding).map(|(_, fix)| fix).collect(),
        };
        let mut open: Vec<(State, Fix)> = Vec::new();
        for fix in fixes.into_iter().filter(|fix| fix.applicability <= at_most) {
            let state = self.changed(before, &fix.files);
            if plan.is_as_hoped(before, &state) && state.is_better_than(before, &[]) {
                return Some((state, fix));
            }
            // What is found instead may have the same subject.
            let is_other = || !state.told().iter().any(|finding| says(finding, plan, &state));
            if !fix.is_stub && open.len() < PURSUED && is_other() {
                open.push((state, fix));
            }
        }
        open.into_iter().find_map(|(state, fix)| self.go_on(before, plan, state, fix))
    }

    /// Mends what a fix has brought up, step by step.
    fn go_on(
        &self,
        before: &State,
        plan: &Plan,
        mut state: State,
        mut fix: Fix,
    ) -> Option<(State, Fix)> {
        for _ in 0..STEPS {
            let (next, more) = state
                .told()
                .iter()
                .filter(|finding| {
                    state.is_news(before, finding) || state.subject(finding) == plan.subject
                })
                .find_map(|finding| self.mended_by_one(plan, &state, finding))?;
            (state, fix) = (next, fix.then(&more));
            if state.lacks(before, &plan.subject) && state.is_better_than(before, &[]) {
                return Some((state, fix));
            }
        }
        None
    }

    /// The program without one of the findings, and still without that of the plan.
    fn mended_by_one(&self, plan: &Plan, state: &State, finding: &Finding) -> Option<(State, Fix)> {
        let subject = state.subject(finding);
        let planner = self.planner(state);
        let finding = with_companions(finding, state.told());
        planner.plan(&finding).take(WAYS).find_map(|(_, fix)| {
            let next = self.changed(state, &fix.files);
            let is_back = next.told().iter().any(|finding| says(finding, plan, &next));
            (next.lacks(state, &subject) && !is_back).then_some((next, fix))
        })
    }
}

/// Whether a finding is that of a plan.
fn says(finding: &Finding, plan: &Plan, state: &State) -> bool {
    finding.message == plan.finding.message && state.subject(finding) == plan.subject
}
