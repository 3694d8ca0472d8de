//! What stores there are, and what code calls to fill, read and drop.

use std::collections::BTreeSet;

use super::{Frameworks, KeyBuilder, Memoizer, MethodEffect, Store, StoreMethod};

impl Frameworks {
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

    /// The decorator of this dotted name that makes a function remember what it returned.
    pub fn memoizer(&self, name: &str) -> Option<&Memoizer> {
        self.memoizers.iter().find(|known| known.names.iter().any(|other| other == name))
    }

    /// The methods by which memoised functions forget.
    pub fn forgetting_methods(&self) -> BTreeSet<&str> {
        let methods = self.memoizers.iter().flat_map(|known| &known.forgets);
        methods.map(String::as_str).collect()
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

    /// Whether a variable of this name is a store by convention.
    pub fn names_store(&self, name: &str) -> bool {
        self.store_names.match_name(name.trim_start_matches('_'))
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
