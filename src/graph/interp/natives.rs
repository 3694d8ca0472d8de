//! Calls of what the program does not define: the framework's functions, built-ins, methods of
//! strings, lists and dicts, of rows and of signals.

use std::rc::Rc;

use super::Interp;
use super::attrs::native;
use crate::facts::{ArgKind, ExprKind, Scope};
use crate::frameworks::{ModelMethod, QuerySetMethod, Role, TaskArguments};
use crate::graph::effect::{Dropped, EffectKind, WriteKind};
use crate::graph::ids::{ClassId, FunctionId};
use crate::graph::key::{Part, Template};
use crate::graph::modules::ModuleRef;
use crate::graph::value::{
    Args, Dict, Object, Partial, RowSource, Rows, SignalValue, StoreRef, Taint, Value,
};
use crate::source::Location;

/// How many methods of one name are tried where the receiver is unknown.
const MAX_CANDIDATES: usize = 4;

/// The name of the store that a ready-made instance is.
const DEFAULT_ALIAS: &str = "default";

impl Interp<'_> {
    /// Calls what a dotted name outside the program stands for.
    pub(super) fn call_external(&mut self, path: &str, args: Args, site: Location) -> Value {
        let frameworks = self.program.frameworks;
        if let Some((owner, method)) = path.rsplit_once('.') {
            if frameworks.signal(owner).is_some() {
                return self.call_signal(&Value::External(owner.into()), method, args, site);
            }
            if let Some(store) = frameworks.store_named(owner) {
                let store = StoreRef::named(store, DEFAULT_ALIAS);
                return self.call_store(Some(&store), method, args, site, false);
            }
        }
        if let Some(store) = frameworks.store_returned_by(path) {
            return Value::Store(StoreRef::of(store));
        }
        match frameworks.role(path) {
            Some(role) => self.call_role(role, path, args, site),
            None => self.call_outside(path, args, site),
        }
    }

    fn call_role(&mut self, role: Role, path: &str, args: Args, site: Location) -> Value {
        match role {
            Role::Receiver => Value::ReceiverDecorator(Rc::new(args)),
            Role::Partial => {
                let mut args = args;
                if args.positional.is_empty() {
                    return Value::Unknown;
                }
                let callee = args.positional.remove(0);
                Value::Partial(Rc::new(Partial { callee, args }))
            }
            Role::OnCommit => {
                if let Some(function) = args.get(0, "func").cloned() {
                    self.call(&function, Args::default(), site);
                }
                Value::None
            }
            Role::GetModel => self.get_model(&args),
            Role::GetModels => {
                let models = self.models.clone();
                Value::sequence(models.iter().map(|model| Value::Class(*model)).collect())
            }
            Role::GetAppConfig => match args.positional.first().and_then(Value::known_text) {
                Some(label) => Value::App(label.into()),
                None => Value::Unknown,
            },
            Role::UserModel => self.user_model(),
            Role::ImportModule => self.import_module(&args, site),
            Role::ImportString => self.import_string(&args, site),
            Role::Autodiscover => {
                for value in &args.positional {
                    if let Some(name) = value.known_text() {
                        self.emit(EffectKind::Autodiscover(name.into()), site);
                    }
                }
                Value::None
            }
            Role::Manager | Role::QuerySet => rows_of(Value::External(path.into()), &args),
            Role::SignalClass | Role::ModelSignalClass => {
                let resolves_labels = role == Role::ModelSignalClass;
                Value::Signal(Rc::new(SignalValue { site, resolves_labels }))
            }
            _ => Value::Returned(path.into()),
        }
    }

    /// A call of something outside that no framework file describes.
    fn call_outside(&mut self, path: &str, args: Args, site: Location) -> Value {
        let name = path.rsplit('.').next().unwrap_or(path);
        if self.is_invalidator_name(path) {
            self.emit(EffectKind::Drop(Dropped::default()), site);
        } else if self.says_invalidation(name) {
            self.emit_with(EffectKind::NamedInvalidation(name.into()), site, true);
        }
        if self.is_rows_class(&Value::External(path.into())) {
            return rows_of(Value::External(path.into()), &args);
        }
        self.run_callbacks(&args, site);
        let mut taint = Taint::new();
        args.values().for_each(|value| value.collect_taint(&mut taint));
        if taint.is_empty() { Value::Returned(path.into()) } else { Value::derived(taint) }
    }

    fn get_model(&mut self, args: &Args) -> Value {
        let mut parts = Vec::new();
        for (position, name) in ["app_label", "model_name"].into_iter().enumerate() {
            if let Some(text) = args.get(position, name).and_then(Value::known_text) {
                parts.push(text.to_owned());
            }
        }
        self.model_of_label(&parts.join(".")).map_or(Value::Unknown, Value::Class)
    }

    fn user_model(&mut self) -> Value {
        let setting = self.setting("AUTH_USER_MODEL");
        let label = setting.as_ref().and_then(Value::known_text).map(str::to_owned);
        let model = label.and_then(|label| self.model_of_label(&label));
        model.map_or(Value::Unknown, Value::Class)
    }

    fn import_module(&mut self, args: &Args, site: Location) -> Value {
        let Some(Value::Text(template)) = args.get(0, "name") else { return Value::Unknown };
        let Some(name) = template.known() else {
            // `import_module(f"{app}.signals")` imports that module of any app.
            if let Some(Part::Text(tail)) = template.parts.last()
                && let Some(name) = tail.strip_prefix('.')
            {
                self.emit(EffectKind::Autodiscover(name.into()), site);
            }
            return Value::Unknown;
        };
        let package = args.get(1, "package").and_then(Value::known_text);
        let dotted = match (name.strip_prefix('.'), package) {
            (Some(rest), Some(package)) => format!("{package}.{rest}"),
            (Some(rest), None) => rest.to_owned(),
            (None, _) => name.to_owned(),
        };
        match self.program.modules.absolute(site.file, &dotted) {
            Some(ModuleRef::File(file)) => {
                self.emit(EffectKind::Import(file), site);
                Value::Module(file)
            }
            Some(ModuleRef::Namespace(folder)) => Value::Namespace(folder.into()),
            None => Value::External(dotted.into()),
        }
    }

    fn import_string(&mut self, args: &Args, site: Location) -> Value {
        let Some(dotted) = args.positional.first().and_then(Value::known_text) else {
            return Value::Unknown;
        };
        let Some((module, member)) = dotted.rsplit_once('.') else { return Value::Unknown };
        match self.program.modules.absolute(site.file, module) {
            Some(ModuleRef::File(file)) => {
                self.emit(EffectKind::Import(file), site);
                self.module_attribute(file, member).unwrap_or_default()
            }
            Some(ModuleRef::Namespace(_)) => Value::Unknown,
            None => Value::External(dotted.into()),
        }
    }

    /// Calls a name that nothing in sight defines: a built-in, or something of a star import.
    pub(super) fn call_unbound(&mut self, name: &str, args: Args, site: Location) -> Value {
        let first = args.positional.first().cloned().unwrap_or_default();
        match name {
            "isinstance" => {
                let of = args.positional.get(1).cloned().unwrap_or_default();
                let answer = match &first {
                    Value::Object(object) => self.is_subclass(object.class, &of),
                    Value::Rows(rows) => self.rows_are(rows, &of),
                    _ => None,
                };
                answer.map_or(Value::Unknown, Value::Bool)
            }
            "issubclass" => {
                let of = args.positional.get(1).cloned().unwrap_or_default();
                let answer = match first {
                    Value::Class(class) => self.is_subclass(class, &of),
                    _ => None,
                };
                answer.map_or(Value::Unknown, Value::Bool)
            }
            "type" => match first {
                Value::Object(object) => Value::Class(object.class),
                Value::Rows(rows) => rows.classes.first().cloned().unwrap_or_default(),
                _ => Value::Unknown,
            },
            "getattr" => match args.positional.get(1).and_then(Value::known_text) {
                Some(attribute) => match self.attribute(&first, attribute) {
                    Value::Unknown => args.positional.get(2).cloned().unwrap_or_default(),
                    value => value,
                },
                None => Value::derived(first.taint()),
            },
            "hasattr" => match (&first, args.positional.get(1).and_then(Value::known_text)) {
                (Value::Object(_) | Value::Class(_), Some(attribute)) => {
                    match self.attribute(&first, attribute) {
                        Value::Native(_) | Value::Unknown => Value::Unknown,
                        _ => Value::Bool(true),
                    }
                }
                _ => Value::Unknown,
            },
            "list" | "tuple" | "set" | "frozenset" | "sorted" | "reversed" | "iter" => {
                match first {
                    Value::Sequence(_) | Value::Each(_) => first,
                    Value::Unknown if args.positional.is_empty() => Value::sequence(Vec::new()),
                    Value::Dict(_) => match self.elements(&first) {
                        Some(keys) => Value::sequence(keys),
                        None => Value::Unknown,
                    },
                    other => match self.element_of(&other) {
                        Value::Unknown => Value::Unknown,
                        element => Value::Each(Rc::new(element)),
                    },
                }
            }
            "next" => self.element_of(&first),
            "dict" => {
                let mut dict = match &first {
                    Value::Dict(dict) => (**dict).clone(),
                    Value::Unknown if args.positional.is_empty() => Dict::default(),
                    other => Dict { items: Vec::new(), open: other.truth() != Some(false) },
                };
                let named = args.keywords.iter();
                dict.items.extend(named.map(|(name, value)| (Value::text(name), value.clone())));
                Value::Dict(Rc::new(dict))
            }
            "zip" => self.zip(&args),
            "enumerate" => match self.elements(&first) {
                Some(elements) => {
                    let pairs = elements.into_iter().enumerate();
                    let pair =
                        |(at, element)| Value::sequence(vec![Value::Int(at as i64), element]);
                    Value::sequence(pairs.map(pair).collect())
                }
                None => {
                    let element = self.element_of(&first);
                    Value::Each(Rc::new(Value::sequence(vec![Value::Unknown, element])))
                }
            },
            "map" => {
                let over = args.positional.get(1).cloned().unwrap_or_default();
                let elements = match self.elements(&over) {
                    Some(elements) => elements,
                    None => vec![self.element_of(&over)],
                };
                let call = |element| self.call(&first, Args::positional([element]), site);
                Value::sequence(elements.into_iter().map(call).collect())
            }
            "str" | "repr" | "bytes" => match first {
                Value::Text(_) => first,
                Value::Int(number) => Value::text(&number.to_string()),
                _ => Value::Text(Rc::new(Template::hole("..."))),
            },
            "bool" => first.truth().map_or(Value::Unknown, Value::Bool),
            "int" | "float" | "len" | "hash" | "abs" | "min" | "max" | "sum" | "any" | "all"
            | "round" => {
                let mut taint = Taint::new();
                args.values().for_each(|value| value.collect_taint(&mut taint));
                Value::derived(taint)
            }
            _ => self.call_outside(name, args, site),
        }
    }

    fn rows_are(&mut self, rows: &Rows, of: &Value) -> Option<bool> {
        let mut answer = Some(false);
        for class in &rows.classes {
            match class {
                Value::Class(class) => match self.is_subclass(*class, of) {
                    Some(false) => {}
                    other => return other,
                },
                _ => answer = None,
            }
        }
        answer
    }

    fn zip(&mut self, args: &Args) -> Value {
        let mut columns = Vec::new();
        for value in &args.positional {
            match self.elements(value) {
                Some(elements) => columns.push(elements),
                None => return Value::Unknown,
            }
        }
        let length = columns.iter().map(Vec::len).min().unwrap_or(0);
        let row =
            |at: usize| Value::sequence(columns.iter().map(|column| column[at].clone()).collect());
        Value::sequence((0..length).map(row).collect())
    }

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
                Value::FromQuerySet(Rc::new((Value::External(path.clone()), queryset)))
            }
            Value::FromQuerySet(_) if name == "from_queryset" => {
                let queryset = args.positional.first().cloned().unwrap_or_default();
                Value::FromQuerySet(Rc::new((receiver.clone(), queryset)))
            }
            Value::App(label) => self.call_app_method(label, name, &args),
            Value::Text(template) => self.call_text_method(template, name, &args),
            Value::Dict(dict) => call_dict_method(dict, name, &args),
            Value::Sequence(items) => call_sequence_method(items, name, &args),
            Value::Function(_) | Value::Bound(_) | Value::Partial(_) => {
                self.call_function_method(receiver, name, args, site)
            }
            _ => self.call_unknown_method(receiver, name, args, site),
        }
    }

    fn call_rows_method(
        &mut self,
        rows: &Rc<Rows>,
        name: &str,
        args: Args,
        site: Location,
    ) -> Value {
        let Some(method) = self.program.frameworks.queryset_method(name) else {
            return self.call_unknown_method(&Value::Rows(rows.clone()), name, args, site);
        };
        match method {
            QuerySetMethod::Rows => Value::Rows(rows.clone()),
            QuerySetMethod::Unique | QuerySetMethod::Row => {
                let single = method == QuerySetMethod::Unique;
                match rows.model {
                    Some(model) if single => Value::instance(model),
                    Some(model) => Value::one_of_many(model),
                    None => {
                        let source = RowSource { model: None, keys_only: rows.keys_only, single };
                        Value::derived([source].into())
                    }
                }
            }
            QuerySetMethod::Columns => {
                let only_keys = !args.positional.is_empty()
                    && args
                        .positional
                        .iter()
                        .all(|column| matches!(column.known_text(), Some("pk" | "id")));
                Value::Rows(Rc::new(Rows { keys_only: only_keys, ..(**rows).clone() }))
            }
            QuerySetMethod::Saves => {
                let instance = rows.model.map_or(Value::Unknown, Value::instance);
                self.write(rows.model, WriteKind::Save, site);
                if let Value::Object(object) = &instance {
                    self.run_save_hooks(object, Value::Unknown, Value::None, site);
                }
                if name.contains("_or_") {
                    Value::sequence(vec![instance, Value::Unknown])
                } else {
                    instance
                }
            }
            QuerySetMethod::Deletes => {
                self.write(rows.model, WriteKind::Delete, site);
                if let Some(model) = rows.model {
                    self.run_delete_hooks(&Object::new(model), site);
                }
                Value::Unknown
            }
            QuerySetMethod::Bulk => {
                self.write(rows.model, WriteKind::Bulk, site);
                Value::Unknown
            }
        }
    }

    fn write(&mut self, model: Option<ClassId>, kind: WriteKind, site: Location) {
        self.emit(EffectKind::Write { model, kind }, site);
    }

    fn call_object_method(
        &mut self,
        object: &Rc<Object>,
        name: &str,
        args: Args,
        site: Location,
    ) -> Value {
        if self.is_model(object.class) {
            match self.program.frameworks.model_method(name) {
                Some(ModelMethod::Saves) => {
                    self.write(Some(object.class), WriteKind::Save, site);
                    let created = match (object.is_subject, self.subject_exists) {
                        (true, Some(exists)) => Value::Bool(!exists),
                        _ => Value::Unknown,
                    };
                    let fields = match args.keyword("update_fields") {
                        Some(fields) => fields.clone(),
                        None if args.open => Value::Unknown,
                        None => Value::None,
                    };
                    if object.is_subject {
                        self.subject_exists = Some(true);
                    }
                    self.run_save_hooks(object, created, fields, site);
                    return Value::None;
                }
                Some(ModelMethod::Deletes) => {
                    self.write(Some(object.class), WriteKind::Delete, site);
                    self.run_delete_hooks(object, site);
                    return Value::None;
                }
                None => {}
            }
        }
        self.call_unknown_method(&Value::Object(object.clone()), name, args, site)
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
                Value::FromQuerySet(Rc::new((Value::Class(class), queryset)))
            }
            "__subclasses__" => {
                let program = self.program;
                let below = program
                    .class_ids()
                    .filter(|other| self.bases(*other).contains(&Value::Class(class)));
                Value::sequence(below.map(Value::Class).collect())
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

    fn call_text_method(&mut self, template: &Rc<Template>, name: &str, args: &Args) -> Value {
        match name {
            "format" => self.format_method(template, args),
            "join" => {
                let parts = args.positional.first().cloned().unwrap_or_default();
                let Some(parts) = self.elements(&parts) else {
                    return Value::Text(Rc::new(Template::hole("...")));
                };
                let mut joined = Template::default();
                for (at, part) in parts.iter().enumerate() {
                    if at > 0 {
                        joined.append(template);
                    }
                    self.append_part(&mut joined, part, "...");
                }
                Value::Text(Rc::new(joined))
            }
            "encode" | "decode" => Value::Text(template.clone()),
            "lower" | "upper" => match template.known() {
                Some(text) if name == "lower" => Value::text(&text.to_lowercase()),
                Some(text) => Value::text(&text.to_uppercase()),
                None => Value::Text(Rc::new(Template::hole("..."))),
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
                Value::Unknown
            }
            _ => Value::Text(Rc::new(Template::hole("..."))),
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
        let mut task_args = match passing {
            TaskArguments::Own => args,
            TaskArguments::List => {
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
                list.open |=
                    args.get(0, "args").is_some_and(|args| !matches!(args, Value::Sequence(_)));
                list
            }
        };
        if let Value::Function(closure) = function
            && self.is_bound_task(closure.function)
        {
            task_args.positional.insert(0, Value::Unknown);
        }
        self.call(function, task_args, site);
        // A signature that is scheduled later has run by then.
        Value::Returned("task".into())
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
    fn call_unknown_method(
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
        if self.says_invalidation(name) {
            self.emit_with(EffectKind::NamedInvalidation(name.into()), site, true);
        }
        let from_outside = matches!(
            receiver,
            Value::Returned(_) | Value::External(_) | Value::Rows(_) | Value::Text(_)
        );
        match (frameworks.model_method(name), frameworks.queryset_method(name)) {
            (Some(ModelMethod::Saves), _) | (_, Some(QuerySetMethod::Saves)) => {
                self.write(None, WriteKind::Save, site);
            }
            (Some(ModelMethod::Deletes), _) => self.write(None, WriteKind::Delete, site),
            (_, Some(_)) => {}
            (None, None) if from_outside => {}
            (None, None) => self.try_methods_named(name, site),
        }
        if name == "connect" && args.positional.first().is_some_and(Value::is_callable) {
            // A signal that could not be told may be any.
            return self.call_signal(&Value::Unknown, name, args, site);
        }
        self.run_callbacks(&args, site);
        Value::derived(taint)
    }

    /// Runs the few methods of the program that have this name, as if one of them was meant.
    fn try_methods_named(&mut self, name: &str, site: Location) {
        if self.program.frameworks.any_store_method(name).is_some() {
            return;
        }
        let candidates = self.program.methods_named(name);
        if candidates.is_empty() || candidates.len() > MAX_CANDIDATES {
            return;
        }
        let before = self.effects.len();
        for &id in candidates.to_vec().iter() {
            let Scope::Class(ix) = self.program.function(id).scope else { continue };
            let receiver = self.receiver_for(ClassId { file: id.file, ix });
            let method = self.attribute(&receiver, name);
            self.call(&method, Args::unknown(), site);
        }
        self.effects.rest_on_convention(before);
    }

    /// A receiver to run a method of `class` on when no other is known.
    pub fn receiver_for(&mut self, class: ClassId) -> Value {
        if self.is_rows_class(&Value::Class(class)) {
            rows_of(Value::Class(class), &Args::default())
        } else {
            Value::instance(class)
        }
    }
}

fn rows_of(class: Value, args: &Args) -> Value {
    let model = match args.get(0, "model") {
        Some(Value::Class(model)) => Some(*model),
        _ => None,
    };
    Value::Rows(Rc::new(Rows { classes: vec![class], model, keys_only: false }))
}

fn call_dict_method(dict: &Rc<Dict>, name: &str, args: &Args) -> Value {
    let fallback = || args.positional.get(1).cloned();
    match name {
        "get" | "pop" | "setdefault" => {
            let Some(key) = args.positional.first() else { return Value::Unknown };
            match dict.items.iter().rev().find(|(known, _)| known == key) {
                Some((_, value)) => value.clone(),
                None if dict.open || key.known_text().is_none() => Value::Unknown,
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
        "copy" => Value::Dict(dict.clone()),
        _ => native(Value::Unknown, name),
    }
}

fn known_or_each(values: Vec<Value>, open: bool) -> Value {
    if !open {
        return Value::sequence(values);
    }
    match values.into_iter().reduce(Value::either) {
        Some(element) => Value::Each(Rc::new(element)),
        None => Value::Unknown,
    }
}

fn call_sequence_method(items: &Rc<Vec<Value>>, name: &str, args: &Args) -> Value {
    let other = match args.positional.first() {
        Some(Value::Sequence(other)) => other,
        _ => return Value::Unknown,
    };
    let known = items.iter().chain(other.iter()).all(|item| item.known_text().is_some());
    if !known {
        return Value::Unknown;
    }
    let is_in = |item: &&Value| other.contains(item);
    match name {
        "issubset" => Value::Bool(items.iter().all(|item| other.contains(item))),
        "issuperset" => Value::Bool(other.iter().all(|item| items.contains(item))),
        "isdisjoint" => Value::Bool(!items.iter().any(|item| other.contains(item))),
        "intersection" => Value::sequence(items.iter().filter(is_in).cloned().collect()),
        "difference" => {
            Value::sequence(items.iter().filter(|item| !is_in(item)).cloned().collect())
        }
        "union" => Value::sequence(items.iter().chain(other.iter()).cloned().collect()),
        _ => Value::Unknown,
    }
}
