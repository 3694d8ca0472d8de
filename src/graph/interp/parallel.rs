//! Runs that do not depend on each other, on several threads.

use rayon::prelude::*;

use super::Interp;
use crate::graph::effect::Effect;
use crate::graph::ids::FunctionId;
use crate::graph::value::Args;

/// How many parts the runs are divided into, on however many threads. What a run finds out about the
/// program serves the later ones of its part, so the number must not depend on the machine.
const PARTS: usize = 4;

impl<'a> Interp<'a> {
    /// Does something with each item, in an interpreter of its own for each part of the items; the
    /// results are in the order of the items.
    pub fn in_parts<'t, T: Sync, R: Send>(
        &self,
        items: &'t [T],
        run: impl Fn(&mut Interp<'a>, &'t T) -> R + Sync,
    ) -> Vec<R> {
        let part = |items: &'t [T]| {
            let mut interp = self.clone();
            items.iter().map(|item| run(&mut interp, item)).collect::<Vec<R>>()
        };
        let size = items.len().div_ceil(PARTS).max(1);
        items.par_chunks(size).map(part).flatten().collect()
    }

    /// What each function does when it is run by itself.
    pub fn follow_functions(&self, functions: &[(FunctionId, Args)]) -> Vec<Vec<Effect>> {
        self.in_parts(functions, |interp, (id, args)| interp.follow_function(*id, args.clone()))
    }
}
