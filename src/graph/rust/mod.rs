//! The graph of Rust code: the same facts and the same answers as for Python, with what differs
//! between them. Rust spells its types, so what a value is is read off; and its ORMs have no signals, so
//! what covers a write stands mostly next to it.

mod attributes;
mod calls;
mod channels;
mod commands;
mod coverage;
mod crates;
mod effect;
mod entries;
mod eval;
mod hooks;
mod loops;
mod managers;
mod memoized;
mod paths;
mod program;
mod queries;
mod relevance;
mod run;
mod schema;
mod stores;
mod tables;
mod types;
mod value;
mod words;

use std::sync::Arc;

use super::stumble::Stumbles;
use super::{Model, ModelGraph, Options};
use crate::facts::FileFacts;
use crate::frameworks::RustFrameworks;
use crate::graph::ids::FunctionId;
use crate::source::Sources;
use program::Program;
use relevance::Relevance;
use run::{Outcome, Runner};

/// Links the facts of the Rust files of a run; `facts` is indexed by file.
pub fn link(
    sources: &Sources,
    facts: &[FileFacts],
    frameworks: &RustFrameworks,
    options: &Options,
    stumbles: &Stumbles,
) -> ModelGraph {
    let program = Program::new(sources, facts, frameworks, stumbles);
    let relevance = Relevance::of(&program);
    let mut runner = Runner::new(&program, &relevance);
    runner.find_receivers();
    let hooks = hooks::find(&mut runner);
    let runs: Vec<(FunctionId, Arc<Outcome>)> =
        relevance.functions.iter().map(|function| (*function, runner.run(*function))).collect();
    let entries = entries::find(&runner, &runs);
    let managed = managers::find(&program, &options.cache_managers);
    let runs = coverage::Runs::of(&program, &runs, &hooks);
    let mut graph = ModelGraph::default();
    words::tell(&program, &entries, &managed, &hooks, &runs, runner.sent(), &mut graph);
    for table in &program.tables {
        if table.class.is_some() {
            graph.models.push(Model {
                place: table.place.clone(),
                label: table.name.clone(),
                is_abstract: false,
            });
        }
    }
    graph
}
