//! Mends a program: plans fixes, looks at the program with them, and keeps those that help.
//!
//! A fix helps where its finding is gone and no other has come. What is looked at stays in memory; files
//! are written at the end.

mod pursue;
mod state;
mod store;

pub use state::State;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::config::Selector;
use crate::fix::{self, Applicability, FileChange, Fix, Planner};
use crate::frameworks::Frameworks;
use crate::project::Project;
use crate::rules::{Finding, Remedy};
use crate::scan;
use state::Subject;

/// Looks for fixes that help.
pub struct Mender<'a> {
    project: &'a Project,
    frameworks: &'a Frameworks,
    line_length: usize,
}

/// What became of a program.
pub struct Mended {
    /// The program with all fixes in it.
    pub state: State,
    /// The files that changed, those that belong together in one list.
    pub changes: Vec<Vec<FileChange>>,
    /// How many findings are mended.
    pub fixed: usize,
    /// How many places were made for code that somebody has to write.
    pub stubs: usize,
    /// How many more could be by fixes that are not safe.
    pub held_back: usize,
}

impl<'a> Mender<'a> {
    /// Looks for fixes in a project.
    pub fn new(project: &'a Project, frameworks: &'a Frameworks) -> Mender<'a> {
        Mender { project, frameworks, line_length: fix::line_length(project.root()) }
    }

    /// The first plan for each finding, in their order, without a look at whether it helps.
    pub fn sketches(&self, state: &State) -> Vec<Option<Fix>> {
        let planner = self.planner(state);
        let plan = |finding: &Finding| {
            let may = self.may_fix(finding);
            let finding = || with_companions(finding, state.findings());
            let first = may.then(|| planner.plan(&finding())).into_iter().flatten().next();
            first.or_else(|| planner.stub(&finding()).filter(|_| may))
        };
        state.findings().iter().map(plan).collect()
    }

    /// A fix for each finding, in their order, where one helps by itself.
    pub fn offers(&self, state: &State) -> Vec<Option<Fix>> {
        let mut offers: Vec<Option<Fix>> = vec![None; state.findings().len()];
        self.try_all(state, self.plans(state, &|_| true), &mut offers);
        let mut stubs = self.stubs(state);
        stubs.retain(|plan| offers[plan.finding].is_none());
        self.try_all(state, stubs, &mut offers);
        offers
    }

    /// Makes every fix that helps, one finding after the other.
    pub fn mend(&self, mut state: State, unsafe_fixes: bool) -> Mended {
        let is_wanted = |fix: &Fix| unsafe_fixes || fix.applicability == Applicability::Safe;
        let mut refused: Vec<Subject> = Vec::new();
        let mut made: Vec<Fix> = Vec::new();
        let mut seen = 0;
        let mut placed: Vec<Subject> = Vec::new();
        loop {
            let mut open = self.plans(&state, &is_wanted);
            open.retain(|plan| !refused.contains(&plan.subject));
            let (chosen, _) = disjoint(open);
            // Places for code are made where there is nothing else to do, once for each finding.
            if chosen.is_empty() && unsafe_fixes {
                let mut stubs = self.stubs(&state);
                stubs.retain(|plan| !placed.contains(&plan.subject));
                let (stubs, _) = disjoint(stubs);
                if !stubs.is_empty() {
                    placed.extend(stubs.iter().map(|plan| plan.subject.clone()));
                    self.make(&mut state, stubs, &mut made, &mut refused);
                    continue;
                }
            }
            if !chosen.is_empty() {
                self.make(&mut state, chosen, &mut made, &mut refused);
                continue;
            }
            // What did not help may help in the program as it is by now.
            let helped = made.iter().filter(|fix| !fix.is_stub).count();
            if helped == seen || refused.is_empty() {
                break;
            }
            seen = helped;
            refused.clear();
        }
        let stubs = made.iter().filter(|fix| fix.is_stub).count();
        let fixed = made.len() - stubs;
        let held_back = match unsafe_fixes {
            true => 0,
            false => self.plans(&state, &|fix| !is_wanted(fix)).len(),
        };
        let changes = together(made, &state);
        Mended { state, changes, fixed, stubs, held_back }
    }

    /// Makes the fixes that help; all at once where that works.
    fn make(
        &self,
        state: &mut State,
        mut plans: Vec<Plan>,
        made: &mut Vec<Fix>,
        refused: &mut Vec<Subject>,
    ) {
        if let [plan] = plans.as_slice() {
            match self.pursue(state, plan) {
                Some((mended, fix)) => {
                    made.push(fix);
                    *state = mended;
                }
                None => refused.push(plan.subject.clone()),
            }
            return;
        }
        let first: Vec<&Fix> = plans.iter().filter_map(|plan| plan.fixes.first()).collect();
        if let Some(mended) = self.with(state, &first, &plans) {
            made.extend(first.into_iter().cloned());
            *state = mended;
            return;
        }
        let second = plans.split_off(plans.len() / 2);
        self.make(state, plans, made, refused);
        self.make(state, second, made, refused);
    }

    /// Finds out which fixes help, those together that touch different places.
    fn try_all(&self, state: &State, mut open: Vec<Plan>, offers: &mut [Option<Fix>]) {
        while !open.is_empty() {
            let (chosen, rest) = disjoint(open);
            open = rest;
            self.try_apart(state, chosen, offers);
        }
    }

    /// Finds out which fixes help, each by itself; all at once where that works.
    fn try_apart(&self, state: &State, mut plans: Vec<Plan>, offers: &mut [Option<Fix>]) {
        if let [plan] = plans.as_slice() {
            offers[plan.finding] = self.pursue(state, plan).map(|(_, fix)| fix);
            return;
        }
        let first: Vec<&Fix> = plans.iter().filter_map(|plan| plan.fixes.first()).collect();
        if self.with(state, &first, &plans).is_some() {
            for plan in plans {
                offers[plan.finding] = plan.fixes.into_iter().next();
            }
        } else {
            let second = plans.split_off(plans.len() / 2);
            self.try_apart(state, plans, offers);
            self.try_apart(state, second, offers);
        }
    }

    /// The program with some fixes in it, where they help against the findings of `plans` and do not harm.
    fn with(&self, state: &State, fixes: &[&Fix], plans: &[Plan]) -> Option<State> {
        let mended = self.changed(state, fixes);
        let is_stub = |plan: &&Plan| plan.fixes.iter().any(|fix| fix.is_stub);
        let gone = plans.iter().filter(|plan| !is_stub(plan));
        let subjects: Vec<&Subject> = gone.map(|plan| &plan.subject).collect();
        // Nobody is to believe that a stub helps.
        let mut stubs = plans.iter().filter(is_stub);
        let stays = stubs.all(|plan| !mended.lacks(state, &plan.subject));
        (stays && mended.is_better_than(state, &subjects)).then_some(mended)
    }

    /// The program with some fixes in it.
    fn changed(&self, state: &State, fixes: &[&Fix]) -> State {
        let mut sources = state.analysis.sources.clone();
        for file in fixes.iter().flat_map(|fix| &fix.files) {
            let folder = self.project.working_directory();
            scan::replace(&mut sources, &file.path, file.new.clone(), folder);
        }
        State::of(self.project, self.frameworks, sources, Some(state), true, true)
    }

    /// The findings that can be mended, with the fixes to choose from.
    fn plans(&self, state: &State, is_wanted: &dyn Fn(&Fix) -> bool) -> Vec<Plan> {
        let planner = self.planner(state);
        let findings = state.findings().iter().enumerate();
        findings
            .filter(|(_, finding)| self.may_fix(finding))
            .filter_map(|(at, finding)| {
                let mut fixes = planner.plan(&with_companions(finding, state.findings()));
                fixes.retain(is_wanted);
                let subject = state.subject(finding);
                let message = finding.message.clone();
                (!fixes.is_empty()).then_some(Plan { finding: at, subject, message, fixes })
            })
            .collect()
    }

    /// The findings that nothing is known to help against, with the stubs to choose from.
    fn stubs(&self, state: &State) -> Vec<Plan> {
        let planner = self.planner(state);
        let findings = state.findings().iter().enumerate();
        findings
            .filter(|(_, finding)| self.may_fix(finding))
            .filter(|(_, finding)| planner.plan(finding).is_empty())
            .filter_map(|(at, finding)| {
                let fixes = vec![planner.stub(finding)?];
                let (subject, message) = (state.subject(finding), finding.message.clone());
                Some(Plan { finding: at, subject, message, fixes })
            })
            .collect()
    }

    fn may_fix(&self, finding: &Finding) -> bool {
        let selected = |selectors: &Vec<Selector>| {
            selectors.iter().any(|selector| selector.matches(finding.rule))
        };
        (!finding.remedies.is_empty() || finding.stub.is_some())
            && self.project.config.fix.as_ref().is_none_or(selected)
    }

    fn planner<'s>(&'s self, state: &'s State) -> Planner<'s> {
        Planner {
            sources: &state.analysis.sources,
            graph: &state.analysis.graph,
            frameworks: self.frameworks,
            code: self.frameworks.code(),
            rust: &self.frameworks.rust,
            line_length: self.line_length,
            receivers_module: &self.project.config.receivers_module,
            working_directory: self.project.working_directory(),
        }
    }
}

/// A finding with the remedies of others that are to be made with its own.
fn with_companions(finding: &Finding, all: &[Finding]) -> Finding {
    let mut whole = finding.clone();
    if !finding.remedies.iter().any(Remedy::brings_to_life) {
        return whole;
    }
    let is_like_it = |other: &&Finding| {
        other.rule.code == finding.rule.code && other.location.file == finding.location.file
    };
    for remedy in all.iter().filter(is_like_it).flat_map(|other| &other.remedies) {
        if remedy.brings_to_life() && !whole.remedies.contains(remedy) {
            whole.remedies.push(remedy.clone());
        }
    }
    whole
}

/// A finding that can be mended.
struct Plan {
    /// Its place among those of the state.
    finding: usize,
    subject: Subject,
    /// What it says.
    message: String,
    /// Never empty.
    fixes: Vec<Fix>,
}

/// The first plans of which no two change the same file, and the others.
fn disjoint(plans: Vec<Plan>) -> (Vec<Plan>, Vec<Plan>) {
    let (mut chosen, mut rest): (Vec<Plan>, Vec<Plan>) = (Vec::new(), Vec::new());
    for plan in plans {
        let meets = chosen.iter().any(|other| {
            plan.subject == other.subject
                || plan.fixes.iter().any(|fix| other.fixes.iter().any(|it| it.meets(fix)))
        });
        if meets { rest.push(plan) } else { chosen.push(plan) }
    }
    (chosen, rest)
}

/// The files that fixes changed, from their first text to their last; those that one fix changes together
/// in one list.
fn together(made: Vec<Fix>, state: &State) -> Vec<Vec<FileChange>> {
    let mut first: BTreeMap<PathBuf, FileChange> = BTreeMap::new();
    let mut groups: Vec<Vec<PathBuf>> = Vec::new();
    for fix in made {
        let mut group: Vec<PathBuf> = fix.files.iter().map(|file| file.path.clone()).collect();
        let meets = |known: &Vec<PathBuf>| known.iter().any(|path| group.contains(path));
        let (met, others): (Vec<_>, Vec<_>) = groups.into_iter().partition(meets);
        group.extend(met.into_iter().flatten());
        group.sort();
        group.dedup();
        groups = others;
        groups.push(group);
        for file in fix.files {
            first.entry(file.path.clone()).or_insert(file);
        }
    }
    groups.sort();
    let last: BTreeMap<&PathBuf, &Arc<str>> = state
        .analysis
        .sources
        .files
        .iter()
        .filter_map(|file| Some((&file.path, file.overlay.as_ref()?)))
        .collect();
    let whole = |path: &PathBuf| {
        let change = first.get(path)?.clone();
        Some(FileChange { new: (*last.get(path)?).clone(), ..change })
    };
    groups.iter().map(|group| group.iter().filter_map(whole).collect()).collect()
}
