//! Runs many functions by themselves, on several threads.

use rayon::prelude::*;

use super::Interp;
use crate::graph::effect::Effect;
use crate::graph::ids::FunctionId;
use crate::graph::value::Args;

/// How many parts the functions are divided into, on however many threads. What a run finds out about
/// the program serves the later ones of its part, so the number must not depend on the machine.
const PARTS: usize = 4;

impl Interp<'_> {
    /// What each function does when it is run by itself, in the order of the functions.
    pub fn follow_functions(&self, functions: &[(FunctionId, Args)]) -> Vec<Vec<Effect>> {
        let size = functions.len().div_ceil(PARTS).max(1);
        functions
            .par_chunks(size)
            .map(|part| {
                let mut interp = self.clone();
                let run =
                    |(id, args): &(FunctionId, Args)| interp.follow_function(*id, args.clone());
                part.iter().map(run).collect::<Vec<_>>()
            })
            .flatten()
            .collect()
    }
}
