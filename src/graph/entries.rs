//! Cache entries: what caching managers keep, and what functions put into a store.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::effect::{Dropped, Effect, EffectKind, EqualColumns, Fill, Goal, Target, Timeout};
use super::feeds::{Feed, FeedKind, Feeds};
use super::ids::{ClassId, FunctionId};
use super::interp::Interp;
use super::kept;
use super::key::{Origin, Part, Template};
use super::listing::Listed;
use super::program::Program;
use super::survey::{Run, Survey};
use super::value::{
    Args, Filter, FilterValue, RowPart, RowSource, Rows, StoreRef, Taint, Value, Via,
};
use crate::frameworks::Role;
use crate::source::Location;

/// How many calls deep a store may be wrapped.
const MAX_WRAPPERS: usize = 5;
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

impl Stored {
    /// Whether a condition says that a column equals what fills a hole of the key, or is the key of the
    /// row that was looked up by that.
    fn is_chosen_by(&self, filter: &Filter, hole: &Origin) -> bool {
        let FilterValue::From(value) = &filter.value else { return false };
        let is_looked_up = |source: &RowSource, row: ClassId| {
            source.model == Some(row)
                && source.single
                && source.filters.iter().any(|filter| match &filter.value {
                    FilterValue::From(value) => value.same_as(hole),
                    _ => false,
                })
        };
        value.same_as(hole)
            || match value {
                Origin::Column { model, column, .. } if &**column == "pk" => {
                    self.fill.taint.iter().any(|source| is_looked_up(source, *model))
                }
                _ => false,
            }
    }

    /// Whether the key holds the primary key of the row that a foreign key leads to, by which that row was
    /// looked up.
    fn is_of_row_behind(&self, interp: &mut Interp<'_>, via: &Via) -> bool {
        let target = interp.relation(via.owner, &via.field).and_then(|relation| relation.target);
        let of_target = self.fill.taint.iter().filter(|source| {
            source.model.is_some() && source.model == target && source.via.is_none()
        });
        let filters: Vec<&Filter> = of_target
            .flat_map(|source| &source.filters)
            .filter(|filter| &*filter.column == "pk")
            .collect();
        let keys = std::iter::once(&self.fill.key).chain(&self.fill.field);
        keys.flat_map(|key| &key.parts).any(|part| match part {
            Part::Hole { origin: Some(origin), .. } => {
                filters.iter().any(|filter| self.is_chosen_by(filter, origin))
            }
            _ => false,
        })
    }
}

impl Entry {
    /// What an invalidation of this entry must hit.
    pub fn goal(&self) -> Goal {
        let fills = self.fills.iter().zip(&self.bindings);
        let targets = fills.map(|(stored, bound)| Target {
            store: stored.fill.store.clone(),
            key: stored.fill.key.clone(),
            field: stored.fill.field.clone(),
            bound: bound.clone(),
            listing: stored.fill.listing.clone(),
        });
        Goal { targets: targets.collect() }
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
    /// key that a hole of the key must equal, or that leads to the row which a hole of the key tells.
    pub fn moving_column(&self, interp: &mut Interp<'_>, feed: &Feed) -> Option<Arc<str>> {
        let mut columns: Vec<Arc<str>> = Vec::new();
        for stored in &self.fills {
            let of_feed = stored
                .fill
                .taint
                .iter()
                .filter(|source| source.model == Some(feed.model) && source.via == feed.via);
            let filters: Vec<&Filter> = of_feed.flat_map(|source| &source.filters).collect();
            let keys = std::iter::once(&stored.fill.key).chain(&stored.fill.field);
            for part in keys.flat_map(|key| &key.parts) {
                let Part::Hole { origin: Some(origin), .. } = part else { continue };
                let fixed = filters.iter().filter(|filter| stored.is_chosen_by(filter, origin));
                // It is the first step of a path that may lead elsewhere.
                let first = |filter: &&Filter| filter.column.split("__").next().map(Arc::from);
                columns.extend(fixed.filter_map(first));
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
        columns.into_iter().find(|column| {
            let relation = interp.relation(feed.model, column);
            relation.is_some_and(|relation| relation.role == Role::ForeignKey)
        })
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
    models: &[ClassId],
    names: &[String],
    survey: &Survey,
) -> Vec<Entry> {
    let mut entries = behind_managers(interp, models, names);
    let managed: FxHashSet<Location> =
        entries.iter().flat_map(|entry| &entry.fills).map(|stored| stored.site).collect();
    entries.extend(in_functions(interp, survey, &managed));
    for entry in &mut entries {
        entry.bindings = entry.fills.iter().map(|stored| bindings(interp, stored)).collect();
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

/// The entries that caching managers keep.
fn behind_managers(interp: &mut Interp<'_>, models: &[ClassId], names: &[String]) -> Vec<Entry> {
    let program = interp.program;
    let filling = program.names_reaching(program.functions_that_drop().to_vec(), MAX_WRAPPERS);
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
            let fills = stored_rows(interp, &rows, model, by_name, &filling, &mut idle);
            if !by_name && fills.is_empty() {
                continue;
            }
            let class = manager_name(interp, &rows);
            let is_known = entries.iter().any(|entry| {
                matches!(&entry.holder, Holder::Manager { model: known, class: other, .. }
                    if *known == model && *other == class)
            });
            if is_known {
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
                });
            }
        }
    }
    entries
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

/// The entries that functions outside caching managers fill, one for each store and shape of key.
fn in_functions(
    interp: &mut Interp<'_>,
    survey: &Survey,
    managed: &FxHashSet<Location>,
) -> Vec<Entry> {
    let mut found: Vec<(FunctionId, Vec<Stored>)> = Vec::new();
    let mut known: FxHashMap<Family, usize> = FxHashMap::default();
    let gaps = kept::filled_gaps(survey);
    let counted = survey.counted();
    for (run, effect, fill) in survey.fills() {
        let program = interp.program;
        let in_manager = program
            .enclosing_class(run.function)
            .is_some_and(|class| interp.receiver_for(class).is_rows());
        if managed.contains(&effect.site)
            || (in_manager && effect.is_direct())
            || !lasts(fill)
            || starts_counter(fill, &counted)
            || !is_kept(interp, run.function, fill, effect.site, &gaps)
        {
            continue;
        }
        let timeout = expiry(run, fill).unwrap_or(fill.timeout);
        let fill = Fill { timeout, ..fill.clone() };
        if !lasts(&fill) {
            continue;
        }
        let stored = Stored { fill, site: effect.site, by_convention: effect.by_convention };
        let mut family = family(&stored.fill);
        if stored.fill.is_response {
            // The key tells nothing of the view.
            family.1.push_str(&program.qualified_function(run.function));
        }
        let at = *known.entry(family).or_insert(found.len());
        if at == found.len() {
            found.push((run.function, Vec::new()));
        }
        let (_, fills) = &mut found[at];
        let place = |known: &&mut Stored| {
            let (own, other) = (&known.fill, &stored.fill);
            let same_fill = own.key == other.key && own.listing == other.listing;
            known.site == stored.site && same_fill
        };
        match fills.iter_mut().find(place) {
            Some(known) => known.fill.taint.add(&stored.fill.taint),
            None => fills.push(stored),
        }
    }
    let mut entries = Vec::new();
    for (function, fills) in found {
        let taints: Vec<&Taint> = fills.iter().map(|stored| &stored.fill.taint).collect();
        let mut feeds = Feeds::of(interp, &taints);
        let keys: Vec<&Template> = fills
            .iter()
            .flat_map(|stored| std::iter::once(&stored.fill.key).chain(&stored.fill.field))
            .map(|key| &**key)
            .collect();
        let arguments = by_arguments(function, &fills);
        let keys: Vec<&Template> = keys.into_iter().chain(&arguments).collect();
        feeds.forget_what_keys_hold(interp, &keys);
        if !feeds.models.is_empty() || !feeds.links.is_empty() {
            entries.push(Entry {
                holder: Holder::Function(function),
                fills,
                feeds,
                by_name: false,
                bindings: Vec::new(),
            });
        }
    }
    entries
}

/// What stands for the key of a memoised function: one hole for each argument that chooses rows.
fn by_arguments(function: FunctionId, fills: &[Stored]) -> Option<Template> {
    let results = fills.iter().map(|stored| &stored.fill).filter(|fill| {
        fill.store.as_ref().is_some_and(StoreRef::is_of_one) && fill.key.parts.is_empty()
    });
    let filters = results.flat_map(|fill| &fill.taint).flat_map(|source| &source.filters);
    let holes = filters.filter_map(|filter| match &filter.value {
        FilterValue::From(origin @ Origin::Param(of, ..)) if *of == function => Some(Part::Hole {
            label: filter.column.clone(),
            read_from: None,
            origin: Some(origin.clone()),
        }),
        _ => None,
    });
    let parts: Vec<Part> = holes.collect();
    (!parts.is_empty()).then(|| Template { parts, ..Template::default() })
}

/// The timeout that a later call of the same run gives what a fill stores.
fn expiry(run: &Run, fill: &Fill) -> Option<Timeout> {
    run.effects.iter().find_map(|effect| match &*effect.kind {
        EffectKind::Expire { key, timeout, .. } if key.can_equal(&fill.key) => Some(*timeout),
        _ => None,
    })
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
            Some(Origin::Once) | None => {}
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
    idle: &mut FxHashSet<(ClassId, FunctionId)>,
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

fn lasts(fill: &Fill) -> bool {
    !matches!(fill.timeout, Timeout::Seconds(Some(seconds)) if seconds <= SHORT_TIMEOUT)
}

/// Whether a column is what something counts up or down from, under the key that it is stored by: a counter
/// has a life of its own.
fn starts_counter(fill: &Fill, counted: &[&Dropped]) -> bool {
    let is_column = |source: &RowSource| {
        matches!(source.part, RowPart::Column(_) | RowPart::Deciding(_) | RowPart::Keys)
    };
    let is_it = |counter: &&&Dropped| {
        counter.key.as_ref().is_some_and(|key| key.is_spelled_like(&fill.key))
            && counter.hit().may_hit(fill.store.as_ref(), &fill.key)
    };
    fill.taint.iter().all(is_column) && counted.iter().any(|counter| is_it(&counter))
}

/// Whether the key holds something that nothing else comes to: what is stored is kept for who has the key, and
/// no copy of rows that would be made again.
fn is_made_up(key: &Template) -> bool {
    let is_once = |part: &Part| matches!(part, Part::Hole { origin: Some(Origin::Once), .. });
    key.parts.iter().any(is_once)
}

/// Whether the key changes by itself when the row does: it holds a hash or a time of change.
fn versioned_by_row(interp: &Interp<'_>, key: &Template) -> bool {
    key.parts.iter().any(|part| match part {
        Part::Hole { label, read_from: None, .. } => interp.program.frameworks.names_version(label),
        _ => false,
    })
}
