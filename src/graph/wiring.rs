//! Runs what a program does when it starts and collects the receivers that get connected.

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use super::apps::Apps;
use super::effect::{Connection, Effect, EffectKind};
use super::hooks::{Hook, HookState, Sender, function_of};
use super::ids::{ClassId, FunctionId};
use super::interp::Interp;
use super::program::Program;
use super::startup::Startup;
use super::value::{Args, Value};
use crate::facts::{ExprId, ExprKind, NameId, Scope, StmtKind};
use crate::frameworks::{Event, Role};
use crate::source::{FileId, Location, Span};

/// Names whose mention may mean that a receiver gets connected.
const CONNECTING: [&str; 2] = ["connect", "receiver"];
/// How many calls deep helpers that connect receivers are looked for.
const MAX_HELPERS: usize = 3;

/// A connection with what became of it.
struct Found {
    connection: Connection,
    at: Location,
    /// The module whose import connects; `None` where a call does.
    module: Option<FileId>,
    state: HookState,
}

/// What made code run that connects receivers.
#[derive(Clone)]
enum Origin {
    /// `ready()` of a configuration in use.
    Ready,
    /// The import of a module.
    Import(FileId),
    /// A call from somewhere else; what becomes of the connection for that.
    Call(HookState),
}

/// Runs every module that may connect receivers, `ready()` methods, and what they call.
pub fn wire(interp: &mut Interp<'_>, apps: &Apps, models: &[ClassId]) -> Vec<Hook> {
    let program = interp.program;
    let mut seeds: Vec<FunctionId> =
        CONNECTING.into_iter().flat_map(|name| program.functions_mentioning(name)).collect();
    seeds.sort_unstable();
    seeds.dedup();
    seeds.retain(|seed| may_connect(program, *seed));
    let mut connecting = program.names_reaching(seeds.clone(), MAX_HELPERS);
    connecting.extend(CONNECTING.map(str::to_owned));
    connecting.insert("disconnect".to_owned());
    let mut files = files_mentioning(program, &connecting);
    if files.is_empty() {
        return Vec::new();
    }
    // The decorator may go by another name, or be kept with its signals under one.
    interp.seek_wiring(Some(CONNECTING.iter().map(|name| (*name).to_owned()).collect()));
    for &file in &files {
        connecting.extend(aliases(interp, file));
    }
    files = files_mentioning(program, &connecting);
    // What ready() calls may import as well as connect, so all of it is run.
    interp.seek_wiring(None);
    // What ran before did not run at start-up.
    interp.executed.clear();
    let mut startup = Startup::follow(program, apps);
    let mut found = Vec::new();
    for (config, ready, in_use) in apps.ready_methods(interp) {
        if in_use {
            let effects = run_ready(interp, config, ready);
            take(interp, &mut startup, apps, effects, &Origin::Ready, &mut found);
        }
    }
    interp.seek_wiring(Some(connecting));
    for file in files {
        let effects = interp.record(|interp| interp.run_module(file));
        take(interp, &mut startup, apps, effects, &Origin::Import(file), &mut found);
    }
    run_the_rest(interp, apps, seeds, &mut startup, &mut found);
    prepare_classes(interp, models, &mut found);
    interp.seek_caching();
    judge(interp, &mut startup, found)
}

/// Whether a function takes `connect` from something or calls a function of a connecting name; a
/// variable of such a name connects nothing.
fn may_connect(program: &Program<'_>, id: FunctionId) -> bool {
    let facts = program.file(id.file);
    let connects = |name: NameId| CONNECTING.contains(&facts.name(name));
    facts.exprs_of(facts.function(id.ix)).iter().any(|expr| match expr.kind {
        ExprKind::Attribute { attr, .. } => connects(attr),
        ExprKind::Call { func, .. } => match facts.expr(func).kind {
            ExprKind::Name(name) => connects(name) && is_of_module(program, id.file, name),
            _ => false,
        },
        _ => false,
    })
}

/// Whether a name may be that of something a module defines or imports, rather than a local variable.
fn is_of_module(program: &Program<'_>, file: FileId, name: NameId) -> bool {
    let namespace = &program.namespaces[file.0 as usize];
    let imports_it =
        |kind: StmtKind| matches!(kind, StmtKind::ImportFrom { name: bound, .. } if bound == name);
    !namespace.all(name).is_empty()
        || !namespace.stars.is_empty()
        || program.file(file).stmts.iter().any(|stmt| imports_it(stmt.kind))
}

/// The production modules that mention one of `names`, in order.
fn files_mentioning(program: &Program<'_>, names: &FxHashSet<String>) -> Vec<FileId> {
    let files: Vec<FileId> = program.production_files().collect();
    let mentions =
        |file: &FileId| program.file(*file).names.iter().any(|name| names.contains(name));
    files.into_par_iter().filter(mentions).collect()
}

/// The names that a module gives to what it imports or makes of connecting code.
fn aliases(interp: &Interp<'_>, file: FileId) -> Vec<String> {
    let facts = interp.program.file(file);
    let mut names = Vec::new();
    for &stmt in facts.block(facts.body) {
        match facts.stmt(stmt).kind {
            StmtKind::ImportFrom { member, name, .. }
                if interp.may_mean_connecting(facts.name(member)) =>
            {
                names.push(facts.name(name).to_owned());
            }
            StmtKind::Assign { target, value: Some(_), .. } if interp.may_connect(file, stmt) => {
                if let ExprKind::Name(name) = facts.expr(target).kind {
                    names.push(facts.name(name).to_owned());
                }
            }
            _ => {}
        }
    }
    names
}

fn run_ready(interp: &mut Interp<'_>, config: ClassId, ready: FunctionId) -> Vec<Effect> {
    let site = interp.program.function_location(ready);
    let receiver = Value::instance(config);
    let method = interp.method(&receiver, "ready");
    interp.follow_call(&method, Args::default(), site)
}

/// Sorts the effects of start-up code: imports load modules, connections are kept.
fn take(
    interp: &mut Interp<'_>,
    startup: &mut Startup,
    apps: &Apps,
    effects: Vec<Effect>,
    origin: &Origin,
    found: &mut Vec<Found>,
) {
    for effect in effects {
        match &*effect.kind {
            EffectKind::Import(file) if matches!(origin, Origin::Ready) => startup.load(*file),
            EffectKind::Autodiscover(name) => startup.autodiscover(interp.program, apps, name),
            EffectKind::Disconnect(gone) if !matches!(origin, Origin::Call(_)) => {
                found.retain(|found| {
                    let connection = &found.connection;
                    connection.signal != gone.signal
                        || connection.sender != gone.sender
                        || connection.receiver != gone.receiver
                });
            }
            EffectKind::Connect(connection) => {
                let (module, state) = match origin {
                    Origin::Ready => (None, HookState::Live),
                    Origin::Import(file) => (Some(*file), HookState::Live),
                    Origin::Call(state) => (None, state.clone()),
                };
                let connection = connection.clone();
                found.push(Found { connection, at: effect.site, module, state });
            }
            _ => {}
        }
    }
}

/// Runs functions that connect receivers but were not reached from start-up code.
fn run_the_rest(
    interp: &mut Interp<'_>,
    apps: &Apps,
    candidates: Vec<FunctionId>,
    startup: &mut Startup,
    found: &mut Vec<Found>,
) {
    let program = interp.program;
    let ready = apps.ready_methods(interp);
    for id in candidates {
        if interp.executed.contains(&id) || enclosing_function(program, id).is_some() {
            continue;
        }
        let unused = ready.iter().find(|(_, function, in_use)| *function == id && !in_use);
        let state = match unused {
            Some((config, ..)) => HookState::UnusedConfig(*config),
            // Every signal has a method of this name; it says nothing about this one.
            None if program.function_name(id) == "connect" => HookState::NeverConnected(id),
            None if is_referenced(program, id) => HookState::Live,
            None => HookState::NeverConnected(id),
        };
        let site = program.function_location(id);
        let effects = match program.function(id).scope {
            Scope::Class(ix) => {
                let receiver = interp.receiver_for(ClassId { file: id.file, ix });
                let method = interp.method(&receiver, program.function_name(id));
                interp.follow_call(&method, Args::unknown(), site)
            }
            _ => {
                let function = interp.plain_function(id);
                interp.follow_call(&function, Args::unknown(), site)
            }
        };
        take(interp, startup, apps, effects, &Origin::Call(state), found);
    }
}

fn enclosing_function(program: &Program<'_>, id: FunctionId) -> Option<FunctionId> {
    let facts = program.file(id.file);
    let mut scope = facts.function(id.ix).scope;
    loop {
        match scope {
            Scope::Module => return None,
            Scope::Function(ix) => return Some(FunctionId { file: id.file, ix }),
            Scope::Class(ix) => scope = facts.class(ix).scope,
        }
    }
}

/// Whether production code names a function anywhere but where it is defined.
fn is_referenced(program: &Program<'_>, id: FunctionId) -> bool {
    let name = program.function_name(id);
    // The framework calls special methods.
    if name.starts_with("__") || name == "contribute_to_class" {
        return true;
    }
    let files: Vec<FileId> = program.production_files().collect();
    files.par_iter().any(|file| {
        let facts = program.file(*file);
        let Some(name) = facts.names.find(name) else { return false };
        facts.exprs.iter().any(|expr| match expr.kind {
            ExprKind::Name(used) => used == name,
            ExprKind::Attribute { attr, .. } => attr == name,
            ExprKind::Str(text) => text == name,
            _ => false,
        }) || (*file != id.file
            && facts.stmts.iter().any(
                |stmt| matches!(stmt.kind, StmtKind::ImportFrom { member, .. } if member == name),
            ))
    })
}

/// Runs receivers of the signal that is sent for every finished model class.
fn prepare_classes(interp: &mut Interp<'_>, models: &[ClassId], found: &mut Vec<Found>) {
    let preparing: Vec<(Connection, Location, Option<FileId>)> = found
        .iter()
        .filter(|found| event_of(interp, &found.connection.signal) == Some(Event::ClassPrepared))
        .map(|found| (found.connection.clone(), found.at, found.module))
        .collect();
    for (connection, at, module) in preparing {
        for &model in models {
            let sender = connection.sender.as_ref();
            if sender.is_some_and(|sender| *sender != Value::Class(model)) {
                continue;
            }
            let keywords = vec![
                ("sender".into(), Value::Class(model)),
                ("signal".into(), connection.signal.clone()),
            ];
            let args = Args { keywords, ..Args::default() };
            for effect in interp.follow_call(&connection.receiver, args, at) {
                if let EffectKind::Connect(connection) = &*effect.kind {
                    let (connection, at) = (connection.clone(), effect.site);
                    found.push(Found { connection, at, module, state: HookState::Live });
                }
            }
        }
    }
}

fn event_of(interp: &Interp<'_>, signal: &Value) -> Option<Event> {
    match signal {
        Value::External(path) => interp.program.frameworks.signal(path),
        Value::Signal(_) => Some(Event::Other),
        _ => None,
    }
}

/// Turns connections into hooks and decides of each whether it ever runs.
fn judge(interp: &mut Interp<'_>, startup: &mut Startup, found: Vec<Found>) -> Vec<Hook> {
    let program = interp.program;
    let mut hooks: Vec<Hook> = Vec::new();
    for found in found {
        if !found.connection.receiver.is_callable()
            && !matches!(found.connection.receiver, Value::Object(_))
        {
            continue;
        }
        for signal in found.connection.signal.clone().alternatives() {
            let events = match event_of(interp, &signal) {
                Some(event) => vec![event],
                None if signal == Value::Unknown => vec![Event::Save, Event::Delete],
                None => continue,
            };
            let is_before_write = match &signal {
                Value::External(path) => program.frameworks.is_sent_before_write(path),
                _ => false,
            };
            for sender in senders(interp, &signal, found.connection.sender.as_ref()) {
                for &event in &events {
                    let connection =
                        Connection { signal: signal.clone(), ..found.connection.clone() };
                    let state = state(interp, startup, &found, &connection, &sender, &hooks);
                    let location = match function_of(&connection.receiver) {
                        Some(function) if connection.decorated => {
                            program.function_location(function)
                        }
                        _ => found.at,
                    };
                    hooks.push(Hook {
                        connection,
                        event,
                        is_before_write,
                        sender: sender.clone(),
                        location,
                        connected_at: found.at,
                        state,
                    });
                }
            }
        }
    }
    hooks
}

fn senders(interp: &mut Interp<'_>, signal: &Value, sender: Option<&Value>) -> Vec<Sender> {
    let Some(sender) = sender else { return vec![Sender::Any] };
    sender.clone().alternatives().iter().map(|sender| sender_of(interp, signal, sender)).collect()
}

fn sender_of(interp: &mut Interp<'_>, signal: &Value, sender: &Value) -> Sender {
    match sender {
        Value::None => Sender::Any,
        Value::Class(class) => Sender::Class(*class),
        Value::Through(through) => Sender::Through(through.0, through.1.to_string()),
        Value::External(_) => Sender::Outside,
        Value::Returned(path) if interp.program.frameworks.role(path) == Some(Role::UserModel) => {
            Sender::Outside
        }
        Value::Text(template) => match template.known() {
            Some(label) if resolves_labels(signal) => match interp.model_of_label(label) {
                Some(model) => Sender::Class(model),
                None if interp.knows_app(label) => Sender::Label(label.to_owned()),
                None => Sender::Outside,
            },
            Some(label) => Sender::Label(label.to_owned()),
            None => Sender::Unknown,
        },
        _ => Sender::Unknown,
    }
}

fn resolves_labels(signal: &Value) -> bool {
    match signal {
        Value::Signal(signal) => signal.resolves_labels,
        _ => true,
    }
}

fn state(
    interp: &Interp<'_>,
    startup: &mut Startup,
    found: &Found,
    connection: &Connection,
    sender: &Sender,
    earlier: &[Hook],
) -> HookState {
    let program = interp.program;
    if found.state != HookState::Live {
        return found.state.clone();
    }
    if let Some(module) = found.module
        && !startup.is_loaded(module)
    {
        let imported_later = startup.is_imported_later(program, module);
        return HookState::NotImported { imported_later };
    }
    if connection.weak && connection.temporary {
        return HookState::Collected;
    }
    if connection.weak
        && let Some(by) = shadowed_by(program, connection)
    {
        return HookState::Shadowed { by };
    }
    if let Sender::Label(label) = sender
        && !resolves_labels(&connection.signal)
    {
        return HookState::LabelOnPlainSignal(label.clone());
    }
    if let Some(uid) = connection.dispatch_uid.as_ref().filter(|uid| uid.known_text().is_some()) {
        let taken = earlier.iter().any(|hook| {
            // One that is lost later was there when the second one came.
            matches!(hook.state, HookState::Live | HookState::Shadowed { .. })
                && hook.connection.signal == connection.signal
                && hook.sender == *sender
                && hook.connection.dispatch_uid.as_ref() == Some(uid)
                && hook.connection.receiver != connection.receiver
        });
        if taken {
            return HookState::SameUid;
        }
    }
    HookState::Live
}

/// Where the receiver's name is bound anew beside its `def`, and nothing else holds it.
fn shadowed_by(program: &Program<'_>, connection: &Connection) -> Option<Location> {
    let Value::Function(closure) = &connection.receiver else { return None };
    let id = closure.function;
    let facts = program.file(id.file);
    let function = facts.function(id.ix);
    let body = match function.scope {
        Scope::Module => facts.body,
        Scope::Class(ix) => facts.class(ix).body,
        Scope::Function(_) => return None,
    };
    let statements = facts.block(body);
    let own =
        statements.iter().position(|stmt| facts.stmt(*stmt).kind == StmtKind::Function(id.ix))?;
    let later = statements[own + 1..].iter().find_map(|stmt| match facts.stmt(*stmt).kind {
        StmtKind::Function(ix) if facts.function(ix).name == function.name => {
            Some(facts.function(ix).name_span)
        }
        StmtKind::Class(ix) if facts.class(ix).name == function.name => {
            Some(facts.class(ix).name_span)
        }
        StmtKind::Delete(target) | StmtKind::Assign { target, value: Some(_), .. }
            if facts.expr(target).kind == ExprKind::Name(function.name) =>
        {
            Some(facts.expr(target).span)
        }
        _ => None,
    })?;
    let between = facts.stmt(statements[own]).span.end..later.start;
    let names_it = |value| facts.expr(value).kind == ExprKind::Name(function.name);
    let connected: Vec<Span> = facts
        .exprs
        .iter()
        .filter_map(|expr| match expr.kind {
            ExprKind::Call { func, args } => match facts.expr(func).kind {
                ExprKind::Attribute { attr, .. } if facts.name(attr) == "connect" => Some(args),
                _ => None,
            },
            _ => None,
        })
        .flat_map(|args| facts.args(args).iter().map(|arg| facts.expr(arg.value).span))
        .collect();
    let kept = (0..facts.exprs.len() as u32).map(ExprId).any(|expr| {
        let span = facts.expr(expr).span;
        names_it(expr) && between.contains(&span.start) && !connected.contains(&span)
    });
    (!kept).then(|| program.location(id.file, later))
}
