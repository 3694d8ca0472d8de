//! The entries that caching managers keep.

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use super::{Entry, Holder, Stored, by_key, is_kept, lasts};
use crate::graph::effect::{Effect, EffectKind, Fill};
use crate::graph::feeds::{Feed, FeedKind, Feeds};
use crate::graph::ids::{ClassId, FunctionId};
use crate::graph::interp::{Crew, INTERPRETERS, Interp};
use crate::graph::kept;
use crate::graph::program::Program;
use crate::graph::value::{Args, RowPart, RowSource, Rows, Taint, Value};
use crate::source::Location;

/// How many calls deep a store may be wrapped.
const MAX_WRAPPERS: usize = 5;

/// The entries that caching managers keep.
pub(super) fn behind_managers(
    program: &Program<'_>,
    crew: &mut Crew<'_>,
    models: &[ClassId],
    names: &[String],
) -> Vec<Entry> {
    let filling = program.names_reaching(program.functions_that_drop().to_vec(), MAX_WRAPPERS);
    let found =
        crew.share(INTERPRETERS, &Idle::default(), models.par_iter(), |interp, idle, model| {
            behind_managers_of(interp, *model, names, &filling, idle)
        });
    found.into_iter().flatten().collect()
}

/// Methods that stored nothing for one model of a manager class.
type Idle = FxHashSet<(ClassId, FunctionId)>;

fn behind_managers_of(
    interp: &mut Interp<'_>,
    model: ClassId,
    names: &[String],
    filling: &FxHashSet<String>,
    idle: &mut Idle,
) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    if interp.is_abstract(model) {
        return entries;
    }
    let is_proxy = interp.is_proxy(model);
    let mut known: Vec<String> = Vec::new();
    for (attribute, manager) in interp.managers(model) {
        let Value::Rows(rows) = manager else { continue };
        let Some((declared_at, owner)) = declaration(interp, model, &attribute) else {
            continue;
        };
        // A proxy is another name for its table; only a manager of its own makes an entry.
        if is_proxy && owner != model {
            continue;
        }
        let by_name = named(interp, &rows, names);
        let fills = stored_rows(interp, &rows, model, by_name, filling, idle);
        if !by_name && fills.is_empty() {
            continue;
        }
        let class = manager_name(interp, &rows);
        if known.contains(&class) {
            continue;
        }
        for fills in by_key(fills) {
            let feeds = feeds_of_manager(interp, model, &fills);
            let attribute = attribute.to_string();
            let class = class.clone();
            entries.push(Entry {
                holder: Holder::Manager { model, attribute, class, declared_at },
                fills,
                feeds,
                by_name,
                bindings: Vec::new(),
                shapes: Arc::default(),
                versions: Arc::default(),
            });
        }
        known.push(class);
    }
    entries
}

/// What feeds the entry of a manager: the rows of its model, and what is reached from them.
fn feeds_of_manager(interp: &mut Interp<'_>, model: ClassId, fills: &[Stored]) -> Feeds {
    let taints: Vec<&Taint> = fills.iter().map(|stored| &stored.fill.taint).collect();
    let mut feeds = Feeds::of(interp, &taints);
    let table = interp.concrete(model);
    if !feeds.models.iter().any(|feed| feed.via.is_none() && feed.model == table) {
        // `user.notes.filter(...)` reaches the rows of the manager from those of another model.
        let of_table = |feed: &&mut Feed| feed.model == table && feed.kind() == FeedKind::Reverse;
        if let Some(own) = feeds.models.iter_mut().find(of_table) {
            own.via = None;
        }
    }
    feeds.models.retain(|feed| feed.via.is_some() || feed.model == table);
    for feed in &mut feeds.models {
        // A manager of a proxy keeps what the proxy's signals are sent for.
        if feed.via.is_none() {
            feed.model = model;
        }
    }
    if !feeds.models.iter().any(|feed| feed.via.is_none()) {
        let singles = fills.iter().flat_map(|stored| &stored.fill.taint);
        let lists_rows = fills.is_empty() || singles.into_iter().any(|source| !source.single);
        feeds.models.insert(0, Feed::of_whole_rows(model, lists_rows));
    }
    feeds
}

/// Where a class attribute is declared, in the class or a base.
fn declaration(
    interp: &mut Interp<'_>,
    class: ClassId,
    attribute: &str,
) -> Option<(Location, ClassId)> {
    let (_, owner) = interp.class_attribute(class, attribute)?;
    let span = interp.binding_span(owner, attribute)?;
    Some((Location { file: owner.file, span }, owner))
}

/// The name of a manager's class as the source has it.
fn manager_name(interp: &Interp<'_>, rows: &Rows) -> String {
    match rows.classes.first() {
        Some(Value::Class(class)) => interp.program.class_name(*class).to_owned(),
        Some(Value::External(path) | Value::Unbound(path)) => {
            path.rsplit('.').next().unwrap_or_default().to_owned()
        }
        _ => "manager".to_owned(),
    }
}

/// Whether one of the manager's classes, or of their bases, is named by the configuration.
fn named(interp: &mut Interp<'_>, rows: &Rows, names: &[String]) -> bool {
    rows.classes.iter().any(|class| {
        let mut all = vec![class.clone()];
        if let Value::Class(id) = class {
            all = interp.order(*id).to_vec();
        }
        all.iter().any(|class| {
            let full = match class {
                Value::Class(id) => interp.program.qualified_class(*id),
                Value::External(path) | Value::Unbound(path) => path.to_string(),
                _ => return false,
            };
            names.iter().any(|name| full == *name || full.ends_with(&format!(".{name}")))
        })
    })
}

/// What the methods of a manager store of the rows of `model`.
///
/// A method that stored nothing for one model of a manager class is `idle` for the others, too. What a
/// manager keeps that the configuration names (`by_name`) is meant to stay fresh for however short a time.
fn stored_rows(
    interp: &mut Interp<'_>,
    rows: &Arc<Rows>,
    model: ClassId,
    by_name: bool,
    filling: &FxHashSet<String>,
    idle: &mut Idle,
) -> Vec<Stored> {
    let mut fills: Vec<Stored> = Vec::new();
    // What methods store that nothing calls, kept only where nothing else is stored.
    let mut uncalled: Vec<Stored> = Vec::new();
    let table = interp.concrete(model);
    let family: Vec<ClassId> =
        interp.table_parents(model).into_iter().chain([model, table]).collect();
    for class in &rows.classes {
        let Value::Class(class) = class else { continue };
        for owner in interp.order(*class).to_vec() {
            let Value::Class(owner) = owner else { continue };
            for method in interp.program.methods_of(owner) {
                if idle.contains(&(*class, method)) || !may_fill(interp, method, filling) {
                    continue;
                }
                let effects = run_method(interp, rows, method);
                let is_called = interp.program.is_named_elsewhere(method);
                if !effects.iter().any(|effect| matches!(*effect.kind, EffectKind::Fill(_))) {
                    idle.insert((*class, method));
                }
                let gaps: FxHashSet<Location> = kept::gaps_filled_by(&effects).collect();
                for effect in effects {
                    let EffectKind::Fill(fill) = &*effect.kind else { continue };
                    if !holds_rows(fill, &family)
                        || !(by_name || lasts(fill))
                        || !is_kept(interp, method, fill, effect.site, &gaps)
                    {
                        continue;
                    }
                    let stored = Stored {
                        fill: fill.clone(),
                        site: effect.site,
                        by_convention: effect.by_convention,
                    };
                    let same = |known: &Stored| {
                        known.site == stored.site && known.fill.key == stored.fill.key
                    };
                    let kept = if is_called { &mut fills } else { &mut uncalled };
                    if !kept.iter().any(same) {
                        kept.push(stored);
                    }
                }
            }
        }
    }
    if fills.is_empty() { uncalled } else { fills }
}

/// Whether a method can reach a store, going by the names it mentions.
fn may_fill(interp: &Interp<'_>, method: FunctionId, filling: &FxHashSet<String>) -> bool {
    let facts = interp.program.file(method.file);
    let function = facts.function(method.ix);
    // What a decorator of the program does is not in the body.
    !function.decorators.is_empty()
        || interp.program.variables.users().binary_search(&method).is_ok()
        || function
            .mentions
            .iter()
            .map(|name| facts.name(*name))
            .any(|name| filling.contains(name) || interp.program.frameworks.is_store_writer(name))
}

fn run_method(interp: &mut Interp<'_>, rows: &Arc<Rows>, method: FunctionId) -> Vec<Effect> {
    let name = interp.program.function_name(method);
    // What wiring does on the class is not what reading rows does.
    if matches!(name, "__init__" | "__init_subclass__" | "contribute_to_class") {
        return Vec::new();
    }
    let site = interp.program.function_location(method);
    let receiver = Value::Rows(rows.clone());
    interp.follow_method(&receiver, name, Args::unknown(), site)
}

fn holds_rows(fill: &Fill, family: &[ClassId]) -> bool {
    let of_family = |source: &RowSource| {
        !matches!(source.part, RowPart::Keys | RowPart::Given)
            && source.model.is_none_or(|model| family.contains(&model))
    };
    fill.taint.iter().any(of_family)
}
