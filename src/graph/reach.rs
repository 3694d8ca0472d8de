//! From which code other code can be reached, going by names: more than really can, but for what is
//! reached by names that many functions share, or by more calls than are followed.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use super::ids::FunctionId;
use super::interp::SENDING;
use super::program::Program;
use crate::facts::Scope;

/// A name that more functions than this have is not followed from callers to callees.
const COMMON: usize = 8;
/// How many calls away code that a class runs may be for the class to count.
const CLASS_LEVELS: usize = 2;
/// How many calls away from what drops an entry a function may be.
const MAX_CALLS_TO_A_DROP: usize = 4;

impl<'a> Program<'a> {
    /// The names from which the code of `seeds` can be reached by at most `depth` calls.
    pub fn names_reaching(&self, seeds: Vec<FunctionId>, depth: usize) -> FxHashSet<String> {
        let mut reached: FxHashSet<String> = FxHashSet::default();
        let mut open = seeds;
        for level in 0..depth {
            let mut names: BTreeSet<&str> = BTreeSet::new();
            for function in std::mem::take(&mut open) {
                let name = self.function_name(function);
                // A name that many functions share says little about which one is meant.
                let common = self.definitions.get(name).is_some_and(|count| *count > COMMON);
                if !name.is_empty() && !common {
                    names.insert(name);
                    // A variable may hold it.
                    names.extend(self.aliases_of(name));
                }
                // A function may be reached by what decorates it.
                names.extend(self.decorator_names(function));
                if is_run_by_class(name)
                    && level < CLASS_LEVELS
                    && let Some(class) = self.enclosing_class(function)
                {
                    names.extend(self.named_with(class));
                }
            }
            for name in names {
                if reached.insert(name.to_owned()) {
                    open.extend(self.functions_mentioning(name));
                }
            }
        }
        reached
    }

    /// The functions from which the code of `seeds` can be reached by at most `depth` calls, `seeds`
    /// among them.
    pub fn functions_reaching(
        &self,
        seeds: Vec<FunctionId>,
        depth: usize,
    ) -> FxHashSet<FunctionId> {
        let mut reached: FxHashSet<FunctionId> = seeds.iter().copied().collect();
        let mut open = seeds;
        for level in 0..depth {
            for function in std::mem::take(&mut open) {
                let users = self.users_of(function, level < CLASS_LEVELS).into_iter();
                let users = users.filter(|user| self.processes.share(user.file, function.file));
                open.extend(users.filter(|user| reached.insert(*user)));
            }
        }
        reached
    }

    /// The functions from which `droppers` can be reached by a few calls, or a call that says by its name
    /// that it invalidates; where the program `has_signals` of its own, those that send one, too.
    pub fn functions_reaching_drops(
        &self,
        droppers: &[FunctionId],
        has_signals: bool,
    ) -> FxHashSet<FunctionId> {
        let mut seeds = droppers.to_vec();
        // What a name out of sight leads to cannot be told.
        seeds.extend_from_slice(self.uses.dynamic());
        let said = self.saying_invalidation().iter();
        seeds.extend(said.flat_map(|name| self.functions_mentioning(name)));
        if has_signals {
            seeds.extend(SENDING.iter().flat_map(|name| self.uses.of_function(name)));
        }
        seeds.sort_unstable();
        seeds.dedup();
        self.functions_reaching(seeds, MAX_CALLS_TO_A_DROP)
    }

    /// The functions that may call a function, hand it on, or set off in another way what it does;
    /// `by_class` where to name its class may set it off.
    fn users_of(&self, function: FunctionId, by_class: bool) -> Vec<FunctionId> {
        let name = self.function_name(function);
        let mut users = Vec::new();
        if !name.is_empty() {
            let is_method = matches!(self.function(function).scope, Scope::Class(_));
            // A name that many methods share says little about which one is meant.
            if !is_method || self.methods_named(name).len() <= COMMON {
                users.extend(self.callers_by_name(function));
                // A variable may hold it.
                for alias in self.aliases_of(name) {
                    users.extend(self.functions_mentioning(alias));
                }
            }
            users.extend(self.functions_decorated_by(name));
        }
        for attribute in self.handed_out_by(self.function_name(self.outermost(function))) {
            users.extend(self.functions_mentioning(attribute));
        }
        // A function may be reached by what decorates it.
        for decorator in self.decorator_names(function) {
            users.extend(self.uses.of_any(decorator));
        }
        if by_class
            && is_run_by_class(name)
            && let Some(class) = self.enclosing_class(function)
        {
            for name in self.names_of_instances(class) {
                users.extend(self.uses.of_any(name));
            }
        }
        users
    }

    /// The names by which code may call a function, or set off in another way what it does.
    pub fn names_of_calls(&self, function: FunctionId) -> impl Iterator<Item = &'a str> + '_ {
        let name = self.function_name(function);
        let class = self.enclosing_class(function).filter(|_| is_run_by_class(name));
        let owners = class.map(|class| self.names_of_instances(class)).unwrap_or_default();
        let around = self.function_name(self.outermost(function));
        let others = self.aliases_of(name).iter().copied().chain(self.handed_out_by(around));
        std::iter::once(name).chain(others).chain(owners)
    }

    /// The functions that may call a function by its name, or hand it on.
    pub fn callers_by_name(&self, function: FunctionId) -> Vec<FunctionId> {
        let name = self.function_name(function);
        let fact = self.function(function);
        match fact.scope {
            // A decorator may make a property of it.
            Scope::Class(_) => self.uses.of_method(name, !fact.decorators.is_empty()).collect(),
            _ => self.uses.of_function(name).collect(),
        }
    }
}

/// Whether a class runs a method of this name where it is called, or a subclass or a model with such an
/// attribute is created.
fn is_run_by_class(name: &str) -> bool {
    name.starts_with("__") || name == "contribute_to_class"
}
