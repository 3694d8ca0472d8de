//! Macros that make items in other files than the one that declares them: those files are lowered once more, with
//! what they borrow. It is the one thing that a file cannot say by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::FileFacts;
use super::collect::{caught, with_losses};
use super::rust;
use crate::scan;
use crate::source::{FileId, Language, Sources, Span};

/// How often what is borrowed may call for more.
const MAX_ROUNDS: usize = 3;

/// Where macros are declared, by their names.
type Declared = BTreeMap<String, Vec<(FileId, Span)>>;

/// Lowers the Rust files anew that call macros of other files among their items.
pub fn lend(sources: &Sources, all: &mut [Arc<FileFacts>]) {
    let mut declared = Declared::new();
    for id in sources.ids().filter(|id| sources.file(*id).language == Language::Rust) {
        let facts = &all[id.0 as usize];
        for (name, span) in &facts.macros.declared {
            declared.entry(facts.name(*name).to_owned()).or_default().push((id, *span));
        }
    }
    if declared.is_empty() {
        return;
    }
    let borrowers = sources.ids().filter(|id| !missing(&all[id.0 as usize], &declared).is_empty());
    let borrowers: Vec<FileId> = borrowers.collect();
    let lowered: Vec<(FileId, Option<FileFacts>)> = borrowers
        .into_par_iter()
        .map(|id| (id, lowered(sources, id, &all[id.0 as usize], &declared)))
        .collect();
    for (id, facts) in lowered {
        if let Some(facts) = facts {
            all[id.0 as usize] = Arc::new(facts);
        }
    }
}

/// The macros that a file calls and others declare.
fn missing(facts: &FileFacts, declared: &Declared) -> BTreeSet<String> {
    let names = facts.macros.missing.iter().map(|name| facts.name(*name));
    names.filter(|name| declared.contains_key(*name)).map(str::to_owned).collect()
}

/// A file with what it borrows; none where it cannot be read any more.
fn lowered(
    sources: &Sources,
    id: FileId,
    known: &FileFacts,
    declared: &Declared,
) -> Option<FileFacts> {
    let file = sources.file(id);
    let own = scan::read_text(file).ok()?;
    let mut names = missing(known, declared);
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    let mut facts = None;
    for _ in 0..MAX_ROUNDS {
        for name in std::mem::take(&mut names) {
            let places = declared.get(&name)?;
            let (from, span) = nearest(sources, &file.project_path, places)?;
            let text = scan::read_text(sources.file(from)).ok()?.text;
            let text = text.get(span.start as usize..span.end as usize)?;
            // In round brackets it is a statement.
            let end = if text.ends_with('}') { "" } else { ";" };
            texts.insert(name, format!("{text}{end}"));
        }
        let macros: Vec<&str> = texts.values().map(String::as_str).collect();
        let lowered = caught(|| with_losses(rust::lower_with(&own.text, &macros), &own));
        names = missing(&lowered, declared);
        names.retain(|name| !texts.contains_key(name));
        facts = Some(lowered);
        if names.is_empty() {
            break;
        }
    }
    facts
}

/// The declaration that shares the most folders with a file.
fn nearest(sources: &Sources, path: &str, places: &[(FileId, Span)]) -> Option<(FileId, Span)> {
    let shared = |other: &str| {
        path.split('/').zip(other.split('/')).take_while(|(one, two)| one == two).count()
    };
    let by_distance = |(id, _): &&(FileId, Span)| shared(&sources.file(*id).project_path);
    // The last of the best ones is chosen, so the first comes last.
    places.iter().rev().max_by_key(by_distance).copied()
}
