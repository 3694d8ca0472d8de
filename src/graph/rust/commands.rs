//! Commands of stores that are built by name, argument by argument, and run at the end.

use std::sync::Arc;

use super::given::Given;
use super::run::Runner;
use super::types::{Head, Ty};
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
        given: Given,
        file: FileId,
        expr: ExprId,
    ) -> Value {
        let store = self.program.frameworks.store(command.kind);
        let Some(described) = &store.command else { return on };
        let is_chained = self.is_chained(&on);
        if !command.words.is_empty() && described.arguments.iter().any(|known| known == name) {
            let words = command.words.iter().cloned().chain(given.values).collect();
            let command = Command { kind: command.kind, words };
            if is_chained {
                // `pipe.cmd("DEL").arg(key);` is run with all others, whenever that is.
                self.run_command(&command, file, expr);
            }
            return Value { what: What::Command(Arc::new(command)), ..on };
        }
        if is_chained {
            let owner = self.owner_of(command.kind, Owner::Any);
            let what = What::Store(Store { kind: command.kind, owner });
            return self.call_method(Value { what, ..on }, name, given, file, expr);
        }
        match described.runs.iter().any(|known| known == name) {
            true => self.run_command(command, file, expr),
            false => on,
        }
    }

    /// Whether a value is a store whose methods return itself.
    pub(super) fn is_chained(&self, value: &Value) -> bool {
        match &value.ty.peeled(self.program).0.head {
            Head::Outside(path) => self.program.frameworks.is_chained(path),
            _ => false,
        }
    }

    /// Does what a command says.
    pub(super) fn run_command(&mut self, command: &Command, file: FileId, expr: ExprId) -> Value {
        let store = self.program.frameworks.store(command.kind);
        let Some(described) = &store.command else { return Value::default() };
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
