//! What rows remember of the moment they were loaded: attributes that a model sets on each of them then.

use std::sync::Arc;

use super::moment::Subject;
use super::{Frame, Interp};
use crate::graph::hooks::function_of;
use crate::graph::ids::ClassId;
use crate::graph::key::{Origin, RowRef};
use crate::graph::value::{Args, Closure, Object, Value};

/// What makes an instance, loaded or new.
const CONSTRUCTOR: &str = "__init__";

/// An attribute that holds a column as it was when the row was loaded.
#[derive(Debug, Clone)]
pub(super) struct Remembered {
    name: Arc<str>,
    column: Value,
    /// Whether a new row has it, too.
    has_new: bool,
}

impl Interp<'_> {
    /// What an attribute of the row whose write is followed holds, where the model set it when the row was
    /// loaded: the column as the database has it. Of what it was set to in a new row nothing is known.
    pub(super) fn remembered(&mut self, object: &Object, name: &str) -> Option<Value> {
        let found = self.remembered_as(object, name)?;
        match self.moment.subject() {
            Subject::New | Subject::Created if found.has_new => Some(Value::Unknown),
            Subject::New | Subject::Created | Subject::None => None,
            _ => Some(found.column),
        }
    }

    /// Whether the row whose write is followed is a new one, which lacks an attribute that only rows have
    /// that were loaded.
    pub(super) fn was_never_loaded(&mut self, value: &Value, name: &str) -> bool {
        let Value::Object(object) = value else { return false };
        let found = self.remembered_as(object, name);
        found.is_some_and(|found| !found.has_new)
            && matches!(self.moment.subject(), Subject::New | Subject::Created)
    }

    fn remembered_as(&mut self, object: &Object, name: &str) -> Option<Remembered> {
        if !object.is_subject || !self.is_model(object.class) {
            return None;
        }
        self.remembered_by(object.class).iter().find(|known| *known.name == *name).cloned()
    }

    /// All that rows of a model remember.
    fn remembered_by(&mut self, class: ClassId) -> Arc<[Remembered]> {
        if let Some(known) = self.remembered.get(&class) {
            return known.clone();
        }
        // Whoever asks while it is found out learns nothing.
        self.remembered.insert(class, [].into());
        let row = Object { is_stored: true, ..Object::new(class) };
        let mut all = Vec::new();
        for loader in self.program.frameworks.row_loaders() {
            let callee = self.attribute(&Value::Class(class), loader);
            if matches!(callee, Value::Bound(_)) {
                let site = self.program.class_location(class);
                let loaded = self.quietly(|interp| interp.call(&callee, Args::unknown(), site));
                all.extend(columns_kept(&loaded, false));
            }
        }
        if let Some((Value::Function(closure), _)) = self.class_attribute(class, CONSTRUCTOR) {
            let built = self.quietly(|interp| interp.constructed(&closure, row));
            all.extend(columns_kept(&built, true));
        }
        let all: Arc<[Remembered]> = all.into();
        self.remembered.insert(class, all.clone());
        all
    }

    /// What a constructor makes of an instance.
    fn constructed(&mut self, closure: &Arc<Closure>, row: Object) -> Value {
        let Some(id) = function_of(&Value::Function(closure.clone())) else {
            return Value::Unknown;
        };
        let function = self.program.function(id);
        let Some(receiver) = function.params.first() else { return Value::Unknown };
        let args = Args { open: true, ..Args::positional([Value::Object(row.into())]) };
        let locals = self.bind_parameters(closure, args);
        let frame = Frame::of_call(self.program, closure, locals);
        self.open_calls.push(id);
        self.frames.push(Frame { returns_wanted: true, ..frame });
        self.exec_block(id.file, function.body);
        self.open_calls.pop();
        let frame = self.frames.pop();
        frame.and_then(|mut frame| frame.locals.remove(&receiver.name)).unwrap_or_default()
    }
}

/// The attributes of a loaded row that hold columns of it.
fn columns_kept(row: &Value, has_new: bool) -> Vec<Remembered> {
    let Value::Object(row) = row else { return Vec::new() };
    let is_own = |value: &Value| match value {
        Value::Column(column) => {
            matches!(column.origin, Origin::Column { row: RowRef::Stored, .. })
        }
        _ => false,
    };
    let kept = row.attrs.iter().filter(|(_, value)| is_own(value));
    kept.map(|(name, column)| Remembered { name: name.clone(), column: column.clone(), has_new })
        .collect()
}
