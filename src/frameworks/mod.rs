//! What dotted names and method names mean, read from the framework files in `rules/`.
//!
//! The only place where a framework's names stand in this program; code asks for [`Role`]s and
//! never compares a name of Django's itself.

mod loading;
mod patterns;
mod roles;
mod rows;
mod rust;
mod schema;
mod stores;

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};
use wildmatch::WildMatch;

use patterns::NamePatterns;
pub use roles::{Event, Role};
pub use rows::{ModelMethod, QuerySetMethod};
pub use rust::{
    Bound, Entity, Holder, HookMethod, Links, Part, Receiver, ReceiverAttribute, RustFrameworks,
    RustStoreMethod, SchemaCode, Selection, StoreEffect, StoreKind, Verb, last_segment, same_path,
};
pub use schema::{
    Code, HookDecorator, Imported, KeptResponse, KeyBuilder, LazyObject, Memoizer, MethodEffect,
    Store, StoreMethod, TaskArguments, ViewAction, ViewGives, ViewMethod, Views, WriterMethod,
};
pub use stores::StoreId;

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
    /// Class methods that make records of the attributes of something.
    record_loaders: BTreeSet<String>,
    /// The classes from which views inherit methods.
    view_types: Vec<WildMatch>,
    /// Methods that views inherit, by name, each with the classes.
    view_methods: FxHashMap<String, Vec<(Vec<WildMatch>, ViewMethod)>>,
    /// Functions that views list to be called with their rows, with the classes of the views.
    view_actions: Vec<(Vec<WildMatch>, ViewAction)>,
    /// Methods that run a task by its name.
    task_senders: BTreeSet<String>,
    /// What makes a signature of a task by its name.
    task_signatures: BTreeSet<String>,
    tasks_on_commit: FxHashSet<String>,
    put_off_by: Vec<String>,
    /// Methods that write what they are given, by their name, with the classes that have them.
    writers: FxHashMap<String, Vec<(WildMatch, WriterMethod)>>,
    hook_decorators: Vec<HookDecorator>,
    lazy_objects: Vec<LazyObject>,
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

impl Frameworks {
    /// The part a dotted name plays.
    pub fn role(&self, name: &str) -> Option<Role> {
        self.roles.get(name).copied().or_else(|| {
            self.role_patterns.iter().find(|it| it.matches(name)).map(|pattern| pattern.role)
        })
    }

    /// The class of this dotted name whose instances stand for what they make when it is first needed.
    pub fn lazy_object(&self, name: &str) -> Option<&LazyObject> {
        self.lazy_objects.iter().find(|known| known.names.iter().any(|other| other == name))
    }

    /// The methods by which instances make what they stand for.
    pub fn setups(&self) -> impl Iterator<Item = &str> {
        self.lazy_objects.iter().map(|known| known.setup.as_str())
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

    /// Whether a method runs a task that it is told the name of.
    pub fn is_task_sender(&self, method: &str) -> bool {
        self.task_senders.contains(method)
    }

    /// Whether a class method makes a record of the attributes of something.
    pub fn loads_record(&self, method: &str) -> bool {
        self.record_loaders.contains(method)
    }

    /// The classes from which views inherit methods.
    pub fn view_types(&self) -> &[WildMatch] {
        &self.view_types
    }

    /// The functions that views list to be called with their rows, with the classes of the views.
    pub fn view_actions(&self) -> &[(Vec<WildMatch>, ViewAction)] {
        &self.view_actions
    }

    /// The names of parameters of methods of views that hold rows of the view.
    pub fn rows_parameters(&self) -> &[String] {
        &self.views.rows_parameters
    }

    /// The method of a view that gives its rows.
    pub fn rows_method(&self) -> Option<&str> {
        self.views.rows_method.as_deref()
    }

    /// The methods of a name that views inherit, each with the classes.
    pub fn view_methods(&self, name: &str) -> &[(Vec<WildMatch>, ViewMethod)] {
        self.view_methods.get(name).map_or(&[], Vec::as_slice)
    }

    /// What code is spelled with that runs a task by its name.
    pub fn words_for_named_tasks(&self) -> impl Iterator<Item = &str> {
        let signatures = self.task_signatures.iter().filter_map(|path| path.rsplit('.').next());
        self.task_senders.iter().map(String::as_str).chain(signatures)
    }

    /// Whether what stands behind a dotted name makes a signature of a task that it knows by its name.
    pub fn makes_signature(&self, path: &str) -> bool {
        self.task_signatures.contains(path)
    }

    /// How a method of a task passes on what it is given.
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

    /// The decorator of this dotted name that makes a method a hook.
    pub fn hook_decorator(&self, name: &str) -> Option<&HookDecorator> {
        self.hook_decorators.iter().find(|known| known.names.iter().any(|other| other == name))
    }

    /// The last segments of the names of hook decorators.
    pub fn hook_decorators(&self) -> &[HookDecorator] {
        &self.hook_decorators
    }

    /// What fixes write, where a framework says it.
    pub fn code(&self) -> Option<&Code> {
        self.code.as_ref()
    }

    /// How classes answer requests.
    pub fn views(&self) -> &Views {
        &self.views
    }

    /// The last segments of the names of what mutes signals or libraries.
    pub fn muting_words(&self) -> &BTreeSet<String> {
        &self.muting_words
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

    /// Whether a column or variable of this name changes with the row it belongs to.
    pub fn names_version(&self, name: &str) -> bool {
        self.version_names.match_name(name)
    }
}
