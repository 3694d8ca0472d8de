//! Classes: their order of lookup, and what they are by their bases.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Interp;
use crate::facts::ArgKind;
use crate::frameworks::Role;
use crate::graph::effect::EffectKind;
use crate::graph::ids::ClassId;
use crate::graph::value::{Args, Rows, Value};

impl Interp<'_> {
    /// The classes whose attributes a class has, itself first: Python's C3 order.
    ///
    /// Classes outside the program stand as [`Value::External`], bases that could not be resolved
    /// as [`Value::Unknown`].
    pub fn order(&mut self, class: ClassId) -> Arc<[Value]> {
        if let Some(known) = self.orders.get(&class) {
            // A class that inherits from itself has only itself.
            return known.clone().unwrap_or_else(|| [Value::Class(class)].into());
        }
        self.orders.insert(class, None);
        let bases = self.bases(class);
        let mut sequences: Vec<Vec<Value>> =
            bases.iter().map(|base| self.order_of_base(base)).collect();
        sequences.push(bases);
        let order: Arc<[Value]> = merge(Value::Class(class), sequences).into();
        self.orders.insert(class, Some(order.clone()));
        order
    }

    fn order_of_base(&mut self, base: &Value) -> Vec<Value> {
        match base {
            Value::Class(id) => self.order(*id).to_vec(),
            other => vec![other.clone()],
        }
    }

    /// The direct bases, in order; a manager made from a queryset class has both for bases.
    pub fn bases(&mut self, class: ClassId) -> Vec<Value> {
        let facts = self.program.file(class.file);
        let mut bases = Vec::new();
        for arg in facts.args(facts.class(class.ix).bases) {
            if arg.kind != ArgKind::Positional {
                continue;
            }
            let value = self.quietly(|interp| {
                interp.with_module_frame(class.file, |interp| interp.eval(class.file, arg.value))
            });
            self.add_base(value, &mut bases);
        }
        bases
    }

    fn add_base(&mut self, value: Value, bases: &mut Vec<Value>) {
        match value {
            Value::FromQuerySet(pair) => {
                self.add_base(pair.0.clone(), bases);
                self.add_base(pair.1.clone(), bases);
            }
            Value::Union(all) => {
                // `try: import` twice: the first that is known will do.
                let known = all.iter().find(|value| matches!(value, Value::Class(_)));
                bases.push(known.or(all.first()).cloned().unwrap_or_default());
            }
            Value::Class(_) | Value::External(_) => bases.push(value),
            Value::Unbound(name) if &*name == "object" => {}
            Value::Unbound(name) => bases.push(Value::Unbound(name)),
            _ => bases.push(Value::Unknown),
        }
    }

    /// Whether a class is, or inherits from, another one; `None` where a base is out of sight.
    pub(super) fn is_subclass(&mut self, class: ClassId, of: &Value) -> Option<bool> {
        let order = self.order(class);
        match of {
            Value::Class(_) | Value::External(_) => {
                if order.contains(of) {
                    return Some(true);
                }
                if let Value::External(name) = of
                    && let Some(role) = self.program.frameworks.role(name)
                    && order.iter().any(|base| self.value_role(base) == Some(role))
                {
                    return None;
                }
                let open = order.iter().any(|base| {
                    matches!(base, Value::Unknown | Value::Unbound(_))
                        || matches!((base, of), (Value::External(_), Value::External(_)))
                });
                if open { None } else { Some(false) }
            }
            Value::Sequence(all) => {
                let mut answer = Some(false);
                for of in all.iter() {
                    match self.is_subclass(class, of) {
                        Some(true) => return Some(true),
                        Some(false) => {}
                        None => answer = None,
                    }
                }
                answer
            }
            _ => None,
        }
    }

    /// The part a class outside the program plays.
    pub fn value_role(&self, value: &Value) -> Option<Role> {
        match value {
            Value::External(name) | Value::Returned(name) => self.program.frameworks.role(name),
            _ => None,
        }
    }

    /// Whether some class in the order of `class` plays one of `roles`.
    pub fn has_role(&mut self, class: ClassId, roles: &[Role]) -> bool {
        let order = self.order(class);
        order.iter().any(|base| self.value_role(base).is_some_and(|role| roles.contains(&role)))
    }

    /// Whether a value is a class of managers or querysets.
    pub fn is_rows_class(&mut self, value: &Value) -> bool {
        const ROLES: [Role; 2] = [Role::Manager, Role::QuerySet];
        match value {
            Value::Class(id) => {
                let order = self.order(*id);
                order
                    .iter()
                    .any(|base| !matches!(base, Value::Class(_)) && self.is_rows_class(base))
            }
            Value::FromQuerySet(_) => true,
            Value::External(name) | Value::Unbound(name) => {
                let last = name.rsplit('.').next().unwrap_or(name);
                match self.program.frameworks.role(name) {
                    Some(role) => ROLES.contains(&role),
                    None => self.program.frameworks.names_manager(last),
                }
            }
            _ => false,
        }
    }

    /// The raw class attribute of a name, with the class that defines it.
    pub fn class_attribute(&mut self, class: ClassId, name: &str) -> Option<(Value, ClassId)> {
        let order = self.order(class);
        self.find_attribute(&order, name)
    }

    /// The first class of an order that has an attribute, unless one outside the program comes first.
    fn find_attribute(&mut self, order: &[Value], name: &str) -> Option<(Value, ClassId)> {
        for (at, owner) in order.iter().enumerate() {
            if let Value::Class(owner) = owner {
                if let Some(value) = self.put_by_base(*owner, name) {
                    return Some((value, *owner));
                }
                if let Some(value) = self.class_member(*owner, name) {
                    return Some((self.filled_by_subclasses(*owner, name, value), *owner));
                }
            } else if self.defines_outside(owner, name)
                && !self.hands_to_queryset(owner, &order[at + 1..])
            {
                return None;
            }
        }
        None
    }

    /// Whether a class outside the program is a manager made from the queryset class that comes behind it:
    /// its methods are those of its querysets.
    fn hands_to_queryset(&self, owner: &Value, behind: &[Value]) -> bool {
        self.value_role(owner) == Some(Role::Manager)
            && behind.iter().any(|base| self.value_role(base) == Some(Role::QuerySet))
    }

    /// The classes of the querysets that a manager class makes by a method of its own, where they are others.
    pub(super) fn queryset_classes(&mut self, manager: ClassId) -> Option<Arc<[Value]>> {
        if let Some(known) = self.queryset_classes.get(&manager) {
            return known.clone();
        }
        self.queryset_classes.insert(manager, None);
        let makers = self.program.frameworks.queryset_makers();
        let own = makers.iter().find_map(|maker| self.class_attribute(manager, maker));
        let Some((function @ Value::Function(_), _)) = own else { return None };
        let rows = Rows { classes: vec![Value::Class(manager)], ..Rows::default() };
        let site = self.program.class_location(manager);
        let args = Args::positional([Value::Rows(Arc::new(rows))]);
        let Value::Rows(made) = self.quietly(|interp| interp.call(&function, args, site)) else {
            return None;
        };
        let is_other = made.classes.first().is_some_and(|class| *class != Value::Class(manager));
        let classes: Option<Arc<[Value]>> = is_other.then(|| made.classes.as_slice().into());
        self.queryset_classes.insert(manager, classes.clone());
        classes
    }

    /// Whether a class outside the program is known to have a method.
    fn defines_outside(&self, class: &Value, name: &str) -> bool {
        let frameworks = self.program.frameworks;
        match self.value_role(class) {
            Some(Role::Model | Role::ConcreteModel | Role::UserBase) => {
                frameworks.model_method(name).is_some()
            }
            Some(Role::Manager | Role::QuerySet) => frameworks.queryset_method(name).is_some(),
            _ => false,
        }
    }

    /// Like [`Interp::class_attribute`], looking only behind `after` in the order of `class`.
    pub(super) fn class_attribute_after(
        &mut self,
        class: ClassId,
        after: ClassId,
        name: &str,
    ) -> Option<(Value, ClassId)> {
        let order = self.order(class);
        let start = order.iter().position(|owner| *owner == Value::Class(after))? + 1;
        self.find_attribute(&order[start..], name)
    }

    /// What creating a class runs: `__init_subclass__` of a base, a metaclass, and
    /// `contribute_to_class` of its attributes.
    pub(super) fn class_created(&mut self, class: ClassId) {
        let site = self.program.class_location(class);
        if let Some(function) = self.init_subclass(class) {
            self.call(&function, Args::positional([Value::Class(class)]), site);
        }
        if let Some(metaclass) = self.metaclass(class) {
            let outer = self.created_by.replace((metaclass, class));
            for method in ["__new__", "__init__"] {
                if let Some((function, _)) = self.class_attribute(metaclass, method) {
                    let receiver = match method {
                        "__new__" => Value::Class(metaclass),
                        _ => Value::Class(class),
                    };
                    let args = Args { positional: vec![receiver], open: true, ..Args::default() };
                    self.call(&function, args, site);
                }
            }
            self.created_by = outer;
        }
        if !self.is_model(class) {
            return;
        }
        for name in self.program.class_namespace(class).names() {
            let Some(value) = self.class_binding(class, name) else { continue };
            let text = self.program.file(class.file).name(name);
            let owner = match &value {
                Value::Object(object) => vec![Value::Class(object.class)],
                Value::Rows(rows) => rows.classes.clone(),
                _ => continue,
            };
            for owner in owner {
                let Value::Class(owner) = owner else { continue };
                if let Some((function, _)) = self.class_attribute(owner, "contribute_to_class") {
                    let args = [value.clone(), Value::Class(class), Value::text(text)];
                    self.call(&function, Args::positional(args), site);
                }
            }
        }
    }

    fn metaclass(&mut self, class: ClassId) -> Option<ClassId> {
        let order = self.order(class);
        order.iter().find_map(|owner| {
            let Value::Class(owner) = owner else { return None };
            let facts = self.program.file(owner.file);
            let arg = facts.args(facts.class(owner.ix).bases).iter().find(
                |arg| matches!(arg.kind, ArgKind::Keyword(name) if facts.name(name) == "metaclass"),
            )?;
            let value = self.value_apart(owner.file, None, arg.value);
            match value {
                Value::Class(metaclass) => Some(metaclass),
                _ => None,
            }
        })
    }

    pub(super) fn opaque(&mut self, site: crate::source::Location) {
        self.emit(EffectKind::Opaque, site);
    }
}

/// C3 linearisation; where the bases contradict each other, first come, first served.
fn merge(class: Value, sequences: Vec<Vec<Value>>) -> Vec<Value> {
    // How often a value stands behind the first of a sequence that is left.
    let mut behind: FxHashMap<&Value, usize> = FxHashMap::default();
    for value in sequences.iter().flat_map(|sequence| sequence.iter().skip(1)) {
        *behind.entry(value).or_default() += 1;
    }
    let mut firsts = vec![0; sequences.len()];
    let mut taken: FxHashSet<&Value> = FxHashSet::default();
    let mut order = vec![class.clone()];
    loop {
        for (sequence, first) in sequences.iter().zip(&mut firsts) {
            while sequence.get(*first).is_some_and(|value| taken.contains(value)) {
                *first += 1;
                if let Some(count) = sequence.get(*first).and_then(|next| behind.get_mut(next)) {
                    *count -= 1;
                }
            }
        }
        let left = || sequences.iter().zip(&firsts).filter_map(|(all, first)| all.get(*first));
        let good = left().find(|value| behind.get(value).is_none_or(|count| *count == 0));
        let Some(next) = good.or_else(|| left().next()) else { return order };
        taken.insert(next);
        if *next != class {
            order.push(next.clone());
        }
    }
}
