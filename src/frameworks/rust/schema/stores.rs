//! Kinds of caches, and what tells their entries apart.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A kind of cache.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RustStore {
    /// What reports call it.
    pub name: String,
    /// Paths of the types of instances; any, where there are none and its keys tell it.
    pub types: Vec<String>,
    /// Macros that bind a type of keys to the type of the values that are stored under them.
    #[serde(default)]
    pub key_macro: Vec<KeyMacro>,
    /// Traits that do.
    #[serde(default)]
    pub key_trait: Vec<KeyTrait>,
    /// Whether it is a cache only where the program shares it: in a static, or behind a lock in a field.
    #[serde(default)]
    pub only_shared: bool,
    /// Those among its types that need no lock: in any field, or behind what holds them, they are shared.
    #[serde(default)]
    pub without_lock: Vec<String>,
    /// Whether all instances are one store, told apart by their keys.
    #[serde(default)]
    pub is_one: bool,
    /// Whether what is stored without a timeout stays until it is dropped.
    #[serde(default)]
    pub keeps_forever: bool,
    /// Methods of a builder that give all entries a timeout.
    #[serde(default)]
    pub timeouts: Vec<String>,
    /// Paths of functions that make an instance.
    #[serde(default)]
    pub makes: Vec<String>,
    /// Those among its types whose methods return what they are called on; the functions make one of the first.
    #[serde(default)]
    pub chained: Vec<String>,
    /// The methods that matter.
    #[serde(default)]
    pub methods: Vec<RustStoreMethod>,
    /// The methods of what a key stands for, whether something is stored under it or not; the key is none of their
    /// parameters.
    #[serde(default)]
    pub entry_methods: Vec<RustStoreMethod>,
    /// Commands by their names, where it takes such.
    #[serde(default)]
    pub command: Option<Commands>,
}

/// Commands that are built by name, argument by argument, and run at the end.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Commands {
    /// Paths of the functions that start one.
    pub functions: Vec<String>,
    /// Paths of functions that make code of which nobody knows what it does in the store.
    #[serde(default)]
    pub scripts: Vec<String>,
    /// Commands, in lower case, that run such code.
    #[serde(default)]
    pub code: Vec<String>,
    /// Methods that add an argument.
    pub arguments: Vec<String>,
    /// Methods that run it.
    pub runs: Vec<String>,
    /// The methods that do the same, by command in lower case, where they are not called alike.
    #[serde(default)]
    pub methods: BTreeMap<String, String>,
    /// Arguments that stand before a timeout, with what one of its units has in seconds.
    #[serde(default)]
    pub timeouts: BTreeMap<String, f64>,
}

/// A macro that binds a type of keys, which it may declare, to a type of values.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyMacro {
    /// Its last segment.
    pub name: String,
    /// The position of the argument that names the type of the keys.
    pub key: usize,
    /// The position of the one that names the type of the values.
    pub value: usize,
}

/// A trait that binds the type it is implemented for to an associated type.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyTrait {
    /// Its last segment.
    pub name: String,
    /// The name of the associated type.
    pub associated: String,
    /// What the associated type is; the other one is what the trait is implemented for.
    pub is: Bound,
}

/// A type of two that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bound {
    /// The type of the keys.
    Key,
    /// The type of the values.
    Value,
}

/// A method of a store.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RustStoreMethod {
    /// Its name.
    pub name: String,
    /// What it does to an entry.
    pub does: StoreEffect,
    /// Its parameters in order, by part: `key`, `keys`, `pattern`, `items`, `value`, `default` (a value, or a closure
    /// that makes it), `change` (a closure that is given what is stored), `field`, `timeout`, `choice`.
    pub params: Vec<String>,
    /// What it does instead where the `choice` is one of these variants.
    #[serde(default)]
    pub choices: BTreeMap<String, StoreEffect>,
    /// The methods that tell a part, by part, where what is given is no more than what has them.
    #[serde(default)]
    pub asks: BTreeMap<String, String>,
}

/// What a method of a store does to an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StoreEffect {
    /// Stores a value.
    Fill,
    /// Stores a value where there is none.
    FillMissing,
    /// Returns the value.
    Read,
    /// Deletes or replaces it; without a key parameter, all of the store.
    Drop,
    /// Lends the value to who changes it, to a closure or to the caller.
    Patch,
    /// Returns what the key stands for, with methods of its own.
    Entry,
    /// Gives an entry a timeout.
    Expire,
    /// Returns an object with the same methods.
    #[serde(rename = "self")]
    Same,
}
