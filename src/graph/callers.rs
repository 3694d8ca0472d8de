//! Who may call a function, going by names alone.

use rustc_hash::FxHashSet;

use super::ids::FunctionId;
use super::program::Program;
use crate::facts::Scope;

/// A name that more functions than this mention says too little about who calls what.
pub const MAX_CALLERS: usize = 60;
/// The methods that run where a `with` statement names an instance.
const OF_CONTEXTS: [&str; 4] = ["__enter__", "__exit__", "__aenter__", "__aexit__"];
/// The method that runs where an instance is called.
pub const CALL: &str = "__call__";
/// The methods that run where an item of an instance is asked for, put or taken.
const OF_ITEMS: [&str; 4] = ["__getitem__", "__setitem__", "__delitem__", "__contains__"];

/// The functions that may call a function, or that it wraps as part of a decorator, going by names
/// alone.
pub fn callers_of(program: &Program<'_>, function: FunctionId) -> Vec<FunctionId> {
    let meant = program.outermost(function);
    let name = program.function_name(meant);
    let mut callers: Vec<FunctionId> = program.functions_decorated_by(name).to_vec();
    if name == CALL
        && let Some(class) = program.enclosing_class(meant)
    {
        let owners = program.names_of_instances(class).into_iter();
        callers.extend(owners.flat_map(|owner| program.functions_decorated_by(owner)));
    }
    if (is_of_context(name) || name == CALL || OF_ITEMS.contains(&name))
        && let Some(class) = program.enclosing_class(meant)
    {
        for owner in program.names_of_instances(class) {
            let users = program.functions_mentioning(owner);
            if users.len() <= MAX_CALLERS {
                callers.extend(users);
            }
        }
    }
    let by_name = program.callers_by_name(meant);
    if by_name.len() <= MAX_CALLERS {
        callers.extend(by_name);
    } else if let Scope::Class(_) = program.function(meant).scope
        && let Some(class) = program.enclosing_class(meant)
    {
        // Whoever calls a method of so common a name has the class or an instance of it by name.
        let by_name: FxHashSet<FunctionId> = by_name.into_iter().collect();
        for owner in program.names_of_instances(class) {
            let mentioning = program.functions_mentioning(owner);
            callers.extend(mentioning.filter(|caller| by_name.contains(caller)));
        }
    }
    for attribute in program.handed_out_by(name) {
        callers.extend(program.functions_mentioning(attribute));
    }
    for alias in program.aliases_of(name) {
        callers.extend(program.functions_decorated_by(alias));
        let users = program.functions_mentioning(alias);
        if users.len() <= MAX_CALLERS {
            callers.extend(users);
        }
    }
    callers.sort_unstable();
    callers.dedup();
    callers.retain(|caller| {
        program.processes.share(caller.file, function.file) && program.outermost(*caller) != meant
    });
    callers
}

/// Whether a method of this name runs where a `with` statement names an instance.
pub fn is_of_context(name: &str) -> bool {
    OF_CONTEXTS.contains(&name)
}
