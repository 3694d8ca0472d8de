//! Calls of methods that the program does not define: of rows, instances, classes, functions and tasks.

use std::sync::Arc;

use super::Interp;
use super::literal_methods::spells;
use super::literal_methods::{call_dict_method, call_sequence_method};
use super::moment::Subject;
use super::natives::rows_of;
use super::serializers::TO_REPRESENTATION;
use crate::facts::{ArgKind, ExprKind};
use crate::frameworks::{ModelMethod, TaskArguments};
use crate::graph::effect::{Dropped, EffectKind, Write, WriteKind};
use crate::graph::ids::{ClassId, FunctionId};
use crate::graph::value::{Args, Object, Value};
use crate::source::Location;

/// The attribute by which code gets at all others of an instance.
const ATTRIBUTES: &str = "__dict__";

impl Interp<'_> {
    /// Calls a method that the program does not define.
    pub(super) fn call_native(
        &mut self,
        receiver: &Value,
        name: &str,
        args: Args,
        site: Location,
    ) -> Value {
        match receiver {
            Value::Store(store) => self.call_store(Some(store), name, args, site, false),
            Value::Signal(_) => self.call_signal(receiver, name, args, site),
            Value::Rows(rows) => self.call_rows_method(rows, name, args, site),
            Value::Object(object) => self.call_object_method(object, name, args, site),
            Value::Class(class) => self.call_class_method(*class, name, args, site),
            Value::External(path) if name == "from_queryset" => {
                let queryset = args.positional.first().cloned().unwrap_or_default();
                Value::FromQuerySet(Arc::new((Value::External(path.clone()), queryset)))
            }
            Value::FromQuerySet(_) if name == "from_queryset" => {
                let queryset = args.positional.first().cloned().unwrap_or_default();
                Value::FromQuerySet(Arc::new((receiver.clone(), queryset)))
            }
            Value::App(label) => self.call_app_method(label, name, &args),
            Value::HistoricalApps => self.call_historical_apps(name, &args),
            Value::Text(template) => self.call_text_method(template, name, &args),
            Value::Column(_) | Value::Symbol(..) if spells(name) => self.in_another_form(receiver),
            Value::Dict(dict) => {
                let kept = dict.held.as_ref();
                let done = kept.and_then(|held| self.call_kept(held, name, &args, site));
                done.unwrap_or_else(|| call_dict_method(dict, name, &args))
            }
            Value::Native(native) if native.1.as_ref() == ATTRIBUTES && name == "get" => {
                match args.positional.first().and_then(Value::known_text) {
                    Some(attribute) => self.attribute(&native.0, attribute),
                    None => Value::Unknown,
                }
            }
            Value::Sequence(items) => call_sequence_method(items, name, &args),
            // `F("price").desc()` names what it did before.
            Value::Lookups(_) => receiver.clone(),
            Value::Memoised(memoised) if self.forgets(&memoised.decorator, name) => {
                let dropped = Dropped { store: Some(memoised.store.clone()), ..Dropped::default() };
                self.emit(EffectKind::Drop(dropped), site);
                Value::None
            }
            Value::Memoised(memoised) => {
                self.call_function_method(&memoised.function, name, args, site)
            }
            Value::Bound(bound) if matches!(bound.function, Value::Memoised(_)) => {
                self.call_native(&bound.function, name, args, site)
            }
            Value::Function(_) | Value::Bound(_) | Value::Partial(_) => {
                self.call_function_method(receiver, name, args, site)
            }
            _ => self.call_unknown_method(receiver, name, args, site),
        }
    }

    pub(super) fn write(&mut self, write: Write, site: Location) {
        let muted = write.muted.or(self.mutes_hooks_of(&write));
        self.emit(EffectKind::Write(Write { muted, ..write }), site);
    }

    fn call_object_method(
        &mut self,
        object: &Arc<Object>,
        name: &str,
        args: Args,
        site: Location,
    ) -> Value {
        if name == TO_REPRESENTATION && self.is_serializer(object.class) {
            let row = args.positional.first().cloned().unwrap_or_default();
            return self.fields_output(object.class, &row, site);
        }
        if self.is_model(object.class) {
            match self.program.frameworks.model_method(name) {
                Some(ModelMethod::Saves) => {
                    // `Model.save()` goes through the other method that saves, where that is overridden.
                    let inner = self.program.frameworks.inner_model_method(name);
                    if let Some(inner) = inner
                        && !object.query.is_historical
                        && let Some((function, _)) = self.class_attribute(object.class, inner)
                    {
                        let mut args = args;
                        args.positional.insert(0, Value::Object(object.clone()));
                        return self.call(&function, args, site);
                    }
                    self.save_effect(object, &args, site);
                    let subject = object.is_subject.then(|| self.moment.subject());
                    let created = match subject {
                        Some(Subject::New) => Value::Bool(true),
                        Some(Subject::Created | Subject::Changing | Subject::Saved) => {
                            Value::Bool(false)
                        }
                        _ if object.is_new => Value::Bool(true),
                        _ if self.is_in_database(object, &args) => Value::Bool(false),
                        _ => Value::Unknown,
                    };
                    let fields = match args.keyword("update_fields") {
                        Some(fields) => fields.clone(),
                        None if args.open => Value::Unknown,
                        None => Value::None,
                    };
                    self.run_save_hooks(object, created, fields, site);
                    return Value::None;
                }
                Some(ModelMethod::Deletes) => {
                    let write = Write::new(Some(object.class), WriteKind::Delete);
                    let is_historical = object.query.is_historical;
                    let muted = (!self.marks_of(object).is_empty()).then_some(site);
                    let is_supposed = object.query.is_supposed;
                    self.write(Write { is_historical, muted, is_supposed, ..write }, site);
                    self.run_delete_hooks(object, site);
                    if object.is_subject {
                        self.moment.set_subject(Subject::Deleted);
                    }
                    self.run_late_delete_hooks(object, site);
                    return Value::None;
                }
                None => {}
            }
        }
        if let Some(row) = self.saved_by(object, name, &args, site) {
            return row;
        }
        if let Some(given) = self.given_by_view(object, name, &args, site) {
            return given;
        }
        if let Some((given, method)) = self.written_by(object.class, name, &args) {
            let callee = self.attribute(&given, &method);
            return self.call(&callee, Args::default(), site);
        }
        let returned = self.call_unknown_method(&Value::Object(object.clone()), name, args, site);
        // Which of the classes below it is, and so what it returns, those know that call it on one.
        match self.is_left_to_classes_below(object.class, name) {
            true => Value::Unknown,
            false => returned,
        }
    }

    /// Whether classes that inherit from a class define a method that it does not.
    fn is_left_to_classes_below(&mut self, class: ClassId, name: &str) -> bool {
        let program = self.program;
        let methods = program.methods_named(name);
        if methods.is_empty() || !program.has_subclasses(class) {
            return false;
        }
        if let Some(known) = self.left_below.get(&class).and_then(|of_class| of_class.get(name)) {
            return *known;
        }
        let below = program.named_with(class);
        let is_left = methods
            .iter()
            .filter_map(|method| program.enclosing_class(*method))
            .any(|owner| owner != class && below.contains(program.class_name(owner)));
        self.left_below.entry(class).or_default().insert(name.into(), is_left);
        is_left
    }

    /// What a method of a class from outside writes of its arguments, and by which method of that.
    fn written_by(&mut self, class: ClassId, name: &str, args: &Args) -> Option<(Value, String)> {
        let method = self.writer_of(class, name)?;
        let (position, param) = &method.given;
        Some((args.get(*position, param).cloned().unwrap_or_default(), method.calls.clone()))
    }

    /// Whether a row that is saved surely was there before: it was looked up, and nothing makes a copy of it.
    fn is_in_database(&mut self, object: &Object, args: &Args) -> bool {
        let key = self.primary_key(object.class);
        let names_key = |name: &str| matches!(name, "pk" | "id") || key.as_deref() == Some(name);
        !object.query.filters.is_empty()
            && !object.attrs.iter().any(|(name, _)| names_key(name) || name.starts_with('_'))
            && args.positional.is_empty()
            && !args.open
            && args.keyword("force_insert").is_none()
    }

    /// Whether a method of a memoised function makes it forget.
    fn forgets(&self, decorator: &str, name: &str) -> bool {
        let memoizer = self.program.frameworks.memoizer(decorator);
        memoizer.is_some_and(|memoizer| memoizer.forgets.iter().any(|known| known == name))
    }

    /// What `save()` writes: the columns of `update_fields`, else those that were assigned in sight.
    fn save_effect(&mut self, object: &Object, args: &Args, site: Location) {
        let model = Some(object.class);
        let listed =
            args.keyword("update_fields").filter(|listed| **listed != Value::None).cloned();
        let lists_columns = listed.is_some();
        let columns = match listed {
            Some(listed) => self.listed_columns(model, Some(&listed)),
            _ => {
                let mut columns = Vec::new();
                for (name, _) in &object.attrs {
                    if self.is_column(object.class, name) {
                        columns.push(self.column_name(object.class, name));
                    }
                }
                (!object.is_new && !columns.is_empty()).then(|| columns.into())
            }
        };
        let values = self.values_set(object.class, &object.attrs);
        let muted = (!self.marks_of(object).is_empty()).then_some(site);
        let kind = if object.is_new { WriteKind::Create } else { WriteKind::Save };
        let filters = match object.is_new {
            true => object.columns_when_new(),
            false => object.query.filters.clone(),
        };
        let is_historical = object.query.is_historical;
        let is_supposed = object.query.is_supposed;
        let write = Write::new(model, kind);
        let write = Write {
            columns,
            lists_columns,
            values,
            filters,
            is_historical,
            muted,
            is_supposed,
            ..write
        };
        self.write(write, site);
    }

    fn call_class_method(
        &mut self,
        class: ClassId,
        name: &str,
        args: Args,
        site: Location,
    ) -> Value {
        match name {
            "as_manager" => rows_of(Value::Class(class), &args),
            "from_queryset" => {
                let queryset = args.positional.first().cloned().unwrap_or_default();
                Value::FromQuerySet(Arc::new((Value::Class(class), queryset)))
            }
            // `super().__new__(metaclass, name, bases, namespace)` in a metaclass.
            "__new__" if self.created_by.is_some_and(|(maker, _)| maker == class) => {
                self.created_by.map_or(Value::Unknown, |(_, made)| Value::Class(made))
            }
            "__subclasses__" => {
                let program = self.program;
                let below = program
                    .class_ids()
                    .filter(|other| self.bases(*other).contains(&Value::Class(class)));
                Value::sequence(below.map(Value::Class).collect())
            }
            _ if self.program.frameworks.loads_row(name) && self.is_model(class) => {
                Value::Object(Arc::new(Object { is_stored: true, ..Object::new(class) }))
            }
            _ if self.program.frameworks.loads_record(name)
                && let Some(row) = args.positional.first()
                && let Some(record) = self.load_record(class, row) =>
            {
                record
            }
            _ => {
                // `Model.save(instance)`: the first argument is the receiver.
                if let Some(Value::Object(object)) = args.positional.first()
                    && self.program.frameworks.model_method(name).is_some()
                {
                    let object = object.clone();
                    return self.call_object_method(&object, name, args, site);
                }
                self.call_unknown_method(&Value::Class(class), name, args, site)
            }
        }
    }

    fn call_app_method(&mut self, label: &str, name: &str, args: &Args) -> Value {
        match name {
            "get_models" => {
                let models = self.models.clone();
                let of_app = models.iter().filter(|model| self.app_label(**model) == label);
                Value::sequence(of_app.map(|model| Value::Class(*model)).collect())
            }
            "get_model" => match args.positional.first().and_then(Value::known_text) {
                Some(model) => {
                    let label = format!("{label}.{model}");
                    self.model_of_label(&label).map_or(Value::Unknown, Value::Class)
                }
                None => Value::Unknown,
            },
            _ => Value::Unknown,
        }
    }

    /// Methods of functions: those of task queues run the function.
    fn call_function_method(
        &mut self,
        function: &Value,
        name: &str,
        args: Args,
        site: Location,
    ) -> Value {
        let Some(passing) = self.program.frameworks.task_method(name) else {
            return self.call_unknown_method(function, name, args, site);
        };
        let task_args = match passing {
            TaskArguments::Own => self.own_task_arguments(function, args),
            TaskArguments::List => self.task_arguments(function, &args),
        };
        match self.program.frameworks.starts_on_commit(name) {
            true => {
                let at_commit = self.timing.at_commit();
                let timing = std::mem::replace(&mut self.timing, at_commit);
                self.call(function, task_args, site);
                self.timing = timing;
            }
            false => {
                self.call(function, task_args, site);
            }
        }
        // A signature that is scheduled later has run by then.
        Value::Returned("task".into())
    }

    /// The arguments of a task's function that a call passes on as a list and a dict.
    pub(super) fn task_arguments(&self, function: &Value, args: &Args) -> Args {
        let positional = match args.get(0, "args") {
            Some(Value::Sequence(items)) => items.to_vec(),
            _ => Vec::new(),
        };
        let mut list = Args { positional, ..Args::default() };
        match args.get(1, "kwargs") {
            Some(Value::Dict(dict)) => {
                for (key, value) in &dict.items {
                    if let Some(name) = key.known_text() {
                        list.keywords.push((name.into(), value.clone()));
                    }
                }
            }
            Some(_) => list.open = true,
            None => {}
        }
        list.open |= args.get(0, "args").is_some_and(|args| !matches!(args, Value::Sequence(_)));
        self.own_task_arguments(function, list)
    }

    /// The arguments of a task's function, the task itself first where that asks for it.
    fn own_task_arguments(&self, function: &Value, mut args: Args) -> Args {
        if let Value::Function(closure) = function
            && self.is_bound_task(closure.function)
        {
            args.positional.insert(0, Value::Unknown);
        }
        args
    }

    /// Whether a decorator of the function says `bind=True`.
    fn is_bound_task(&self, id: FunctionId) -> bool {
        let facts = self.program.file(id.file);
        facts.function(id.ix).decorators.iter().any(|decorator| {
            let ExprKind::Call { args, .. } = facts.expr(*decorator).kind else { return false };
            facts.args(args).iter().any(|arg| {
                matches!(arg.kind, ArgKind::Keyword(name) if facts.name(name) == "bind")
                    && facts.expr(arg.value).kind == ExprKind::Bool(true)
            })
        })
    }

    /// Calls a method that an operator or a builtin stands for, where the class has one in sight.
    pub(super) fn call_special(
        &mut self,
        class: ClassId,
        method: &str,
        args: &[&Value],
    ) -> Option<Value> {
        let (method, _) = self.class_attribute(class, method)?;
        let args = Args::positional(args.iter().map(|value| (*value).clone()));
        let site = self.calls.last().copied();
        let site = site.unwrap_or_else(|| self.program.class_location(class));
        Some(self.call(&method, args, site))
    }
}
