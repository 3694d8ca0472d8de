//! From what would help against a finding to changes of files, planned and then written.
//!
//! A plan knows findings, the graph and the source; whether it helps is found out by whoever asks for it,
//! by looking at the changed program.

mod behind;
mod bulk;
mod comment;
mod commit;
mod draft;
mod drops;
mod edit;
mod extend;
mod ignore;
mod imports;
mod joint;
mod leftovers;
mod naming;
mod page;
mod pages;
mod place;
mod ready;
mod receiver;
mod rename;
mod revision;
mod rust;
mod senders;
mod single;
mod statements;
mod stub;
mod style;
mod template;
mod wrap;
mod write;

pub use edit::{Applicability, FileChange, Fix};
pub use ignore::ignore;
pub use joint::Joint;
pub use pages::Pages;
pub use style::line_length;
pub use write::{Refusal, Staged, stage};

use std::path::Path;

use crate::frameworks::{Code, Frameworks, RustFrameworks};
use crate::graph::{ModelGraph, Recipe};
use crate::rules::{EarlyDrops, Finding, Remedy, RowEvent, WritePath};
use crate::source::{FileId, Location, Sources};
use draft::Draft;
use receiver::leads_on;
use senders::Reconnect;

/// What plans need to know.
pub struct Planner<'a> {
    /// The files that were analysed.
    pub sources: &'a Sources,
    /// What they say together.
    pub graph: &'a ModelGraph,
    /// What names mean.
    pub frameworks: &'a Frameworks,
    /// What new code looks like.
    pub code: Option<&'a Code>,
    /// What names mean in Rust.
    pub rust: &'a RustFrameworks,
    /// How long its lines may be.
    pub line_length: usize,
    /// The module of an app that new receivers go into where it has none yet.
    pub receivers_module: &'a str,
    /// Names of files start here.
    pub working_directory: &'a Path,
    /// Files that were parsed for it.
    pub pages: Pages,
}

/// So many ways to write a receiver are tried before another remedy.
const RECEIVERS_FIRST: usize = 6;

/// One of the ways to mend a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Its remedies, with so many ways left out that are better.
    Attempt(usize),
    /// A place for code that somebody has to write.
    Stub,
}

/// How much of its kind a remedy does, and how sure it is.
struct Step {
    applicability: Applicability,
    message: String,
}

/// A receiver that drops several entries on the same writes.
struct NewReceiver<'r> {
    events: &'r [RowEvent],
    /// Never empty.
    recipes: Vec<&'r Recipe>,
    entry: &'r str,
    beside: Option<Location>,
}

impl Planner<'_> {
    /// The fixes of a finding to choose from, the best first, with the way that each goes.
    pub fn plan<'f>(&'f self, finding: &'f Finding) -> impl Iterator<Item = (Way, Fix)> + 'f {
        const MOST: usize = 12;
        let mut known: Vec<Vec<FileChange>> = Vec::new();
        (0..MOST).map(Way::Attempt).filter_map(move |way| {
            let fix = self.fix(finding, way)?;
            let is_new = !known.contains(&fix.files);
            known.extend(is_new.then(|| fix.files.clone()));
            is_new.then_some((way, fix))
        })
    }

    /// A place for code that would help against a finding, where there is none yet.
    pub fn stub(&self, finding: &Finding) -> Option<Fix> {
        self.fix(finding, Way::Stub)
    }

    fn fix(&self, finding: &Finding, way: Way) -> Option<Fix> {
        let mut draft = Draft::new(self.sources);
        let Step { applicability, message } = self.go(&mut draft, finding, way)?;
        let files = draft.into_changes(|path| self.name_of(path));
        let is_stub = way == Way::Stub;
        (!files.is_empty()).then_some(Fix { applicability, message, files, is_stub })
    }

    /// Goes a way in a draft.
    fn go(&self, draft: &mut Draft<'_>, finding: &Finding, way: Way) -> Option<Step> {
        match way {
            Way::Attempt(attempt) => self.remedy(draft, finding, attempt),
            Way::Stub => self.add_stub(draft, finding.stub.as_ref()?, finding.rule.code),
        }
    }

    /// Does each remedy in the `attempt`th way.
    fn remedy(&self, draft: &mut Draft<'_>, finding: &Finding, attempt: usize) -> Option<Step> {
        let mut applicability = Applicability::Safe;
        let mut messages: Vec<String> = Vec::new();
        let early = finding.remedies.iter().filter_map(|remedy| match remedy {
            Remedy::DropOnCommit { early } => Some(early),
            _ => None,
        });
        let early: Vec<&EarlyDrops> = early.collect();
        if !early.is_empty() {
            let step = self.defer(draft, &early, attempt, false)?;
            applicability = step.applicability;
            messages.push(step.message);
        }
        let behind = finding.remedies.iter().filter_map(|remedy| match remedy {
            Remedy::DropAfter { write, path, recipe, or_receiver } => {
                Some((*write, *path, &**recipe, or_receiver.as_deref()))
            }
            _ => None,
        });
        let behind: Vec<(Location, WritePath, &Recipe, Option<&Remedy>)> = behind.collect();
        // A receiver hears of whoever else writes; a drop behind the write is tried where none will do.
        let receivers: Option<Vec<&Remedy>> =
            behind.iter().map(|(.., receiver)| *receiver).collect();
        let receivers = receivers.filter(|receivers| !receivers.is_empty());
        let (instead, attempt) = match (receivers, attempt.checked_sub(RECEIVERS_FIRST)) {
            (Some(receivers), None) => (Some(receivers), attempt),
            (Some(_), Some(attempt)) => (None, attempt),
            (None, _) => (None, attempt),
        };
        if let (Some((write, path, ..)), None) = (behind.first(), &instead) {
            let recipes: Vec<&Recipe> = behind.iter().map(|(_, _, recipe, _)| *recipe).collect();
            let step = self.drop_after(draft, *write, *path, &recipes, attempt)?;
            applicability = applicability.max(step.applicability);
            messages.push(step.message);
        }
        let renames: Vec<&Remedy> =
            finding.remedies.iter().filter(|it| matches!(it, Remedy::Rename { .. })).collect();
        if !renames.is_empty() {
            let step = self.rename(draft, &renames)?;
            applicability = applicability.max(step.applicability);
            messages.push(step.message);
        }
        if let Some(step) = self.rust_drops(draft, &finding.remedies, attempt)? {
            applicability = applicability.max(step.applicability);
            messages.push(step.message);
        }
        let connections = finding.remedies.iter().filter_map(|remedy| {
            let (connected_at, senders, early) = match remedy {
                Remedy::AddSenders { connected_at, senders, instead, early } => {
                    (connected_at, Some((senders.as_slice(), *instead)), early)
                }
                Remedy::HoldReceiver { connected_at, early } => (connected_at, None, early),
                _ => return None,
            };
            let early = attempt.checked_sub(1).map(|depth| (early, depth));
            Some(Reconnect { connected_at: *connected_at, senders, early })
        });
        let mut connections: Vec<Reconnect<'_>> = connections.collect();
        connections.extend(self.others_to_hold(&connections));
        if !connections.is_empty() {
            let step = self.reconnect(draft, &connections)?;
            applicability = applicability.max(step.applicability);
            messages.push(step.message);
        }
        let mut receivers: Vec<NewReceiver<'_>> = Vec::new();
        let instead = instead.unwrap_or_default();
        for remedy in finding.remedies.iter().chain(instead) {
            let Remedy::AddReceiver { events, recipe, entry, beside } = remedy else { continue };
            let fits = |known: &&mut NewReceiver<'_>| {
                let first = known.recipes[0];
                known.events == *events
                    && first.written == recipe.written
                    && leads_on(first) == leads_on(recipe)
            };
            match receivers.iter_mut().find(fits) {
                Some(known) => known.recipes.push(recipe),
                None => receivers.push(NewReceiver {
                    events,
                    recipes: vec![recipe],
                    entry,
                    beside: *beside,
                }),
            }
        }
        for NewReceiver { events, recipes, entry, beside } in receivers {
            let step = self.add_receiver(draft, events, &recipes, entry, beside, attempt)?;
            applicability = applicability.max(step.applicability);
            messages.push(step.message);
        }
        for remedy in finding.remedies.iter().filter(|remedy| !remedy.is_made_with_others()) {
            let step = self.step(draft, remedy, attempt)?;
            applicability = applicability.max(step.applicability);
            if !messages.contains(&step.message) {
                messages.push(step.message);
            }
        }
        Some(Step { applicability, message: messages.join("; ") })
    }

    fn step(&self, draft: &mut Draft<'_>, remedy: &Remedy, attempt: usize) -> Option<Step> {
        match remedy {
            Remedy::RemoveComment { comment: place, codes } => {
                let text = draft.original(place.file)?;
                draft.change_original(place.file, comment::remove(&text, *place, codes))?;
                let message = match codes.is_empty() {
                    true => "removes the comment".to_owned(),
                    false => "removes what is unused of the comment".to_owned(),
                };
                Some(Step { applicability: Applicability::Safe, message })
            }
            Remedy::AddLinksReceiver { field, recipe, entry } => {
                self.add_links_receiver(draft, field, recipe, entry, attempt)
            }
            Remedy::ImportAtStart { receiver } => {
                // What runs at last may show that it ran too early.
                if let Some(depth) = attempt.checked_sub(1) {
                    let drops = self.never_run_in(receiver.file);
                    self.defer(draft, &drops.iter().collect::<Vec<_>>(), depth, true)?;
                }
                self.wire(draft, self.code?, receiver.file)?;
                let module = &self.graph.layout.module(receiver.file).name;
                let message = format!("imports `{module}` when the program starts");
                Some(Step { applicability: Applicability::Unsafe, message })
            }
            Remedy::AddHook { .. }
            | Remedy::ExtendReceiver { .. }
            | Remedy::AddRowReceiver { .. } => self.rust_step(draft, remedy, attempt),
            // They were done at once.
            Remedy::AddReceiver { .. }
            | Remedy::AddSenders { .. }
            | Remedy::HoldReceiver { .. }
            | Remedy::DropOnCommit { .. }
            | Remedy::DropAfter { .. }
            | Remedy::Rename { .. }
            | Remedy::DropLike { .. } => None,
        }
    }

    /// The drops of the receivers in a file that are never connected.
    fn never_run_in(&self, file: FileId) -> Vec<EarlyDrops> {
        let dead = self.graph.dead_hooks.iter().filter(|dead| dead.hook.location.file == file);
        dead.map(EarlyDrops::of).collect()
    }

    /// How reports name a file of the program.
    fn name_of(&self, project_path: &str) -> String {
        let path = self.sources.root.join(project_path);
        let below = path.strip_prefix(self.working_directory).unwrap_or(&path);
        below.to_string_lossy().replace('\\', "/")
    }
}
