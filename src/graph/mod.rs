//! The model graph: the facts of all files, linked, and what follows from them.
//!
//! Everything in a [`ModelGraph`] is owned and resolved; rules ask it and need nothing else. How a
//! finding is worded or shown is not known here.

mod apps;
mod coverage;
mod effect;
mod entries;
mod feeds;
mod holes;
mod hooks;
mod ids;
mod interp;
mod key;
mod modules;
mod namespace;
mod program;
mod startup;
mod store_names;
mod survey;
mod value;
mod wiring;
mod writers;

pub use coverage::Gap;
pub use feeds::FeedKind;
pub use holes::{
    CachedEntry, CachedLinks, CachedModel, DeadHook, DeadReason, EarlyDrop, Mismatch, OpenWrite,
    Place, Side, SideState,
};

use crate::facts::FileFacts;
use crate::frameworks::Frameworks;
use crate::source::Sources;
use ids::ClassId;
use interp::Interp;
use program::Program;
use wildmatch::WildMatch;

/// What the configuration tells the graph.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Classes whose managers cache, by name or dotted name.
    pub cache_managers: Vec<String>,
    /// Dotted names of functions that invalidate; `*` stands for any characters of a segment.
    pub invalidators: Vec<String>,
    /// Folders below the root that hold top-level packages.
    pub source_roots: Vec<String>,
}

/// The counts of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Source files read.
    pub files: usize,
    /// Models with a table.
    pub models: usize,
    /// Models that feed an entry.
    pub cached_models: usize,
    /// Cached models of which every cell is covered.
    pub covered_models: usize,
    /// Coverage cells.
    pub cells: usize,
    /// Cells that are covered.
    pub covered_cells: usize,
}

/// All that rules ask.
#[derive(Debug, Default)]
pub struct ModelGraph {
    /// Each model that feeds an entry, by entry.
    pub cached: Vec<CachedModel>,
    /// Each many-to-many field whose links reach an entry, by entry.
    pub links: Vec<CachedLinks>,
    /// Drops whose key is not the one that is stored.
    pub mismatches: Vec<Mismatch>,
    /// Drops that come before the transaction ends.
    pub early_drops: Vec<EarlyDrop>,
    /// Entries without a timeout that nothing drops.
    pub never_dropped: Vec<CachedEntry>,
    /// Entries of which each process keeps a copy of its own.
    pub process_local: Vec<CachedEntry>,
    /// Hooks that would invalidate and do not run, in source order.
    pub dead_hooks: Vec<DeadHook>,
    summary: Summary,
}

impl ModelGraph {
    /// Links the facts of all files; `facts` is indexed by file.
    pub fn link(
        sources: &Sources,
        facts: Vec<FileFacts>,
        frameworks: &Frameworks,
        options: &Options,
    ) -> ModelGraph {
        let mut program = Program::new(sources, &facts, frameworks, &options.source_roots);
        program.index_mentions();
        let invalidators: Vec<WildMatch> =
            options.invalidators.iter().map(|pattern| WildMatch::new(pattern)).collect();
        let mut interp = Interp::new(&program, &invalidators);
        let apps = apps::Apps::find(&mut interp);
        let labels = apps.labels(&mut interp);
        interp.set_app_labels(labels);
        let models = models(&mut interp);
        interp.set_models(models.clone().into());
        let survey = survey::survey(&mut interp);
        let entries = entries::find(&mut interp, &models, &options.cache_managers, &survey);
        let hooks = wiring::wire(&mut interp, &apps, &models);
        interp.set_hooks(hooks.clone().into());
        let mut graph = holes::find(&mut interp, &hooks, &entries, &survey);
        graph.summary.files = facts.len();
        graph.summary.models = models.iter().filter(|model| !interp.is_abstract(**model)).count();
        graph
    }

    /// The counts of the run.
    pub fn summary(&self) -> Summary {
        self.summary
    }
}

/// The models that production code defines, abstract ones and proxies included, in source order.
fn models(interp: &mut Interp<'_>) -> Vec<ClassId> {
    let program = interp.program;
    let classes = program.class_ids().filter(|class| program.is_production(class.file));
    classes.filter(|class| interp.is_model(*class)).collect()
}
