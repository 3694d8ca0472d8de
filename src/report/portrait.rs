//! Shows what is known of one model: what is cached of it, and which of its writes are covered.

use std::io::{self, Write};

use super::clean::clean;
use super::coverage::{heading, sign, word};
use super::page::Pages;
use crate::graph::{
    CachedEntry, Column, EarlyDrop, Fed, FeedKind, Matrix, Model, ModelGraph, Row, State,
};
use crate::rules::Confidence;
use crate::source::{Location, Sources};

/// One model.
pub struct Portrait<'a> {
    model: &'a Model,
    /// Its rows of the matrix.
    rows: Vec<&'a Row>,
    /// The drops for its writes that come before the transaction ends.
    early_drops: Vec<&'a EarlyDrop>,
}

impl<'a> Portrait<'a> {
    /// What a matrix and the graph that it is of know of a model.
    pub fn of(model: &'a Model, matrix: &'a Matrix, graph: &'a ModelGraph) -> Portrait<'a> {
        let early_drops = graph.early_drops.iter();
        Portrait {
            model,
            rows: matrix.rows.iter().filter(|row| row.model == model.place).collect(),
            early_drops: early_drops.filter(|drop| drop.model == model.place).collect(),
        }
    }

    /// Writes it, an empty line before each entry.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&self, sources: &Sources, out: &mut dyn Write) -> io::Result<()> {
        let known: Vec<Vec<Step>> = self.rows.iter().map(|row| self.steps(row)).collect();
        let places = known.iter().flatten().filter_map(|step| step.place);
        let pages = Pages::of(sources, places.chain([self.model.place.location]));
        let model = &self.model.place;
        let (label, name) = (clean(&self.model.label), clean(&model.name));
        writeln!(out, "{label} ({name}, {})", pages.line_of(model.location))?;
        if self.rows.is_empty() {
            return writeln!(out, "\nIts rows feed no cache entry that is meant to stay fresh.");
        }
        for (row, steps) in self.rows.iter().zip(&known) {
            writeln!(out)?;
            write_row(row, steps, &pages, out)?;
        }
        Ok(())
    }

    /// What is known of an entry and the model, in the order in which it is shown.
    fn steps(&self, row: &Row) -> Vec<Step> {
        let mut steps = Vec::new();
        if let Some(entry) = &row.entry {
            steps.extend(caching(entry));
        }
        steps.extend(row.feeds.iter().map(|fed| Step::without_place("feeds it", way(fed))));
        for column in Column::ALL {
            let cell = row.cell(column);
            if cell.state != State::NotApplicable {
                let state = format!("{} {}", sign(cell.state), word(cell.state));
                steps.push(Step::without_place(heading(column), state));
            }
            let evidence = cell.evidence.iter();
            steps.extend(evidence.map(|step| Step::at("", step.location, &*step.message)));
        }
        for early in self.early_drops.iter().filter(|early| row.is_of(&early.entry)) {
            let words = format!("`{}` drops it before the transaction ends", early.hook.name);
            steps.push(Step::at("early", early.drop, words));
        }
        steps
    }
}

fn write_row(row: &Row, steps: &[Step], pages: &Pages, out: &mut dyn Write) -> io::Result<()> {
    let places: Vec<String> = steps
        .iter()
        .map(|step| step.place.map_or(String::new(), |place| pages.line_of(place)))
        .collect();
    let width = places.iter().map(|place| place.chars().count()).max().unwrap_or_default();
    let label = row.entry.as_ref().map_or("an entry that is not known", |entry| &entry.label);
    writeln!(out, "{}", clean(label))?;
    for (Step { head, place, words }, shown) in steps.iter().zip(&places) {
        let words = clean(words);
        match place {
            Some(_) => writeln!(out, "  {head:9}  {shown:width$}  {words}")?,
            None => writeln!(out, "  {head:9}  {words}")?,
        }
    }
    Ok(())
}

/// One line of what is known.
struct Step {
    head: &'static str,
    place: Option<Location>,
    words: String,
}

impl Step {
    fn at(head: &'static str, place: Location, words: impl Into<String>) -> Step {
        Step { head, place: Some(place), words: words.into() }
    }

    fn without_place(head: &'static str, words: String) -> Step {
        Step { head, place: None, words }
    }
}

/// What caches, and where it stores.
fn caching(entry: &CachedEntry) -> impl Iterator<Item = Step> {
    let holder = match &entry.attribute {
        Some(attribute) => format!("`{attribute}` is a `{}`", entry.holder.name),
        None => format!("`{}` caches rows", entry.holder.name),
    };
    let stored = entry.stored.iter().map(|stored| {
        let under = match stored.name.as_str() {
            "" => "under a key that is not known".to_owned(),
            key => format!("under `{key}`"),
        };
        Step::at("stored", stored.location, under)
    });
    std::iter::once(Step::at("cached by", entry.holder.location, holder)).chain(stored)
}

/// How rows reach an entry, in words.
fn way(fed: &Fed) -> String {
    let relation = fed.relation.as_ref().map_or("", |relation| relation.name.as_str());
    let how = match fed.kind {
        FeedKind::Own => "rows that are queried".to_owned(),
        FeedKind::Forward => format!("rows that `{relation}` points to"),
        FeedKind::Reverse => format!("rows that point back by `{relation}`"),
        FeedKind::Linked => format!("rows linked by `{relation}`"),
    };
    match fed.confidence {
        Confidence::High => how,
        Confidence::Medium => format!("{how} (confidence medium)"),
        Confidence::Low => format!("{how} (confidence low)"),
    }
}
