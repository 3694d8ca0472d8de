//! Finds keys by the text that they start with: which of many another key may equal.
//!
//! Keys are mostly told apart by their first words. Whoever compares each key of a program with each other
//! one takes a time that grows with their square.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use super::key::Template;

/// Values by the keys that they stand for.
#[derive(Debug)]
pub struct KeyIndex<T> {
    by_start: BTreeMap<Vec<u8>, Vec<T>>,
    /// How many bytes the starts have.
    lengths: BTreeSet<usize>,
}

impl<T> Default for KeyIndex<T> {
    fn default() -> Self {
        KeyIndex { by_start: BTreeMap::new(), lengths: BTreeSet::new() }
    }
}

impl<T> KeyIndex<T> {
    /// Adds a value for a key.
    pub fn insert(&mut self, key: &Template, value: T) {
        let start = key.start();
        self.lengths.insert(start.len());
        self.by_start.entry(start.to_vec()).or_default().push(value);
    }

    /// The values of all keys that may equal `key`, and of some that do not: those of which one starts as
    /// far as it is known like the other.
    pub fn like<'i>(&'i self, key: &'i Template) -> impl Iterator<Item = &'i T> {
        let start = key.start();
        let shorter = self
            .lengths
            .range(..start.len())
            .filter_map(|length| self.by_start.get(&start[..*length]));
        let longer = self.by_start.range::<[u8], _>((Bound::Included(start), Bound::Unbounded));
        let longer = longer.take_while(|(other, _)| other.starts_with(start));
        shorter.chain(longer.map(|(_, values)| values)).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_that_may_be_equal_is_left_out() {
        let texts = ["", "*", "a*", "ab*", "ab:*", "ab:1", "ab:1*", "b*", "*:v1", "ab", "é*"];
        let keys = texts.map(|text| Template::text(text).as_pattern());
        let mut index = KeyIndex::default();
        for (at, key) in keys.iter().enumerate() {
            index.insert(key, at);
        }
        for key in &keys {
            let found: BTreeSet<usize> = index.like(key).copied().collect();
            let equal = (0..keys.len()).filter(|at| keys[*at].can_equal(key));
            assert!(equal.into_iter().all(|at| found.contains(&at)), "{key}");
        }
        let unlike = index.like(&keys[5]).filter(|at| !keys[**at].can_equal(&keys[5]));
        assert!(unlike.count() < keys.len() / 2);
    }
}
