//! Functions that an attribute makes remember what they returned.

use super::attributes::attributes;
use super::program::{Program, Target};
use super::value::Seconds;
use crate::facts::ExprKind;
use crate::frameworks::StoreKind;
use crate::graph::ids::FunctionId;

/// A function that remembers what it returned.
#[derive(Debug)]
pub struct Memoised {
    /// The kind of store that keeps the results.
    pub kind: StoreKind,
    /// How long it keeps them, where the attribute says.
    pub timeout: Option<Seconds>,
    /// The name of the static that keeps them.
    pub name: String,
}

/// What an attribute makes a function remember; nothing where none does.
pub fn memoised(program: &Program<'_>, function: FunctionId) -> Option<Memoised> {
    let facts = program.file(function.file);
    let module = program.crates.module_of_function(function)?;
    let all = attributes(program, function.file, &program.function(function).decorators);
    all.iter().find_map(|attribute| {
        let Target::Outside(path) = program.resolve(module, attribute.path).0 else { return None };
        let memoizer = program.frameworks.memoizer(&path)?;
        let kind = program.frameworks.store_named(&memoizer.store)?;
        let keywords = attribute.keywords(program, function.file);
        let timeout = keywords.iter().find_map(|(key, value)| {
            let unit = memoizer.timeouts.get(*key)?;
            match facts.expr(*value).kind {
                ExprKind::Int(number) => Some(Seconds::of(number, *unit)),
                // Some other number of seconds.
                _ => Some(Seconds::UNKNOWN),
            }
        });
        let argument = memoizer.name.as_deref();
        let given = argument.and_then(|name| attribute.text(program, function.file, name));
        let name = match given {
            Some(given) => given.to_owned(),
            None => program.function_name(function).to_uppercase(),
        };
        Some(Memoised { kind, timeout, name })
    })
}
