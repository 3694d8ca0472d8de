//! Calls of methods that the program does not define: of rows, instances, tasks, strings, lists and
//! dicts, and of things of which nothing is known.

use std::sync::Arc;

use super::attrs::native;
use super::moment::Subject;
use super::natives::rows_of;
use super::serializers::TO_REPRESENTATION;
use super::{Interp, Timing};
use crate::facts::{ArgKind, ExprKind, Scope};
use crate::frameworks::{ModelMethod, QuerySetMethod, Role, TaskArguments};
use crate::graph::effect::{Dropped, EffectKind, Interest, Write, WriteKind};
use crate::graph::ids::{ClassId, FunctionId};
use crate::graph::key::Template;
use crate::graph::value::{Args, Dict, Object, Value};
use crate::source::Location;

/// How many methods of one name are tried where the receiver is unknown.
const MAX_CANDIDATES: usize = 4;

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
        let known = self.program.frameworks.writers(name);
        if known.is_empty() {
            return None;
        }
        let order = self.order(class);
        let (_, method) = known.iter().find(|(pattern, _)| {
            order.iter().any(|base| match base {
                Value::External(path) => pattern.matches(path),
                _ => false,
            })
        })?;
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
        let listed = args.keyword("update_fields").cloned();
        let columns = match listed {
            Some(listed) if listed != Value::None => self.listed_columns(model, Some(&listed)),
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
        let muted = (!self.marks_of(object).is_empty()).then_some(site);
        let kind = if object.is_new { WriteKind::Create } else { WriteKind::Save };
        let filters = match object.is_new {
            true => object.columns_when_new(),
            false => object.query.filters.clone(),
        };
        let is_historical = object.query.is_historical;
        let is_supposed = object.query.is_supposed;
        let write = Write::new(model, kind);
        let write = Write { columns, filters, is_historical, muted, is_supposed, ..write };
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

    fn call_text_method(&mut self, template: &Arc<Template>, name: &str, args: &Args) -> Value {
        match name {
            "format" => self.format_method(template, args),
            "join" => {
                let parts = args.positional.first().cloned().unwrap_or_default();
                let Some(parts) = self.elements(&parts) else {
                    return self.text_made_of(template, [&parts]);
                };
                let mut joined = Template::default();
                for (at, part) in parts.iter().enumerate() {
                    if at > 0 {
                        joined.append(template);
                    }
                    self.append_part(&mut joined, part, "...");
                }
                Value::Text(Arc::new(joined))
            }
            "encode" | "decode" | "digest" | "hexdigest" => Value::Text(template.clone()),
            "lower" | "upper" => match template.known() {
                Some(text) if name == "lower" => Value::text(&text.to_lowercase()),
                Some(text) => Value::text(&text.to_uppercase()),
                None => self.text_made_of(template, []),
            },
            "startswith" | "endswith" => {
                let affix = args.positional.first().and_then(Value::known_text);
                match (template.known(), affix) {
                    (Some(text), Some(affix)) if name == "startswith" => {
                        Value::Bool(text.starts_with(affix))
                    }
                    (Some(text), Some(affix)) => Value::Bool(text.ends_with(affix)),
                    _ => Value::Unknown,
                }
            }
            "split" | "rsplit" | "partition" | "rpartition" | "find" | "count" | "index" => {
                Value::derived(template.taint.clone())
            }
            _ => self.text_made_of(template, args.values()),
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
                let timing = std::mem::replace(&mut self.timing, Timing::AFTER_COMMIT);
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

    /// A method of something that is not known well enough to say what it does.
    pub(super) fn call_unknown_method(
        &mut self,
        receiver: &Value,
        name: &str,
        args: Args,
        site: Location,
    ) -> Value {
        let frameworks = self.program.frameworks;
        let mut taint = receiver.taint();
        args.values().for_each(|value| value.collect_taint(&mut taint));
        if self.is_invalidator_name(name) {
            self.emit(EffectKind::Drop(Dropped::default()), site);
            return Value::Unknown;
        }
        if frameworks.is_task_sender(name)
            && let Some(sent) = self.send_task(&args, site)
        {
            return sent;
        }
        if let Some(remote) = self.as_remote(receiver) {
            self.run_callbacks(&args, site);
            return remote;
        }
        if frameworks.runs_sql(name)
            && let Some(text) = args.positional.first()
        {
            let text = text.clone();
            self.run_sql(&text, site);
            taint.add(&self.read_by_sql(&args));
        }
        if self.says_invalidation(name) {
            self.emit_with(EffectKind::NamedInvalidation(name.into()), site, true);
        }
        let from_outside = matches!(
            receiver,
            Value::Returned(_) | Value::External(_) | Value::Rows(_) | Value::Text(_)
        );
        let mut returned = None;
        match (frameworks.model_method(name), frameworks.queryset_method(name)) {
            (Some(ModelMethod::Saves), _) if self.is_put_off(&args) => {}
            (Some(ModelMethod::Saves), _) => self.write(Write::new(None, WriteKind::Save), site),
            (_, Some(QuerySetMethod::Creates | QuerySetMethod::CreatesOrUpdates)) => {
                self.write(Write::new(None, WriteKind::Create), site);
            }
            (Some(ModelMethod::Deletes), _) => {
                self.write(Write::new(None, WriteKind::Delete), site);
            }
            (_, Some(_)) => {}
            (None, None) if from_outside => {}
            (None, None) => returned = self.try_methods_named(name, &args, site),
        }
        if name == "connect" && args.positional.first().is_some_and(Value::is_callable) {
            // A signal that could not be told may be any.
            return self.call_signal(&Value::Unknown, name, args, site);
        }
        self.run_callbacks(&args, site);
        match returned {
            Some(value) => value,
            None if from_outside => Value::derived(taint),
            None => Value::made_of(taint),
        }
    }

    /// Whether what is called like a method that saves is told not to write yet.
    fn is_put_off(&self, args: &Args) -> bool {
        let mut keywords = self.program.frameworks.put_off_by().iter();
        keywords.any(|name| args.keyword(name) == Some(&Value::Bool(false)))
    }

    /// What comes from another machine, where a value speaks to one.
    fn as_remote(&mut self, value: &Value) -> Option<Value> {
        let is_remote = |path: &str| self.program.frameworks.role(path) == Some(Role::Remote);
        let remote = match value {
            Value::Returned(_) => value.clone(),
            Value::Object(object) => {
                self.order(object.class).iter().find_map(|base| match base {
                    Value::External(path) => Some(Value::Returned(path.clone())),
                    _ => None,
                })?
            }
            _ => return None,
        };
        matches!(&remote, Value::Returned(path) if is_remote(path)).then_some(remote)
    }

    /// Runs the few methods of the program that have this name, as if one of them was meant; gives what
    /// they return, where that is wanted.
    fn try_methods_named(&mut self, name: &str, args: &Args, site: Location) -> Option<Value> {
        if self.program.frameworks.any_store_method(name).is_some() || is_of_builtin_type(name) {
            return None;
        }
        let program = self.program;
        let candidates: Vec<FunctionId> = program
            .methods_named(name)
            .iter()
            .copied()
            .filter(|id| program.processes.share(id.file, site.file))
            .collect();
        // A guess on top of a guess says nothing any more.
        if candidates.is_empty() || candidates.len() > MAX_CANDIDATES || self.is_guessing {
            return None;
        }
        let takes_value = self.is_wanted;
        let mut returned: Option<Value> = None;
        self.is_guessing = true;
        let before = self.effects.len();
        for id in candidates {
            let Scope::Class(ix) = self.program.function(id).scope else { continue };
            if self.interest == Interest::Caching && !self.reaches_drop(id) && !takes_value {
                continue;
            }
            let receiver = self.receiver_for(ClassId { file: id.file, ix });
            let method = self.attribute(&receiver, name);
            if !matches!(method, Value::Native(_)) {
                let args = if takes_value { args.clone() } else { Args::unknown() };
                let value = self.call(&method, args, site);
                if takes_value {
                    returned = Some(match returned {
                        Some(other) => other.either(value),
                        None => value,
                    });
                }
            }
        }
        self.is_guessing = false;
        self.effects.rest_on_convention(before);
        returned
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

    /// A receiver to run a method of `class` on when no other is known.
    pub fn receiver_for(&mut self, class: ClassId) -> Value {
        if self.is_rows_class(&Value::Class(class)) {
            return rows_of(Value::Class(class), &Args::default());
        }
        if self.is_model(class) || self.class_attribute(class, "__init__").is_none() {
            return Value::instance(class);
        }
        if let Some(known) = self.receivers.get(&class) {
            return known.clone();
        }
        // A constructor that comes round to its own class finds a plain instance.
        self.receivers.insert(class, Value::instance(class));
        let site = self.program.class_location(class);
        let built = self.quietly(|interp| interp.call(&Value::Class(class), Args::unknown(), site));
        if let Value::Object(object) = &built
            && object.class == class
        {
            let built = self.with_collaborators(object);
            self.receivers.insert(class, built.clone());
            return built;
        }
        Value::instance(class)
    }
}

/// Whether lists, dicts, sets, strings or files have a method of this name, so that a call of it on
/// something unknown is most likely one of theirs.
fn is_of_builtin_type(name: &str) -> bool {
    matches!(
        name,
        "append"
            | "extend"
            | "insert"
            | "remove"
            | "pop"
            | "popitem"
            | "clear"
            | "copy"
            | "count"
            | "index"
            | "sort"
            | "reverse"
            | "add"
            | "discard"
            | "union"
            | "update"
            | "get"
            | "items"
            | "keys"
            | "values"
            | "setdefault"
            | "format"
            | "join"
            | "split"
            | "strip"
            | "replace"
            | "startswith"
            | "endswith"
            | "lower"
            | "upper"
            | "title"
            | "encode"
            | "decode"
            | "read"
            | "write"
            | "close"
            | "open"
            | "seek"
    )
}

fn call_dict_method(dict: &Arc<Dict>, name: &str, args: &Args) -> Value {
    let fallback = || args.positional.get(1).cloned();
    match name {
        "get" | "pop" | "setdefault" => {
            let Some(key) = args.positional.first() else { return Value::Unknown };
            match dict.items.iter().rev().find(|(known, _)| known == key) {
                Some((_, value)) => value.clone(),
                None if dict.may_hold(key) => {
                    let values = dict.items.iter().map(|(_, value)| value.clone());
                    values.reduce(Value::either).unwrap_or_default()
                }
                None => fallback().unwrap_or(Value::None),
            }
        }
        "items" => {
            let pairs = dict.items.iter();
            let pairs = pairs.map(|(key, value)| Value::sequence(vec![key.clone(), value.clone()]));
            known_or_each(pairs.collect(), dict.open)
        }
        "values" => {
            known_or_each(dict.items.iter().map(|(_, value)| value.clone()).collect(), dict.open)
        }
        "keys" => known_or_each(dict.items.iter().map(|(key, _)| key.clone()).collect(), dict.open),
        "copy" => Value::Dict(Arc::new(Dict { held: None, ..(**dict).clone() })),
        _ => native(Value::Unknown, name),
    }
}

fn known_or_each(values: Vec<Value>, open: bool) -> Value {
    if !open {
        return Value::sequence(values);
    }
    match values.into_iter().reduce(Value::either) {
        Some(element) => Value::Each(Arc::new(element)),
        None => Value::Unknown,
    }
}

/// What two sequences of known texts have in common.
pub(super) fn shared_items(items: &[Value], other: &Value) -> Option<Value> {
    let Value::Sequence(other) = other else { return None };
    let known = items.iter().chain(other.iter()).all(|item| item.known_text().is_some());
    let shared = items.iter().filter(|item| other.contains(item)).cloned();
    known.then(|| Value::sequence(shared.collect()))
}

fn call_sequence_method(items: &Arc<Vec<Value>>, name: &str, args: &Args) -> Value {
    let other = match args.positional.first() {
        Some(Value::Sequence(other)) => other,
        _ => return Value::Unknown,
    };
    let known = items.iter().chain(other.iter()).all(|item| item.known_text().is_some());
    if !known {
        return Value::Unknown;
    }
    if name == "intersection" {
        return shared_items(items, &args.positional[0]).unwrap_or_default();
    }
    let is_in = |item: &&Value| other.contains(item);
    match name {
        "issubset" => Value::Bool(items.iter().all(|item| other.contains(item))),
        "issuperset" => Value::Bool(other.iter().all(|item| items.contains(item))),
        "isdisjoint" => Value::Bool(!items.iter().any(|item| other.contains(item))),
        "difference" => {
            Value::sequence(items.iter().filter(|item| !is_in(item)).cloned().collect())
        }
        "union" => Value::sequence(items.iter().chain(other.iter()).cloned().collect()),
        _ => Value::Unknown,
    }
}
