//! Calls of what dotted names outside the program stand for: what a framework file says they do, or
//! nothing but calling back what they are handed.

use std::sync::Arc;

use super::Interp;
use super::attrs::WRAPPED;
use super::lookups::{Conditions, expression, lookups_of};
use crate::frameworks::Role;
use crate::graph::effect::{Dropped, EffectKind};
use crate::graph::key::{Part, Template};
use crate::graph::modules::ModuleRef;
use crate::graph::value::{Args, Partial, RowPart, Rows, SignalValue, StoreRef, Taint, Value};
use crate::source::Location;

/// The name of the store that a ready-made instance is.
pub const DEFAULT_ALIAS: &str = "default";

impl Interp<'_> {
    /// Calls what a dotted name outside the program stands for.
    pub(super) fn call_external(&mut self, path: &str, args: Args, site: Location) -> Value {
        let frameworks = self.program.frameworks;
        if frameworks.memoizer(path).is_some() {
            return self.call_memoizer(path, args, site);
        }
        if let Some(builder) = frameworks.key_builder(path) {
            return self.build_key(builder, &args);
        }
        if frameworks.makes_signature(path)
            && let Some(signature) = self.signature(&args, site)
        {
            return signature;
        }
        if let Some((owner, method)) = path.rsplit_once('.') {
            if frameworks.is_task_sender(method)
                && let Some(sent) = self.send_task(&args, site)
            {
                return sent;
            }
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
            Role::Receiver => Value::ReceiverDecorator(Arc::new(args)),
            Role::Partial => {
                let mut args = args;
                if args.positional.is_empty() {
                    return Value::Unknown;
                }
                let callee = args.positional.remove(0);
                Value::Partial(Arc::new(Partial { callee, args }))
            }
            Role::Digest => match args.positional.first() {
                // It tells texts apart as they do themselves.
                Some(Value::Text(text)) if text.is_chosen_by_keys() => {
                    Value::Text(Arc::new(Template { is_coded: true, ..(**text).clone() }))
                }
                // What callers have given tells nothing of rows.
                Some(Value::Derived(taint))
                    if taint.iter().all(|source| source.part == RowPart::Given) =>
                {
                    Value::Text(Arc::new(Template { is_coded: true, ..Template::hole("...") }))
                }
                _ => self.call_outside(path, args, site),
            },
            Role::RowToDict => {
                let row = args.get(0, "instance").cloned().unwrap_or_default();
                let names = args.get(1, "fields").map(lookups_of).unwrap_or_default();
                self.dict_of_row(&row, &names)
            }
            Role::Adapter => match args.positional.first() {
                Some(function) => function.clone(),
                None => Value::Unknown,
            },
            Role::Wraps => match args.positional.as_slice() {
                [wrapped, Value::Function(wrapper)] => {
                    wrapper.with_attribute(WRAPPED, wrapped.clone())
                }
                _ => {
                    let callee = Value::External(path.into());
                    Value::Partial(Arc::new(Partial { callee, args }))
                }
            },
            Role::Caller => {
                let mut args = args;
                if args.positional.is_empty() {
                    return Value::Unknown;
                }
                let callee = args.positional.remove(0);
                self.call(&callee, args, site)
            }
            // Which method of a class it is for is told by a name.
            Role::MethodDecorator if args.keyword("name").is_none() => {
                let given = args.get(0, "decorator").cloned();
                match given.filter(|decorator| self.memoizer_of(decorator).is_some()) {
                    Some(decorator) => decorator,
                    None => self.call_outside(path, args, site),
                }
            }
            Role::MethodDecorator => {
                let callee = Value::External(path.into());
                Value::Partial(Arc::new(Partial { callee, args }))
            }
            Role::OnCommit => {
                if let Some(function) = args.get(0, "func").cloned() {
                    let at_commit = self.timing.at_commit();
                    let timing = std::mem::replace(&mut self.timing, at_commit);
                    let subject = self.moment.subject();
                    self.moment.set_subject(subject.at_commit());
                    self.call(&function, Args::default(), site);
                    self.moment.set_subject(subject);
                    self.timing = timing;
                }
                Value::None
            }
            Role::Expression => {
                let mut paths: Vec<Arc<str>> = args.values().flat_map(lookups_of).collect();
                let kind = path.rsplit('.').next();
                if matches!(kind, Some("Q" | "When")) {
                    paths.extend(args.keywords.iter().map(|(name, _)| name.clone()));
                }
                let negates =
                    args.keyword("_negated").is_some() || args.keyword("_connector").is_some();
                let conditions = match kind {
                    Some("Q") if !negates => Conditions::of(&args),
                    _ => None,
                };
                // What a subquery reads comes with it.
                let mut taint = Taint::new();
                if self.tracks_rows() {
                    let asks_for_any = path.rsplit('.').next() == Some("Exists");
                    args.values().for_each(|value| match asks_for_any {
                        true => value.collect_compared(&mut taint),
                        false => value.collect_taint(&mut taint),
                    });
                }
                let expression = expression(paths, taint);
                match conditions {
                    Some(conditions) => conditions.beside(expression),
                    None => expression,
                }
            }
            Role::GetObject => {
                let mut args = args;
                let rows = match args.positional.first() {
                    Some(Value::Class(class)) => self.default_manager(*class),
                    Some(other) => other.clone(),
                    None => Value::Unknown,
                };
                args.positional.clear();
                let method = self.program.frameworks.unique_method();
                let callee = self.attribute(&rows, method);
                self.call(&callee, args, site)
            }
            Role::GetModel => self.get_model(&args),
            Role::ModelLabel => label_in(&args).map_or(Value::Unknown, |label| Value::text(&label)),
            Role::GetModels => {
                let models = self.models.clone();
                Value::sequence(models.iter().map(|model| Value::Class(*model)).collect())
            }
            Role::GetAppConfig => match args.positional.first().and_then(Value::known_text) {
                Some(label) => Value::App(label.into()),
                None => Value::Unknown,
            },
            Role::UserModel => self.user_model(path),
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
            Role::InvalidateRow | Role::InvalidateModel => {
                let given = args.positional.first().cloned().unwrap_or_default();
                self.invalidate_listed(&given, path, site);
                Value::None
            }
            Role::InvalidateQueries => {
                self.invalidate_queries(site);
                Value::None
            }
            Role::MuteSignals => Value::Muted(Arc::new(args.positional)),
            Role::RunPython => self.run_python(&args, site),
            Role::RunSql => self.run_sql_operation(&args, site),
            Role::Manager | Role::QuerySet => rows_of(Value::External(path.into()), &args),
            Role::SignalClass | Role::ModelSignalClass => {
                let resolves_labels = role == Role::ModelSignalClass;
                Value::Signal(Arc::new(SignalValue { site, resolves_labels }))
            }
            _ => Value::Returned(path.into()),
        }
    }

    /// A call of something outside that no framework file describes.
    pub(super) fn call_outside(&mut self, path: &str, args: Args, site: Location) -> Value {
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

    pub(super) fn get_model(&mut self, args: &Args) -> Value {
        let model = label_in(args).and_then(|label| self.model_of_label(&label));
        model.map_or(Value::Unknown, Value::Class)
    }

    /// The user model; what `path` returned where it is none of the program.
    fn user_model(&mut self, path: &str) -> Value {
        let setting = self.setting("AUTH_USER_MODEL");
        match setting.as_ref().and_then(Value::known_text) {
            Some(label) => match self.model_of_label(label) {
                Some(model) => Value::Class(model),
                None if self.knows_app(label) => Value::Unknown,
                None => Value::Returned(path.into()),
            },
            None if setting.is_some() || self.has_users() => Value::Unknown,
            None => Value::Returned(path.into()),
        }
    }

    /// Whether some model of the program may be one of users, of whom a project chooses one.
    fn has_users(&mut self) -> bool {
        let models = self.models.clone();
        models.iter().any(|model| {
            let order = self.order(*model);
            order.iter().any(|base| {
                !matches!(base, Value::Class(_))
                    && !matches!(self.value_role(base), Some(role) if role != Role::UserBase)
            })
        })
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
}

/// The label of a model that a call names: in one text, or by its app and its name.
fn label_in(args: &Args) -> Option<String> {
    let names = ["app_label", "model_name"].into_iter().enumerate();
    let parts: Vec<&str> = names
        .filter_map(|(position, name)| args.get(position, name).and_then(Value::known_text))
        .collect();
    (!parts.is_empty()).then(|| parts.join("."))
}

/// A manager or queryset made by calling its class.
pub(super) fn rows_of(class: Value, args: &Args) -> Value {
    let model = match args.get(0, "model") {
        Some(Value::Class(model)) => Some(*model),
        _ => None,
    };
    Value::Rows(Arc::new(Rows { classes: vec![class], model, ..Rows::default() }))
}
