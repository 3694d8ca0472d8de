//! Findings of one rule at one place become one: the first speaks, the others add to its proof.

use rustc_hash::{FxHashMap, FxHashSet};

use super::finding::{Confidence, Evidence, Finding};
use super::remedy::Remedy;
use crate::source::Location;

/// The findings of one rule, those at one place as one.
pub fn merged(found: Vec<Finding>) -> Vec<Finding> {
    let mut kept: Vec<Merged> = Vec::new();
    let mut places: FxHashMap<Location, usize> = FxHashMap::default();
    for finding in found {
        match places.get(&finding.location) {
            Some(at) => {
                let known = &mut kept[*at];
                // What is a guess adds nothing to what is known.
                match (known.finding.confidence, finding.confidence) {
                    (Confidence::Low, Confidence::Medium | Confidence::High) => {
                        *known = Merged::of(finding);
                    }
                    (Confidence::Medium | Confidence::High, Confidence::Low) => {}
                    _ => known.absorb(finding),
                }
            }
            None => {
                places.insert(finding.location, kept.len());
                kept.push(Merged::of(finding));
            }
        }
    }
    kept.into_iter().map(|merged| merged.finding).collect()
}

/// A finding that may take in thousands of others, with what it has already.
struct Merged {
    finding: Finding,
    /// What is not to be told twice; filled when it takes in the first other one.
    told: Option<Told>,
}

struct Told {
    steps: FxHashSet<Evidence>,
    entries: FxHashSet<String>,
    remedies: FxHashSet<Remedy>,
}

impl Merged {
    fn of(finding: Finding) -> Merged {
        Merged { finding, told: None }
    }

    /// Takes in what another finding of the same rule at the same place knows.
    fn absorb(&mut self, other: Finding) {
        let Merged { finding, told } = self;
        let told = told.get_or_insert_with(|| Told {
            steps: finding.evidence.iter().cloned().collect(),
            entries: finding.entry.iter().cloned().collect(),
            remedies: finding.remedies.iter().cloned().collect(),
        });
        finding.confidence = finding.confidence.max(other.confidence);
        finding.write_paths.extend(other.write_paths);
        finding.write_paths.sort_unstable();
        finding.write_paths.dedup();
        let is_new = |step: &Evidence| told.steps.insert(step.clone());
        finding.evidence.extend(other.evidence.into_iter().filter(is_new));
        // Where one of the two cannot be mended, there is no way to mend both.
        match finding.remedies.is_empty() || other.remedies.is_empty() {
            true => finding.remedies.clear(),
            false => {
                let is_new = |remedy: &Remedy| told.remedies.insert(remedy.clone());
                finding.remedies.extend(other.remedies.into_iter().filter(is_new));
            }
        }
        finding.stub = finding.stub.take().or(other.stub);
        if let (Some(own), Some(entry)) = (&mut finding.entry, other.entry)
            && told.entries.insert(entry.clone())
        {
            own.push_str(", ");
            own.push_str(&entry);
        }
    }
}
