//! From which code other code can be reached, going by names: more than really can, but for what is
//! reached by names that many functions share, or by more calls than are followed.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use super::ids::FunctionId;
use super::interp::SENDING;
use super::processes::ProcessId;
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
        // Functions of one name are used by the same code.
        let mut followed: FxHashSet<(Use<'a>, ProcessId)> = FxHashSet::default();
        let mut open = seeds;
        for level in 0..depth {
            for function in std::mem::take(&mut open) {
                let process = self.processes.of(function.file);
                let mut uses = self.uses_of(function, level < CLASS_LEVELS);
                uses.retain(|it| followed.insert((*it, process)));
                for user in uses.into_iter().flat_map(|it| self.users(it)) {
                    if self.processes.of(user.file) == process && reached.insert(user) {
                        open.push(user);
                    }
                }
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
        let naming = self.frameworks.words_for_named_tasks();
        seeds.extend(naming.flat_map(|word| self.uses.of_any(word)));
        let said = self.saying_invalidation().iter();
        seeds.extend(said.flat_map(|name| self.functions_mentioning(name)));
        if has_signals {
            seeds.extend(SENDING.iter().flat_map(|name| self.uses.of_function(name)));
        }
        seeds.sort_unstable();
        seeds.dedup();
        self.functions_reaching(seeds, MAX_CALLS_TO_A_DROP)
    }

    /// How code may call a function, hand it on, or set off in another way what it does; `by_class` where to
    /// name its class may set it off.
    fn uses_of(&self, function: FunctionId, by_class: bool) -> Vec<Use<'a>> {
        let name = self.function_name(function);
        let mut uses = Vec::new();
        if !name.is_empty() {
            let is_method = matches!(self.function(function).scope, Scope::Class(_));
            // A name that many methods share says little about which one is meant.
            if !is_method || self.methods_named(name).len() <= COMMON {
                uses.push(self.call_of(function));
                // A variable may hold it.
                uses.extend(self.aliases_of(name).iter().map(|alias| Use::Mention(alias)));
            }
            uses.push(Use::AsDecorator(name));
        }
        let handed_out = self.handed_out_by(self.function_name(self.outermost(function)));
        uses.extend(handed_out.map(Use::Mention));
        // A function may be reached by what decorates it.
        uses.extend(self.decorator_names(function).into_iter().map(Use::Any));
        if by_class
            && is_run_by_class(name)
            && let Some(class) = self.enclosing_class(function)
        {
            uses.extend(self.names_of_instances(class).into_iter().map(Use::Any));
        }
        uses
    }

    /// The functions that use something.
    fn users(&self, it: Use<'_>) -> Vec<FunctionId> {
        match it {
            Use::Function(name) => self.uses.of_function(name).collect(),
            Use::Method { name, may_be_property } => {
                self.uses.of_method(name, may_be_property).collect()
            }
            Use::Mention(name) => self.functions_mentioning(name).collect(),
            Use::AsDecorator(name) => self.functions_decorated_by(name).to_vec(),
            Use::Any(name) => self.uses.of_any(name).collect(),
        }
    }

    /// The use of a function by a call, or by handing it on.
    fn call_of(&self, function: FunctionId) -> Use<'a> {
        let name = self.function_name(function);
        let fact = self.function(function);
        match fact.scope {
            // A decorator may make a property of it.
            Scope::Class(_) => Use::Method { name, may_be_property: !fact.decorators.is_empty() },
            _ => Use::Function(name),
        }
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
        self.users(self.call_of(function))
    }
}

/// How functions use something, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Use<'n> {
    /// They call a function, or hand it on.
    Function(&'n str),
    /// The same of a method, or they take it from an instance.
    Method { name: &'n str, may_be_property: bool },
    /// They mention it.
    Mention(&'n str),
    /// It decorates them.
    AsDecorator(&'n str),
    /// In any way.
    Any(&'n str),
}

/// Whether a class runs a method of this name where it is called, or a subclass or a model with such an
/// attribute is created.
fn is_run_by_class(name: &str) -> bool {
    name.starts_with("__") || name == "contribute_to_class"
}
