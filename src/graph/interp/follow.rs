//! Runs that begin outside of the code: at writes of rows, at receivers, and at functions by themselves.

use std::sync::Arc;

use super::Interp;
use super::moment::Subject;
use super::summaries::View;
use crate::facts::Scope;
use crate::graph::effect::{Effect, HookRef};
use crate::graph::hooks::{Hook, HookId, function_of};
use crate::graph::ids::{ClassId, FunctionId};
use crate::graph::value::{Args, Object, Rows, Value};
use crate::source::Location;

/// The row whose write is followed, and how.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Scenario {
    /// A new row is saved.
    Create,
    /// A row is saved again, all of it.
    Update,
    /// Only this column of a row is saved.
    UpdateColumn(Arc<str>),
    /// A row is deleted.
    Delete,
    /// A row is deleted in a transaction that goes on.
    DeleteInside,
}

impl Interp<'_> {
    /// Runs a function as if it muted no receivers, and marked no rows for them.
    pub fn follow_unmuted(&mut self, id: FunctionId) -> Vec<Effect> {
        self.hears_all = true;
        let unmuted = |interp: &mut Self| interp.follow_function(id, Args::unknown());
        let effects = self.in_view(View::Unmuted, unmuted);
        self.hears_all = false;
        effects
    }

    /// Follows the write of a row of `model`: overrides, then everything the framework runs.
    pub fn follow_write(&mut self, model: ClassId, scenario: &Scenario) -> Vec<Effect> {
        let subject = Value::Object(Arc::new(Object::subject(model)));
        let site = self.program.class_location(model);
        let (method, args) = match scenario {
            Scenario::Create | Scenario::Update => (self.save_method(), Args::default()),
            Scenario::UpdateColumn(column) => {
                let columns = Value::sequence(vec![Value::text(column)]);
                let keywords = vec![("update_fields".into(), columns)];
                (self.save_method(), Args { keywords, ..Args::default() })
            }
            Scenario::Delete | Scenario::DeleteInside => (self.delete_method(), Args::default()),
        };
        let stands = match scenario {
            Scenario::Create => Subject::New,
            Scenario::Update | Scenario::UpdateColumn(_) => Subject::Changing,
            Scenario::Delete => Subject::Saved,
            Scenario::DeleteInside => Subject::Leaving,
        };
        self.moment.set_subject(stands);
        let effects = self.record(|interp| {
            let callee = interp.attribute(&subject, method);
            let overridden = match &callee {
                Value::Bound(bound) => match &bound.function {
                    Value::Function(closure) => Some(HookRef::Method(closure.function)),
                    _ => None,
                },
                _ => None,
            };
            interp.running_hooks.extend(overridden);
            interp.call(&callee, args, site);
        });
        self.moment.set_subject(Subject::None);
        effects
    }

    /// Calls a receiver as its signal would for a write of `model`, with `hook` as the hook.
    pub fn follow_receiver(
        &mut self,
        id: HookId,
        hook: &Hook,
        model: ClassId,
        scenario: &Scenario,
    ) -> Vec<Effect> {
        let stands = match scenario {
            Scenario::Delete | Scenario::DeleteInside if !hook.is_before_write => Subject::Taken,
            _ => Subject::Saved,
        };
        self.moment.set_subject(stands);
        let effects = self.record(|interp| interp.run_receiver(id, hook, model, scenario));
        self.moment.set_subject(Subject::None);
        effects
    }

    /// Calls anything with given arguments.
    pub fn follow_call(&mut self, callee: &Value, args: Args, site: Location) -> Vec<Effect> {
        self.record(|interp| {
            interp.call(callee, args, site);
        })
    }

    /// Calls a method of a receiver with given arguments.
    pub fn follow_method(
        &mut self,
        receiver: &Value,
        name: &str,
        args: Args,
        site: Location,
    ) -> Vec<Effect> {
        self.record(|interp| {
            // Reading a property has already run it.
            let callee = interp.attribute(receiver, name);
            if matches!(callee, Value::Bound(_) | Value::Function(_) | Value::Memoised(_)) {
                interp.call(&callee, args, site);
            }
        })
    }

    /// Runs a function by itself: a method on whatever receiver its class suggests.
    pub fn follow_function(&mut self, id: FunctionId, args: Args) -> Vec<Effect> {
        let site = self.program.function_location(id);
        match self.program.function(id).scope {
            Scope::Class(ix) => {
                let class = ClassId { file: id.file, ix };
                let receiver = match self.receiver_for(class) {
                    Value::Rows(rows) if self.only_drops && rows.model.is_none() => {
                        let model = self.only_model_of_rows(class);
                        Value::Rows(Arc::new(Rows { model, ..(*rows).clone() }))
                    }
                    receiver => receiver,
                };
                self.follow_method(&receiver, self.program.function_name(id), args, site)
            }
            _ => {
                let callee = match self.function_value(id) {
                    callable if callable.is_callable() => callable,
                    object @ Value::Object(_) => object,
                    _ => self.plain_function(id),
                };
                self.follow_call(&callee, args, site)
            }
        }
    }

    /// Follows an edit of a many-to-many field, from the side that declares it or the other one.
    pub fn follow_link(
        &mut self,
        owner: ClassId,
        field: &str,
        reverse: bool,
        actions: &[String],
    ) -> Vec<Effect> {
        let site = self.program.class_location(owner);
        self.moment.set_subject(Subject::Saved);
        let effects = self.record(|interp| {
            interp.run_link_hooks(owner, field, reverse, false, actions, site);
        });
        self.moment.set_subject(Subject::None);
        effects
    }

    /// The function that overrides `delete()` of the querysets of the model's default manager.
    pub fn queryset_delete_override(&mut self, model: ClassId) -> Option<FunctionId> {
        let rows = self.default_manager(model);
        match self.attribute(&rows, self.delete_method()) {
            Value::Bound(bound) => function_of(&bound.function),
            _ => None,
        }
    }

    /// Follows the delete of rows by a queryset of the model's default manager.
    pub fn follow_queryset_delete(&mut self, model: ClassId) -> Vec<Effect> {
        let site = self.program.class_location(model);
        let method = self.delete_method();
        self.record(|interp| {
            let rows = interp.default_manager(model);
            let callee = interp.attribute(&rows, method);
            interp.call(&callee, Args::default(), site);
        })
    }

    /// The other models whose rows take rows of `model` with them when they are deleted.
    pub fn cascading_targets(&mut self, model: ClassId) -> Vec<ClassId> {
        let mut targets = Vec::new();
        for field in self.relation_fields(model).iter() {
            let target = self.relation(model, field).and_then(|relation| relation.target);
            let Some(target) = target.filter(|target| *target != model) else { continue };
            if self.cascades(model, field) && !targets.contains(&target) {
                targets.push(target);
            }
        }
        targets
    }

    /// Follows the delete of a row together with the one it points to, past overrides.
    pub fn follow_cascade(&mut self, model: ClassId) -> Vec<Effect> {
        let site = self.program.class_location(model);
        let object = Object::subject(model);
        self.moment.set_subject(Subject::Saved);
        let effects = self.record(|interp| interp.run_delete_hooks(&object, site));
        self.moment.set_subject(Subject::None);
        effects
    }
}
