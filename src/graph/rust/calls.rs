//! Calls: of paths, of macros and of methods.

use std::sync::Arc;

use super::crates::ModuleId;
use super::effect::Act;
use super::given::Given;
use super::program::{Program, Target};
use super::run::Runner;
use super::types::{Head, Ty};
use super::value::{
    Active, Command, Owner, Query, RANDOM, Seconds, Store, Value, Variant, What, joined,
};
use crate::facts::{ArgList, ClassKind, ExprId, ExprKind};
use crate::frameworks::{Part as TablePart, last_segment};
use crate::graph::key::{Part, Template};
use crate::source::FileId;

/// Whether a path, seen from a module, is a function or a macro that is given an SQL text.
pub fn takes_sql(program: &Program<'_>, module: ModuleId, path: &str) -> bool {
    is_given_sql(program, &program.resolve(module, path.trim_end_matches('!')).0, path)
}

/// The same of a path whose target is known.
fn is_given_sql(program: &Program<'_>, target: &Target, path: &str) -> bool {
    let bang = if path.ends_with('!') { "!" } else { "" };
    match target {
        Target::Outside(meant) => program.frameworks.takes_sql(&format!("{meant}{bang}")),
        _ => false,
    }
}

impl Runner<'_, '_> {
    /// The value of a call, with all that it does.
    pub(super) fn call_expr(
        &mut self,
        file: FileId,
        expr: ExprId,
        func: ExprId,
        args: ArgList,
    ) -> Value {
        let facts = self.program.file(file);
        let callee = match facts.expr(func).kind {
            ExprKind::Subscript { value, .. } => value,
            _ => func,
        };
        match facts.expr(callee).kind {
            ExprKind::Attribute { value, attr } => {
                let on = self.eval(file, value);
                let given = self.given_to(file, func, args);
                self.append_text(file, value, facts.name(attr), &given);
                self.collect(file, value, facts.name(attr), &given);
                self.call_method(on, facts.name(attr), given, file, expr)
            }
            ExprKind::Name(name) => {
                if let Some(What::Closure(closure)) =
                    self.locals_have(name).map(|it| it.what.clone())
                {
                    let given = self.given(file, args);
                    return self.call_closure(&closure, given.values);
                }
                // `apply(HashMap::clear)`
                if let Some(Value { what: What::Plain, text: Some(text), .. }) =
                    self.locals_have(name)
                    && let [Part::Hole { label, .. }] = text.parts.as_slice()
                {
                    let label = label.clone();
                    let given = self.given(file, args);
                    return match given.values.first() {
                        Some(Value { what: What::Store(_), .. }) => {
                            self.call_by_name(given, &label, file, expr)
                        }
                        _ => self.unknown(given),
                    };
                }
                self.call_path(facts.name(name), func, args, file, expr)
            }
            _ => {
                let callee = self.eval(file, callee);
                let given = self.given(file, args);
                match callee.what {
                    What::Closure(closure) => self.call_closure(&closure, given.values),
                    _ => self.unknown(given),
                }
            }
        }
    }

    fn call_path(
        &mut self,
        path: &str,
        func: ExprId,
        args: ArgList,
        file: FileId,
        expr: ExprId,
    ) -> Value {
        let Some(module) = self.frames.last().map(|frame| frame.module) else {
            return Value::default();
        };
        let program = self.program;
        let meant = self.param_target(path);
        let is_param = meant.is_some();
        let (target, rest) =
            meant.unwrap_or_else(|| program.resolve(module, path.trim_end_matches('!')));
        if is_given_sql(program, &target, path) {
            let mut given = self.given(file, args);
            if let (Target::Outside(meant), true) = (&target, path.ends_with('!')) {
                self.read_files(file, &format!("{meant}!"), &mut given);
            }
            let first = program.file(file).args(args).first().map(|arg| arg.value);
            let class = super::tables::row_type(program, module, file, func, first);
            return self.sql(given, class, file, expr);
        }
        if path.ends_with('!') {
            let mut given = self.given(file, args);
            if program.frameworks.includes_text(path) {
                self.read_files(file, path, &mut given);
                return given.values.into_iter().next().unwrap_or_default();
            }
            if let Target::Outside(meant) = &target
                && program.frameworks.is_random(&format!("{meant}!"))
            {
                return Value::named(Ty::default(), RANDOM);
            }
            if let Some(form) = program.macro_form(path, given.values.len()) {
                let args = program.file(file).args(args).iter().map(|arg| arg.value).collect();
                return self.call_macro(form, given, args, file, expr);
            }
            return self.unknown(given);
        }
        let own = self.frames.last().and_then(|frame| frame.around.own.clone());
        if let Some(member) = path.strip_prefix("Self::")
            && !is_param
            && let Some(own) = own.clone()
        {
            let given = self.given_to(file, func, args);
            return self.call_member(own, member, given, file, expr);
        }
        if path == "Self" {
            let given = self.given(file, args);
            return self.construct(own.unwrap_or_default(), given);
        }
        if let Target::Outside(meant) = &target {
            let before = meant.rmatch_indices("::").nth(1);
            let two = before.map_or(meant.as_str(), |(at, sign)| &meant[at + sign.len()..]);
            let frameworks = program.frameworks;
            if frameworks.is_transparent_function(two)
                || frameworks.is_transparent_function(last_segment(meant))
                || frameworks.sets_value(last_segment(meant))
            {
                let given = self.given(file, args);
                return given.values.into_iter().next().unwrap_or_default();
            }
        }
        let given = self.given_to(file, func, args);
        if let Target::Outside(meant) = &target
            && program.frameworks.is_failure(last_segment(meant))
        {
            return Value::default();
        }
        match target {
            Target::Function(function) => self.call_function(function, None, given, file, expr),
            Target::Class(class) => match rest.as_slice() {
                [] => self.construct(Ty::of_class(class), given),
                [.., member] => self.call_member(Ty::of_class(class), member, given, file, expr),
            },
            Target::Generated(table, part) => match (part, rest.as_slice()) {
                (TablePart::Active, []) => self.new_active(table, given),
                (_, []) => self.unknown(given),
                (_, [.., member]) => {
                    self.call_member(Ty::of_part(table, part), member, given, file, expr)
                }
            },
            Target::Key(key) => match rest.as_slice() {
                [] => self.construct(Ty::of_key(key), given),
                [.., member] => self.call_member(Ty::of_key(key), member, given, file, expr),
            },
            Target::Value(at, stmt) => {
                let ty = super::types::ty_of_value(program, module, at, stmt);
                match rest.as_slice() {
                    [.., member] => self.call_member(ty, member, given, file, expr),
                    [] => self.construct(ty, given),
                }
            }
            Target::Outside(meant) => self.call_outside(&meant, given, file, expr, Some(func)),
            Target::Memoised(_) | Target::Module(_) => self.unknown(given),
        }
    }

    /// A method that is given what it is called on first.
    fn call_by_name(&mut self, mut given: Given, name: &str, file: FileId, expr: ExprId) -> Value {
        let on = given.values.remove(0);
        self.call_method(on, name, given, file, expr)
    }

    /// A function outside the program.
    fn call_outside(
        &mut self,
        path: &str,
        given: Given,
        file: FileId,
        expr: ExprId,
        func: Option<ExprId>,
    ) -> Value {
        let frameworks = self.program.frameworks;
        if !given.keywords.is_empty() {
            // Only what builds a struct names what it is given.
            return self
                .construct(Ty { head: Head::Outside(path.into()), args: Vec::new() }, given);
        }
        if let Some(end) = frameworks.made_channel(path) {
            return self.new_channel(end, file, func);
        }
        if frameworks.is_random(path) {
            return Value::named(Ty::default(), RANDOM);
        }
        if let Some(verb) = frameworks.write_function(path) {
            return self.start_write(verb, given);
        }
        if let Some(kind) = frameworks.store_made_by(path) {
            let owner = self.owner_of(kind, Owner::Any);
            let made = frameworks.store(kind).chained.first();
            let head = made.map(|path| Head::Outside(path.as_str().into())).unwrap_or_default();
            let what = What::Store(Store { kind, owner });
            return Value { what, ..Value::of(Ty { head, args: Vec::new() }) };
        }
        if let Some(kind) = frameworks.script_store(path) {
            let command = Command { kind, words: Vec::new() };
            return Value { what: What::Command(Arc::new(command)), ..Value::default() };
        }
        // `Cache::invalidate(&cache, &key)`
        if let Some(Value { what: What::Store(store), .. }) = given.values.first()
            && frameworks.store_method(store.kind, last_segment(path)).is_some()
        {
            return self.call_by_name(given, last_segment(path), file, expr);
        }
        if let [Value { what: What::Store(store), .. }] = given.values.as_slice()
            && frameworks.leaves_nothing(last_segment(path))
            && frameworks.store(store.kind).only_shared
        {
            // `std::mem::take(&mut *cache.lock())`
            self.emit(Act::Drop(store.clone(), None), file, expr);
            return given.values.into_iter().next().unwrap_or_default();
        }
        if let Some(kind) = frameworks.command_store(path) {
            let command = Command { kind, words: given.values };
            return Value { what: What::Command(Arc::new(command)), ..Value::default() };
        }
        if let (Some(unit), Some(What::Int(number))) = (
            frameworks.duration_unit(last_segment(path)),
            given.values.first().map(|value| &value.what),
        ) {
            let seconds = Seconds::of(*number, unit);
            return Value { seconds: Some(seconds), ..Value::default() };
        }
        if frameworks.says_invalidation(last_segment(path)) {
            self.emit(Act::Named, file, expr);
        }
        let owner = path.rsplit_once("::").map_or("", |(owner, _)| owner);
        if frameworks.says_conflict(last_segment(owner)) {
            return Value { what: What::Conflict(None), ..Value::default() };
        }
        let mut value = self.unknown(given);
        if last_segment(owner).starts_with(char::is_uppercase) {
            // Most functions of a type make a value of it.
            value.ty = Ty { head: Head::Outside(owner.into()), args: Vec::new() };
        }
        let value = self.typed(value);
        self.made(value, file, expr)
    }

    /// `T { a: b }`, or `T(a)`.
    fn construct(&mut self, ty: Ty, given: Given) -> Value {
        if let Head::Part(table, TablePart::Active) = ty.head {
            return self.new_active(table, given);
        }
        let class = ty.class();
        for (name, value) in &given.keywords {
            self.note_shared(&ty, name, value);
            if let (Some(class), What::Store(_) | What::Plain, Some(seconds)) =
                (class, &value.what, value.seconds)
            {
                self.note_timeout(class, name, seconds);
            }
        }
        if given.keywords.is_empty() {
            for (at, value) in given.values.iter().enumerate() {
                self.note_shared(&ty, &at.to_string(), value);
            }
        }
        let rows = given.rows();
        let text = match (class, given.values.as_slice()) {
            (class, values)
                if matches!(ty.head, Head::Key(_))
                    || class.is_some_and(|it| self.program.class(it).kind == ClassKind::Struct) =>
            {
                let text = joined(given.keywords.iter().map(|(_, value)| value).chain(values));
                (!text.parts.is_empty()).then(|| Arc::new(text))
            }
            _ => None,
        };
        let what = match given.keywords.is_empty() || given.is_open {
            true => What::Plain,
            false => {
                let fields = given.keywords.into_iter().map(|(name, value)| (name.into(), value));
                What::Fields(Arc::new(fields.collect()))
            }
        };
        Value { ty, what, rows, text, ..Value::default() }
    }

    fn new_active(&mut self, table: super::tables::TableId, given: Given) -> Value {
        let rows = given.rows();
        let columns = given.keywords.iter().map(|(name, _)| name.as_str().into()).collect();
        // The rest is not set, unless it comes from another one.
        let rest_is_set = given
            .values
            .iter()
            .any(|value| matches!(value.what, What::Active(_)) && value.ty != Ty::default());
        let active = Active { table, columns: (!rest_is_set).then_some(columns) };
        let ty = Ty::of_part(table, TablePart::Active);
        Value { ty, what: What::Active(Arc::new(active)), rows, ..Value::default() }
    }

    /// An associated function, or a variant, of a type.
    fn call_member(
        &mut self,
        ty: Ty,
        member: &str,
        mut given: Given,
        file: FileId,
        expr: ExprId,
    ) -> Value {
        let (of, part) = match ty.head {
            Head::Class(class) => (Some(class), None),
            Head::Part(table, part) => (self.program.table(table).class, Some((table, part))),
            _ => (None, None),
        };
        let first = given.values.first().map(|value| &value.ty);
        let method = match ty.head {
            Head::Key(key) => self.program.key_method(key, member),
            _ => of.and_then(|class| self.program.method_for(class, member, first)),
        };
        if let Some(function) = method {
            // `Type::method(&value)` has its receiver among the arguments.
            let takes_self = self.program.takes_self(function);
            let receiver = (takes_self && !given.values.is_empty()).then(|| given.values.remove(0));
            return self.call_function_of(Some(ty), function, receiver, given, file, expr);
        }
        if let Some((table, part)) = part {
            return self.call_part(table, part, member, given, file, expr);
        }
        if let Head::Outside(path) = &ty.head {
            let path = format!("{path}::{member}");
            let args = ty.args.clone();
            let mut value = self.call_outside(&path, given, file, expr, None);
            if let Head::Outside(_) = value.ty.head {
                value.ty.args = args;
            }
            return value;
        }
        let Some(class) = of else { return self.unknown(given) };
        if self.program.frameworks.is_row_query(member) {
            let read = given.values.iter().find_map(|value| match &value.what {
                What::Query(query) if query.writes.is_none() => Some(query.clone()),
                _ => None,
            });
            // Rows that a statement reads, else those that go with the rows it is given.
            let query = match (read, self.program.table_of_class.get(&class)) {
                (Some(query), _) => Some(query),
                (None, Some(table)) => Some(Arc::new(Query::of(*table))),
                (None, None) => None,
            };
            if let Some(query) = query {
                let rows = given.rows();
                return Value { what: What::Query(query), rows, ..Value::of(ty) };
            }
        }
        if self.program.class(class).kind == ClassKind::Enum {
            let mut text = Template::text(&format!("{}::{member}", self.program.class_name(class)));
            if !given.values.is_empty() {
                text.push_text(":");
                text.append(&joined(&given.values));
            }
            let rows = given.rows();
            let values = given.values.into_iter().enumerate();
            let values = values.map(|(at, value)| (at.to_string().into(), value));
            let named = given.keywords.into_iter().map(|(name, value)| (name.into(), value));
            let fields = values.chain(named).collect();
            let what = What::Variant(Arc::new(Variant { class, name: member.into(), fields }));
            return Value { what, text: Some(Arc::new(text)), rows, ..Value::of(ty) };
        }
        let mut value = self.unknown(given);
        value.ty = ty;
        value
    }
}
