//! The names of all files, each once: what is asked of a name is asked once, not in every file.

use std::sync::Arc;

use aho_corasick::AhoCorasick;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::facts::{FileFacts, NameId};
use crate::source::FileId;

/// An identifier or string literal of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WordId(u32);

/// Every distinct identifier and string literal of a run, and the files that have it.
#[derive(Debug, Default)]
pub struct Vocabulary<'a> {
    /// By id, in the order of the files.
    words: Vec<&'a str>,
    ids: FxHashMap<&'a str, WordId>,
    /// By file, then by the id of a name in it.
    of_files: Vec<Vec<WordId>>,
    /// The files with each word, those of one word next to each other, in order.
    files: Vec<FileId>,
    /// Where the files with a word end; they start where those of the word before it end.
    ends: Vec<usize>,
}

impl<'a> Vocabulary<'a> {
    /// Collects the names of all files.
    pub fn of(facts: &'a [Arc<FileFacts>]) -> Vocabulary<'a> {
        let mut vocabulary = Vocabulary::default();
        for facts in facts {
            let words = facts.names.iter().map(|name| vocabulary.intern(name)).collect();
            vocabulary.of_files.push(words);
        }
        vocabulary.index_files();
        vocabulary
    }

    fn intern(&mut self, text: &'a str) -> WordId {
        let next = WordId(self.words.len() as u32);
        let id = *self.ids.entry(text).or_insert(next);
        if id == next {
            self.words.push(text);
        }
        id
    }

    fn index_files(&mut self) {
        let mut next = vec![0; self.words.len()];
        for word in self.of_files.iter().flatten() {
            next[word.0 as usize] += 1;
        }
        let mut start = 0;
        for count in &mut next {
            start += std::mem::replace(count, start);
        }
        self.files = vec![FileId(0); start];
        for (file, words) in self.of_files.iter().enumerate() {
            for word in words {
                let at = &mut next[word.0 as usize];
                self.files[*at] = FileId(file as u32);
                *at += 1;
            }
        }
        self.ends = next;
    }

    /// The id of a text, where some file has it.
    pub fn find(&self, text: &str) -> Option<WordId> {
        self.ids.get(text).copied()
    }

    /// The words of a file, by the ids of its names.
    pub fn of_file(&self, file: FileId) -> &[WordId] {
        &self.of_files[file.0 as usize]
    }

    /// The files that have a word, in order.
    pub fn files_with(&self, word: WordId) -> &[FileId] {
        let at = word.0 as usize;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.files[start..self.ends[at]]
    }

    /// The files that have a text as a word, in order.
    pub fn files_naming(&self, text: &str) -> &[FileId] {
        self.find(text).map_or(&[], |word| self.files_with(word))
    }

    /// The files that have one of some words, in order.
    pub fn files_with_any_of(&self, words: &Words) -> Vec<FileId> {
        let mut files: Vec<FileId> =
            words.ids().flat_map(|word| self.files_with(word)).copied().collect();
        files.sort_unstable();
        files.dedup();
        files
    }

    /// The words for which `holds` is true; it is asked once for each, from any thread.
    pub fn filter(&self, holds: impl Fn(&str) -> bool + Sync) -> Words {
        Words { has: self.words.par_iter().map(|word| holds(word)).collect() }
    }

    /// The words that have one of some texts in them; all of them where the texts are too many to be
    /// searched at once.
    pub fn containing(&self, texts: &[impl AsRef<str>]) -> Words {
        let any = AhoCorasick::new(texts.iter().map(AsRef::as_ref));
        self.filter(|word| any.as_ref().map_or(true, |any| any.is_match(word)))
    }

    /// The files, among some, that have one of some texts in a word, in order; all of them where the texts
    /// are too many to be searched at once.
    pub fn files_containing(&self, texts: &[impl AsRef<str>], among: &[FileId]) -> Vec<FileId> {
        if among.is_empty() {
            return Vec::new();
        }
        let Ok(any) = AhoCorasick::new(texts.iter().map(AsRef::as_ref)) else {
            return among.to_vec();
        };
        let word = |id: &WordId| any.is_match(self.words[id.0 as usize]);
        among.par_iter().filter(|file| self.of_file(**file).iter().any(word)).copied().collect()
    }

    /// Those of some texts that are words.
    pub fn select<'t>(&self, texts: impl Iterator<Item = &'t str>) -> Words {
        let mut words = self.none();
        for word in texts.filter_map(|text| self.find(text)) {
            words.insert(word);
        }
        words
    }

    fn none(&self) -> Words {
        Words { has: vec![false; self.words.len()] }
    }

    /// Whether a name of a file is one of some words.
    pub fn is_one_of(&self, words: &Words, file: FileId, name: NameId) -> bool {
        words.has(self.of_file(file)[name.index()])
    }
}

/// Some words of a vocabulary.
#[derive(Debug, Clone, Default)]
pub struct Words {
    /// By id.
    has: Vec<bool>,
}

impl Words {
    /// Whether a word is one of them.
    pub fn has(&self, word: WordId) -> bool {
        self.has[word.0 as usize]
    }

    /// They, in order.
    pub fn ids(&self) -> impl Iterator<Item = WordId> + '_ {
        let held = self.has.iter().enumerate().filter(|(_, is_held)| **is_held);
        held.map(|(at, _)| WordId(at as u32))
    }

    /// Adds the words of another set.
    pub fn extend(&mut self, other: &Words) {
        for (own, other) in self.has.iter_mut().zip(&other.has) {
            *own |= other;
        }
    }

    /// Adds a word.
    pub fn insert(&mut self, word: WordId) {
        self.has[word.0 as usize] = true;
    }
}
