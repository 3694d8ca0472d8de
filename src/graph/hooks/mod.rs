//! Receivers: what connects them, and whether they ever run.

mod list;

pub use list::Hooks;

use super::effect::Connection;
use super::ids::{ClassId, FunctionId};
use super::program::Program;
use super::value::Value;
use crate::frameworks::Event;
use crate::source::Location;

/// A hook; an index into the graph's list of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HookId(pub u32);

/// A receiver that is connected to a signal.
#[derive(Debug, Clone)]
pub struct Hook {
    /// How it was connected.
    pub connection: Connection,
    /// The write that sends its signal.
    pub event: Event,
    /// Whether that is sent before the write.
    pub is_before_write: bool,
    /// Which senders it is called for.
    pub sender: Sender,
    /// Where reports place it: the receiver's `def` where a decorator connects it, else the call.
    pub location: Location,
    /// The call or decorator that connects it.
    pub connected_at: Location,
    /// Whether it ever runs.
    pub state: HookState,
}

/// Which senders a receiver is called for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Sender {
    /// Any.
    Any,
    /// Exactly this class.
    Class(ClassId),
    /// The automatic through class of a many-to-many field.
    Through(ClassId, String),
    /// A label that stands for no model of the program, or that its signal cannot resolve.
    Label(String),
    /// Something outside the program.
    Outside,
    /// One that could not be told; it may be any.
    Unknown,
}

/// Whether a receiver ever runs, and why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HookState {
    /// It runs.
    Live,
    /// Nothing imports its module at start-up; `imported_later` where some function does.
    NotImported {
        /// A function that imports the module when it is called.
        imported_later: bool,
    },
    /// Only a function that nothing calls at start-up connects it.
    NeverConnected(FunctionId),
    /// The app configuration whose `ready()` connects it is not the one in use.
    UnusedConfig(ClassId),
    /// Nothing but the signal's weak reference holds it.
    Collected,
    /// A later function of the same name in the module took its place.
    Shadowed {
        /// Where that function is.
        by: Location,
    },
    /// Another receiver is registered under the same `dispatch_uid`.
    SameUid,
    /// Its signal does not resolve string senders; the label it was connected for.
    LabelOnPlainSignal(String),
}

impl Hook {
    /// Whether it runs when its signal is sent for its sender.
    pub fn is_live(&self) -> bool {
        self.state == HookState::Live
    }

    /// The function that runs, where it is one of the program.
    pub fn function(&self) -> Option<FunctionId> {
        function_of(&self.connection.receiver)
    }

    /// Whether it is called for writes of `model`.
    pub fn hears(&self, program: &Program<'_>, model: ClassId) -> bool {
        match &self.sender {
            Sender::Any | Sender::Unknown => self.may_meet(program, model),
            Sender::Class(class) => *class == model,
            Sender::Through(..) | Sender::Label(_) | Sender::Outside => false,
        }
    }

    /// Whether it is called for edits of a many-to-many field; `through` is its explicit class.
    pub fn hears_links(
        &self,
        program: &Program<'_>,
        owner: ClassId,
        field: &str,
        through: Option<ClassId>,
    ) -> bool {
        match &self.sender {
            Sender::Any | Sender::Unknown => self.may_meet(program, owner),
            Sender::Class(class) => Some(*class) == through,
            Sender::Through(class, name) => through.is_none() && *class == owner && name == field,
            Sender::Label(_) | Sender::Outside => false,
        }
    }

    /// Whether it is called for writes of `model` by a migration, whose class is none that code names.
    pub fn hears_historical(&self, program: &Program<'_>, model: ClassId) -> bool {
        matches!(self.sender, Sender::Any | Sender::Unknown) && self.may_meet(program, model)
    }

    /// Whether the process that connects it may be one that writes rows of `model`.
    fn may_meet(&self, program: &Program<'_>, model: ClassId) -> bool {
        program.processes.share(self.connected_at.file, model.file)
    }
}

/// The function behind a callable.
pub fn function_of(value: &Value) -> Option<FunctionId> {
    match value {
        Value::Function(closure) => Some(closure.function),
        Value::Bound(bound) => function_of(&bound.function),
        Value::Descriptor(descriptor) => function_of(&descriptor.1),
        Value::Partial(partial) => function_of(&partial.callee),
        Value::Memoised(memoised) => function_of(&memoised.function),
        Value::Union(all) => all.iter().find_map(function_of),
        _ => None,
    }
}
