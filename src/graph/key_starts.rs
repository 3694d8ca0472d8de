//! Finds what may have a key by how the text of keys starts, so that not each key is compared with each.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::key::{Part, Template};
use super::value::StoreRef;

/// Things by the text before the first hole of their keys.
#[derive(Debug)]
pub struct KeyStarts<T> {
    by_text: BTreeMap<Arc<str>, Vec<T>>,
    /// Those that may have any key.
    open: Vec<T>,
}

impl<T> Default for KeyStarts<T> {
    fn default() -> Self {
        KeyStarts { by_text: BTreeMap::new(), open: Vec::new() }
    }
}

impl<T: Copy + Ord> KeyStarts<T> {
    /// Adds a thing under one of its keys, and under those of the counters in it.
    pub fn add(&mut self, key: &Template, thing: T) {
        for key in std::iter::once(key).chain(key.read_from()) {
            match key.parts.first() {
                Some(Part::Text(text)) => self.by_text.entry(text.clone()).or_default().push(thing),
                _ => self.open.push(thing),
            }
        }
    }

    /// Adds a thing that may have any key.
    fn add_open(&mut self, thing: T) {
        self.open.push(thing);
    }

    /// All things that have a key which may equal one of some keys or a counter in it, in their order, and
    /// others.
    pub fn that_may_equal<'k>(&self, keys: impl IntoIterator<Item = &'k Template>) -> Vec<T> {
        let mut found = self.open.clone();
        for key in keys {
            for key in std::iter::once(key).chain(key.read_from()) {
                self.add_meeting(key, &mut found);
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    fn add_meeting(&self, key: &Template, found: &mut Vec<T>) {
        let Some(Part::Text(text)) = key.parts.first() else {
            found.extend(self.by_text.values().flatten());
            return;
        };
        let longer = self.by_text.range(text.clone()..);
        let longer = longer.take_while(|(other, _)| other.starts_with(&**text));
        found.extend(longer.flat_map(|(_, things)| things));
        for (at, _) in text.char_indices() {
            found.extend(self.by_text.get(&text[..at]).into_iter().flatten());
        }
    }
}

/// The same for the keys of several stores, some of which are not known.
#[derive(Debug)]
pub struct StoredKeys<T> {
    by_store: FxHashMap<Option<StoreRef>, KeyStarts<T>>,
    /// Those that may have any key in any store.
    open: Vec<T>,
}

impl<T> Default for StoredKeys<T> {
    fn default() -> Self {
        StoredKeys { by_store: FxHashMap::default(), open: Vec::new() }
    }
}

impl<T: Copy + Ord> StoredKeys<T> {
    /// Adds a thing under a key of a store; under all keys where there is none.
    pub fn add(&mut self, store: Option<&StoreRef>, key: Option<&Template>, thing: T) {
        let keys = self.by_store.entry(store.cloned()).or_default();
        match key {
            Some(key) => keys.add(key, thing),
            None => keys.add_open(thing),
        }
    }

    /// Adds a thing that may have any key in any store.
    pub fn add_open(&mut self, thing: T) {
        self.open.push(thing);
    }

    /// Adds to `found` all things that have a key which may equal one in a store, or a counter in it, and
    /// others; any key where there is none.
    pub fn add_meeting(
        &self,
        store: Option<&StoreRef>,
        key: Option<&Template>,
        found: &mut BTreeSet<T>,
    ) {
        found.extend(&self.open);
        let any = Template::hole("*");
        let key = key.unwrap_or(&any);
        let mut add = |keys: &KeyStarts<T>| found.extend(keys.that_may_equal([key]));
        match store {
            Some(store) if store.alias.is_some() => {
                let fitting = [Some(store.clone()), Some(StoreRef::of(store.kind)), None];
                fitting.iter().filter_map(|store| self.by_store.get(store)).for_each(add);
            }
            #[expect(clippy::iter_over_hash_type, reason = "the set is in order")]
            _ => {
                for keys in self.by_store.values() {
                    add(keys);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_that_may_be_equal_is_left_out() {
        let texts = ["", "*", "a*", "ab*", "ab:*", "ab:1", "ab:1*", "b*", "*:v1", "ab", "é*"];
        let keys = texts.map(|text| Template::text(text).as_pattern());
        let mut starts = KeyStarts::default();
        for (at, key) in keys.iter().enumerate() {
            starts.add(key, at);
        }
        for key in &keys {
            let found = starts.that_may_equal([key]);
            let mut equal = (0..keys.len()).filter(|at| keys[*at].can_equal(key));
            assert!(equal.all(|at| found.contains(&at)), "{key}");
        }
        let found = starts.that_may_equal([&keys[5]]);
        let unlike = found.into_iter().filter(|at| !keys[*at].can_equal(&keys[5]));
        assert!(unlike.count() < keys.len() / 2);
    }
}
