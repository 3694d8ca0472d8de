//! The graph of Rust code: the same facts and the same answers as for Python, with what differs
//! between them. Rust spells its types, so what a value is is read off; and its ORMs have no signals, so
//! what covers a write stands mostly next to it.

mod aims;
mod attributes;
mod bindings;
mod calls;
mod channels;
mod commands;
mod conditions;
mod coverage;
mod crates;
mod early;
mod effect;
mod entries;
mod eval;
mod fields;
mod functions;
mod generics;
mod given;
mod hooks;
mod keyed;
mod loops;
mod macros;
mod managers;
mod memoized;
mod method_calls;
mod migrations;
mod other_writes;
mod patches;
mod paths;
mod processes;
mod program;
mod queries;
mod relevance;
mod run;
mod schema;
mod scopes;
mod shared;
mod sieves;
mod sql_calls;
mod statements;
mod stores;
mod strays;
mod tables;
mod texts;
mod types;
mod unstarted;
mod untargeted;
mod value;
mod words;

use std::sync::Arc;

use super::stumble::Stumbles;
use super::{Model, ModelGraph, Options};
use crate::facts::FileFacts;
use crate::frameworks::RustFrameworks;
use crate::source::Sources;
use processes::Processes;
use program::Program;
use relevance::Relevance;
use run::Runner;
use words::Known;

/// Links the facts of the Rust files of a run; `facts` is indexed by file.
pub fn link(
    sources: &Sources,
    facts: &[Arc<FileFacts>],
    frameworks: &RustFrameworks,
    options: &Options,
    stumbles: &Stumbles,
) -> ModelGraph {
    let program = Program::new(sources, facts, frameworks, stumbles);
    let relevance = Relevance::of(&program);
    let mut runner = Runner::new(&program, &relevance);
    runner.find_receivers();
    let blocks = hooks::blocks(&runner, &program.crates.impls);
    let mut hooks = hooks::find(&mut runner, &blocks);
    let unstarted = unstarted::find(&mut runner, &mut hooks);
    let runs = runner.run_all(&relevance.functions);
    let entries = entries::find(&runner, &runs);
    let managed = managers::find(&program, &options.cache_managers);
    let runs = coverage::Runs::of(&program, &runs, &hooks);
    let mut graph = ModelGraph::default();
    let known = Known {
        program: &program,
        hooks: &hooks,
        unstarted: &unstarted,
        blocks: &blocks,
        runs: &runs,
        processes: Processes::of(&program, &runs),
        sent: runner.sent(),
        for_fixes: options.for_fixes,
    };
    known.tell(&entries, &managed, &mut graph);
    graph.dead_hooks.extend(unstarted.iter().filter_map(|it| it.describe(&program)));
    graph.whole_drops = untargeted::whole_drops(&program, &runs, &hooks, &entries);
    graph.dead_hooks.extend(unstarted::loops(&program, &runs, &entries, &runner.waiting()));
    if options.for_fixes {
        graph.layout.rust_modules = program.crates.paths_by_file();
    }
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
