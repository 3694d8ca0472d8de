//! What belongs to code while it runs: its variables, and the transaction that it is in.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::contexts::Yield;
use crate::facts::NameId;
use crate::graph::ids::{ClassId, FunctionId};
use crate::graph::key::Template;
use crate::graph::program::Program;
use crate::graph::value::{Closure, StoreRef, Taint, Value};
use crate::source::{FileId, Location};

/// The variables of a running module, class body or function.
#[derive(Clone)]
pub(super) struct Frame {
    pub(super) file: FileId,
    pub(super) function: Option<FunctionId>,
    pub(super) class: Option<ClassId>,
    pub(super) locals: FxHashMap<NameId, Value>,
    pub(super) captured: Arc<[(NameId, Value)]>,
    pub(super) returned: Option<Value>,
    /// What decided whether it returned `True` or `False`.
    pub(super) told: Taint,
    /// Whether a store was read in this frame: what it fills afterwards fills a gap.
    pub(super) read_store: bool,
    /// The keys of figures that were counted in this frame, with by how much.
    pub(super) counted: Vec<(Arc<Template>, Value)>,
    /// The variables that were looked into in this frame: likewise.
    pub(super) looked_into: Vec<StoreRef>,
    /// The names that it declares as those of its module.
    pub(super) outer: Vec<NameId>,
    /// The attributes of classes that it sets.
    pub(super) of_classes: Vec<(ClassId, Arc<str>, Value)>,
    /// Where it first yields.
    pub(super) yielded: Option<Yield>,
    /// Whether what it returns is wanted.
    pub(super) returns_wanted: bool,
}

impl Frame {
    /// The frame of a module or class body, or of code that stands in one.
    pub(super) fn of_body(file: FileId, class: Option<ClassId>) -> Frame {
        Frame {
            file,
            function: None,
            class,
            locals: FxHashMap::default(),
            captured: [].into(),
            returned: None,
            told: Taint::new(),
            read_store: false,
            counted: Vec::new(),
            looked_into: Vec::new(),
            outer: Vec::new(),
            of_classes: Vec::new(),
            yielded: None,
            returns_wanted: false,
        }
    }

    /// The frame of a call.
    pub(super) fn of_call(
        program: &Program<'_>,
        callee: &Closure,
        locals: FxHashMap<NameId, Value>,
    ) -> Frame {
        let id = callee.function;
        Frame {
            function: Some(id),
            locals,
            captured: callee.captured.clone(),
            ..Frame::of_body(id.file, program.enclosing_class(id))
        }
    }
}

/// When something happens, as seen from the transaction it happens in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Timing {
    /// After the commit, as `transaction.on_commit` runs it.
    pub deferred: bool,
    /// Inside a transaction that the code in sight opens.
    pub in_transaction: bool,
    /// Only where the call that stands here has made a row, and not where it has changed one.
    pub where_made: Option<Location>,
}

impl Timing {
    pub(super) const AFTER_COMMIT: Timing =
        Timing { deferred: true, in_transaction: false, where_made: None };

    /// After the commit, for what is asked for at this time.
    pub(super) fn at_commit(self) -> Timing {
        Timing { where_made: self.where_made, ..Timing::AFTER_COMMIT }
    }

    /// Of something that is done by a call at `outer`.
    pub fn within(self, outer: Timing) -> Timing {
        let deferred = self.deferred || outer.deferred;
        let in_transaction = (self.in_transaction || outer.in_transaction) && !deferred;
        let where_made = self.where_made.or(outer.where_made);
        Timing { deferred, in_transaction, where_made }
    }
}
