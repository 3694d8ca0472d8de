//! Commands of stores that are built by name, argument by argument, and run at the end.

use std::sync::Arc;

use super::run::Runner;
use super::types::Ty;
use super::value::{Command, Owner, Seconds, Store, Value, What};
use crate::facts::ExprId;
use crate::source::FileId;

impl Runner<'_, '_> {
    /// A method of a command that is being built.
    pub(super) fn command_method(
        &mut self,
        command: &Arc<Command>,
        on: Value,
        name: &str,
        given: Vec<Value>,
        file: FileId,
        expr: ExprId,
    ) -> Value {
        let store = self.program.frameworks.store(command.kind);
        let Some(described) = &store.command else { return on };
        if !command.words.is_empty() && described.arguments.iter().any(|known| known == name) {
            let words = command.words.iter().cloned().chain(given).collect();
            let command = Command { kind: command.kind, words };
            return Value { what: What::Command(Arc::new(command)), ..on };
        }
        if !described.runs.iter().any(|known| known == name) {
            return on;
        }
        let Some((verb, words)) = command.words.split_first() else {
            // Code of its own may drop anything.
            self.emit(super::effect::Act::Named, file, expr);
            return Value::default();
        };
        let Some(verb) = verb.text.as_ref().and_then(|text| text.known()).map(str::to_lowercase)
        else {
            return Value::default();
        };
        let timeout = words.windows(2).find_map(|pair| {
            let word = pair[0].text.as_ref()?.known()?.to_uppercase();
            let unit = described.timeouts.get(&word)?;
            match pair[1].what {
                What::Int(number) => Some(Seconds::of(number, *unit)),
                _ => Some(Seconds::UNKNOWN),
            }
        });
        if described.code.contains(&verb) {
            self.emit(super::effect::Act::Named, file, expr);
            return Value::default();
        }
        let method = described.methods.get(&verb).unwrap_or(&verb).clone();
        let owner = self.owner_of(command.kind, Owner::Any);
        let store = Store { kind: command.kind, owner };
        let before = self.effects.len();
        let on = Value { what: What::Store(store.clone()), ..Value::of(Ty::default()) };
        let value = self.store_call(&store, &on, &method, words, file, expr);
        for effect in &mut self.effects[before..] {
            if let super::effect::Act::Fill(fill) = &mut effect.act {
                fill.timeout = fill.timeout.or(timeout);
            }
        }
        value.unwrap_or_default()
    }
}
