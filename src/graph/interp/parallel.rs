//! Runs that do not depend on each other, on several threads.

use rayon::prelude::*;

use super::Interp;
use crate::graph::effect::Effect;
use crate::graph::ids::FunctionId;
use crate::graph::value::Args;

/// How many interpreters share the runs, on however many threads. What a run finds out about the
/// program serves the later ones of its interpreter, so the number must not depend on the machine.
pub const INTERPRETERS: usize = 4;

/// Interpreters that share runs among them.
pub struct Crew<'a> {
    interps: Vec<Interp<'a>>,
}

impl<'a> Crew<'a> {
    /// Interpreters that know what `interp` knows.
    pub fn of(interp: &Interp<'a>) -> Crew<'a> {
        Crew { interps: vec![interp.clone(); INTERPRETERS] }
    }

    /// Does something with each item, those next to each other by one interpreter; the results are in
    /// the order of the items.
    pub fn each<'t, T: Sync, R: Send>(
        &mut self,
        items: &'t [T],
        run: impl Fn(&mut Interp<'a>, &'t T) -> R + Sync,
    ) -> Vec<R> {
        self.share(INTERPRETERS, &(), items.par_iter(), |interp, (), item| run(interp, item))
    }

    /// The same by the first `number` interpreters, with what each is given to know besides, a copy of its own.
    pub fn share<K: Clone + Sync, T: Send, R: Send>(
        &mut self,
        number: usize,
        known: &K,
        items: impl IndexedParallelIterator<Item = T>,
        run: impl Fn(&mut Interp<'a>, &mut K, T) -> R + Sync,
    ) -> Vec<R> {
        let size = items.len().div_ceil(number).max(1);
        let shares = self.interps.par_iter_mut().zip(items.chunks(size));
        let done = shares.map(|(interp, items)| {
            let mut known = known.clone();
            items.into_iter().map(|item| run(interp, &mut known, item)).collect::<Vec<R>>()
        });
        done.flatten().collect()
    }

    /// Tells every interpreter something.
    pub fn tell(&mut self, what: impl Fn(&mut Interp<'a>) + Sync) {
        self.interps.par_iter_mut().for_each(&what);
    }

    /// Forgets all that they know, which takes its time.
    pub fn dismiss(self) {
        self.interps.into_par_iter().for_each(drop);
    }

    /// What each function does when it is run by itself.
    pub fn follow_functions(&mut self, functions: &[(FunctionId, Args)]) -> Vec<Vec<Effect>> {
        self.each(functions, |interp, (id, args)| interp.follow_function(*id, args.clone()))
    }
}
