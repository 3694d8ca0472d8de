//! Which types outside of a program are stores or ends of channels, by their paths.

use rustc_hash::{FxHashMap, FxHashSet};

use super::schema::{Channel, RustStore};
use super::{RustFrameworks, StoreKind, last_segment};

/// The types by each path that the source may have for them: all of it, or its last segment alone.
#[derive(Debug, Default)]
pub(super) struct Types {
    stores: FxHashMap<String, StoreKind>,
    channels: FxHashSet<String>,
    chained: FxHashSet<String>,
}

impl Types {
    /// Orders them; of two kinds of stores of one name the first has it.
    pub fn of(stores: &[RustStore], channels: &[Channel]) -> Types {
        let mut types = Types::default();
        for (at, store) in stores.iter().enumerate() {
            for path in store.types.iter().flat_map(|known| [known, last_segment(known)]) {
                types.stores.entry(path.to_owned()).or_insert(StoreKind(at as u32));
            }
        }
        let channels = channels.iter().flat_map(|channel| &channel.types);
        let paths = channels.flat_map(|known| [known, last_segment(known)]);
        types.channels.extend(paths.map(str::to_owned));
        types.chained.extend(stores.iter().flat_map(|store| store.chained.iter().cloned()));
        types
    }
}

impl RustFrameworks {
    /// The kind of the stores of a type, by its path; a path of one segment goes by the last one.
    pub fn store_of_type(&self, path: &str) -> Option<StoreKind> {
        self.types.stores.get(path).copied()
    }

    /// Whether the methods of a store, by the path of its type, return what they are called on.
    pub fn is_chained(&self, path: &str) -> bool {
        self.types.chained.contains(path)
    }

    /// Whether a type, by its path, is an end of a channel.
    pub fn is_channel(&self, path: &str) -> bool {
        self.types.channels.contains(path)
    }
}
