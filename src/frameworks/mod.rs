//! What dotted names and method names mean, read from the framework files in `rules/`.
//!
//! The only place where a framework's names stand in this program; code asks for [`Role`]s and
//! never compares a name of Django's itself.

mod patterns;
mod rust;
mod schema;

use std::collections::BTreeSet;
use std::path::PathBuf;

use rustc_hash::{FxHashMap, FxHashSet};
use wildmatch::WildMatch;

use patterns::NamePatterns;
pub use rust::{
    Bound, Entity, Holder, HookMethod, Links, Part, Receiver, ReceiverAttribute, RustFrameworks,
    RustStoreMethod, SchemaCode, Selection, StoreEffect, StoreKind, Verb, last_segment, same_path,
};
pub use schema::{
    Code, Event, HookDecorator, Imported, KeptResponse, KeyBuilder, Memoizer, MethodEffect, Role,
    Store, StoreMethod, TaskArguments, Views, WriterMethod,
};
use schema::{FrameworkFile, Head};

use crate::config::PointedError;
use crate::source::Language;

const BUILT_IN: [(&str, &str); 21] = [
    ("rules/django.toml", include_str!("../../rules/django.toml")),
    ("rules/django-redis.toml", include_str!("../../rules/django-redis.toml")),
    ("rules/redis-py.toml", include_str!("../../rules/redis-py.toml")),
    ("rules/celery.toml", include_str!("../../rules/celery.toml")),
    ("rules/django-lifecycle.toml", include_str!("../../rules/django-lifecycle.toml")),
    ("rules/django-rest-framework.toml", include_str!("../../rules/django-rest-framework.toml")),
    ("rules/django-model-utils.toml", include_str!("../../rules/django-model-utils.toml")),
    ("rules/django-cacheops.toml", include_str!("../../rules/django-cacheops.toml")),
    ("rules/django-cachalot.toml", include_str!("../../rules/django-cachalot.toml")),
    ("rules/model-libraries.toml", include_str!("../../rules/model-libraries.toml")),
    ("rules/rust-std.toml", include_str!("../../rules/rust-std.toml")),
    ("rules/cache-lint-rs.toml", include_str!("../../rules/cache-lint-rs.toml")),
    ("rules/moka.toml", include_str!("../../rules/moka.toml")),
    ("rules/cached-rs.toml", include_str!("../../rules/cached-rs.toml")),
    ("rules/cache-kit.toml", include_str!("../../rules/cache-kit.toml")),
    ("rules/redis-rs.toml", include_str!("../../rules/redis-rs.toml")),
    ("rules/sea-orm.toml", include_str!("../../rules/sea-orm.toml")),
    ("rules/diesel.toml", include_str!("../../rules/diesel.toml")),
    ("rules/sqlx.toml", include_str!("../../rules/sqlx.toml")),
    ("rules/remote.toml", include_str!("../../rules/remote.toml")),
    ("rules/channels.toml", include_str!("../../rules/channels.toml")),
];

/// All framework files of a run, merged.
#[derive(Debug, Default)]
pub struct Frameworks {
    /// What paths mean in Rust.
    pub rust: RustFrameworks,
    roles: FxHashMap<String, Role>,
    /// Last segments of the names of what mutes signals or libraries.
    muting_words: BTreeSet<String>,
    /// Last segments of the names of classes of dicts.
    mapping_words: BTreeSet<String>,
    getter_words: BTreeSet<String>,
    /// Last segments of the names of what tells the time.
    clock_words: BTreeSet<String>,
    /// Last segments of the names of fields.
    field_words: NamePatterns,
    role_patterns: Vec<RolePattern>,
    signals: FxHashMap<String, Event>,
    sent_before_write: Vec<String>,
    stores: Vec<Store>,
    /// The first method of each name, by its store and its place there.
    store_methods: FxHashMap<String, (usize, usize)>,
    /// Last segments of the names of stores, of what holds and of what returns one.
    store_words: FxHashSet<String>,
    /// Methods of stores that drop or store.
    store_writers: BTreeSet<String>,
    /// Methods of managers and querysets, by what they return or write.
    queryset: FxHashMap<String, QuerySetMethod>,
    /// Methods of managers that make their querysets.
    queryset_makers: Vec<String>,
    /// Methods that write rows through `update()` of them.
    through_update: Vec<String>,
    /// Methods that drop what listing memoizers computed from the rows they write.
    drops_listed: BTreeSet<String>,
    /// Methods of the far side of a relation, with the actions of the signal they send.
    link_methods: FxHashMap<String, Vec<String>>,
    model: FxHashMap<String, ModelMethod>,
    model_inner: FxHashMap<String, String>,
    row_loaders: Vec<String>,
    row_members: FxHashSet<String>,
    task_methods: FxHashMap<String, TaskArguments>,
    tasks_on_commit: FxHashSet<String>,
    put_off_by: Vec<String>,
    /// Methods that write what they are given, by their name, with the classes that have them.
    writers: FxHashMap<String, Vec<(WildMatch, WriterMethod)>>,
    hook_decorators: Vec<HookDecorator>,
    memoizers: Vec<Memoizer>,
    key_builders: Vec<KeyBuilder>,
    views: Views,
    sql_methods: Vec<String>,
    code: Option<Code>,
    startup_app_modules: Vec<String>,
    startup_modules: Vec<String>,
    invalidation_names: NamePatterns,
    store_names: NamePatterns,
    manager_names: NamePatterns,
    version_names: NamePatterns,
    row_names: NamePatterns,
}

/// The patterns of names of all framework files.
#[derive(Debug, Default)]
struct Spellings {
    fields: Vec<String>,
    invalidations: Vec<String>,
    stores: Vec<String>,
    managers: Vec<String>,
    versions: Vec<String>,
    rows: Vec<String>,
}

/// The dotted names that play a part, by a pattern.
#[derive(Debug)]
struct RolePattern {
    /// What each of the names starts with.
    prefix: String,
    pattern: WildMatch,
    role: Role,
}

impl RolePattern {
    fn new(pattern: &str, role: Role) -> RolePattern {
        let prefix = pattern.split('*').next().unwrap_or_default().to_owned();
        RolePattern { prefix, pattern: WildMatch::new(pattern), role }
    }

    fn matches(&self, name: &str) -> bool {
        name.starts_with(&self.prefix) && self.pattern.matches(name)
    }
}

/// What a method of a manager or queryset does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuerySetMethod {
    /// Returns the same rows.
    Rows,
    /// Confines the rows by conditions.
    Conditions,
    /// Leaves rows out by conditions.
    Exclusions,
    /// Orders the rows, or computes more columns.
    Orders,
    /// Loads related rows with them.
    Related,
    /// Loads some columns of the rows, and the others when they are read.
    LoadsOnly,
    /// Loads the other columns of the rows, and some when they are read.
    LoadsAllBut,
    /// Returns one row of several, or none.
    Row,
    /// Returns the one row there is, or raises.
    Unique,
    /// Returns columns of the rows.
    Columns,
    /// Returns a figure: how many there are, or one computed from columns.
    Figures,
    /// Saves a new row, as `save()` does, and returns it.
    Creates,
    /// Saves a row, new or not, as `save()` does, and returns it.
    CreatesOrUpdates,
    /// Deletes rows, with their signals.
    Deletes,
    /// Deletes rows without signals.
    RawDeletes,
    /// Changes columns without signals.
    Updates,
    /// Inserts rows without signals.
    BulkCreates,
    /// Changes columns of given rows without signals.
    BulkUpdates,
}

impl QuerySetMethod {
    /// Whether it writes rows.
    fn writes(self) -> bool {
        self.writes_silently()
            || matches!(
                self,
                QuerySetMethod::Creates
                    | QuerySetMethod::CreatesOrUpdates
                    | QuerySetMethod::Deletes
            )
    }

    /// Whether it writes rows without signals.
    fn writes_silently(self) -> bool {
        matches!(
            self,
            QuerySetMethod::RawDeletes
                | QuerySetMethod::Updates
                | QuerySetMethod::BulkCreates
                | QuerySetMethod::BulkUpdates
        )
    }
}

/// What a method of a model instance does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelMethod {
    /// Saves the row and sends the signals for it.
    Saves,
    /// Deletes the row and sends the signals for it.
    Deletes,
}

impl Frameworks {
    /// The built-in framework files, then `extra` ones of the project: path and text of each.
    ///
    /// # Errors
    /// Where a file does not follow the schema, with the place in it.
    pub fn load(extra: &[(PathBuf, String)]) -> Result<Frameworks, PointedError> {
        let mut merged = Frameworks::default();
        let mut spellings = Spellings::default();
        for (path, text) in BUILT_IN {
            merged.add(PathBuf::from(path), text, &mut spellings)?;
        }
        for (path, text) in extra {
            merged.add(path.clone(), text, &mut spellings)?;
        }
        merged.rust.finish();
        merged.index_store_methods();
        merged.read_patterns(&spellings);
        Ok(merged)
    }

    fn add(
        &mut self,
        path: PathBuf,
        text: &str,
        spellings: &mut Spellings,
    ) -> Result<(), PointedError> {
        let pointed = |error: toml::de::Error| {
            PointedError::at(&path, text, error.span().unwrap_or_default(), error.message())
        };
        let head: Head = toml::from_str(text).map_err(pointed)?;
        if head.language == Some(Language::Rust) {
            return self.rust.add(&path, text);
        }
        let file: FrameworkFile = toml::from_str(text).map_err(|error| {
            PointedError::at(&path, text, error.span().unwrap_or_default(), error.message())
        })?;
        for (role, names) in file.names {
            for name in names {
                let words = match role {
                    Role::MuteSignals | Role::MuteLibraries => Some(&mut self.muting_words),
                    Role::Mapping => Some(&mut self.mapping_words),
                    Role::GetModel => Some(&mut self.getter_words),
                    Role::Clock => Some(&mut self.clock_words),
                    _ => None,
                };
                if let Some(words) = words {
                    words.extend(name.rsplit('.').next().map(str::to_owned));
                }
                if role.is_field() {
                    let word = name.rsplit('.').next().unwrap_or(&name);
                    spellings.fields.push(word.to_owned());
                }
                if name.contains('*') {
                    self.role_patterns.push(RolePattern::new(&name, role));
                } else {
                    self.roles.insert(name, role);
                }
            }
        }
        self.signals.extend(file.signals);
        self.sent_before_write.extend(file.sent_before_write);
        for store in file.store {
            self.add_store(store);
        }
        let queryset = file.queryset;
        for (names, method) in [
            (queryset.rows, QuerySetMethod::Rows),
            (queryset.conditions, QuerySetMethod::Conditions),
            (queryset.exclusions, QuerySetMethod::Exclusions),
            (queryset.orders, QuerySetMethod::Orders),
            (queryset.related, QuerySetMethod::Related),
            (queryset.loads_only, QuerySetMethod::LoadsOnly),
            (queryset.loads_all_but, QuerySetMethod::LoadsAllBut),
            (queryset.columns, QuerySetMethod::Columns),
            (queryset.figures, QuerySetMethod::Figures),
            (queryset.row, QuerySetMethod::Row),
            (queryset.unique, QuerySetMethod::Unique),
            (queryset.creates, QuerySetMethod::Creates),
            (queryset.creates_or_updates, QuerySetMethod::CreatesOrUpdates),
            (queryset.deletes, QuerySetMethod::Deletes),
            (queryset.raw_deletes, QuerySetMethod::RawDeletes),
            (queryset.updates, QuerySetMethod::Updates),
            (queryset.bulk_creates, QuerySetMethod::BulkCreates),
            (queryset.bulk_updates, QuerySetMethod::BulkUpdates),
        ] {
            self.queryset.extend(names.into_iter().map(|name| (name, method)));
        }
        self.queryset_makers.extend(queryset.makers);
        self.through_update.extend(queryset.through_update);
        self.drops_listed.extend(queryset.drops_listed);
        self.link_methods.extend(queryset.links);
        self.model.extend(file.model.saves.into_iter().map(|name| (name, ModelMethod::Saves)));
        self.model.extend(file.model.deletes.into_iter().map(|name| (name, ModelMethod::Deletes)));
        self.model_inner.extend(file.model.inner);
        self.row_loaders.extend(file.model.loads);
        self.row_members.extend(file.model.members);
        self.task_methods.extend(file.task_methods);
        self.tasks_on_commit.extend(file.tasks_on_commit);
        self.put_off_by.extend(file.model.put_off_by);
        for writer in &file.writer {
            for method in &writer.methods {
                let known = self.writers.entry(method.name.clone()).or_default();
                let types = writer.types.iter();
                known.extend(types.map(|name| (WildMatch::new(name), method.clone())));
            }
        }
        self.hook_decorators.extend(file.hook_decorator);
        self.memoizers.extend(file.memoizer);
        self.key_builders.extend(file.key);
        self.views.makers.extend(file.views.makers);
        self.views.dispatchers.extend(file.views.dispatchers);
        self.views.readers.extend(file.views.readers);
        self.sql_methods.extend(file.sql.methods);
        self.code = file.code.or(self.code.take());
        self.startup_app_modules.extend(file.startup.app_modules);
        self.startup_modules.extend(file.startup.modules);
        spellings.invalidations.extend(file.invalidation.names);
        spellings.stores.extend(file.conventions.stores);
        spellings.versions.extend(file.conventions.versions);
        spellings.managers.extend(file.conventions.managers);
        spellings.rows.extend(file.conventions.rows);
        Ok(())
    }

    /// Stores of one name are one store, described in several files.
    fn add_store(&mut self, store: Store) {
        let names = [&store.instances, &store.items_of, &store.returned_by, &store.types];
        let words = names.into_iter().flatten().filter_map(|name| name.rsplit('.').next());
        self.store_words.extend(words.map(str::to_owned));
        let writers = store.methods.iter().filter(|method| {
            matches!(
                method.does,
                MethodEffect::Drop
                    | MethodEffect::Count
                    | MethodEffect::Fill
                    | MethodEffect::FillMissing
            )
        });
        self.store_writers.extend(writers.map(|method| method.name.clone()));
        match self.stores.iter_mut().find(|known| known.name == store.name) {
            Some(known) => {
                known.instances.extend(store.instances);
                known.items_of.extend(store.items_of);
                known.returned_by.extend(store.returned_by);
                known.types.extend(store.types);
                known.awaited.extend(store.awaited);
                known.methods.extend(store.methods);
                known.keeps_forever |= store.keeps_forever;
            }
            None => self.stores.push(store),
        }
    }

    fn read_patterns(&mut self, spellings: &Spellings) {
        let read = |names: &[String], any_case| {
            NamePatterns::new(names.iter().map(String::as_str), any_case)
        };
        self.field_words = read(&spellings.fields, false);
        self.manager_names = read(&spellings.managers, false);
        self.invalidation_names = read(&spellings.invalidations, true);
        self.store_names = read(&spellings.stores, true);
        self.version_names = read(&spellings.versions, false);
        self.row_names = read(&spellings.rows, false);
    }

    fn index_store_methods(&mut self) {
        for (at, store) in self.stores.iter().enumerate() {
            for (place, method) in store.methods.iter().enumerate() {
                self.store_methods.entry(method.name.clone()).or_insert((at, place));
            }
        }
    }

    /// The part a dotted name plays.
    pub fn role(&self, name: &str) -> Option<Role> {
        self.roles.get(name).copied().or_else(|| {
            self.role_patterns.iter().find(|it| it.matches(name)).map(|pattern| pattern.role)
        })
    }

    /// Whether a class of this name, without the module, may be one of dicts.
    pub fn names_mapping(&self, word: &str) -> bool {
        self.mapping_words.contains(word)
    }

    /// The names of functions that give a model by its label.
    pub fn model_getters(&self) -> impl Iterator<Item = &str> {
        self.getter_words.iter().map(String::as_str)
    }

    /// The last segments of the names of what tells the time.
    pub fn clock_words(&self) -> impl Iterator<Item = &str> {
        self.clock_words.iter().map(String::as_str)
    }

    /// Whether a class of this name, without the module, may be one of fields.
    pub fn names_field(&self, word: &str) -> bool {
        self.field_words.match_name(word)
    }

    /// Which write sends the signal of this dotted name.
    pub fn signal(&self, name: &str) -> Option<Event> {
        self.signals.get(name).copied()
    }

    /// Whether the signal of this dotted name is sent before the write, which the database does not show yet.
    pub fn is_sent_before_write(&self, name: &str) -> bool {
        self.sent_before_write.iter().any(|known| known == name)
    }

    /// The store that a dotted name is an instance of.
    pub fn store_named(&self, name: &str) -> Option<StoreId> {
        self.find_store(|store| store.instances.iter().any(|known| known == name))
    }

    /// The store whose instances are the items of the mapping with this dotted name.
    pub fn store_items(&self, name: &str) -> Option<StoreId> {
        self.find_store(|store| store.items_of.iter().any(|known| known == name))
    }

    /// The store that a call of this dotted name returns: a constructor or a factory.
    pub fn store_returned_by(&self, name: &str) -> Option<StoreId> {
        self.find_store(|store| {
            store.returned_by.iter().chain(&store.types).any(|known| known == name)
        })
    }

    /// Whether the methods of a store that a call of this dotted name returns must be awaited.
    pub fn is_awaited(&self, store: StoreId, name: &str) -> bool {
        let is_below = |module: &String| {
            name.strip_prefix(module.as_str()).is_some_and(|rest| rest.starts_with('.'))
        };
        self.stores.get(store.0).is_some_and(|store| store.awaited.iter().any(is_below))
    }

    /// The method of a store that drops one key, or one field of the hash that a key names.
    pub fn dropping_method(&self, store: StoreId, of_field: bool) -> Option<&str> {
        let wanted: &[&str] = if of_field { &["key", "field"] } else { &["key"] };
        let is_one = |name: &str, wanted: &str| {
            name == wanted
                || name.strip_prefix('*').and_then(|it| it.strip_suffix('s')) == Some(wanted)
        };
        let drops = |method: &&StoreMethod| {
            method.does == MethodEffect::Drop
                && method.params.len() == wanted.len()
                && method.params.iter().zip(wanted).all(|(name, wanted)| is_one(name, wanted))
        };
        Some(&self.stores.get(store.0)?.methods.iter().find(drops)?.name)
    }

    fn find_store(&self, matches: impl Fn(&Store) -> bool) -> Option<StoreId> {
        self.stores.iter().position(matches).map(StoreId)
    }

    /// The method of a store that stores a value under one key, and by which parameter it is told how long,
    /// where what is stored does not stay by itself.
    pub fn setting_method(&self, store: StoreId) -> Option<(&str, Option<&str>)> {
        let store = self.stores.get(store.0)?;
        store.methods.iter().filter(|method| method.does == MethodEffect::Fill).find_map(|method| {
            let [key, value, timeout] = method.params.as_slice() else { return None };
            let (part, param) = timeout.split_once('=').unwrap_or((timeout, timeout));
            let is_it = key == "key" && value == "value" && part == "timeout";
            is_it.then_some((method.name.as_str(), (!store.keeps_forever).then_some(param)))
        })
    }

    /// How code calls a method of a store that is ready-made: the module to import from, the name there,
    /// and what follows the name.
    pub fn ready_made_call(
        &self,
        store: StoreId,
        alias: Option<&str>,
        method: &str,
    ) -> Option<(String, String, String)> {
        let store = self.stores.get(store.0)?;
        let instance = store.instances.first()?;
        let (module, name) = instance.rsplit_once('.')?;
        match alias? {
            "default" => Some((module.to_owned(), name.to_owned(), format!(".{method}"))),
            alias => {
                let (module, name) = store.items_of.first()?.rsplit_once('.')?;
                let rest = format!("[\"{alias}\"].{method}");
                Some((module.to_owned(), name.to_owned(), rest))
            }
        }
    }

    /// The method by which a memoised function of a process forgets all it returned.
    pub fn forgetting_in_process(&self) -> Option<&str> {
        let memoizer = self.memoizers.iter().find(|memoizer| memoizer.process_local)?;
        memoizer.forgets.first().map(String::as_str)
    }

    /// A method of a store.
    pub fn store_method(&self, store: StoreId, method: &str) -> Option<&StoreMethod> {
        self.stores.get(store.0)?.methods.iter().find(|known| known.name == method)
    }

    /// What any store's method of this name does, for receivers that are stores by convention.
    pub fn any_store_method(&self, method: &str) -> Option<&StoreMethod> {
        let &(store, at) = self.store_methods.get(method)?;
        Some(&self.stores[store].methods[at])
    }

    /// What a method of a manager or queryset does.
    pub fn queryset_method(&self, method: &str) -> Option<QuerySetMethod> {
        self.queryset.get(method).copied()
    }

    /// Whether a method of a queryset or relation writes rows through `update()` of them.
    pub fn goes_through_update(&self, method: &str) -> bool {
        self.through_update.iter().any(|known| known == method)
    }

    /// Whether a method of a queryset drops what listing memoizers computed from the rows it writes.
    pub fn drops_listed(&self, method: &str) -> bool {
        self.drops_listed.contains(method)
    }

    /// The name of the method of a queryset that writes its rows without signals.
    pub fn update_method(&self) -> &'static str {
        "update"
    }

    /// The methods of managers that make their querysets.
    pub fn queryset_makers(&self) -> &[String] {
        &self.queryset_makers
    }

    /// Whether a method of the far side of a relation links rows.
    pub fn is_link_method(&self, method: &str) -> bool {
        self.link_methods.contains_key(method)
    }

    /// The actions of the signal that a method of the far side of a many-to-many relation sends.
    pub fn link_actions(&self, method: &str) -> &[String] {
        self.link_methods.get(method).map_or(&[], Vec::as_slice)
    }

    /// Whether a method of the far side of a relation takes it from rows that the call does not name.
    pub fn unlinks_rest(&self, method: &str) -> bool {
        let has = |end: &str| self.link_actions(method).iter().any(|action| action.ends_with(end));
        has("clear") || (has("add") && has("remove"))
    }

    /// The names of all methods that write rows, of querysets, relations and instances.
    pub fn row_writers(&self) -> impl Iterator<Item = &str> {
        let names = self.writers_past_instances(QuerySetMethod::writes);
        names.chain(self.model.keys().map(String::as_str))
    }

    /// Whether a method of a manager or queryset writes rows.
    pub fn is_row_writer(&self, method: &str) -> bool {
        self.queryset_method(method).is_some_and(QuerySetMethod::writes)
    }

    /// The names of the methods that delete rows with their signals, of instances and of querysets.
    pub fn deleters(&self) -> impl Iterator<Item = &str> {
        let of_rows = self.queryset.iter().filter(|(_, does)| **does == QuerySetMethod::Deletes);
        let of_one = self.model.iter().filter(|(_, does)| **does == ModelMethod::Deletes);
        of_rows.map(|(name, _)| name.as_str()).chain(of_one.map(|(name, _)| name.as_str()))
    }

    /// The names of the methods that write rows without signals.
    pub fn silent_writers(&self) -> impl Iterator<Item = &str> {
        self.writers_past_instances(QuerySetMethod::writes_silently)
    }

    /// The names of the methods of querysets that are `meant`, of relations, and of those that run SQL.
    fn writers_past_instances(
        &self,
        meant: fn(QuerySetMethod) -> bool,
    ) -> impl Iterator<Item = &str> {
        let querysets = self.queryset.iter().filter(move |(_, method)| meant(**method));
        let names = querysets.map(|(name, _)| name).chain(self.link_methods.keys());
        names.chain(&self.sql_methods).map(String::as_str)
    }

    /// What a method of a model instance does.
    pub fn model_method(&self, method: &str) -> Option<ModelMethod> {
        self.model.get(method).copied()
    }

    /// The names of the methods of model instances that write rows.
    pub fn instance_writers(&self) -> impl Iterator<Item = &str> {
        self.model.keys().map(String::as_str)
    }

    /// Whether every instance of a model has an attribute of this name.
    pub fn is_member_of_rows(&self, name: &str) -> bool {
        self.model.contains_key(name) || self.row_members.contains(name)
    }

    /// The method that a method of a model instance works through, where that is another one.
    pub fn inner_model_method(&self, method: &str) -> Option<&str> {
        self.model_inner.get(method).map(String::as_str)
    }

    /// The class methods of models that make an instance of a row that was read.
    pub fn row_loaders(&self) -> impl Iterator<Item = &str> {
        self.row_loaders.iter().map(String::as_str)
    }

    /// Whether a class method of a model makes an instance of a row that was read.
    pub fn loads_row(&self, method: &str) -> bool {
        self.row_loaders.iter().any(|known| known == method)
    }

    /// How a method of a task passes arguments on to the function behind it.
    pub fn task_method(&self, method: &str) -> Option<TaskArguments> {
        self.task_methods.get(method).copied()
    }

    /// Whether such a method starts the task when the transaction is committed.
    pub fn starts_on_commit(&self, method: &str) -> bool {
        self.tasks_on_commit.contains(method)
    }

    /// Keywords by which what is named like a method that saves is told not to write yet.
    pub fn put_off_by(&self) -> &[String] {
        &self.put_off_by
    }

    /// What classes have a method of this name that writes what it is given.
    pub fn writers(&self, method: &str) -> &[(WildMatch, WriterMethod)] {
        self.writers.get(method).map_or(&[], Vec::as_slice)
    }

    /// The decorator of this dotted name that makes a method a hook.
    pub fn hook_decorator(&self, name: &str) -> Option<&HookDecorator> {
        self.hook_decorators.iter().find(|known| known.names.iter().any(|other| other == name))
    }

    /// The last segments of the names of hook decorators.
    pub fn hook_decorators(&self) -> &[HookDecorator] {
        &self.hook_decorators
    }

    /// The decorator of this dotted name that makes a function remember what it returned.
    pub fn memoizer(&self, name: &str) -> Option<&Memoizer> {
        self.memoizers.iter().find(|known| known.names.iter().any(|other| other == name))
    }

    /// The methods by which memoised functions forget.
    pub fn forgetting_methods(&self) -> BTreeSet<&str> {
        let methods = self.memoizers.iter().flat_map(|known| &known.forgets);
        methods.map(String::as_str).collect()
    }

    /// What fixes write, where a framework says it.
    pub fn code(&self) -> Option<&Code> {
        self.code.as_ref()
    }

    /// The last segments of the names of memoising decorators.
    pub fn memoizer_words(&self) -> impl Iterator<Item = &str> {
        let names = self.memoizers.iter().flat_map(|known| &known.names);
        names.filter_map(|name| name.rsplit('.').next())
    }

    /// The last segments of the names of decorators that keep responses of views.
    pub fn response_keeper_words(&self) -> BTreeSet<&str> {
        let keepers = self.memoizers.iter().filter(|known| known.response.is_some());
        let names = keepers.flat_map(|known| &known.names);
        names.filter_map(|name| name.rsplit('.').next()).collect()
    }

    /// How classes answer requests.
    pub fn views(&self) -> &Views {
        &self.views
    }

    /// The function of this dotted name that builds keys.
    pub fn key_builder(&self, name: &str) -> Option<&KeyBuilder> {
        self.key_builders.iter().find(|known| known.names.iter().any(|other| other == name))
    }

    /// The keys under which frameworks store and look up by themselves.
    pub fn own_keys(&self) -> impl Iterator<Item = &str> {
        let responses = self.memoizers.iter().filter_map(|known| known.response.as_ref());
        let built = self.key_builders.iter().map(|known| known.key.as_str());
        responses.map(|response| response.key.as_str()).chain(built)
    }

    /// The kind of store of this name.
    pub fn store_called(&self, name: &str) -> Option<StoreId> {
        self.find_store(|store| store.name == name)
    }

    /// Whether what a store holds without a timeout stays until it is dropped.
    pub fn keeps_forever(&self, store: StoreId) -> bool {
        self.stores.get(store.0).is_none_or(|store| store.keeps_forever)
    }

    /// The last segments of the names of what a migration writes rows by.
    pub fn migration_writers(&self) -> BTreeSet<&str> {
        let writes = |role: &Role| matches!(role, Role::RunPython | Role::RunSql);
        let names = self.roles.iter().filter(|(_, role)| writes(role)).map(|(name, _)| name);
        names.filter_map(|name| name.rsplit('.').next()).collect()
    }

    /// The last segments of the names of what mutes signals or libraries.
    pub fn muting_words(&self) -> &BTreeSet<String> {
        &self.muting_words
    }

    /// Whether a method of this name runs the SQL text in its first argument.
    pub fn runs_sql(&self, method: &str) -> bool {
        self.sql_methods.iter().any(|known| known == method)
    }

    /// The names of the methods that run the SQL text in their first argument.
    pub fn sql_methods(&self) -> impl Iterator<Item = &str> {
        self.sql_methods.iter().map(String::as_str)
    }

    /// Modules of every installed app that are imported before rows are written.
    pub fn startup_app_modules(&self) -> &[String] {
        &self.startup_app_modules
    }

    /// Modules of any package that are imported before rows are written.
    pub fn startup_modules(&self) -> &[String] {
        &self.startup_modules
    }

    /// Whether the last segment of a call says invalidation plainly.
    pub fn says_invalidation(&self, name: &str) -> bool {
        self.invalidation_names.match_name(name)
    }

    /// Whether a variable of this name is a store by convention.
    pub fn names_store(&self, name: &str) -> bool {
        self.store_names.match_name(name.trim_start_matches('_'))
    }

    /// Whether a class of this name is one of managers or querysets by convention.
    pub fn names_manager(&self, name: &str) -> bool {
        self.manager_names.match_name(name)
    }

    /// Whether a column or variable of this name changes with the row it belongs to.
    pub fn names_version(&self, name: &str) -> bool {
        self.version_names.match_name(name)
    }

    /// Whether a variable of this name holds a row, of any model.
    pub fn names_row(&self, name: &str) -> bool {
        self.row_names.match_name(name)
    }

    /// A name under which querysets look up the one row there is.
    pub fn unique_method(&self) -> &'static str {
        "get"
    }

    /// The first name under which a model instance has a method.
    pub fn main_model_method(&self, method: ModelMethod) -> &'static str {
        match method {
            ModelMethod::Saves => "save",
            ModelMethod::Deletes => "delete",
        }
    }

    /// The last segments of the names of what is, returns or holds a store.
    pub fn store_words(&self) -> impl Iterator<Item = &str> {
        self.store_words.iter().map(String::as_str)
    }

    /// Whether some store has a method of this name that drops or stores.
    pub fn is_store_writer(&self, name: &str) -> bool {
        self.store_writers.contains(name)
    }

    /// The names of all methods that drop or overwrite an entry.
    pub fn store_writers(&self) -> impl Iterator<Item = &str> {
        self.store_writers.iter().map(String::as_str)
    }
}

/// A store that framework files describe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StoreId(usize);

impl StoreId {
    /// What a process keeps for itself: results of memoised functions.
    pub const PROCESS: StoreId = StoreId(usize::MAX);
    /// What a memoising decorator keeps in a cache that all processes share.
    pub const SHARED_RESULTS: StoreId = StoreId(usize::MAX - 1);
    /// What a process holds in variables of modules and classes.
    pub const VARIABLES: StoreId = StoreId(usize::MAX - 2);
}
