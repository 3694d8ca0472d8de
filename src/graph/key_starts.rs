//! Finds what may have a key by how the text of keys starts, so that not each key is compared with each.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::key::{Part, Template};

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
    pub fn add_open(&mut self, thing: T) {
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
