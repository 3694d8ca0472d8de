//! What a name stands for: local variables, then the module, then its imports across files.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Interp;
use crate::facts::{ExprId, NameId, Scope};
use crate::frameworks::{Role, StoreId};
use crate::graph::ids::{ClassId, FunctionId};
use crate::graph::modules::ModuleRef;
use crate::graph::namespace::{Binding, BindingKind};
use crate::graph::value::{Closure, DescriptorKind, Value};
use crate::source::FileId;

impl<'a> Interp<'a> {
    /// The value of a name where the current frame reads it.
    pub(super) fn lookup(&mut self, file: FileId, name: NameId) -> Value {
        if let Some(value) = self.local(name) {
            return value;
        }
        // A class body reads its own names before those of the module; a method does not.
        let class =
            self.frames.last().and_then(|frame| frame.class.filter(|_| frame.function.is_none()));
        if let Some(class) = class {
            let value = self.class_binding(class, name);
            if let Some(value) = value {
                return value;
            }
        }
        if let Some(given) = self.parameter_around(file, name) {
            return given;
        }
        self.note_global(file, name);
        match self.global(file, name) {
            // `(None, None)` is what it holds until a function fills it.
            Value::Sequence(items)
                if self.program.variables.is_rebound(file, name)
                    && items.iter().all(|item| *item == Value::None) =>
            {
                Value::Unknown
            }
            value => value,
        }
    }

    /// A parameter of a function round the one that a run starts at, which stands for itself.
    fn parameter_around(&self, file: FileId, name: NameId) -> Option<Value> {
        let [frame] = self.frames.as_slice() else { return None };
        let facts = self.program.file(file);
        let mut scope = facts.function(frame.function.filter(|_| self.tracks_rows())?.ix).scope;
        loop {
            match scope {
                Scope::Module => return None,
                Scope::Class(ix) => scope = facts.class(ix).scope,
                Scope::Function(ix) => {
                    let function = facts.function(ix);
                    if function.params.iter().any(|param| param.name == name) {
                        return Some(Value::Symbol(FunctionId { file, ix }, name));
                    }
                    scope = function.scope;
                }
            }
        }
    }

    /// A variable of the running frame, its own or one it closes over.
    pub(super) fn local(&self, name: NameId) -> Option<Value> {
        let frame = self.frames.last()?;
        frame.locals.get(&name).cloned().or_else(|| {
            frame.captured.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
        })
    }

    /// A name of the module, of its star imports, or a built-in.
    fn global(&mut self, file: FileId, name: NameId) -> Value {
        match self.module_binding(file, name) {
            Some(value) => value,
            None => {
                let text = self.program.file(file).name(name);
                self.star_binding(file, text).unwrap_or_else(|| self.builtin(file, text))
            }
        }
    }

    fn builtin(&self, file: FileId, name: &str) -> Value {
        match name {
            "__name__" => Value::text(self.program.modules.name(file)),
            "__package__" => Value::text(self.program.modules.package(file)),
            _ => Value::Unbound(name.into()),
        }
    }

    /// The attribute of a module of the program, submodules included.
    pub(super) fn module_attribute(&mut self, file: FileId, name: &str) -> Option<Value> {
        if let Some(id) = self.name_id(file, name)
            && let Some(value) = self.module_binding(file, id)
        {
            return Some(value);
        }
        if let Some(value) = self.star_binding(file, name) {
            return Some(value);
        }
        if self.program.modules.is_package(file) {
            let member = self.program.modules.member(self.program.modules.folder(file), name)?;
            return Some(module_of(member));
        }
        (name == "__name__").then(|| Value::text(self.program.modules.name(file)))
    }

    fn star_binding(&mut self, file: FileId, name: &str) -> Option<Value> {
        self.star_binding_from(file, name, 0, &mut FxHashMap::default())
    }

    /// The same, so many star imports away from where it is asked; `asked` has what modules were asked already,
    /// and from how far away.
    fn star_binding_from(
        &mut self,
        file: FileId,
        name: &str,
        depth: u32,
        asked: &mut FxHashMap<FileId, u32>,
    ) -> Option<Value> {
        const MAX_DEPTH: u32 = 8;
        let nearest = asked.entry(file).or_insert(u32::MAX);
        if depth > MAX_DEPTH || *nearest <= depth {
            return None;
        }
        *nearest = depth;
        let facts = self.program.file(file);
        let stars = self.program.namespaces[file.0 as usize].stars.clone();
        for (level, module) in stars.into_iter().rev() {
            let dotted = facts.name(module);
            match self.find_module(file, level, dotted) {
                Some(ModuleRef::File(target)) if target != file => {
                    if !self.exports(target, name) {
                        continue;
                    }
                    let direct = self
                        .name_id(target, name)
                        .and_then(|name| self.module_binding(target, name));
                    if let Some(value) =
                        direct.or_else(|| self.star_binding_from(target, name, depth + 1, asked))
                    {
                        return Some(value);
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// Whether `from module import *` takes a name: `__all__` decides, else a leading underscore.
    fn exports(&mut self, module: FileId, name: &str) -> bool {
        let all = self.name_id(module, "__all__").and_then(|all| self.module_binding(module, all));
        match all {
            Some(Value::Sequence(names)) => {
                names.iter().any(|known| known.known_text().is_none_or(|known| known == name))
            }
            Some(_) => true,
            None => !name.starts_with('_'),
        }
    }

    fn find_module(&self, from: FileId, level: u32, dotted: &str) -> Option<ModuleRef> {
        match level {
            0 => self.program.modules.absolute(from, dotted),
            _ => self.program.modules.relative(from, level, dotted),
        }
    }

    /// What `import dotted` gives, inside the program or outside.
    pub(super) fn module_value(&self, from: FileId, level: u32, dotted: &str) -> Value {
        match self.find_module(from, level, dotted) {
            Some(module) => module_of(module),
            None if level == 0 => Value::External(dotted.into()),
            None => Value::Unknown,
        }
    }

    /// What `from module import member` gives.
    pub(super) fn member(
        &mut self,
        from: FileId,
        level: u32,
        module: NameId,
        member: NameId,
    ) -> Value {
        let facts = self.program.file(from);
        let (dotted, member) = (facts.name(module), facts.name(member));
        match self.find_module(from, level, dotted) {
            Some(ModuleRef::File(file)) if file == from => {
                // A package that imports its own submodule.
                let folder = self.program.modules.folder(file);
                self.program.modules.member(folder, member).map_or(Value::Unknown, module_of)
            }
            Some(ModuleRef::File(file)) => {
                self.module_attribute(file, member).unwrap_or(Value::Unknown)
            }
            Some(ModuleRef::Namespace(folder)) => {
                self.program.modules.member(&folder, member).map_or(Value::Unknown, module_of)
            }
            None if level == 0 => Value::External(format!("{dotted}.{member}").into()),
            None => Value::Unknown,
        }
    }

    /// The value a module binds to a name.
    fn module_binding(&mut self, file: FileId, name: NameId) -> Option<Value> {
        if let Some(known) = self.module_values.get(&(file, name)) {
            // A value that is still being computed refers to itself.
            return known.clone().or(Some(Value::Unknown));
        }
        let program = self.program;
        let bindings = program.namespaces[file.0 as usize].with_import(name);
        if bindings.is_empty() {
            return None;
        }
        self.module_values.insert((file, name), None);
        let value = self.quietly(|interp| interp.bound_value(file, None, name, bindings));
        let value = self.kept_by_module(file, name, value);
        self.module_values.insert((file, name), Some(value.clone()));
        Some(value)
    }

    /// The value the body of a class binds to a name; bases are not asked.
    pub(super) fn class_binding(&mut self, class: ClassId, name: NameId) -> Option<Value> {
        if let Some(known) = self.class_values.get(&(class, name)) {
            return known.clone().or(Some(Value::Unknown));
        }
        let program = self.program;
        let bindings = program.class_namespace(class).get(name);
        if bindings.is_empty() {
            return None;
        }
        self.class_values.insert((class, name), None);
        let value =
            self.quietly(|interp| interp.bound_value(class.file, Some(class), name, bindings));
        let value = self.kept_by_class(class, name, value);
        self.class_values.insert((class, name), Some(value.clone()));
        Some(value)
    }

    /// The value the body of a class binds to a name.
    pub(super) fn class_member(&mut self, class: ClassId, name: &str) -> Option<Value> {
        let name = self.name_id(class.file, name)?;
        self.class_binding(class, name)
    }

    fn bound_value(
        &mut self,
        file: FileId,
        class: Option<ClassId>,
        name: NameId,
        bindings: &[Binding],
    ) -> Value {
        self.with_frame(file, class, |interp| {
            let mut value: Option<Value> = None;
            for binding in bindings {
                // What a name is made of may be what it was before.
                if value.is_some() {
                    match class {
                        Some(class) => interp.class_values.insert((class, name), value.clone()),
                        None => interp.module_values.insert((file, name), value.clone()),
                    };
                }
                let next = match &binding.kind {
                    BindingKind::Module(dotted) => {
                        let dotted = interp.program.file(file).name(*dotted);
                        interp.module_value(file, 0, dotted)
                    }
                    BindingKind::TopModule(dotted) => {
                        let dotted = interp.program.file(file).name(*dotted);
                        let top = dotted.split('.').next().unwrap_or_default();
                        interp.module_value(file, 0, top)
                    }
                    BindingKind::Member { level, module, member } => {
                        interp.member(file, *level, *module, *member)
                    }
                    BindingKind::Function(ix) => {
                        interp.function_value(FunctionId { file, ix: *ix })
                    }
                    BindingKind::Class(ix) => Value::Class(ClassId { file, ix: *ix }),
                    BindingKind::Value { value, path } => {
                        let whole = interp.eval(file, *value);
                        path.iter().fold(whole, |value, at| interp.element_at(&value, *at))
                    }
                    BindingKind::Element { iter, path } => {
                        let whole = interp.eval(file, *iter);
                        let element = interp.element_of(&whole);
                        path.iter().fold(element, |value, at| interp.element_at(&value, *at))
                    }
                    BindingKind::Extended(more) => {
                        let more = interp.eval(file, *more);
                        let old = value.take().unwrap_or_default();
                        interp.add(&old, &more)
                    }
                    BindingKind::Opaque => Value::Unknown,
                };
                value = Some(match (value, binding.conditional) {
                    (Some(old), true) if !matches!(binding.kind, BindingKind::Extended(_)) => {
                        prefer_known(old, next)
                    }
                    _ => next,
                });
            }
            value.unwrap_or_default()
        })
    }

    /// A function as its name gives it, decorators applied.
    pub(super) fn function_value(&mut self, id: FunctionId) -> Value {
        if let Some(known) = self.function_values.get(&id) {
            return known.clone().unwrap_or_else(|| self.closure(id));
        }
        self.function_values.insert(id, None);
        let facts = self.program.file(id.file);
        let function = facts.function(id.ix);
        let is_method = matches!(function.scope, Scope::Class(_));
        let mut value = Value::Function(Arc::new(Closure::plain(id)));
        for &decorator in function.decorators.iter().rev() {
            let site = self.site(id.file, decorator);
            value = self.quietly(|interp| {
                interp.with_frame(id.file, None, |interp| {
                    let decorator = interp.eval(id.file, decorator);
                    interp.decorate(&decorator, value, site, is_method)
                })
            });
        }
        self.function_values.insert(id, Some(value.clone()));
        value
    }

    /// A function with the variables of the running frame that it mentions, and what its parameters are
    /// where they are not given, which is settled when it is made.
    pub(super) fn closure(&mut self, id: FunctionId) -> Value {
        let function = self.program.function(id);
        let mut captured: Vec<(NameId, Value)> = Vec::new();
        if let Some(frame) = self.frames.last()
            && frame.function.is_some()
            && frame.file == id.file
        {
            for param in &function.params {
                let Some(default) = param.default else { continue };
                captured.push((param.name, self.eval(id.file, default)));
            }
            for name in &function.mentions {
                if let Some(value) = self.local(*name) {
                    captured.push((*name, value));
                }
            }
        } else if let Some(frame) = self.frames.last()
            && frame.file == id.file
            && frame.class.is_none()
        {
            // A loop variable of the module is a global; a function made in the loop reads it later.
            for name in &function.mentions {
                if let Some(value) = frame.locals.get(name) {
                    captured.push((*name, value.clone()));
                }
            }
        }
        let attrs = Vec::new();
        Value::Function(Arc::new(Closure { function: id, captured: captured.into(), attrs }))
    }

    /// What a decorator makes of a function.
    pub(super) fn decorate(
        &mut self,
        decorator: &Value,
        function: Value,
        site: crate::source::Location,
        is_method: bool,
    ) -> Value {
        if self.is_connect(decorator) {
            self.call(decorator, super::Args::positional([function.clone()]), site);
            return function;
        }
        let kind = match decorator {
            Value::Unbound(name) if is_method => match &**name {
                "staticmethod" => Some(DescriptorKind::Static),
                "classmethod" => Some(DescriptorKind::Class),
                "property" => Some(DescriptorKind::Property),
                _ => None,
            },
            Value::External(name) if is_method && self.is_property_decorator(name) => {
                Some(DescriptorKind::Property)
            }
            _ => None,
        };
        if let Some(kind) = kind {
            return Value::Descriptor(Arc::new((kind, function)));
        }
        if let Some((path, args)) = self.memoizer_of(decorator) {
            return self.memoise(path, &args, function, site);
        }
        if let Value::Partial(partial) = decorator
            && self.value_role(&partial.callee) == Some(Role::Wraps)
        {
            return self.call(decorator, super::Args::positional([function]), site);
        }
        let by_program = match decorator {
            Value::Function(_) | Value::Bound(_) | Value::ReceiverDecorator(_) => true,
            // What takes the place of a method may bind itself in a way of its own.
            Value::Class(_) | Value::Object(_) => !is_method,
            _ => false,
        };
        if !by_program {
            // A decorator from outside leaves a function that does what it did.
            return function;
        }
        let args = super::Args::positional([function.clone()]);
        let decorated = self.call(decorator, args, site);
        match &decorated {
            Value::Object(object) if self.class_attribute(object.class, "__call__").is_none() => {
                function
            }
            Value::Object(_) => decorated,
            _ if decorated.is_callable() => decorated,
            _ => function,
        }
    }

    /// Whether a decorator makes a function remember what it returned.
    pub fn is_memoised(&mut self, id: FunctionId) -> bool {
        !self.program.function(id).decorators.is_empty()
            && match self.function_value(id) {
                Value::Memoised(_) => true,
                Value::Descriptor(descriptor) => matches!(descriptor.1, Value::Memoised(_)),
                _ => false,
            }
    }

    /// What a method of an instance or manager is, as calling code reads it.
    pub fn method(&mut self, receiver: &Value, name: &str) -> Value {
        self.quietly(|interp| interp.attribute(receiver, name))
    }

    /// A function without what it might close over.
    pub fn plain_function(&self, id: FunctionId) -> Value {
        Value::Function(Arc::new(Closure::plain(id)))
    }

    /// The classes of the program that the namespace of a module holds, each once.
    pub fn classes_in_module(&mut self, file: FileId) -> Vec<ClassId> {
        let mut classes = Vec::new();
        let mut known: FxHashSet<ClassId> = FxHashSet::default();
        for name in self.program.namespaces[file.0 as usize].names() {
            if let Some(Value::Class(class)) = self.module_binding(file, name)
                && known.insert(class)
            {
                classes.push(class);
            }
        }
        classes
    }

    /// Whether a module is that of a command, whose process ends with it.
    pub fn is_of_command(&mut self, file: FileId) -> bool {
        if let Some(known) = self.command_modules.get(&file) {
            return *known;
        }
        let classes = self.classes_in_module(file);
        let is_of_command = classes.iter().any(|class| self.has_role(*class, &[Role::Command]));
        self.command_modules.insert(file, is_of_command);
        is_of_command
    }

    /// The value of an expression that stands in no function and no class.
    pub fn value_in_module(&mut self, file: FileId, expr: ExprId) -> Value {
        self.value_apart(file, None, expr)
    }

    /// The value of an expression at the top of a module or a class, apart from what runs; unknown where it asks
    /// for itself.
    pub(super) fn value_apart(
        &mut self,
        file: FileId,
        class: Option<ClassId>,
        expr: ExprId,
    ) -> Value {
        if !self.apart.insert((file, expr)) {
            return Value::Unknown;
        }
        let value =
            self.quietly(|interp| interp.with_frame(file, class, |interp| interp.eval(file, expr)));
        self.apart.remove(&(file, expr));
        value
    }

    /// The value of a member of a module.
    pub fn member_of_module(&mut self, file: FileId, name: &str) -> Option<Value> {
        self.module_attribute(file, name)
    }

    /// Whether the methods of the store that the top of a module binds to a name must be awaited, or it cannot
    /// be told.
    pub fn is_awaited_at_top(&mut self, file: FileId, name: &str, store: StoreId) -> bool {
        let program = self.program;
        let made_by = program.call_at_top(file, name).map(|func| {
            self.quietly(|interp| interp.with_module_frame(file, |interp| interp.eval(file, func)))
        });
        match made_by {
            Some(Value::External(path)) => program.frameworks.is_awaited(store, &path),
            _ => true,
        }
    }

    /// The first instance of a class that a module binds: it, the module, and its name there.
    pub fn object_at_top(&mut self, class: ClassId) -> Option<(Value, FileId, &'a str)> {
        if let Some(known) = self.objects_at_top.get(&class) {
            return known.clone();
        }
        let found = self.find_objects_at_top(class, 1).pop();
        self.objects_at_top.insert(class, found.clone());
        found
    }

    /// The first few instances of a class that modules bind.
    pub fn objects_at_top(&mut self, class: ClassId, most: usize) -> Vec<Value> {
        let found = self.find_objects_at_top(class, most).into_iter();
        found.map(|(object, ..)| object).collect()
    }

    fn find_objects_at_top(
        &mut self,
        class: ClassId,
        most: usize,
    ) -> Vec<(Value, FileId, &'a str)> {
        let program = self.program;
        let mut found = Vec::new();
        for name in program.names_of_instances(class) {
            for &file in program.vocabulary.files_naming(name) {
                if program.is_production(file)
                    && program.value_at_top(file, name).is_some()
                    && let Some(Value::Object(object)) = self.member_of_module(file, name)
                    && object.class == class
                {
                    found.push((Value::Object(object), file, name));
                    if found.len() == most {
                        return found;
                    }
                }
            }
        }
        found
    }

    /// Whether the app of a label `app.Model` has models in the program.
    pub fn knows_app(&self, label: &str) -> bool {
        let Some((app, _)) =
            label.to_lowercase().split_once('.').map(|(a, b)| (a.to_owned(), b.to_owned()))
        else {
            return false;
        };
        self.labels.keys().any(|known| known.split('.').next() == Some(app.as_str()))
    }

    /// The id of a text among the names of a file.
    pub(super) fn name_id(&self, file: FileId, text: &str) -> Option<NameId> {
        self.program.file(file).names.find(text)
    }

    /// A setting of the program, where a settings module of it is part of the run.
    pub fn setting(&mut self, name: &str) -> Option<Value> {
        let modules = self.program.settings.clone();
        let mut found: Option<Value> = None;
        for module in modules {
            if let Some(id) = self.name_id(module, name)
                && let Some(value) = self.module_binding(module, id)
            {
                found = Some(match found {
                    Some(other) => other.either(value),
                    None => value,
                });
            }
        }
        found
    }
}

fn module_of(module: ModuleRef) -> Value {
    match module {
        ModuleRef::File(file) => Value::Module(file),
        ModuleRef::Namespace(folder) => Value::Namespace(folder.into()),
    }
}

/// The more telling of two values that a name may have, or either.
fn prefer_known(old: Value, new: Value) -> Value {
    match (&old, &new) {
        (_, Value::None | Value::Unknown) => old,
        (Value::None | Value::Unknown, _) => new,
        // `try: from a import x; except ImportError: from b import x`
        (Value::External(_), Value::External(_)) => old,
        _ => old.either(new),
    }
}
