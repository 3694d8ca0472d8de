//! Contexts: what `with` binds, and what is done where its block is entered and left.

use super::Interp;
use super::muting::{Muting, lifted};
use crate::facts::{ExprId, ExprKind};
use crate::graph::value::{Args, Value};
use crate::source::FileId;

/// Where the function of a generator first hands over.
#[derive(Debug, Clone)]
pub(super) struct Yield {
    /// The receivers that do not run there.
    pub(super) muted: Vec<Muting>,
    /// How many things were done before.
    pub(super) effects: usize,
}

const ENTERS: [&str; 2] = ["__enter__", "__aenter__"];
const LEAVES: [&str; 2] = ["__exit__", "__aexit__"];

impl Interp<'_> {
    /// Runs the body of a `with` statement as its context has it; `body` is handed the context.
    pub(super) fn in_context<T>(
        &mut self,
        file: FileId,
        context: ExprId,
        target: Option<ExprId>,
        body: impl FnOnce(&mut Self, Value) -> T,
    ) -> T {
        let before = self.muted.clone();
        self.yielded = None;
        // What is entered may do its part of the work behind the body.
        let value = self.wanting(true, |interp| interp.eval(file, context));
        let site = self.site(file, context);
        // What the function of a generator does before it yields is done before the body.
        let inside = self.yielded.take();
        // What it does afterwards is done behind it.
        let behind = inside.map(|inside| {
            self.muted = lifted(inside.muted, &before, site);
            self.effects.split_off(inside.effects)
        });
        let mutings = self.mutings_of(&value, site);
        self.muted.extend(mutings);
        let entered = match self.manager_method(&value, &ENTERS) {
            Some(enter) => {
                let is_wanted = target.is_some();
                self.wanting(is_wanted, |interp| interp.call(&enter, Args::default(), site))
            }
            None => Value::Unknown,
        };
        if let Some(target) = target {
            let bound = bound(&value, entered);
            self.assign(file, target, bound);
        }
        let done = body(self, value.clone());
        for effect in behind.into_iter().flatten() {
            self.effects.push(effect);
        }
        let left = self.left_by_body(file, target, value);
        if let Some(exit) = self.manager_method(&left, &LEAVES) {
            self.call(&exit, Args::unknown(), site);
        }
        self.muted = before;
        done
    }

    /// Notes what is muted, and how much was done, where the function of a generator hands over.
    pub(super) fn note_yield(&mut self) {
        let inside = Yield { muted: self.muted.clone(), effects: self.effects.len() };
        if let Some(frame) = self.frame() {
            frame.yielded.get_or_insert(inside);
        }
    }

    fn manager_method(&mut self, value: &Value, names: &[&str]) -> Option<Value> {
        let class = value.as_object()?.class;
        let name = names.iter().find(|name| self.class_attribute(class, name).is_some())?;
        Some(self.attribute(value, name))
    }

    /// The context as the body leaves it, where that has it by the name of the target.
    fn left_by_body(&self, file: FileId, target: Option<ExprId>, context: Value) -> Value {
        let held = target.and_then(|target| match self.program.file(file).expr(target).kind {
            ExprKind::Name(name) => self.local(name),
            _ => None,
        });
        match (held, &context) {
            (Some(Value::Object(held)), Value::Object(object)) if held.class == object.class => {
                Value::Object(held)
            }
            _ => context,
        }
    }
}

/// What `with context as x` binds, where entering the context gives `entered`.
fn bound(context: &Value, entered: Value) -> Value {
    match (entered, context) {
        (Value::Unknown, Value::Object(_) | Value::Store(_)) => context.clone(),
        // What a generator yields.
        (Value::Unknown, Value::Sequence(yielded)) => {
            yielded.iter().cloned().reduce(Value::either).unwrap_or_default()
        }
        (Value::Unknown, other) => Value::derived(other.taint()),
        (entered, _) => entered,
    }
}
