//! Caches, and variables that are used as such.

use std::sync::Arc;

use super::Value;
use crate::frameworks::StoreId;
use crate::graph::key::Template;

/// A cache of a known kind.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StoreRef {
    /// Its kind.
    pub kind: StoreId,
    /// Which one of the kind, where that is known.
    pub alias: Option<Arc<str>>,
}

impl StoreRef {
    /// Some cache of a kind.
    pub fn of(kind: StoreId) -> StoreRef {
        StoreRef { kind, alias: None }
    }

    /// The cache of a kind that has a name.
    pub fn named(kind: StoreId, alias: &str) -> StoreRef {
        StoreRef { kind, alias: Some(alias.into()) }
    }

    /// Whether it keeps what one function returned or one variable holds, and nothing else.
    pub fn is_of_one(&self) -> bool {
        matches!(self.kind, StoreId::PROCESS | StoreId::SHARED_RESULTS | StoreId::VARIABLES)
    }

    /// Whether it is a variable of a module or a class.
    pub fn is_variable(&self) -> bool {
        self.kind == StoreId::VARIABLES
    }

    /// Whether each process has one of its own.
    pub fn is_process_local(&self) -> bool {
        matches!(self.kind, StoreId::PROCESS | StoreId::VARIABLES)
    }

    /// Whether two may be the same cache.
    pub fn may_be(&self, other: &StoreRef) -> bool {
        let same_alias = match (&self.alias, &other.alias) {
            (Some(own), Some(other)) => own == other,
            _ => true,
        };
        self.kind == other.kind && same_alias
    }
}

/// A dict with the entries that are known.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Dict {
    /// Known entries in order.
    pub items: Vec<(Value, Value)>,
    /// Whether there may be more.
    pub open: bool,
    /// The variable that keeps it between calls, where one does.
    pub held: Option<Arc<Held>>,
}

impl Dict {
    /// Whether a key that is not among the known entries may still be in the dict.
    pub fn may_hold(&self, key: &Value) -> bool {
        let definite = |value: &Value| match value {
            Value::Text(text) => text.known().is_some(),
            Value::Class(_) | Value::Through(_) | Value::External(_) => true,
            Value::Int(_) | Value::Bool(_) | Value::None => true,
            _ => false,
        };
        self.open || !definite(key) || !self.items.iter().all(|(known, _)| definite(known))
    }
}

/// A variable of a module or a class that functions change, or a part of what it holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Held {
    /// The variable, as a store.
    pub store: StoreRef,
    /// How reports write it, with the keys that lead to the part.
    pub key: Template,
}
