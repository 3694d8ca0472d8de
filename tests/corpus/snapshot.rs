//! The snapshot of one project: notes, then each finding with its verdict, then the summary.
//!
//! ```text
//! # What a reader of the source has to know.
//! shop/models.py:12:7: CL102 message
//!   right: the admin deletes rows, and nothing drops their entry
//! 3 cached models: 2 covered, 1 with gaps (67 %) · 40 models, 1138 files
//! ```

use std::fmt;
use std::path::Path;

#[derive(Default)]
pub struct Snapshot {
    notes: Vec<String>,
    lines: Vec<Line>,
}

/// A finding or the summary, and what a reader says about it.
#[derive(Clone)]
struct Line {
    text: String,
    verdict: Option<String>,
}

/// How many findings were judged right and wrong.
#[derive(Default)]
pub struct Tally {
    right: usize,
    wrong: usize,
}

impl Snapshot {
    pub fn parse(text: &str) -> Snapshot {
        let mut snapshot = Snapshot::default();
        for line in text.lines() {
            if line.starts_with('#') {
                snapshot.notes.push(line.to_owned());
            } else if let Some(verdict) = line.strip_prefix("  ") {
                let finding = snapshot.lines.last_mut().expect("a verdict follows its finding");
                finding.verdict = Some(verdict.to_owned());
            } else {
                snapshot.lines.push(Line { text: line.to_owned(), verdict: None });
            }
        }
        snapshot
    }

    /// What a run says now, with the verdicts that stand.
    pub fn renewed(&self, report: &str) -> Snapshot {
        let mut old = self.lines.clone();
        let mut lines = Vec::new();
        let mut texts: Vec<&str> = report.lines().collect();
        // The last line tells the exit status; the one before it sums up.
        texts.pop();
        for text in texts {
            let known = old.iter().position(|line| line.text == text);
            let verdict = known.and_then(|index| old.remove(index).verdict);
            lines.push(Line { text: text.to_owned(), verdict });
        }
        Snapshot { notes: self.notes.clone(), lines }
    }

    /// The findings and the summary, without verdicts.
    pub fn findings(&self) -> Vec<&str> {
        self.lines.iter().map(|line| line.text.as_str()).collect()
    }

    /// The findings that nobody judged.
    pub fn without_verdict(&self) -> impl Iterator<Item = &str> {
        let judged = |line: &Line| line.is_right() || line.is_wrong();
        let findings = self.lines.iter().filter(|line| line.is_finding());
        findings.filter(move |line| !judged(line)).map(|line| line.text.as_str())
    }

    /// What is in one of the two and not in the other.
    pub fn difference(&self, new: &Snapshot, file: &Path) -> String {
        let (before, after) = (self.findings(), new.findings());
        let mut told = format!("{} differs\n", file.display());
        for gone in before.iter().filter(|line| !after.contains(line)) {
            told.push_str(&format!("  - {gone}\n"));
        }
        for come in after.iter().filter(|line| !before.contains(line)) {
            told.push_str(&format!("  + {come}\n"));
        }
        told
    }
}

impl Line {
    /// Whether it is `path:line:col: CL101 message`, and not the summary.
    fn is_finding(&self) -> bool {
        self.text.contains(": CL")
    }

    fn is_right(&self) -> bool {
        self.says("right: ")
    }

    fn is_wrong(&self) -> bool {
        self.says("wrong: ")
    }

    fn says(&self, word: &str) -> bool {
        let reason = self.verdict.as_deref().and_then(|verdict| verdict.strip_prefix(word));
        reason.is_some_and(|reason| !reason.trim().is_empty())
    }
}

impl Tally {
    pub fn count(&mut self, snapshot: &Snapshot) {
        self.right += snapshot.lines.iter().filter(|line| line.is_right()).count();
        self.wrong += snapshot.lines.iter().filter(|line| line.is_wrong()).count();
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} findings right, {} wrong", self.right, self.wrong)
    }
}

impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for note in &self.notes {
            writeln!(f, "{note}")?;
        }
        for line in &self.lines {
            writeln!(f, "{}", line.text)?;
            if let Some(verdict) = &line.verdict {
                writeln!(f, "  {verdict}")?;
            }
        }
        Ok(())
    }
}
