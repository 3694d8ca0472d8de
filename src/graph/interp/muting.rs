//! Receivers that do not run for a while: disconnected by the running code, or muted by a context or a
//! decorator.

use super::Interp;
use crate::frameworks::{Event, Role};
use crate::graph::effect::{Connection, Write, WriteKind};
use crate::graph::hooks::{Hook, Sender};
use crate::graph::ids::FunctionId;
use crate::graph::program::last_name;
use crate::graph::value::{Object, Value};
use crate::source::Location;

/// Receivers of a signal that do not run for now.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Muting {
    signal: Value,
    /// The one that was disconnected; all of them where there is none.
    receiver: Option<Box<Connection>>,
    /// Where the running function mutes them, or calls what does.
    at: Location,
}

/// The attribute of a signal that lists its receivers.
pub const RECEIVERS: &str = "receivers";

impl Interp<'_> {
    /// `signal.disconnect(receiver, ...)`
    pub(super) fn disconnect(&mut self, connection: Connection, site: Location) {
        let signal = connection.signal.clone();
        self.muted.push(Muting { signal, receiver: Some(Box::new(connection)), at: site });
    }

    /// `signal.connect(receiver, ...)`
    pub(super) fn reconnect(&mut self, connection: &Connection) {
        self.muted.retain(|muting| match &muting.receiver {
            Some(gone) => !is_same(gone, connection),
            None => true,
        });
    }

    /// Keeps all receivers of some signals from running.
    pub(super) fn mute(&mut self, signals: &[Value], at: Location) {
        self.muted.extend(Muting::of_all(signals, at));
    }

    /// `signal.receivers = ...`
    pub(super) fn replace_receivers(&mut self, owner: &Value, value: &Value, at: Location) {
        let is_signal = match owner {
            Value::External(path) => self.program.frameworks.signal(path).is_some(),
            Value::Signal(_) => true,
            _ => false,
        };
        if !is_signal {
            return;
        }
        self.muted.retain(|muting| muting.receiver.is_some() || muting.signal != *owner);
        if value.truth() == Some(false) {
            self.mute(std::slice::from_ref(owner), at);
        }
    }

    /// What a function's decorators mute while it runs.
    pub(super) fn muted_by_decorators(&mut self, id: FunctionId) -> Vec<Muting> {
        let facts = self.program.file(id.file);
        let mut mutings = Vec::new();
        let words = self.program.frameworks.muting_words();
        for &decorator in &facts.function(id.ix).decorators {
            if !last_name(facts, decorator).is_some_and(|name| words.contains(name)) {
                continue;
            }
            let value = self.value_apart(id.file, None, decorator);
            mutings.extend(self.mutings_of(&value, self.site(id.file, decorator)));
        }
        mutings
    }

    /// What a context or a decorator mutes.
    pub(super) fn mutings_of(&self, value: &Value, at: Location) -> Vec<Muting> {
        match value {
            Value::Muted(signals) => Muting::of_all(signals, at).collect(),
            Value::External(_) if self.is_library_muting(value) => {
                vec![Muting { signal: value.clone(), receiver: None, at }]
            }
            _ => Vec::new(),
        }
    }

    fn is_library_muting(&self, value: &Value) -> bool {
        let Value::External(path) = value else { return false };
        self.program.frameworks.role(path) == Some(Role::MuteLibraries)
    }

    /// Where libraries are kept from dropping what lists rows, if they are.
    pub(super) fn libraries_muted_at(&self) -> Option<Location> {
        let mut muted = self.muted.iter().filter(|_| !self.hears_all);
        muted.find(|muting| self.is_library_muting(&muting.signal)).map(|muting| muting.at)
    }

    /// Takes over what a call has muted, or has connected again.
    pub(super) fn take_muted(&mut self, after: &[Muting], site: Location) {
        self.muted = lifted(after.to_vec(), &self.muted, site);
    }

    /// Where a hook is kept from running, if it is.
    pub(super) fn muted_at(&self, hook: &Hook) -> Option<Location> {
        let mut muted = self.muted.iter().filter(|_| !self.hears_all);
        muted.find(|muting| muting.mutes(hook)).map(|muting| muting.at)
    }

    /// Where a hook, or what a library does, that would run on a write is kept from running.
    pub(super) fn mutes_hooks_of(&mut self, write: &Write) -> Option<Location> {
        let model = write.model.filter(|_| !self.muted.is_empty())?;
        let event = match write.kind {
            WriteKind::Create | WriteKind::Save => Event::Save,
            WriteKind::Delete | WriteKind::QuerysetDelete => Event::Delete,
            WriteKind::Links { .. } => Event::M2m,
            _ => return None,
        };
        let muted_at = |hook: &Hook| self.muted_at(hook).filter(|_| hook.event == event);
        let by_code = match event {
            Event::M2m => {
                let muted = self.muted.iter();
                let mut hooks = muted.flat_map(|muting| self.running.of_signal(&muting.signal));
                hooks.find_map(|(_, hook)| muted_at(hook))
            }
            _ => {
                let mut hooks = self.running.called_for([model]);
                let heard = |hook: &Hook| hook.hears(self.program, model);
                hooks.find_map(|(_, hook)| muted_at(hook).filter(|_| heard(hook)))
            }
        };
        if by_code.is_some() {
            return by_code;
        }
        let at = self.libraries_muted_at()?;
        let hears = match &write.kind {
            WriteKind::Links { field } => self.hears_links(model, field),
            _ => self.hears_rows(model),
        };
        hears.then_some(at)
    }

    /// What was set on a row besides its columns, which the hooks of its write may ask for.
    pub(super) fn marks_of(&mut self, object: &Object) -> Vec<(std::sync::Arc<str>, Value)> {
        let mut marks = object.attrs.clone();
        marks.retain(|(name, _)| !self.is_column(object.class, name));
        marks
    }
}

impl Muting {
    /// All receivers of some signals.
    fn of_all(signals: &[Value], at: Location) -> impl Iterator<Item = Muting> {
        signals.iter().cloned().map(move |signal| Muting { signal, receiver: None, at })
    }

    fn mutes(&self, hook: &Hook) -> bool {
        if self.signal != hook.connection.signal {
            return false;
        }
        let Some(gone) = &self.receiver else { return true };
        let same_sender = match (&gone.sender, &hook.sender) {
            (None, sender) => *sender == Sender::Any,
            (Some(Value::Class(class)), Sender::Class(known)) => class == known,
            (Some(Value::Through(through)), Sender::Through(class, field)) => {
                through.0 == *class && *through.1 == **field
            }
            (Some(sender), _) => hook.connection.sender.as_ref() == Some(sender),
        };
        same_sender && is_same_receiver(gone, &hook.connection)
    }
}

/// Whether two calls of a signal are about the same connection.
fn is_same(one: &Connection, other: &Connection) -> bool {
    one.signal == other.signal && one.sender == other.sender && is_same_receiver(one, other)
}

/// Whether two calls of a signal name the same receiver: by its identity where it has one.
fn is_same_receiver(one: &Connection, other: &Connection) -> bool {
    match (&one.dispatch_uid, &other.dispatch_uid) {
        (None, None) => one.receiver.is_callable() && one.receiver == other.receiver,
        (one, other) => one == other,
    }
}

/// What is muted behind a call, where what is new was muted by it.
pub(super) fn lifted(after: Vec<Muting>, before: &[Muting], site: Location) -> Vec<Muting> {
    let lift = |muting: Muting| match before.contains(&muting) {
        true => muting,
        false => Muting { at: site, ..muting },
    };
    after.into_iter().map(lift).collect()
}

/// What may be muted where one of two ways was taken.
pub(super) fn either_muted(one: Vec<Muting>, other: &[Muting]) -> Vec<Muting> {
    let mut all = one;
    for muting in other {
        if !all.contains(muting) {
            all.push(muting.clone());
        }
    }
    all
}
