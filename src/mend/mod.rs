//! Mends a program: plans fixes, looks at the program with them, and keeps those that help.
//!
//! A fix helps where its finding is gone and no other has come. What is looked at stays in memory; files
//! are written at the end.

mod batch;
mod pursue;
mod state;
mod store;

pub use state::State;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::Selector;
use crate::fix::{self, Applicability, FileChange, Fix, Pages, Planner, Way};
use crate::frameworks::Frameworks;
use crate::project::Project;
use crate::rules::{Finding, Remedy};
use crate::scan;
use crate::source::Span;
use batch::{Batch, Plan};
use state::Subject;

/// Looks for fixes that help.
pub struct Mender<'a> {
    project: &'a Project,
    frameworks: &'a Frameworks,
    line_length: usize,
    /// The only place whose findings are mended.
    place: Option<(&'a Path, Span)>,
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
        let line_length = fix::line_length(project.root());
        Mender { project, frameworks, line_length, place: None }
    }

    /// Leaves all findings alone but for those that begin in a part of a file.
    #[must_use]
    pub fn within(self, path: &'a Path, span: Span) -> Mender<'a> {
        Mender { place: Some((path, span)), ..self }
    }

    /// The first plan for each finding, in their order, without a look at whether it helps.
    pub fn sketches(&self, state: &State) -> Vec<Option<Fix>> {
        let planner = self.planner(state);
        let plan = |finding: &Finding| {
            if !self.may_fix(state, finding) {
                return None;
            }
            let finding = with_companions(finding, state.findings());
            let first = planner.plan(&finding).next().map(|(_, fix)| fix);
            first.or_else(|| planner.stub(&finding))
        };
        state.findings().iter().map(plan).collect()
    }

    /// A fix for each finding, in their order, where one helps by itself.
    pub fn offers(&self, state: &State) -> Vec<Option<Fix>> {
        let mut offers: Vec<Option<Fix>> = vec![None; state.findings().len()];
        self.try_all(state, self.plans(state, Applicability::Unsafe), &mut offers);
        let mut stubs = self.stubs(state);
        stubs.retain(|plan| offers[plan.at].is_none());
        self.try_all(state, stubs, &mut offers);
        offers
    }

    /// Makes every fix that helps, one finding after the other.
    pub fn mend(&self, mut state: State, unsafe_fixes: bool) -> Mended {
        let at_most = if unsafe_fixes { Applicability::Unsafe } else { Applicability::Safe };
        let mut refused: Vec<Subject> = Vec::new();
        let mut made: Vec<Fix> = Vec::new();
        let mut seen = 0;
        let mut placed: Vec<Subject> = Vec::new();
        loop {
            let mut open = self.plans(&state, at_most);
            open.retain(|plan| !refused.contains(&plan.subject));
            // Places for code are made where there is nothing else to do, once for each finding.
            if open.is_empty() && unsafe_fixes {
                let mut stubs = self.stubs(&state);
                stubs.retain(|plan| !placed.contains(&plan.subject));
                let (batch, _) = Batch::choose(&self.planner(&state), stubs);
                if !batch.plans.is_empty() {
                    placed.extend(batch.plans.iter().map(|plan| plan.subject.clone()));
                    self.make(&mut state, batch, at_most, &mut made, &mut refused);
                    continue;
                }
            }
            let (batch, _) = Batch::choose(&self.planner(&state), open);
            if !batch.plans.is_empty() {
                self.make(&mut state, batch, at_most, &mut made, &mut refused);
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
        let held_back = if unsafe_fixes { 0 } else { self.held_back(&state) };
        let changes = together(made, &state);
        Mended { state, changes, fixed, stubs, held_back }
    }

    /// Makes the fixes of a batch, all at once where that works, else those of a part of it; whether some
    /// were made. Those that do not help are refused.
    fn make(
        &self,
        state: &mut State,
        batch: Batch,
        at_most: Applicability,
        made: &mut Vec<Fix>,
        refused: &mut Vec<Subject>,
    ) -> bool {
        if let [plan] = batch.plans.as_slice() {
            let pursued = self.pursue(state, plan, at_most);
            let is_made = pursued.is_some();
            match pursued {
                Some((mended, fix)) => {
                    made.push(fix);
                    *state = mended;
                }
                None => refused.push(plan.subject.clone()),
            }
            return is_made;
        }
        let mended = self.changed(state, &batch.changes);
        if is_good(state, &mended, &batch.plans) {
            made.extend(batch.plans.into_iter().map(|plan| plan.fix));
            *state = mended;
            return true;
        }
        let parts = batch.split(state, &mended);
        drop(mended);
        // What is planned does not fit a program that has changed.
        parts.into_iter().any(|plans| {
            let (part, _) = Batch::choose(&self.planner(state), plans);
            self.make(state, part, at_most, made, refused)
        })
    }

    /// Finds out which fixes help, each by itself; several at once where that works.
    fn try_all(&self, state: &State, mut open: Vec<Plan>, offers: &mut [Option<Fix>]) {
        while !open.is_empty() {
            let (batch, rest) = Batch::choose(&self.planner(state), open);
            open = rest;
            if let [plan] = batch.plans.as_slice() {
                let pursued = self.pursue(state, plan, Applicability::Unsafe);
                offers[plan.at] = pursued.map(|(_, fix)| fix);
                continue;
            }
            let mended = self.changed(state, &batch.changes);
            if is_good(state, &mended, &batch.plans) {
                for plan in batch.plans {
                    offers[plan.at] = Some(plan.fix);
                }
                continue;
            }
            let parts = batch.split(state, &mended);
            drop(mended);
            for plans in parts {
                self.try_all(state, plans, offers);
            }
        }
    }

    /// The program with some files changed.
    fn changed(&self, state: &State, changes: &[FileChange]) -> State {
        let mut sources = state.analysis.sources.clone();
        for file in changes {
            let folder = self.project.working_directory();
            scan::replace(&mut sources, &file.path, file.new.clone(), folder);
        }
        State::of(self.project, self.frameworks, sources, Some(state), true, true)
    }

    /// The findings that can be mended, by fixes that are no less safe than this.
    fn plans(&self, state: &State, at_most: Applicability) -> Vec<Plan> {
        let planner = self.planner(state);
        let findings = state.findings().iter().enumerate();
        findings
            .filter(|(_, finding)| self.may_fix(state, finding))
            .filter_map(|(at, finding)| {
                let finding = with_companions(finding, state.findings());
                let mut fixes = planner.plan(&finding);
                let (way, fix) = fixes.find(|(_, fix)| fix.applicability <= at_most)?;
                drop(fixes);
                let subject = state.subject(&finding);
                Some(Plan { at, finding, subject, way, fix })
            })
            .collect()
    }

    /// How many findings could be mended by fixes that are not safe.
    fn held_back(&self, state: &State) -> usize {
        let planner = self.planner(state);
        let is_held = |finding: &&Finding| {
            let finding = with_companions(finding, state.findings());
            self.may_fix(state, &finding)
                && planner.plan(&finding).any(|(_, fix)| fix.applicability > Applicability::Safe)
        };
        state.findings().iter().filter(is_held).count()
    }

    /// The findings that nothing is known to help against, with the stubs to choose from.
    fn stubs(&self, state: &State) -> Vec<Plan> {
        let planner = self.planner(state);
        let findings = state.findings().iter().enumerate();
        findings
            .filter(|(_, finding)| self.may_fix(state, finding))
            .filter(|(_, finding)| planner.plan(finding).next().is_none())
            .filter_map(|(at, finding)| {
                let fix = planner.stub(finding)?;
                let (finding, subject) = (finding.clone(), state.subject(finding));
                Some(Plan { at, finding, subject, way: Way::Stub, fix })
            })
            .collect()
    }

    fn may_fix(&self, state: &State, finding: &Finding) -> bool {
        let location = finding.location;
        let is_in = |(path, span): (&Path, Span)| {
            span.contains(location.span.start)
                && state.analysis.sources.file(location.file).path == path
        };
        let selected = |selectors: &Vec<Selector>| {
            selectors.iter().any(|selector| selector.matches(finding.rule))
        };
        self.place.is_none_or(is_in)
            && (!finding.remedies.is_empty() || finding.stub.is_some())
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
            pages: Pages::default(),
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

/// Whether each of some fixes did what it is there for, and nothing is found that was not.
fn is_good(before: &State, after: &State, plans: &[Plan]) -> bool {
    let hoped_gone = plans.iter().filter(|plan| !plan.fix.is_stub);
    let gone: Vec<&Subject> = hoped_gone.map(|plan| &plan.subject).collect();
    plans.iter().all(|plan| plan.is_as_hoped(before, after)) && after.is_better_than(before, &gone)
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
