//! Signals: connecting receivers, sending to them, and the hooks that a save or delete runs.

use std::sync::Arc;

use super::moment::Subject;
use super::{Interp, Scenario};
use crate::facts::{ArgKind, ExprKind, Scope};
use crate::frameworks::Event;
use crate::graph::effect::{Connection, Effect, EffectKind, HookRef};
use crate::graph::hooks::{Hook, HookId};
use crate::graph::ids::{ClassId, FunctionId};
use crate::graph::value::{Args, Object, SignalValue, Value};
use crate::source::Location;

/// The methods of a signal that run its receivers.
pub const SENDING: [&str; 4] = ["send", "send_robust", "asend", "asend_robust"];

impl Interp<'_> {
    /// The signal that an instance of a signal class of the program is.
    pub(super) fn new_signal(&mut self, class: ClassId, site: Location) -> Value {
        let order = self.order(class);
        let resolves_labels = order
            .iter()
            .any(|base| self.value_role(base) == Some(crate::frameworks::Role::ModelSignalClass));
        Value::Signal(Arc::new(SignalValue { site, resolves_labels }))
    }

    /// Calls a method of a signal.
    pub(super) fn call_signal(
        &mut self,
        signal: &Value,
        method: &str,
        args: Args,
        site: Location,
    ) -> Value {
        match method {
            "connect" => {
                let connection = Connection {
                    signal: signal.clone(),
                    receiver: args.get(0, "receiver").cloned().unwrap_or_default(),
                    sender: sender_of(&args, 1),
                    weak: args.get(2, "weak") != Some(&Value::Bool(false)),
                    temporary: std::mem::take(&mut self.temporary_receiver),
                    dispatch_uid: args
                        .get(3, "dispatch_uid")
                        .filter(|uid| **uid != Value::None)
                        .cloned(),
                    decorated: false,
                };
                self.reconnect(&connection);
                self.emit(EffectKind::Connect(connection), site);
                Value::None
            }
            "disconnect" => {
                let connection = Connection {
                    signal: signal.clone(),
                    receiver: args.get(0, "receiver").cloned().unwrap_or_default(),
                    sender: sender_of(&args, 1),
                    weak: true,
                    temporary: false,
                    dispatch_uid: args
                        .get(2, "dispatch_uid")
                        .filter(|uid| **uid != Value::None)
                        .cloned(),
                    decorated: false,
                };
                self.disconnect(connection.clone(), site);
                self.emit(EffectKind::Disconnect(connection), site);
                Value::Unknown
            }
            name if SENDING.contains(&name) => {
                self.send(signal, &args, site);
                Value::Unknown
            }
            _ => Value::Unknown,
        }
    }

    /// `@receiver(signals, **keywords)` meets its function.
    pub(super) fn connect_decorated(&mut self, decorator: &Args, function: &Value, site: Location) {
        let signals = match decorator.get(0, "signal").cloned() {
            Some(Value::Sequence(signals)) => signals.to_vec(),
            Some(signal) => vec![signal],
            None => return,
        };
        let temporary = match function {
            Value::Function(closure) => self.is_local_only(closure.function),
            _ => false,
        };
        for signal in signals {
            let connection = Connection {
                signal,
                receiver: function.clone(),
                sender: sender_of(decorator, usize::MAX),
                weak: decorator.keyword("weak") != Some(&Value::Bool(false)),
                temporary,
                dispatch_uid: decorator
                    .keyword("dispatch_uid")
                    .filter(|uid| **uid != Value::None)
                    .cloned(),
                decorated: true,
            };
            self.emit(EffectKind::Connect(connection), site);
        }
    }

    /// Whether a value is the `connect` method of a signal, as a decorator may be.
    pub(super) fn is_connect(&self, value: &Value) -> bool {
        match value {
            Value::External(path) => path.rsplit_once('.').is_some_and(|(owner, method)| {
                method == "connect" && self.program.frameworks.signal(owner).is_some()
            }),
            Value::Native(native) => {
                &*native.1 == "connect" && matches!(native.0, Value::Signal(_))
            }
            _ => false,
        }
    }

    /// Sends a signal to the receivers that are connected to it.
    fn send(&mut self, signal: &Value, args: &Args, site: Location) {
        let sender = sender_of(args, 0);
        for (id, hook) in self.running.clone().of_signal(signal) {
            let hears = match &sender {
                Some(Value::Class(class)) => hook.hears(self.program, *class),
                _ => true,
            };
            if !hears {
                continue;
            }
            let mut keywords = args.keywords.clone();
            keywords.retain(|(name, _)| &**name != "sender");
            keywords.push(("sender".into(), sender.clone().unwrap_or_default()));
            keywords.push(("signal".into(), signal.clone()));
            let call = Args { keywords, open: args.open, ..Args::default() };
            self.run_hook(id, &hook.connection.receiver, call, site);
        }
    }

    /// Everything that saving an instance runs, besides overrides.
    pub(super) fn run_save_hooks(
        &mut self,
        object: &Arc<Object>,
        created: Value,
        fields: Value,
        site: Location,
    ) {
        let scenario = match &created {
            Value::Bool(true) => "create",
            Value::Bool(false) => "update",
            _ => "save",
        };
        let keywords = vec![
            ("created".into(), created.clone()),
            ("raw".into(), Value::Bool(false)),
            ("update_fields".into(), fields.clone()),
        ];
        self.dispatch(object, Event::Save, true, site, &keywords);
        if object.is_subject {
            let stands = match self.moment.subject() {
                Subject::New | Subject::Created => Subject::Created,
                _ => Subject::Saved,
            };
            self.moment.set_subject(stands);
        }
        self.dispatch(object, Event::Save, false, site, &keywords);
        self.run_decorated_hooks(object, scenario, &fields, site);
        self.run_libraries(object, false, site);
    }

    /// Everything that deleting an instance runs, besides overrides: the row's parents in
    /// multi-table inheritance are deleted with it, with signals of their own. A proxy has no rows apart
    /// from those of the class that it stands for, which is not sent.
    pub(super) fn run_delete_hooks(&mut self, object: &Object, site: Location) {
        let concrete = self.concrete(object.class);
        let mut classes = vec![object.class];
        classes.extend(self.table_parents(concrete));
        for class in classes {
            let object = Arc::new(Object { class, ..object.clone() });
            self.dispatch(&object, Event::Delete, true, site, &[]);
            let before = object.is_subject.then(|| self.moment.subject());
            if let Some(before) = before {
                self.moment.set_subject(before.taken());
            }
            self.dispatch(&object, Event::Delete, false, site, &[]);
            if let Some(before) = before {
                self.moment.set_subject(before);
            }
        }
        self.run_decorated_hooks(&Arc::new(object.clone()), "delete", &Value::None, site);
        self.run_libraries(object, true, site);
    }

    /// What libraries run when a row has been deleted and has lost its primary key.
    pub(super) fn run_late_delete_hooks(&mut self, object: &Arc<Object>, site: Location) {
        self.run_decorated_hooks(object, "late-delete", &Value::None, site);
    }

    /// Everything that editing a many-to-many relation runs: receivers of its through class, once for
    /// each action.
    pub(super) fn run_link_hooks(
        &mut self,
        owner: ClassId,
        field: &str,
        reverse: bool,
        is_historical: bool,
        actions: &[String],
        site: Location,
    ) {
        if !is_historical {
            self.run_libraries_of_links(owner, field, site);
        }
        let through = self.through_of(owner, field);
        let Some(relation) = self.relation(owner, field) else { return };
        // A target out of sight links its rows like any other one.
        let sides = [Some(owner), relation.target];
        let (side, other) = if reverse { (sides[1], sides[0]) } else { (sides[0], sides[1]) };
        if !self.moment.start((side.unwrap_or(owner), Event::M2m)) {
            return;
        }
        let instance = match side {
            Some(side) => Value::Object(Arc::new(Object::subject(side))),
            None => Value::Unknown,
        };
        for (id, hook) in self.running.clone().called_for([owner].into_iter().chain(through)) {
            let hears = match is_historical {
                true => hook.hears_historical(self.program, owner),
                false => hook.hears_links(self.program, owner, field, through),
            };
            if !hears || hook.event != Event::M2m || self.muted_at(hook).is_some() {
                continue;
            }
            let sender = match through {
                Some(class) => Value::Class(class),
                None => Value::Through(Arc::new((owner, field.into()))),
            };
            for action in actions {
                // Nothing is told of the rows of the other side when all of them are unlinked.
                let keys = if action.ends_with("clear") { Value::None } else { Value::Unknown };
                let keywords = vec![
                    ("sender".into(), sender.clone()),
                    ("signal".into(), hook.connection.signal.clone()),
                    ("instance".into(), instance.clone()),
                    ("action".into(), Value::text(action)),
                    ("reverse".into(), Value::Bool(reverse)),
                    ("model".into(), other.map_or(Value::Unknown, Value::Class)),
                    ("pk_set".into(), keys),
                    ("using".into(), Value::Truthy),
                ];
                let args = Args { keywords, ..Args::default() };
                self.run_hook(id, &hook.connection.receiver, args, site);
            }
        }
        self.moment.end();
        // Links are taken by a delete of the rows of an explicit through class, which sends its signals.
        let only_unlinks = actions.iter().all(|action| !action.ends_with("add"));
        if let Some(through) = through.filter(|_| only_unlinks) {
            self.run_delete_hooks(&Object::row(through, is_historical), site);
        }
    }

    /// Calls the receivers of a write, those that are called before it or those behind it.
    fn dispatch(
        &mut self,
        object: &Arc<Object>,
        event: Event,
        before_write: bool,
        site: Location,
        keywords: &[(Arc<str>, Value)],
    ) {
        let class = object.class;
        if !self.moment.start((class, event)) {
            return;
        }
        let is_historical = object.query.is_historical;
        let is_created =
            |(name, value): &(Arc<str>, Value)| &**name == "created" && *value == Value::Bool(true);
        let has_no_key =
            before_write && keywords.iter().any(is_created) && self.primary_key(class).is_none();
        // Receivers know no more of a row than its class, what it was marked with and whether it has a
        // key yet, so that one run of each serves all rows.
        let (sender, instance) = match object.is_subject {
            true => (Value::Class(class), Value::Object(object.clone())),
            false if is_historical => {
                (Value::Historical(class), Value::Object(Arc::new(Object::row(class, true))))
            }
            false => {
                let mut attrs = self.marks_of(object);
                if has_no_key {
                    attrs.extend(["id", "pk"].map(|name| (name.into(), Value::None)));
                    attrs.sort_by(|one, other| one.0.cmp(&other.0));
                }
                let row = Object { attrs, ..Object::new(class) };
                (Value::Class(class), Value::Object(Arc::new(row)))
            }
        };
        for (id, hook) in self.running.clone().called_for([class]) {
            if hook.event != event || hook.is_before_write != before_write {
                continue;
            }
            let hears = match is_historical {
                true => hook.hears_historical(self.program, class),
                false => hook.hears(self.program, class),
            };
            if !hears || self.is_inert(hook) || self.muted_at(hook).is_some() {
                continue;
            }
            let args = receiver_args(hook, sender.clone(), instance.clone(), keywords.to_vec());
            self.run_hook(id, &hook.connection.receiver, args, site);
        }
        self.moment.end();
    }

    /// Whether a receiver cannot do anything that a run after drops cares about, going by names.
    fn is_inert(&self, hook: &Hook) -> bool {
        hook.function().is_some_and(|function| {
            let at_top = !matches!(self.program.function(function).scope, Scope::Function(_));
            let has_name = !self.program.function_name(function).is_empty();
            self.only_drops && at_top && has_name && !self.reaches_drop(function)
        })
    }

    fn run_hook(&mut self, id: HookId, receiver: &Value, args: Args, site: Location) {
        self.running_hooks.push(HookRef::Receiver(id));
        self.call(receiver, args, site);
        self.running_hooks.pop();
    }

    /// Calls one receiver as its signal would, whether or not it is live.
    pub(super) fn run_receiver(
        &mut self,
        id: HookId,
        hook: &Hook,
        model: ClassId,
        scenario: &Scenario,
    ) {
        let instance = Value::Object(Arc::new(Object::subject(model)));
        let keywords = match scenario {
            Scenario::Delete | Scenario::DeleteInside => Vec::new(),
            _ => vec![
                ("created".into(), Value::Bool(*scenario == Scenario::Create)),
                ("raw".into(), Value::Bool(false)),
                (
                    "update_fields".into(),
                    match scenario {
                        Scenario::UpdateColumn(column) => {
                            Value::sequence(vec![Value::text(column)])
                        }
                        _ => Value::None,
                    },
                ),
            ],
        };
        let args = receiver_args(hook, Value::Class(model), instance, keywords);
        self.run_hook(id, &hook.connection.receiver.clone(), args, hook.connected_at);
    }

    /// Calls a receiver of `m2m_changed`, of which only signal and receiver are known.
    pub fn follow_any(&mut self, id: HookId, hook: &Hook) -> Vec<Effect> {
        self.record(|interp| {
            let keywords = vec![("signal".into(), hook.connection.signal.clone())];
            let args = Args { keywords, open: true, ..Args::default() };
            interp.run_hook(id, &hook.connection.receiver.clone(), args, hook.connected_at);
        })
    }

    /// Methods of the model that a decorator of a library makes hooks of this moment.
    fn run_decorated_hooks(
        &mut self,
        object: &Arc<Object>,
        moment: &str,
        saved: &Value,
        site: Location,
    ) {
        if self.program.frameworks.hook_decorators().is_empty() || object.query.is_historical {
            return;
        }
        for &id in self.decorated_methods(object.class).iter() {
            if self.is_hook_of(id, moment, saved) {
                let name = self.program.function_name(id);
                let method = self.attribute(&Value::Object(object.clone()), name);
                self.running_hooks.push(HookRef::Method(id));
                self.call(&method, Args::default(), site);
                self.running_hooks.pop();
            }
        }
    }

    /// The methods of a class and its bases that are decorated by a call.
    fn decorated_methods(&mut self, class: ClassId) -> Arc<[FunctionId]> {
        if let Some(known) = self.decorated_methods.get(&class) {
            return known.clone();
        }
        let program = self.program;
        let is_decorated = |id: &FunctionId| {
            let facts = program.file(id.file);
            let mut decorators = facts.function(id.ix).decorators.iter();
            decorators.any(|&it| matches!(facts.expr(it).kind, ExprKind::Call { .. }))
        };
        let order = self.order(class);
        let owners = order.iter().filter_map(Value::as_class);
        let methods = owners.flat_map(|owner| program.methods_of(owner));
        let decorated: Arc<[FunctionId]> = methods.filter(is_decorated).collect();
        self.decorated_methods.insert(class, decorated.clone());
        decorated
    }

    /// Whether a method runs at a moment; `saved` holds the columns of a partial save.
    fn is_hook_of(&mut self, id: FunctionId, moment: &str, saved: &Value) -> bool {
        let facts = self.program.file(id.file);
        for &decorator in &facts.function(id.ix).decorators {
            let ExprKind::Call { func, args } = facts.expr(decorator).kind else { continue };
            let path = match self.with_module_frame(id.file, |interp| interp.eval(id.file, func)) {
                Value::External(path) => path,
                _ => continue,
            };
            let Some(known) = self.program.frameworks.hook_decorator(&path) else { continue };
            let Some(first) = facts.args(args).first() else { continue };
            let stated =
                match self.with_module_frame(id.file, |interp| interp.eval(id.file, first.value)) {
                    Value::Text(text) => text.known().unwrap_or_default().to_owned(),
                    Value::External(path) if path.starts_with(&known.constants) => {
                        path.rsplit('.').next().unwrap_or_default().to_lowercase()
                    }
                    _ => continue,
                };
            let has = |moments: &[String]| moments.contains(&stated);
            let runs = match moment {
                "create" => has(&known.save) || has(&known.create),
                "update" => has(&known.save) || has(&known.update),
                "delete" => has(&known.delete),
                "late-delete" => has(&known.late_delete),
                _ => has(&known.save) || has(&known.create) || has(&known.update),
            };
            let narrowed = facts.args(args).iter().find(|arg| {
                matches!(arg.kind, ArgKind::Keyword(name) if known.columns.iter().any(|known| known == facts.name(name)))
            });
            let touches = match (narrowed, saved) {
                (Some(arg), Value::Sequence(saved)) => {
                    let watched =
                        self.with_module_frame(id.file, |interp| interp.eval(id.file, arg.value));
                    let watched = match watched {
                        Value::Sequence(all) => all.to_vec(),
                        one => vec![one],
                    };
                    watched
                        .iter()
                        .any(|column| column.known_text().is_none() || saved.contains(column))
                }
                _ => true,
            };
            if runs && touches {
                return true;
            }
        }
        false
    }
}

fn sender_of(args: &Args, position: usize) -> Option<Value> {
    args.get(position, "sender").filter(|sender| **sender != Value::None).cloned()
}

fn receiver_args(
    hook: &Hook,
    sender: Value,
    instance: Value,
    more: Vec<(Arc<str>, Value)>,
) -> Args {
    let mut keywords: Vec<(Arc<str>, Value)> = vec![
        ("sender".into(), sender),
        ("signal".into(), hook.connection.signal.clone()),
        ("instance".into(), instance),
        ("using".into(), Value::Truthy),
    ];
    keywords.extend(more);
    Args { keywords, ..Args::default() }
}
