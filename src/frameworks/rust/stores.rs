//! What types and methods mean that store values.

use super::{
    Holder, RustFrameworks, RustMemoizer, RustStore, RustStoreMethod, StoreKind, last_segment,
    same_path,
};

impl RustFrameworks {
    /// Whether stores of a type, by its path, are caches where a value holds them, shared or not.
    pub fn is_cache_in(&self, kind: StoreKind, path: &str, holder: Holder) -> bool {
        let store = self.store(kind);
        match holder {
            _ if !store.only_shared => true,
            Holder::Shared => true,
            Holder::Owned => store.without_lock.iter().any(|known| same_path(known, path)),
            Holder::Nobody => false,
        }
    }

    /// The kind of stores of a name.
    pub fn store_named(&self, name: &str) -> Option<StoreKind> {
        self.stores.iter().position(|store| store.name == name).map(|at| StoreKind(at as u32))
    }

    /// The last segments of the types of stores.
    pub fn store_words(&self) -> Vec<&str> {
        let types = self.stores.iter().flat_map(|store| &store.types);
        let mut words: Vec<&str> = types.map(|path| last_segment(path)).collect();
        words.sort_unstable();
        words.dedup();
        words
    }

    /// The methods of stores of which all instances are one.
    pub fn methods_of_single_stores(&self) -> impl Iterator<Item = &str> {
        let single = self.stores.iter().filter(|store| store.is_one);
        single.flat_map(|store| {
            let commands = store.command.iter().flat_map(|command| &command.runs);
            store
                .methods
                .iter()
                .map(|method| method.name.as_str())
                .chain(commands.map(String::as_str))
        })
    }

    /// The crates of stores of which all instances are one.
    pub fn crates_of_single_stores(&self) -> Vec<&str> {
        let single = self.stores.iter().filter(|store| store.is_one);
        let types = single.flat_map(|store| &store.types);
        let mut crates: Vec<&str> = types.filter_map(|path| path.split("::").next()).collect();
        crates.sort_unstable();
        crates.dedup();
        crates
    }

    /// What is known of a kind of stores.
    pub fn store(&self, kind: StoreKind) -> &RustStore {
        &self.stores[kind.0 as usize]
    }

    /// What a method of a store does.
    pub fn store_method(&self, kind: StoreKind, name: &str) -> Option<&RustStoreMethod> {
        self.store(kind).methods.iter().find(|method| method.name == name)
    }

    /// What a method does of what a key stands for.
    pub fn place_method(&self, kind: StoreKind, name: &str) -> Option<&RustStoreMethod> {
        self.store(kind).entry_methods.iter().find(|method| method.name == name)
    }

    /// Whether the type of a key, or of a value, tells the entries of a kind of stores apart.
    pub fn is_keyed(&self, kind: StoreKind) -> bool {
        let store = self.store(kind);
        !store.key_macro.is_empty() || !store.key_trait.is_empty()
    }

    /// The kinds of stores of which that is so.
    pub fn keyed_stores(&self) -> impl Iterator<Item = StoreKind> + '_ {
        (0..self.stores.len() as u32).map(StoreKind).filter(|kind| self.is_keyed(*kind))
    }

    /// The kind of stores whose commands a function starts, by its path.
    pub fn command_store(&self, path: &str) -> Option<StoreKind> {
        let starts = |store: &RustStore| {
            let commands = store.command.as_ref();
            commands.is_some_and(|it| it.functions.iter().any(|known| same_path(known, path)))
        };
        self.stores.iter().position(starts).map(|at| StoreKind(at as u32))
    }

    /// Whether a method of a store of a kind starts one of its commands: it is called like the function that does.
    pub fn starts_command(&self, kind: StoreKind, method: &str) -> bool {
        let commands = self.store(kind).command.as_ref();
        commands.is_some_and(|it| it.functions.iter().any(|path| last_segment(path) == method))
    }

    /// The kind of store in which code of its own runs that a function, by its path, makes.
    pub fn script_store(&self, path: &str) -> Option<StoreKind> {
        let makes = |store: &RustStore| {
            let commands = store.command.as_ref();
            commands.is_some_and(|it| it.scripts.iter().any(|known| same_path(known, path)))
        };
        self.stores.iter().position(makes).map(|at| StoreKind(at as u32))
    }

    /// The kind of store that a function makes an instance of.
    pub fn store_made_by(&self, path: &str) -> Option<StoreKind> {
        let makes = |store: &RustStore| store.makes.iter().any(|known| same_path(known, path));
        self.stores.iter().position(makes).map(|at| StoreKind(at as u32))
    }

    /// Whether a method of a builder gives all entries a timeout.
    pub fn is_timeout(&self, method: &str) -> bool {
        self.timeouts.contains(method)
    }

    /// What an attribute of a function, by its path, makes it remember.
    pub fn memoizer(&self, path: &str) -> Option<&RustMemoizer> {
        let is_of = |it: &&RustMemoizer| it.attributes.iter().any(|known| same_path(known, path));
        self.memoizers.iter().find(is_of)
    }
}
