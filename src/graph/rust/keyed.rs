//! Calls of stores that hold all kinds of values, each told by the type of its key or by its own.

use super::bindings::BindingId;
use super::given::Given;
use super::run::Runner;
use super::stores::chosen;
use super::types::{Head, Ty};
use super::value::{Owner, Store, Value, What};
use crate::facts::ExprId;
use crate::frameworks::{RustStoreMethod, StoreEffect, StoreKind, last_segment, same_path};
use crate::graph::ids::FunctionId;
use crate::source::FileId;

/// Whether what a call is made on is a store.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Receiver {
    /// Its type says so.
    Store,
    /// Its type cannot be told.
    Unknown,
    /// It is something else.
    Other,
}

impl Runner<'_, '_> {
    /// What a method does to what is stored under a type of keys; `None` where it is no such call.
    pub(super) fn keyed_call(
        &mut self,
        on: &Value,
        name: &str,
        given: &Given,
        file: FileId,
        expr: ExprId,
    ) -> Option<Value> {
        if self.program.bindings.is_empty() || !matches!(on.what, What::Plain | What::Fields(_)) {
            return None;
        }
        let program = self.program;
        for kind in program.frameworks.keyed_stores() {
            let Some(method) = program.frameworks.store_method(kind, name) else { continue };
            let receiver = self.receiver(kind, &on.ty);
            if receiver == Receiver::Other {
                continue;
            }
            let args = self.asked(method, &given.values, file, expr);
            let meant = self.meant(kind, method, &args, &given.generics, &on.ty, receiver);
            let mut value = None;
            for binding in meant {
                let store = Store { kind, owner: Owner::Keyed(binding) };
                value = self.store_call(&store, on, name, &args, file, expr).or(value);
            }
            if value.is_some() {
                return value;
            }
        }
        None
    }

    /// Whether a type is that of stores of a kind.
    fn receiver(&self, kind: StoreKind, ty: &Ty) -> Receiver {
        let types = &self.program.frameworks.store(kind).types;
        let (peeled, _) = ty.peeled(self.program);
        let is_it = match &peeled.head {
            Head::Unknown => return Receiver::Unknown,
            // A parameter of the function, or of the type that it belongs to.
            Head::Outside(path) if !path.contains("::") && path.len() <= 2 => {
                return Receiver::Unknown;
            }
            Head::Outside(path) => types.iter().any(|known| same_path(known, path)),
            Head::Class(class) => {
                let path = self.program.class_place(*class).name;
                let is_named = |known: &String| *known == path || known == last_segment(&path);
                let is_it = types.is_empty() || types.iter().any(is_named);
                // Whatever has the trait may be one.
                if !is_it && self.program.is_trait(*class) {
                    return Receiver::Unknown;
                }
                is_it
            }
            Head::Part(..) | Head::Key(_) | Head::Tuple => false,
        };
        if is_it { Receiver::Store } else { Receiver::Other }
    }

    /// The arguments of a call; what is given in place of a key or a value is asked for it.
    fn asked(
        &mut self,
        method: &RustStoreMethod,
        given: &[Value],
        file: FileId,
        expr: ExprId,
    ) -> Vec<Value> {
        let mut args = given.to_vec();
        for (part, asked) in &method.asks {
            let at = method.params.iter().position(|param| param == part);
            let Some(arg) = at.and_then(|at| args.get_mut(at)) else { continue };
            if let Some(function) = self.method_of(&arg.ty, asked) {
                let on = std::mem::take(arg);
                *arg = self.call_function(function, Some(on), Given::default(), file, expr);
            }
        }
        args
    }

    fn method_of(&self, ty: &Ty, name: &str) -> Option<FunctionId> {
        let class = ty.peeled(self.program).0.class()?;
        self.program.method(class, name).filter(|function| self.program.takes_self(*function))
    }

    /// The bindings that a call is about.
    fn meant(
        &self,
        kind: StoreKind,
        method: &RustStoreMethod,
        args: &[Value],
        generics: &[Ty],
        on: &Ty,
        receiver: Receiver,
    ) -> Vec<BindingId> {
        let bindings = &self.program.bindings;
        let part = |names: &[&str]| {
            let at = method.params.iter().position(|param| names.contains(&param.as_str()))?;
            args.get(at).map(|arg| arg.ty.peeled(self.program).0)
        };
        let mut found: Option<Vec<BindingId>> = None;
        if let Some(key) = part(&["key", "keys"]) {
            match bindings.of_key(key) {
                // Another type of the program is no key of these.
                [] if key.class().is_some_and(|it| !self.program.is_trait(it)) => {
                    return Vec::new();
                }
                [] => {}
                some => narrow(&mut found, some),
            }
        }
        for named in generics.iter().chain(&on.peeled(self.program).0.args) {
            let named = named.peeled(self.program).0;
            let some = [bindings.of_key(named), bindings.of_value(named)].concat();
            if !some.is_empty() {
                narrow(&mut found, &some);
            }
        }
        let has_key = found.is_some();
        if let Some(value) = part(&["value", "default"])
            && (has_key || receiver == Receiver::Store)
        {
            match bindings.of_value(value) {
                [] => {}
                some => narrow(&mut found, some),
            }
        }
        let mut found = found.unwrap_or_default();
        found.retain(|id| bindings.get(*id).kind == kind);
        // Which of several is stored cannot be told; all of them may be dropped.
        let drops = chosen(method, args).iter().all(|does| *does == StoreEffect::Drop);
        if found.len() > 1 && !drops {
            found.clear();
        }
        found
    }
}

/// Leaves of what was found so far only what is among some others.
fn narrow(found: &mut Option<Vec<BindingId>>, to: &[BindingId]) {
    match found {
        Some(known) => known.retain(|id| to.contains(id)),
        None => *found = Some(to.to_vec()),
    }
}
