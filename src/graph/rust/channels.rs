//! Channels: who receives what is sent, and what receiving it does.
//!
//! A message is known by its type. What a function does for one, from where it receives it to where it
//! waits for the next, is done by whoever sends it, some time later.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::effect::{Act, Effect};
use super::given::Given;
use super::run::{Outcome, Runner};
use super::types::{Head, Ty, ty_in};
use super::value::{Value, What};
use crate::facts::{ExprId, ExprKind};
use crate::graph::ids::FunctionId;
use crate::source::{FileId, Location};

/// What is known of the channels of a program.
#[derive(Debug, Default)]
pub(super) struct Channels {
    /// The functions that wait for messages of a type, in source order.
    receivers: FxHashMap<Ty, Vec<FunctionId>>,
    /// The types of the messages that are sent in sight.
    sent: FxHashSet<Ty>,
    /// The message that is being received.
    arriving: Option<(Ty, Value)>,
    /// What receiving a message does.
    known: FxHashMap<(Ty, Value), Arc<Vec<Effect>>>,
}

impl Runner<'_, '_> {
    /// Finds the functions that wait for messages; to be asked before anything is run that sends.
    pub fn find_receivers(&mut self) {
        let program = self.program;
        let mentions = |function: &FunctionId| {
            let facts = program.file(function.file);
            let mut mentions =
                program.function(*function).mentions.iter().map(|it| facts.name(*it));
            mentions
                .any(|name| program.frameworks.receives(name) || program.frameworks.iterates(name))
        };
        let candidates: Vec<FunctionId> = self.relevant().filter(|it| mentions(it)).collect();
        for function in candidates {
            let outcome = self.run(function);
            for effect in outcome.effects.iter().filter(|effect| effect.function == function) {
                let Act::Receive(ty) = &effect.act else { continue };
                let all = self.channels.receivers.entry(ty.clone()).or_default();
                if !all.contains(&function) {
                    all.push(function);
                }
            }
        }
        if !self.channels.receivers.is_empty() {
            // What was run may have sent something.
            self.known.clear();
            self.channels.sent.clear();
        }
    }

    /// The functions that wait for messages, in source order.
    pub fn waiting(&self) -> Vec<FunctionId> {
        let all: std::collections::BTreeSet<FunctionId> =
            self.channels.receivers.values().flatten().copied().collect();
        all.into_iter().collect()
    }

    /// The types of messages that are sent in sight; to be asked once everything was run.
    pub fn sent(&self) -> &FxHashSet<Ty> {
        &self.channels.sent
    }

    /// The type of the messages of a channel, where a type is an end of one.
    pub(super) fn message_type(&self, ty: &Ty) -> Option<Ty> {
        let (peeled, _) = ty.peeled(self.program);
        let Head::Outside(path) = &peeled.head else { return None };
        let message = || match peeled.args.first() {
            Some(message) => message.peeled(self.program).0.clone(),
            None => Ty::default(),
        };
        self.program.frameworks.is_channel(path).then(message)
    }

    /// Both ends of a new channel.
    pub(super) fn new_channel(&self, end: &str, file: FileId, func: Option<ExprId>) -> Value {
        let facts = self.program.file(file);
        let message = func.and_then(|func| match facts.expr(func).kind {
            ExprKind::Subscript { index, .. } => {
                let frame = self.frames.last()?;
                Some(ty_in(self.program, frame.module, &frame.around, file, index))
            }
            _ => None,
        });
        let args = message.into_iter().collect();
        let end = Value::of(Ty { head: Head::Outside(end.into()), args });
        Value { what: What::Several([end.clone(), end].into()), ..Value::default() }
    }

    /// The value of a method of an end of a channel, or of what may be one.
    pub(super) fn channel_method(
        &mut self,
        on: &Value,
        name: &str,
        given: &Given,
        file: FileId,
        expr: ExprId,
    ) -> Option<Value> {
        let frameworks = self.program.frameworks;
        let message = self.message_type(&on.ty);
        let is_unknown = on.ty.peeled(self.program).0.head == Head::Unknown
            && on.what == What::Plain
            && on.rows.is_empty();
        let of_channel = message.is_some();
        let message = match message {
            Some(message) => message,
            None if is_unknown => Ty::default(),
            None => return None,
        };
        if let Some(value) = given.values.first()
            && frameworks.sends(name)
        {
            let ty = match &message {
                Ty { head: Head::Unknown, .. } => value.ty.peeled(self.program).0.clone(),
                known => known.clone(),
            };
            if of_channel || self.channels.receivers.contains_key(&ty) {
                let value = Value { ty: ty.clone(), ..value.clone() };
                self.send(ty, value, !of_channel, file, expr);
                return Some(Value::default());
            }
        }
        if frameworks.receives(name) || of_channel && frameworks.iterates(name) {
            return Some(self.receive(message, file, expr));
        }
        (of_channel && frameworks.is_same_channel(name)).then(|| on.clone())
    }

    /// Waits for a message of a type, as far as that is known.
    pub(super) fn receive(&mut self, ty: Ty, file: FileId, expr: ExprId) -> Value {
        let is_unknown = ty == Ty::default();
        if let Some((arriving, value)) = &self.channels.arriving
            && (is_unknown || *arriving == ty)
        {
            let value = value.clone();
            self.emit(Act::Receive(arriving.clone()), file, expr);
            return value;
        }
        self.emit(Act::Receive(ty.clone()), file, expr);
        if is_unknown {
            return Value { what: What::Message, ..Value::default() };
        }
        self.typed(Value::named(ty, "message"))
    }

    /// Ends what is done for the messages that were received since some effect.
    pub(super) fn end_messages(&mut self, since: usize) {
        let effects = self.effects.get(since..).unwrap_or_default();
        let last = effects.iter().rfind(|effect| {
            effect.depth == 0 && matches!(effect.act, Act::Receive(_) | Act::Received)
        });
        if let Some(last) = last.filter(|last| last.act != Act::Received) {
            let end = Effect { act: Act::Received, ..last.clone() };
            self.effects.push(end);
        }
    }

    /// Sends a message: whoever waits for it does what it does.
    fn send(&mut self, ty: Ty, value: Value, is_guessed: bool, file: FileId, expr: ExprId) {
        self.channels.sent.insert(ty.clone());
        let Some(receivers) = self.channels.receivers.get(&ty).cloned() else { return };
        let key = (ty, value);
        let effects = match self.channels.known.get(&key) {
            Some(known) => known.clone(),
            None => {
                // While it is found out, a message like it does no more.
                self.channels.known.insert(key.clone(), Arc::default());
                let done = Arc::new(self.deliver(&receivers, &key.0, &key.1));
                self.channels.known.insert(key, done.clone());
                done
            }
        };
        let called_at = Some(Location { file, span: self.program.file(file).expr(expr).span });
        self.effects.extend(effects.iter().map(|effect| Effect {
            called_at,
            is_guessed: effect.is_guessed || self.is_guessing || is_guessed,
            ..effect.clone()
        }));
    }

    /// What receivers do for a message.
    fn deliver(&mut self, receivers: &[FunctionId], ty: &Ty, value: &Value) -> Vec<Effect> {
        let outer = self.channels.arriving.replace((ty.clone(), value.clone()));
        let known = std::mem::take(&mut self.known);
        let mut done = Vec::new();
        for receiver in receivers {
            let around = self.around(*receiver, None, &[], &[]);
            let args = self.own_arguments(*receiver, &around);
            let outcome = self.call(*receiver, Arc::new(around), args);
            done.extend(done_for(&outcome, |known| known == ty).map(|effect| Effect {
                depth: effect.depth.saturating_add(1),
                through: Some(*receiver),
                is_delivered: true,
                ..effect.clone()
            }));
        }
        self.known = known;
        self.channels.arriving = outer;
        done
    }
}

/// What a function does for the messages that it receives itself, those of some types.
pub fn done_for(
    outcome: &Outcome,
    is_wanted: impl Fn(&Ty) -> bool,
) -> impl Iterator<Item = &Effect> {
    let mut is_for_it = false;
    outcome.effects.iter().filter(move |effect| {
        match &effect.act {
            Act::Receive(ty) if effect.depth == 0 => is_for_it = is_wanted(ty),
            Act::Received if effect.depth == 0 => is_for_it = false,
            Act::Receive(_) | Act::Received => {}
            _ => return is_for_it,
        }
        false
    })
}
