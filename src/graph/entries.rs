//! Cache entries behind caching managers, and the models whose rows they hold.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::effect::{Effect, EffectKind, Fill, Goal, Timeout};
use super::ids::{ClassId, FunctionId};
use super::interp::Interp;
use super::key::{Part, Template};
use super::value::{Args, RowPart, RowSource, Rows, Value};
use crate::source::Location;

/// How many calls deep a store may be wrapped.
const MAX_WRAPPERS: usize = 5;
/// An entry that lives for this many seconds or less holds no row long enough to matter.
const SHORT_TIMEOUT: i64 = 60;

/// Everything that one caching manager keeps of one model.
#[derive(Debug)]
pub struct Entry {
    /// The model whose rows are kept.
    pub model: ClassId,
    /// The attribute that holds the manager.
    pub attribute: String,
    /// The manager's class, as reports name it.
    pub manager: String,
    /// Where the manager is made an attribute of the model or of a base.
    pub declared_at: Location,
    /// Where rows are stored, in the order found; empty where the manager's code is out of sight.
    pub fills: Vec<Stored>,
    /// Whether the configuration names the manager's class.
    pub by_name: bool,
}

/// One place where rows go into a store.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// What is stored.
    pub fill: Fill,
    /// Where.
    pub site: Location,
    /// Whether only a name says that it is a store.
    pub by_convention: bool,
}

impl Entry {
    /// What an invalidation of this entry must hit.
    pub fn goal(&self) -> Goal {
        let fills = self.fills.iter();
        let fills = fills.map(|stored| (stored.fill.store.clone(), stored.fill.key.clone()));
        Goal { fills: fills.collect() }
    }

    /// The key templates of the entry, or the manager where none is known.
    pub fn label(&self) -> String {
        let mut keys: Vec<String> = Vec::new();
        for stored in &self.fills {
            let key = stored.fill.key.to_string();
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        if keys.is_empty() { self.manager.clone() } else { keys.join(", ") }
    }

    /// Whether a new row can make the entry stale: not where each entry is one row that was looked up
    /// when it was there.
    pub fn lists_rows(&self) -> bool {
        self.fills.is_empty()
            || self.fills.iter().any(|stored| stored.fill.taint.iter().any(|source| !source.single))
    }

    /// Whether every fill gives the entry a finite life of its own.
    pub fn expires(&self) -> bool {
        !self.fills.is_empty()
            && self.fills.iter().all(|stored| matches!(stored.fill.timeout, Timeout::Seconds(_)))
    }
}

/// Finds the entries of all `models`; `names` are the configured classes of caching managers.
pub fn find(interp: &mut Interp<'_>, models: &[ClassId], names: &[String]) -> Vec<Entry> {
    let program = interp.program;
    let filling = program.names_reaching(program.functions_that_drop(), MAX_WRAPPERS);
    let mut idle = FxHashSet::default();
    let mut entries: Vec<Entry> = Vec::new();
    for &model in models {
        if interp.is_abstract(model) {
            continue;
        }
        let is_proxy = interp.is_proxy(model);
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
            let fills = stored_rows(interp, &rows, model, &filling, &mut idle);
            if !by_name && fills.is_empty() {
                continue;
            }
            let manager = manager_name(interp, &rows);
            let known =
                entries.iter_mut().find(|entry| entry.model == model && entry.manager == manager);
            match known {
                Some(_) => {}
                None => entries.push(Entry {
                    model,
                    attribute: attribute.to_string(),
                    manager,
                    declared_at,
                    fills,
                    by_name,
                }),
            }
        }
    }
    entries
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
/// A method that stored nothing for one model of a manager class is `idle` for the others, too.
fn stored_rows(
    interp: &mut Interp<'_>,
    rows: &Arc<Rows>,
    model: ClassId,
    filling: &FxHashSet<String>,
    idle: &mut FxHashSet<(ClassId, FunctionId)>,
) -> Vec<Stored> {
    let mut fills: Vec<Stored> = Vec::new();
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
                if !effects.iter().any(|effect| matches!(effect.kind, EffectKind::Fill(_))) {
                    idle.insert((*class, method));
                }
                for effect in effects {
                    let EffectKind::Fill(fill) = effect.kind else { continue };
                    if !holds_rows(&fill, &family)
                        || !lasts(&fill)
                        || versioned_by_row(interp, &fill.key)
                    {
                        continue;
                    }
                    let stored =
                        Stored { fill, site: effect.site, by_convention: effect.by_convention };
                    let same = |known: &Stored| {
                        known.site == stored.site && known.fill.key == stored.fill.key
                    };
                    if !fills.iter().any(same) {
                        fills.push(stored);
                    }
                }
            }
        }
    }
    fills
}

/// Whether a method can reach a store, going by the names it mentions.
fn may_fill(interp: &Interp<'_>, method: FunctionId, filling: &FxHashSet<String>) -> bool {
    let facts = interp.program.file(method.file);
    let function = facts.function(method.ix);
    // What a decorator of the program does is not in the body.
    !function.decorators.is_empty()
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
        source.part != RowPart::Keys && source.model.is_none_or(|model| family.contains(&model))
    };
    fill.taint.iter().any(of_family)
}

fn lasts(fill: &Fill) -> bool {
    !matches!(fill.timeout, Timeout::Seconds(Some(seconds)) if seconds <= SHORT_TIMEOUT)
}

/// Whether the key changes by itself when the row does: it holds a hash or a time of change.
fn versioned_by_row(interp: &Interp<'_>, key: &Template) -> bool {
    key.parts.iter().any(|part| match part {
        Part::Hole { label, read_from: None, .. } => interp.program.frameworks.names_version(label),
        _ => false,
    })
}
