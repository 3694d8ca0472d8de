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
    /// All that is found in it, whatever is selected: how often each, and of which entries.
    standing: BTreeMap<Subject, (usize, BTreeSet<String>)>,
}

/// What a finding is about, wherever it stands in its file: its rule, its file, and its subject there.
pub type Subject = (&'static str, String, String);

impl State {
    /// Looks at a program; `for_fixes` where it is asked how what is missing can be written.
    pub fn of(
        project: &Project,
        frameworks: &Frameworks,
        sources: Sources,
        for_fixes: bool,
        quiet: bool,
    ) -> State {
        let mut analysis = Analysis::of(project, sources, frameworks, for_fixes, quiet);
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
        let mut judged = project.judge(findings, &analysis.directives, &analysis.sources);
        if !incomplete.is_nothing() {
            // What was not found may be what a comment hides.
            judged.findings.retain(|finding| finding.rule.code != CL901);
        }
        for finding in judged.findings.iter().filter(|finding| finding.rule.check.is_none()) {
            add(&mut standing, finding, &analysis.sources);
        }
        report::sort(&mut judged.findings);
        State { analysis, judged, incomplete, standing }
    }

    /// What there is to report, in order.
    pub fn findings(&self) -> &[Finding] {
        &self.judged.findings
    }

    /// What a finding is about.
    pub fn subject(&self, finding: &Finding) -> Subject {
        subject(finding, &self.analysis.sources)
    }

    /// Whether each of `gone` is found once less than in `before`, and nothing is found that was not.
    pub fn is_better_than(&self, before: &State, gone: &[&Subject]) -> bool {
        let none = (0, BTreeSet::new());
        let is_gone = |subject: &Subject| {
            let less = gone.iter().filter(|other| **other == subject).count();
            let (count, _) = self.standing.get(subject).unwrap_or(&none);
            let (known, _) = before.standing.get(subject).unwrap_or(&none);
            count + less <= *known
        };
        let is_known = |(subject, (count, entries)): (&Subject, &(usize, BTreeSet<String>))| {
            let (known, of) = before.standing.get(subject).unwrap_or(&none);
            count <= known && entries.is_subset(of)
        };
        self.incomplete.is_nothing()
            && gone.iter().all(|subject| is_gone(subject))
            && self.standing.iter().all(is_known)
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
    let named = finding.entry.iter().flat_map(|entry| entry.split(", "));
    entries.extend(named.map(str::to_owned));
}
