//! Cache entries: what caching managers keep, and what functions put into a store.

mod functions;
mod managers;
mod stored;

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::effect::{EqualColumns, Fill, Goal, RowVersion, Shapes, Target, Timeout};
use super::feeds::{Feed, FeedKind, Feeds};
use super::ids::{ClassId, FunctionId};
use super::interp::{Crew, Interp};
use super::kept;
use super::key::{Origin, Part, Template};
use super::listing::Listed;
use super::program::Program;
use super::survey::Survey;
use super::value::{Filter, FilterValue, StoreRef, Via};
use crate::frameworks::Role;
use crate::source::Location;
use functions::in_functions;
use managers::behind_managers;
pub use stored::Stored;

/// An entry that lives for this many seconds or less holds no row long enough to matter.
const SHORT_TIMEOUT: i64 = 60;

/// A family of keys that one piece of code fills with rows.
#[derive(Debug)]
pub struct Entry {
    /// What fills it.
    pub holder: Holder,
    /// Where rows are stored, in the order found; empty where the manager's code is out of sight.
    pub fills: Vec<Stored>,
    /// The models that feed it.
    pub feeds: Feeds,
    /// Whether the configuration names the manager's class.
    pub by_name: bool,
    /// For each fill and each hole of its key, the columns that it must equal, where that is known.
    bindings: Vec<Vec<EqualColumns>>,
    /// The keys of all entries of the program.
    shapes: Arc<Shapes>,
    /// The columns by which its keys tell one state of a row from another.
    versions: Arc<[RowVersion]>,
}

/// What fills an entry.
#[derive(Debug, Clone)]
pub enum Holder {
    /// A caching manager.
    Manager {
        /// The model whose rows it keeps.
        model: ClassId,
        /// The attribute that holds it.
        attribute: String,
        /// Its class, as reports name it.
        class: String,
        /// Where it is made an attribute of the model or of a base.
        declared_at: Location,
    },
    /// A function or method.
    Function(FunctionId),
}

impl Entry {
    /// What an invalidation of this entry must hit where rows of a feed are written.
    pub fn goal_for(&self, feed: &Feed) -> Goal {
        let leads_back = |via: &Arc<Via>| via.forward && via.owner == feed.model;
        Goal {
            beside: feed.via.as_ref().is_some_and(leads_back).then_some(feed.model),
            ..self.goal()
        }
    }

    /// What an invalidation of this entry must hit.
    pub fn goal(&self) -> Goal {
        let fills = self.fills.iter().zip(&self.bindings);
        let targets = fills.map(|(stored, bound)| Target {
            store: stored.fill.store.clone(),
            key: stored.fill.key.clone(),
            field: stored.fill.field.clone(),
            bound: bound.clone(),
            listing: stored.fill.listing.clone(),
            site: stored.site,
        });
        Goal {
            targets: targets.collect(),
            shapes: self.shapes.clone(),
            versions: self.versions.clone(),
            beside: None,
        }
    }

    /// The key templates of the entry, or what fills it where none is known.
    pub fn label(&self, program: &Program<'_>) -> String {
        let mut keys: Vec<String> = Vec::new();
        for stored in &self.fills {
            let key = stored.fill.key.to_string();
            if !key.is_empty() && !keys.contains(&key) {
                keys.push(key);
            }
        }
        match (&self.holder, keys.is_empty()) {
            (_, false) => keys.join(", "),
            (Holder::Manager { class, .. }, true) => class.clone(),
            (Holder::Function(function), true) => program.qualified_function(*function),
        }
    }

    /// Whether every fill gives the entry a finite life of its own.
    pub fn expires(&self) -> bool {
        let ends = |stored: &Stored| match stored.fill.timeout {
            Timeout::Seconds(_) | Timeout::Computed => true,
            // A function that states no timeout means the one that is configured.
            Timeout::Default => matches!(self.holder, Holder::Function(_)),
            Timeout::Never => false,
        };
        !self.fills.is_empty() && self.fills.iter().all(ends)
    }

    /// The column of a feed's rows that chooses which entry a row is in and that may change: a foreign
    /// key that a hole of the key must equal, or that leads to the row which a hole of the key tells; or any
    /// other column that a hole must equal, where code sets it on rows that are there.
    pub fn moving_column(&self, interp: &mut Interp<'_>, feed: &Feed) -> Option<Arc<str>> {
        let mut columns: Vec<Arc<str>> = Vec::new();
        // Of rows that others point to, only a condition on those tells what chooses them.
        let is_forward = feed.kind() == FeedKind::Forward;
        for stored in &self.fills {
            let sources = || stored.fill.taint.iter();
            let of_feed = sources().filter(|source| {
                !is_forward && source.model == Some(feed.model) && source.via == feed.via
            });
            let filters: Vec<&Filter> = of_feed.flat_map(|source| &source.filters).collect();
            let paths: Vec<(ClassId, &Filter)> = sources()
                .filter_map(|source| Some((source.model?, source)))
                .flat_map(|(model, source)| source.filters.iter().map(move |it| (model, it)))
                .filter(|(_, filter)| filter.column.contains("__"))
                .collect();
            let keys = std::iter::once(&stored.fill.key).chain(&stored.fill.field);
            for part in keys.flat_map(|key| &key.parts) {
                let Part::Hole { origin: Some(origin), .. } = part else { continue };
                let fixed = filters.iter().filter(|filter| stored.is_chosen_by(filter, origin));
                // It is the first step of a path that may lead elsewhere.
                let first = |filter: &&Filter| filter.column.split("__").next().map(Arc::from);
                columns.extend(fixed.filter_map(first));
                for (model, filter) in &paths {
                    if stored.is_chosen_by(filter, origin)
                        && let Some((owner, column)) = interp.column_behind(*model, &filter.column)
                        && owner == feed.model
                    {
                        columns.push(column);
                    }
                }
            }
        }
        if let Some(via) = &feed.via
            && via.role == Role::ForeignKey
            && !via.forward
            && via.owner == feed.model
            && self.fills.iter().any(|stored| stored.is_of_row_behind(interp, via))
        {
            columns.push(via.field.clone());
        }
        let mut is_key = |column: &&Arc<str>| {
            let relation = interp.relation(feed.model, column);
            relation.is_some_and(|relation| relation.role == Role::ForeignKey)
        };
        match columns.iter().find(&mut is_key) {
            Some(key) => Some(key.clone()),
            None => columns.into_iter().find(|column| interp.is_set_anew(feed.model, column)),
        }
    }

    /// Whether its keys tell one state of a row from another.
    pub fn is_versioned(&self) -> bool {
        !self.versions.is_empty()
    }

    /// The columns by which its keys do so.
    pub fn versions(&self) -> &[RowVersion] {
        &self.versions
    }

    /// The model whose manager keeps it, where one does.
    pub fn model(&self) -> Option<ClassId> {
        match &self.holder {
            Holder::Manager { model, .. } => Some(*model),
            Holder::Function(_) => None,
        }
    }

    /// Whether a library drops it by itself on some writes.
    pub fn is_listed(&self) -> bool {
        self.fills.iter().any(|stored| stored.fill.listing.is_some())
    }

    /// Whether it is responses of views, which a framework stores by itself.
    pub fn is_of_responses(&self) -> bool {
        self.fills.iter().any(|stored| stored.fill.is_response)
    }

    /// Whether it is meant to run out where nothing drops it.
    pub fn may_run_out(&self) -> bool {
        !self.by_name && self.expires()
    }

    /// Whether only a name says that it is kept in a store.
    pub fn is_by_convention(&self) -> bool {
        !self.by_name && self.fills.iter().any(|stored| stored.by_convention)
    }

    /// Whether its keys, or the time it lives, are too little known to tell whether it goes stale.
    pub fn is_vague(&self) -> bool {
        let told = |stored: &Stored| {
            stored.fill.is_specific()
                || stored.fill.store.as_ref().is_some_and(|store| store.is_of_one())
        };
        // How long it lives may well be what keeps it fresh.
        let lives = |stored: &Stored| stored.fill.timeout != Timeout::Computed;
        let is_known = self.fills.iter().any(told) && self.fills.iter().any(lives);
        !(self.by_name || is_known)
    }

    /// Whether each of its keys holds what a store tells: who counts that up leaves what it keeps behind.
    pub fn tells_counter(&self) -> bool {
        let tells = |stored: &Stored| stored.fill.key.read_from().next().is_some();
        !self.fills.is_empty() && self.fills.iter().all(tells)
    }

    /// Whether somebody looks for it first, and makes it of rows where it is missing.
    pub fn is_read_through(&self) -> bool {
        matches!(self.holder, Holder::Manager { .. })
            || self.fills.iter().any(|stored| !stored.fill.overwrites && !stored.fill.adds)
    }

    /// Whether all that is ever done is to add to what is there: a set of what was seen, a queue.
    pub fn only_grows(&self) -> bool {
        !self.fills.is_empty() && self.fills.iter().all(|stored| stored.fill.adds)
    }

    /// Whether each process keeps a copy of its own.
    pub fn is_process_local(&self) -> bool {
        let local =
            |stored: &Stored| stored.fill.store.as_ref().is_some_and(StoreRef::is_process_local);
        self.fills.iter().any(local)
    }

    /// The variable of a module or a class that it is kept in, by its dotted name.
    pub fn variable(&self) -> Option<&str> {
        let store = self.fills.first()?.fill.store.as_ref()?;
        store.alias.as_deref().filter(|_| store.is_variable())
    }
}

/// Finds the entries of a program; `names` are the configured classes of caching managers.
pub fn find(
    interp: &mut Interp<'_>,
    crew: &mut Crew<'_>,
    models: &[ClassId],
    names: &[String],
    survey: &Survey,
) -> Vec<Entry> {
    let mut entries = behind_managers(interp.program, crew, models, names);
    let managed: FxHashSet<Location> =
        entries.iter().flat_map(|entry| &entry.fills).map(|stored| stored.site).collect();
    entries.extend(in_functions(interp, survey, &managed));
    let mut shapes = Shapes::default();
    for stored in entries.iter().flat_map(|entry| &entry.fills) {
        let key = &stored.fill.key;
        shapes.entry(key.shape()).or_default().insert(key.spelling());
    }
    let shapes = Arc::new(shapes);
    for entry in &mut entries {
        entry.shapes = shapes.clone();
        entry.bindings = entry.fills.iter().map(|stored| bindings(interp, stored)).collect();
        entry.versions = versions(interp, &entry.fills).into();
    }
    entries
}

/// What the decorators of entries list.
pub fn listed(entries: &[Entry]) -> Vec<Listed> {
    let fills = entries.iter().flat_map(|entry| &entry.fills);
    let mut listed: Vec<Listed> = fills
        .filter_map(|stored| stored.fill.listing.as_ref())
        .flat_map(|listing| listing.iter().cloned())
        .collect();
    listed.sort_unstable();
    listed.dedup();
    listed
}

/// A store, where it is known, and a shape of keys: what the fills of one entry share. What one variable
/// keeps is one entry.
type Family = (Option<StoreRef>, String);

fn family(fill: &Fill) -> Family {
    let shape = match &fill.store {
        Some(store) if store.is_variable() => String::new(),
        _ => fill.key.shape(),
    };
    (fill.store.clone(), shape)
}

/// Whether what is stored stays for long: a variable must be a cache for that. `gaps` are the places that
/// fill a variable where nothing is in it.
fn is_kept(
    interp: &mut Interp<'_>,
    function: FunctionId,
    fill: &Fill,
    site: Location,
    gaps: &FxHashSet<Location>,
) -> bool {
    !versioned_by_row(interp, &fill.key)
        && !is_made_up(&fill.key)
        && match &fill.store {
            Some(store) if store.is_variable() => gaps.contains(&site) && kept::stays(interp, fill),
            Some(store) if store.is_of_one() => {
                kept::results_stay(interp, function, store.is_process_local())
            }
            _ => true,
        }
}

/// The fills of a manager, those of one store and one shape of key together; one empty part where there
/// are none.
fn by_key(fills: Vec<Stored>) -> Vec<Vec<Stored>> {
    let mut parts: Vec<Vec<Stored>> = Vec::new();
    let mut known: FxHashMap<Family, usize> = FxHashMap::default();
    for stored in fills {
        let at = *known.entry(family(&stored.fill)).or_insert(parts.len());
        if at == parts.len() {
            parts.push(Vec::new());
        }
        parts[at].push(stored);
    }
    if parts.is_empty() {
        parts.push(Vec::new());
    }
    parts
}

/// For each hole of a key, and of the field of the hash that it names, the columns that it must equal;
/// empty where that is not known.
fn bindings(interp: &mut Interp<'_>, stored: &Stored) -> Vec<EqualColumns> {
    let fill = &stored.fill;
    let mut all = Vec::new();
    let whole = std::iter::once(&fill.key).chain(&fill.field);
    for part in whole.flat_map(|template| &template.parts) {
        let Part::Hole { origin, .. } = part else { continue };
        let mut bound: Vec<(ClassId, Arc<str>)> = Vec::new();
        match origin {
            Some(Origin::Column { model, column, .. }) => bound.push((*model, column.clone())),
            Some(origin @ Origin::Param(..)) => bound = filters_equal_to(fill, origin),
            Some(Origin::Once | Origin::Setting) | None => {}
        }
        all.push(interp.equal_columns(&bound));
    }
    all
}

/// The columns that the rows behind a value are chosen by to equal `origin`.
pub fn filters_equal_to(fill: &Fill, origin: &Origin) -> EqualColumns {
    let mut equal = EqualColumns::new();
    for source in &fill.taint {
        let Some(model) = source.model else { continue };
        for filter in &source.filters {
            let FilterValue::From(other) = &filter.value else { continue };
            // A condition on rows further away says nothing that a hook could compare.
            if other.same_as(origin) && !filter.column.contains("__") {
                equal.push((model, filter.column.clone()));
            }
        }
    }
    equal
}

fn lasts(fill: &Fill) -> bool {
    !matches!(fill.timeout, Timeout::Seconds(Some(seconds)) if seconds <= SHORT_TIMEOUT)
}

/// Whether the key holds something that nothing else comes to: what is stored is kept for who has the key, and
/// no copy of rows that would be made again.
fn is_made_up(key: &Template) -> bool {
    let is_once = |part: &Part| matches!(part, Part::Hole { origin: Some(Origin::Once), .. });
    key.parts.iter().any(is_once)
}

/// Whether the key changes by itself when the row does: it holds a hash or a time of change, and which column
/// that is cannot be told.
fn versioned_by_row(interp: &Interp<'_>, key: &Template) -> bool {
    key.parts.iter().any(|part| match part {
        Part::Hole { origin: Some(Origin::Column { .. }), .. } => false,
        Part::Hole { label, read_from: None, .. } => interp.program.frameworks.names_version(label),
        _ => false,
    })
}

/// The columns by which all keys of an entry tell one state of a row from another.
fn versions(interp: &mut Interp<'_>, fills: &[Stored]) -> Vec<RowVersion> {
    let mut all: Vec<RowVersion> = Vec::new();
    for stored in fills {
        let known = all.len();
        for part in &stored.fill.key.parts {
            let Part::Hole { label, origin: Some(Origin::Column { model, column, .. }), .. } = part
            else {
                continue;
            };
            let frameworks = interp.program.frameworks;
            let names_version = frameworks.names_version(label) || frameworks.names_version(column);
            // What names a row does not tell its states apart.
            if names_version
                && interp.is_column(*model, column)
                && !interp.is_unique(*model, column)
            {
                let mut models = interp.table_relatives(*model);
                models.extend([*model, interp.concrete(*model)]);
                models.sort_unstable();
                models.dedup();
                let declared_at = interp.declaration_of(*model, column);
                all.push(RowVersion { models, column: column.clone(), declared_at });
            }
        }
        if all.len() == known {
            return Vec::new();
        }
    }
    all
}
