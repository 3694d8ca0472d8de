//! The model graph: the facts of all files, linked, and what follows from them.
//!
//! Everything in a [`ModelGraph`] is owned and resolved; rules ask it and need nothing else. How a
//! finding is worded or shown is not known here.

mod apps;
mod callers;
mod coverage;
mod effect;
mod entries;
mod examples;
mod exclusion;
mod feeds;
mod handed;
mod holes;
mod hooks;
mod ids;
mod interp;
mod kept;
mod key;
mod key_faults;
mod key_starts;
mod layout;
mod listing;
mod matrix;
mod migrations;
mod model_words;
mod modules;
mod muters;
mod namespace;
mod processes;
mod program;
mod reach;
mod recipes;
mod responses;
mod rust;
mod shared;
mod short_lived;
mod sql;
mod sql_literals;
mod sql_reads;
mod startup;
mod store_names;
mod stumble;
mod survey;
mod unasked;
mod uses;
mod value;
mod variables;
mod vocabulary;
mod wiring;
mod writer_search;
mod writers;

pub use coverage::{Gap, Stays};
pub use examples::{Example, Examples, Held, HookBlock, Manager};
pub use feeds::FeedKind;
pub use holes::{
    CachedEntry, CachedLinks, CachedModel, Connected, DeadHook, DeadReason, DroppedWrite,
    EarlyDrop, LocalCopy, Mismatch, OpenWrite, Place, Side, SideState,
};
pub use key_faults::{UnscopedKey, UnversionedKey};

pub use layout::{Layout, Receiver};
pub use matrix::{Cell, Column, Fed, Matrix, Row, State, Summary};
pub use recipes::{
    Anchor, Argument, DropCall, Importable, KeyPart, LinksRecipe, Recipe, Row as WrittenRow, Step,
};

use crate::facts::FileFacts;
use crate::frameworks::{Event, Frameworks};
use crate::source::{FileId, Language, Sources};
use hooks::Hooks;
use ids::ClassId;
use interp::{Crew, Interp, Targets};
use program::Program;
use std::sync::Arc;
use stumble::{Stumbles, link_around};
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
    /// Whether it is asked how what is missing can be written.
    pub for_fixes: bool,
}

/// A model, abstract ones and proxies included.
#[derive(Debug, Clone)]
pub struct Model {
    /// The model, by qualified name.
    pub place: Place,
    /// Its label in the framework, such as `shop.Flag`.
    pub label: String,
    /// Whether it has no rows of its own.
    pub is_abstract: bool,
}

/// All that rules ask.
#[derive(Debug, Default)]
pub struct ModelGraph {
    /// Each model that feeds an entry, by entry.
    pub cached: Vec<CachedModel>,
    /// Each many-to-many field whose links reach an entry, by entry.
    pub links: Vec<CachedLinks>,
    /// Keys that do not hold what their values were chosen by.
    pub unscoped_keys: Vec<UnscopedKey>,
    /// Keys of whole rows without a version.
    pub unversioned_keys: Vec<UnversionedKey>,
    /// Drops of a whole store behind writes: the call, and the function it stands in.
    pub whole_drops: Vec<Place>,
    /// Drops whose key is not the one that is stored.
    pub mismatches: Vec<Mismatch>,
    /// Drops that come before the transaction ends.
    pub early_drops: Vec<EarlyDrop>,
    /// Entries without a timeout that nothing drops.
    pub never_dropped: Vec<CachedEntry>,
    /// Entries of which each process keeps a copy of its own.
    pub process_local: Vec<LocalCopy>,
    /// Hooks that would invalidate and do not run, in source order.
    pub dead_hooks: Vec<DeadHook>,
    /// Each model, in source order.
    pub models: Vec<Model>,
    /// How many files were read.
    pub files: usize,
    /// What new code must fit in with; nothing where no fixes are asked for.
    pub layout: Layout,
    /// The files that linking panicked over, sorted; they are left out.
    pub stumbled: Vec<FileId>,
    /// The languages of which nothing could be linked.
    pub unlinked: Vec<Language>,
}

impl ModelGraph {
    /// Links the facts of all files; `facts` is indexed by file.
    pub fn link(
        sources: &Sources,
        facts: &[Arc<FileFacts>],
        frameworks: &Frameworks,
        options: &Options,
    ) -> ModelGraph {
        let files = facts.len();
        let (python, rust) = by_language(sources, facts);
        let ((mut graph, without), (of_rust, without_rust)) = rayon::join(
            || {
                link_around(python, |facts, stumbles| {
                    ModelGraph::of_python(sources, facts, frameworks, options, stumbles)
                })
            },
            || {
                link_around(rust, |facts, stumbles| {
                    rust::link(sources, facts, &frameworks.rust, options, stumbles)
                })
            },
        );
        graph.absorb(of_rust);
        graph.files = files;
        for (language, without) in [(Language::Python, without), (Language::Rust, without_rust)] {
            graph.stumbled.extend(without.files);
            graph.unlinked.extend(without.all.then_some(language));
        }
        graph.stumbled.sort();
        graph
    }

    /// Takes in the answers about code in another language.
    fn absorb(&mut self, other: ModelGraph) {
        let ModelGraph {
            cached,
            links,
            unscoped_keys,
            unversioned_keys,
            whole_drops,
            mismatches,
            early_drops,
            never_dropped,
            process_local,
            dead_hooks,
            models,
            files: _,
            layout,
            stumbled: _,
            unlinked: _,
        } = other;
        self.cached.extend(cached);
        self.links.extend(links);
        self.unscoped_keys.extend(unscoped_keys);
        self.unversioned_keys.extend(unversioned_keys);
        self.whole_drops.extend(whole_drops);
        self.mismatches.extend(mismatches);
        self.early_drops.extend(early_drops);
        self.never_dropped.extend(never_dropped);
        self.process_local.extend(process_local);
        self.dead_hooks.extend(dead_hooks);
        self.models.extend(models);
        self.layout.rust_modules = layout.rust_modules;
    }

    fn of_python(
        sources: &Sources,
        facts: &[Arc<FileFacts>],
        frameworks: &Frameworks,
        options: &Options,
        stumbles: &Stumbles,
    ) -> ModelGraph {
        let mut program = Program::new(sources, facts, frameworks, &options.source_roots, stumbles);
        program.index_names();
        let invalidators: Vec<WildMatch> =
            options.invalidators.iter().map(|pattern| WildMatch::new(pattern)).collect();
        let mut interp = Interp::new(&program, &invalidators);
        let ((apps, models), reaching) = rayon::join(
            || {
                let apps = apps::Apps::find(&mut interp);
                let labels = apps.labels(&mut interp);
                interp.set_app_labels(labels);
                let models = models(&mut interp);
                interp.set_models(models.clone().into());
                // Told once for all that are cloned from here on.
                interp.reverse_sides();
                interp.heirs();
                interp.suppose_rows();
                (apps, models)
            },
            || {
                let droppers = program.functions_that_drop();
                let mut reaching = program.functions_reaching_drops(droppers, false);
                reaching.extend(program.variables.users());
                reaching
            },
        );
        interp.set_targets(Targets::of(&program, reaching).into());
        let mut surveying = interp.clone();
        let (hooks, (survey, entries, mut crew)) = rayon::join(
            || wiring::wire(&mut interp, &apps, &models),
            || {
                let mut crew = Crew::of(&surveying);
                let mut survey = survey::survey(&mut surveying, &mut crew);
                let names = &options.cache_managers;
                let entries = entries::find(&mut surveying, &mut crew, &models, names, &survey);
                survey.follow_droppers(&program, &mut crew, &entries);
                (survey, entries, crew)
            },
        );
        let has_signals = hooks.iter().any(|hook| hook.event == Event::Other);
        let droppers = survey.first_droppers(&program, &entries);
        let reaching = program.functions_reaching_drops(&droppers, has_signals);
        let targets = Arc::new(Targets::of(&program, reaching));
        drop(surveying);
        let hooks = Arc::new(Hooks::of(hooks));
        let listed: Arc<[_]> = entries::listed(&entries).into();
        let seek_drops = |interp: &mut Interp<'_>| {
            interp.set_hooks(hooks.clone());
            interp.set_listed(listed.clone());
            interp.set_targets(targets.clone());
            interp.seek_drops();
        };
        seek_drops(&mut interp);
        crew.tell(seek_drops);
        let for_fixes = options.for_fixes;
        let mut graph = holes::find(&mut interp, &mut crew, &hooks, &entries, &survey, for_fixes);
        let (layout, models) = rayon::join(
            || {
                crew.dismiss();
                for_fixes.then(|| Layout::of(&program, &apps, &hooks))
            },
            || {
                let models = models.iter().map(|model| described(&mut interp, *model)).collect();
                drop(interp);
                drop(survey);
                models
            },
        );
        graph.layout = layout.unwrap_or_default();
        graph.models = models;
        graph
    }
}

/// The facts of the files of each language; those of the others are empty.
fn by_language(
    sources: &Sources,
    facts: &[Arc<FileFacts>],
) -> (Vec<Arc<FileFacts>>, Vec<Arc<FileFacts>>) {
    let none: Arc<FileFacts> = Arc::default();
    let files = facts.iter().cloned().zip(&sources.files);
    let split = files.map(|(facts, file)| match file.language {
        Language::Python => (facts, none.clone()),
        Language::Rust => (none.clone(), facts),
    });
    split.unzip()
}

fn described(interp: &mut Interp<'_>, model: ClassId) -> Model {
    let name = interp.program.qualified_class(model);
    let location = interp.program.class_location(model);
    Model {
        place: Place { name, location },
        label: interp.model_label(model),
        is_abstract: interp.is_abstract(model),
    }
}

/// The models that production code defines, abstract ones and proxies included, in source order.
fn models(interp: &mut Interp<'_>) -> Vec<ClassId> {
    let classes = interp.program.production_classes();
    classes.filter(|class| interp.is_model(*class)).collect()
}
