//! What paths, methods and attributes mean in Rust, read from the framework files with
//! `language = "rust"`.

mod queries;
mod schema;
mod statements;
mod stores;
mod types;

use std::path::Path;

use rustc_hash::{FxHashMap, FxHashSet};
use wildmatch::WildMatch;

use super::patterns::NamePatterns;
use crate::config::PointedError;
pub use schema::{
    Bound, Entity, HookMethod, Links, Part, Receiver, ReceiverAttribute, RustMemoizer, RustStore,
    RustStoreMethod, SchemaCode, StoreEffect, TraitHook, Verb, WriteMethod,
};
use schema::{Channel, Conflict, Managers, RustFile};
use types::Types;

/// All framework files for Rust of a run, merged.
#[derive(Debug, Default)]
pub struct RustFrameworks {
    wrappers: FxHashSet<String>,
    locks: FxHashSet<String>,
    transparent_methods: FxHashSet<String>,
    transparent_functions: FxHashSet<String>,
    failures: FxHashSet<String>,
    callers: FxHashSet<String>,
    filters: FxHashSet<String>,
    text_joins: FxHashSet<String>,
    appends: FxHashSet<String>,
    collects: FxHashSet<String>,
    replaces: FxHashSet<String>,
    empties: FxHashSet<String>,
    may_be_nothing: FxHashSet<String>,
    stands_for: FxHashMap<String, String>,
    of_row_type: FxHashSet<String>,
    reads_into: FxHashSet<String>,
    upserts: FxHashSet<String>,
    conflicts: Vec<Conflict>,
    column_getters: FxHashSet<String>,
    durations: FxHashMap<String, f64>,
    stores: Vec<RustStore>,
    timeouts: FxHashSet<String>,
    memoizers: Vec<RustMemoizer>,
    manager_arguments: Vec<String>,
    /// Kinds of entities.
    pub entities: Vec<Entity>,
    starts: FxHashSet<String>,
    unique: FxHashSet<String>,
    runs_all: FxHashSet<String>,
    runs_one: FxHashSet<String>,
    runs_counts: FxHashSet<String>,
    joins: FxHashSet<String>,
    beside: FxHashSet<String>,
    selects: FxHashMap<String, Selection>,
    conditions: FxHashSet<String>,
    equals: FxHashSet<String>,
    conjoins: FxHashSet<String>,
    disjoins: FxHashSet<String>,
    write_functions: FxHashMap<String, Verb>,
    write_runs: FxHashSet<String>,
    sets: FxHashSet<String>,
    set_values: FxHashSet<String>,
    to_active: FxHashSet<String>,
    empty: FxHashSet<String>,
    row_derives: FxHashSet<String>,
    writes: Vec<(WriteMethod, WildMatch)>,
    table_macros: FxHashSet<String>,
    table_attributes: FxHashMap<String, String>,
    sql_calls: FxHashSet<String>,
    sql_reads: FxHashSet<String>,
    sql_prepares: FxHashSet<String>,
    sql_binds: FxHashSet<String>,
    sql_files: FxHashSet<String>,
    sql_includes: FxHashSet<String>,
    sql_methods: FxHashSet<String>,
    begins: FxHashSet<String>,
    commits: FxHashSet<String>,
    transactions: FxHashSet<String>,
    /// How migrations in code declare foreign keys.
    pub schemas: Vec<SchemaCode>,
    /// Traits whose methods run on writes.
    pub hooks: Vec<TraitHook>,
    /// Attributes that make a function a receiver.
    pub receivers: Vec<ReceiverAttribute>,
    channels: Vec<Channel>,
    types: Types,
    versions: Vec<String>,
    inert: FxHashSet<String>,
    random: FxHashSet<String>,
    version_names: NamePatterns,
    invalidations: Vec<String>,
    invalidation_names: NamePatterns,
}

/// What a method of a query says of the columns that it reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selection {
    /// It names all of them.
    All,
    /// There are none yet.
    Nothing,
    /// It names some of them, where others do not stand for all.
    More,
}

/// What holds a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// A static, or a lock.
    Shared,
    /// A field, or a type that only holds it.
    Owned,
    /// A variable.
    Nobody,
}

impl Holder {
    /// What a type adds to what holds it.
    pub fn within(self, is_shared: bool, is_wrapped: bool) -> Holder {
        match self {
            Holder::Nobody if is_wrapped && !is_shared => Holder::Owned,
            _ if is_shared => Holder::Shared,
            own => own,
        }
    }
}

/// The kind of a store; an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StoreKind(u32);

impl RustFrameworks {
    /// Adds a file.
    ///
    /// # Errors
    /// Where it does not follow the schema, with the place in it.
    pub(super) fn add(&mut self, path: &Path, text: &str) -> Result<(), PointedError> {
        let file: RustFile = toml::from_str(text).map_err(|error| {
            PointedError::at(path, text, error.span().unwrap_or_default(), error.message())
        })?;
        self.wrappers.extend(file.wrappers.types);
        self.locks.extend(file.wrappers.locks);
        self.transparent_methods.extend(file.wrappers.methods);
        self.transparent_functions.extend(file.wrappers.functions);
        self.failures.extend(file.wrappers.failures);
        self.callers.extend(file.wrappers.callers);
        self.filters.extend(file.wrappers.filters);
        self.text_joins.extend(file.wrappers.joins);
        self.appends.extend(file.wrappers.appends);
        self.collects.extend(file.wrappers.collects);
        self.replaces.extend(file.wrappers.replaces);
        self.empties.extend(file.wrappers.empties);
        self.may_be_nothing.extend(file.wrappers.may_be_nothing);
        self.stands_for.extend(file.wrappers.stands_for);
        self.of_row_type.extend(file.query.of_row_type);
        self.reads_into.extend(file.query.reads_into);
        self.upserts.extend(file.query.upserts);
        self.conflicts.extend(file.query.conflict);
        self.column_getters.extend(file.query.column_getters);
        self.durations.extend(file.durations);
        self.timeouts.extend(file.store.iter().flat_map(|store| store.timeouts.iter().cloned()));
        self.stores.extend(file.store);
        self.memoizers.extend(file.memoizer);
        let Managers { attribute_argument } = file.manager;
        self.manager_arguments.extend(attribute_argument);
        self.entities.extend(file.entity);
        self.starts.extend(file.query.starts);
        self.unique.extend(file.query.unique);
        self.runs_all.extend(file.query.all);
        self.runs_one.extend(file.query.one);
        self.runs_counts.extend(file.query.counts);
        self.joins.extend(file.query.joins);
        self.beside.extend(file.query.beside);
        for (names, selection) in [
            (file.query.selects, Selection::All),
            (file.query.selects_none, Selection::Nothing),
            (file.query.selects_more, Selection::More),
        ] {
            self.selects.extend(names.into_iter().map(|name| (name, selection)));
        }
        self.conditions.extend(file.query.conditions);
        self.equals.extend(file.query.equals);
        self.conjoins.extend(file.query.conjoins);
        self.disjoins.extend(file.query.disjoins);
        self.write_functions.extend(file.query.functions);
        self.write_runs.extend(file.query.runs);
        self.sets.extend(file.query.sets);
        self.set_values.extend(file.query.set_values);
        self.to_active.extend(file.query.to_active);
        self.empty.extend(file.query.empty);
        self.row_derives.extend(file.tables.row_derives);
        let writes = file.query.write.into_iter();
        self.writes.extend(writes.map(|write| (write.clone(), WildMatch::new(&write.method))));
        self.table_macros.extend(file.tables.macros);
        self.table_attributes.extend(file.tables.attributes);
        self.sql_calls.extend(file.sql.calls);
        self.sql_methods.extend(file.sql.methods);
        self.sql_reads.extend(file.sql.reads);
        self.sql_prepares.extend(file.sql.prepares);
        self.sql_binds.extend(file.sql.binds);
        self.sql_files.extend(file.sql.files);
        self.sql_includes.extend(file.sql.includes);
        self.begins.extend(file.transaction.begins);
        self.commits.extend(file.transaction.commits);
        self.transactions.extend(file.transaction.wraps);
        self.schemas.extend(file.schema);
        self.hooks.extend(file.hook);
        self.receivers.extend(file.receiver);
        self.channels.extend(file.channel);
        self.versions.extend(file.conventions.versions);
        self.inert.extend(file.conventions.inert);
        self.random.extend(file.conventions.random);
        self.invalidations.extend(file.invalidation.names);
        Ok(())
    }

    /// Reads the patterns, and orders the types, once all files are there.
    pub(super) fn finish(&mut self) {
        self.types = Types::of(&self.stores, &self.channels);
        self.version_names = NamePatterns::new(self.versions.iter().map(String::as_str), true);
        self.invalidation_names =
            NamePatterns::new(self.invalidations.iter().map(String::as_str), true);
    }

    /// Whether a type of this last segment stands for its last generic argument.
    pub fn is_wrapper(&self, name: &str) -> bool {
        self.wrappers.contains(name) || self.is_lock(name)
    }

    /// Whether a type of this last segment shares what it holds.
    pub fn is_lock(&self, name: &str) -> bool {
        self.locks.contains(name)
    }

    /// Whether a method returns what it is called on.
    pub fn is_transparent_method(&self, name: &str) -> bool {
        self.transparent_methods.contains(name)
    }

    /// Whether a function, by its last segment, returns what it is given.
    pub fn is_transparent_function(&self, name: &str) -> bool {
        self.transparent_functions.contains(name)
    }

    /// Whether what a function, by its last segment, returns holds no value.
    pub fn is_failure(&self, name: &str) -> bool {
        self.failures.contains(name)
    }

    /// Whether a method calls what it is given, with what it is called on.
    pub fn is_caller(&self, name: &str) -> bool {
        self.callers.contains(name)
    }

    /// Whether it returns what it is called on, as far as that is let through.
    pub fn is_filter(&self, name: &str) -> bool {
        self.filters.contains(name)
    }

    /// Whether a method makes one text of several.
    pub fn is_joined_by(&self, name: &str) -> bool {
        self.text_joins.contains(name)
    }

    /// Whether a method adds to the end of a text.
    pub fn appends(&self, name: &str) -> bool {
        self.appends.contains(name)
    }

    /// Whether a method puts what it is given into the collection that it is called on.
    pub fn collects(&self, name: &str) -> bool {
        self.collects.contains(name)
    }

    /// Whether a method, or a function by its last segment, leaves nothing where it takes a value.
    pub fn leaves_nothing(&self, name: &str) -> bool {
        self.empties.contains(name)
    }

    /// Whether a method puts another value in the place of all that something holds.
    pub fn replaces_whole(&self, name: &str) -> bool {
        self.replaces.contains(name)
    }

    /// Whether a function or a macro, by its path, makes another value at each call.
    pub fn is_random(&self, path: &str) -> bool {
        self.random.contains(path)
    }

    /// Whether a type, by its last segment, holds a value or none.
    pub fn may_be_nothing(&self, name: &str) -> bool {
        self.may_be_nothing.contains(name)
    }

    /// What a trait, by its last segment, calls the type that may be used in the place of another one.
    pub fn stands_for(&self, of_trait: &str) -> Option<&str> {
        self.stands_for.get(of_trait).map(String::as_str)
    }

    /// How many seconds one unit of a duration has that a function of this name makes.
    pub fn duration_unit(&self, name: &str) -> Option<f64> {
        self.durations.get(name).copied()
    }

    /// Whether an argument of an attribute names a manager.
    pub fn is_manager_argument(&self, name: &str) -> bool {
        self.manager_arguments.iter().any(|known| known == name)
    }

    /// Whether a macro, by its last segment, declares a table.
    pub fn declares_table(&self, name: &str) -> bool {
        self.table_macros.contains(name)
    }

    /// The argument of an attribute that names the table of a struct's rows.
    pub fn table_argument(&self, attribute: &str) -> Option<&str> {
        self.table_attributes.get(attribute).map(String::as_str)
    }

    /// Whether a column or a constant of this name changes with the row or the code.
    pub fn names_version(&self, name: &str) -> bool {
        self.version_names.match_name(name)
    }

    /// Whether an attribute calls nothing of what it stands on.
    pub fn is_inert(&self, attribute: &str) -> bool {
        self.inert.contains(attribute)
    }

    /// What the methods of a trait, by its last segment, are run for.
    pub fn hook(&self, of_trait: &str) -> Option<&TraitHook> {
        self.hooks.iter().find(|hook| hook.name == of_trait)
    }

    /// The type of the ends that a function makes, by its path.
    pub fn made_channel(&self, path: &str) -> Option<&str> {
        let makes = |it: &&Channel| it.makes.iter().any(|known| same_path(known, path));
        self.channels.iter().find(makes)?.types.first().map(String::as_str)
    }

    /// Whether a method sends what it is given through a channel.
    pub fn sends(&self, name: &str) -> bool {
        self.channels.iter().any(|it| it.send.iter().any(|known| known == name))
    }

    /// Whether a method waits for a message, whatever it is called on.
    pub fn receives(&self, name: &str) -> bool {
        self.channels.iter().any(|it| it.receive.iter().any(|known| known == name))
    }

    /// Whether a method of an end of a channel waits for a message.
    pub fn iterates(&self, name: &str) -> bool {
        self.channels.iter().any(|it| it.iterates.iter().any(|known| known == name))
    }

    /// Whether a method of an end of a channel makes another one.
    pub fn is_same_channel(&self, name: &str) -> bool {
        self.channels.iter().any(|it| it.same.iter().any(|known| known == name))
    }

    /// Whether a name says invalidation plainly.
    pub fn says_invalidation(&self, name: &str) -> bool {
        self.invalidation_names.match_name(name)
    }
}

/// The last segment of a path.
pub fn last_segment(path: &str) -> &str {
    // One character is found much faster than two, and colons stand in pairs.
    path.rfind(':').map_or(path, |at| &path[at + 1..])
}

/// Whether a path of the source is a known one; a path of one segment goes by the last one.
pub fn same_path(known: &str, path: &str) -> bool {
    known == path || !path.contains(':') && last_segment(known) == path
}
