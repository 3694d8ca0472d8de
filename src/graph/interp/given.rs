//! What parameters of methods hold that a framework calls: the rows of a view, and what it saves.

use std::sync::Arc;

use super::Interp;
use super::exec::set_attribute;
use super::serializers::INSTANCE;
use crate::facts::{ExprKind, NameId, Scope};
use crate::frameworks::{Role, WriterMethod};
use crate::graph::ids::{ClassId, FunctionId};
use crate::graph::value::{Args, Object, Value};

impl Interp<'_> {
    /// What a framework gives a method of a class that inherits from it, where the parameter says nothing.
    pub(super) fn given_by_framework(&mut self, id: FunctionId, param: NameId) -> Option<Value> {
        if let Some(rows) = self.given_as_action(id, param) {
            return Some(rows);
        }
        let function = self.program.function(id);
        let Scope::Class(ix) = function.scope else { return None };
        let class = ClassId { file: id.file, ix };
        let frameworks = self.program.frameworks;
        let writers = frameworks.writers(self.program.function_name(id));
        let name = self.program.file(id.file).name(param);
        let holds_rows = frameworks.rows_parameters().iter().any(|known| known == name);
        if (writers.is_empty() && !holds_rows) || !self.is_view(class) {
            return None;
        }
        let view = Arc::new(Object::new(class));
        let site = self.program.function_location(id);
        let at = function.params.iter().position(|known| known.name == param)?.checked_sub(1)?;
        if let Some(method) = self.writer_of(class, self.program.function_name(id))
            && method.given.0 == at
            && let Some(of) = method.of.clone()
        {
            let (calls, is_new) = (method.calls.clone(), method.new);
            let args = Args { open: true, ..Args::default() };
            let made = self.quietly(|interp| interp.given_by_view(&view, &of, &args, site))?;
            return Some(match made {
                Value::Object(object) if self.program.frameworks.model_method(&calls).is_some() => {
                    self.with_instance(&object, is_new)
                }
                other => other,
            });
        }
        let rows = frameworks.rows_method().filter(|_| holds_rows)?;
        self.quietly(|interp| interp.given_by_view(&view, rows, &Args::default(), site))
    }

    /// A form or a serializer for a row that is new, or one that is there; rows are what they are.
    fn with_instance(&mut self, object: &Arc<Object>, is_new: bool) -> Value {
        if self.is_model(object.class) {
            return Value::Object(object.clone());
        }
        let mut object = (**object).clone();
        let instance = if is_new { Value::None } else { Value::Unknown };
        set_attribute(&mut object.attrs, INSTANCE, instance);
        Value::Object(Arc::new(object))
    }

    /// What a framework calls of a class under a name to write what it gives.
    pub(super) fn writer_of(&mut self, class: ClassId, name: &str) -> Option<&WriterMethod> {
        let known = self.program.frameworks.writers(name);
        if known.is_empty() {
            return None;
        }
        let order = self.order(class);
        let inherits = |base: &Value| match base {
            Value::External(path) => known.iter().position(|(types, _)| types.matches(path)),
            _ => None,
        };
        order.iter().find_map(inherits).map(|at| &known[at].1)
    }

    /// The model that a class of views is bound to where it is registered: by a decorator, or by a call in its
    /// module.
    pub(super) fn registered_model(&mut self, class: ClassId) -> Option<ClassId> {
        let facts = self.program.file(class.file);
        let decorators = facts.class(class.ix).decorators.iter().copied();
        let by_decorators = decorators.filter_map(|decorator| match facts.expr(decorator).kind {
            ExprKind::Call { func, args } => Some((func, args)),
            _ => None,
        });
        let own = facts.class(class.ix).name;
        let by_calls = facts.exprs.iter().filter_map(|expr| match expr.kind {
            ExprKind::Call { func, args }
                if facts
                    .args(args)
                    .get(1)
                    .is_some_and(|given| facts.expr(given.value).kind == ExprKind::Name(own)) =>
            {
                Some((func, args))
            }
            _ => None,
        });
        let calls: Vec<_> = by_decorators.chain(by_calls).collect();
        calls.into_iter().find_map(|(func, args)| {
            let called = self.value_apart(class.file, None, func);
            if self.value_role(&called) != Some(Role::RegistersView) {
                return None;
            }
            match self.value_apart(class.file, None, facts.args(args).first()?.value) {
                Value::Class(model) if self.is_model(model) => Some(model),
                _ => None,
            }
        })
    }
}
