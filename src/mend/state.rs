//! A program with what is found in it, and whether another one is better.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::Analysis;
use crate::frameworks::Frameworks;
use crate::incomplete::Incomplete;
use crate::project::Project;
use crate::report;
use crate::rules::{self, CL901, Confidence, Finding};
use crate::source::Sources;
use crate::suppress::Suppressed;

/// A program with what is found in it.
pub struct State {
    /// The program.
    pub analysis: Analysis,
    /// What there is to report of it, in order.
    pub judged: Suppressed,
    /// What could not be looked at.
    pub incomplete: Incomplete,
    /// All that is surely found in it, whatever is selected.
    told: Vec<Finding>,
    /// How often each of it, and of which entries.
    standing: BTreeMap<Subject, (usize, BTreeSet<String>)>,
}

/// What a finding is about, wherever it stands in its file: its rule, its file, and its subject there.
pub type Subject = (&'static str, String, String);

impl State {
    /// Looks at a program, of which most may be as it was `earlier`; `for_fixes` where it is asked how what is missing can be written.
    pub fn of(
        project: &Project,
        frameworks: &Frameworks,
        sources: Sources,
        earlier: Option<&State>,
        for_fixes: bool,
        quiet: bool,
    ) -> State {
        let earlier = earlier.map(|state| &state.analysis);
        let mut analysis = Analysis::of(project, sources, frameworks, earlier, for_fixes, quiet);
        let mut incomplete = std::mem::take(&mut analysis.incomplete);
        let checked = rules::check(&analysis.graph);
        incomplete.rules = checked.panicked;
        let findings: Vec<Finding> =
            analysis.unreadable.iter().cloned().chain(checked.findings).collect();
        let mut standing = BTreeMap::new();
        let told = |finding: &&Finding| finding.confidence >= Confidence::Medium;
        for finding in findings.iter().filter(told) {
            add(&mut standing, finding, &analysis.sources);
        }
        let all = match for_fixes {
            true => findings.iter().filter(told).cloned().collect(),
            false => Vec::new(),
        };
        let mut judged = project.judge(findings, &analysis.directives(), &analysis.sources);
        if !incomplete.is_nothing() {
            // What was not found may be what a comment hides.
            judged.findings.retain(|finding| finding.rule.code != CL901);
        }
        for finding in judged.findings.iter().filter(|finding| finding.rule.check.is_none()) {
            add(&mut standing, finding, &analysis.sources);
        }
        report::sort(&mut judged.findings);
        State { analysis, judged, incomplete, told: all, standing }
    }

    /// What there is to report, in order.
    pub fn findings(&self) -> &[Finding] {
        &self.judged.findings
    }

    /// What a finding is about.
    pub fn subject(&self, finding: &Finding) -> Subject {
        subject(finding, &self.analysis.sources)
    }

    /// All that is surely found in it, whatever is selected.
    pub fn told(&self) -> &[Finding] {
        &self.told
    }

    /// Whether each of `gone` is found once less than in `before`, and nothing is found that was not.
    pub fn is_better_than(&self, before: &State, gone: &[&Subject]) -> bool {
        let mut known = self.standing.iter();
        self.incomplete.is_nothing()
            && gone.iter().all(|subject| {
                let less = gone.iter().filter(|other| *other == subject).count();
                self.count(subject) + less <= before.count(subject)
            })
            && known.all(|(subject, standing)| !before.is_new(subject, standing))
    }

    /// Whether something is found less often than in `before`.
    pub fn lacks(&self, before: &State, subject: &Subject) -> bool {
        self.count(subject) < before.count(subject)
    }

    /// Whether a finding was not found in `before`.
    pub fn is_news(&self, before: &State, finding: &Finding) -> bool {
        let subject = self.subject(finding);
        let standing = self.standing.get(&subject);
        standing.is_some_and(|standing| before.is_new(&subject, standing))
    }

    fn count(&self, subject: &Subject) -> usize {
        self.standing.get(subject).map_or(0, |(count, _)| *count)
    }

    /// Whether something is found more often, or of more entries, than here.
    fn is_new(&self, subject: &Subject, standing: &(usize, BTreeSet<String>)) -> bool {
        let (count, entries) = standing;
        match self.standing.get(subject) {
            Some((known, of)) => count > known || !entries.is_subset(of),
            None => true,
        }
    }
}

fn subject(finding: &Finding, sources: &Sources) -> Subject {
    let file = sources.file(finding.location.file);
    (finding.rule.code, file.project_path.clone(), finding.subject.clone())
}

fn add(
    standing: &mut BTreeMap<Subject, (usize, BTreeSet<String>)>,
    finding: &Finding,
    sources: &Sources,
) {
    let (count, entries) = standing.entry(subject(finding, sources)).or_default();
    *count += 1;
    entries.extend(finding.entries().map(str::to_owned));
}
