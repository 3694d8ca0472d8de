//! What the interpreter knows of a value at run time.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::ids::{ClassId, FunctionId};
use super::key::Template;
use crate::facts::NameId;
use crate::frameworks::StoreId;
use crate::source::{FileId, Location};

/// An abstract value. Cloning is cheap; equal values are interchangeable.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum Value {
    /// Anything.
    #[default]
    Unknown,
    /// Anything that is neither `None` nor empty nor zero.
    Truthy,
    /// Something computed from rows.
    Derived(Rc<Taint>),
    /// `None`
    None,
    /// The primary key of a deleted row: `None`.
    Gone,
    /// `True` or `False`
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A string.
    Text(Rc<Template>),
    /// What stands behind a dotted name outside the program.
    External(Rc<str>),
    /// What a call of the thing behind a dotted name outside the program returned.
    Returned(Rc<str>),
    /// A name that nothing in sight defines, such as one of a star import from outside.
    Unbound(Rc<str>),
    /// A module of the program.
    Module(FileId),
    /// A folder without `__init__.py`.
    Namespace(Rc<str>),
    /// A class of the program.
    Class(ClassId),
    /// A manager class made from a manager class and a queryset class.
    FromQuerySet(Rc<(Value, Value)>),
    /// A function, with the variables of enclosing functions it uses.
    Function(Rc<Closure>),
    /// A function with a receiver for its first parameter.
    Bound(Rc<Bound>),
    /// A function wrapped by `staticmethod`, `classmethod` or `property`.
    Descriptor(Rc<(DescriptorKind, Value)>),
    /// A callable with some arguments given.
    Partial(Rc<Partial>),
    /// An instance of a class of the program.
    Object(Rc<Object>),
    /// A manager or queryset.
    Rows(Rc<Rows>),
    /// A list, tuple or set with known elements.
    Sequence(Rc<Vec<Value>>),
    /// A list, tuple or set of which only what any element looks like is known.
    Each(Rc<Value>),
    /// A dict.
    Dict(Rc<Dict>),
    /// One of several.
    Union(Rc<Vec<Value>>),
    /// A cache.
    Store(StoreRef),
    /// What was read from a cache under a key.
    FromStore(Rc<Template>),
    /// A signal that the program makes.
    Signal(Rc<SignalValue>),
    /// `super()`: the receiver, and the class behind which lookup starts.
    Super(Rc<(ClassId, Value)>),
    /// A method that the program does not define.
    Native(Rc<(Value, Rc<str>)>),
    /// `Model._meta`
    Meta(ClassId),
    /// A relation field as an attribute of its class.
    FieldOf(Rc<(ClassId, Rc<str>)>),
    /// The automatic through class of a many-to-many field.
    Through(Rc<(ClassId, Rc<str>)>),
    /// The configuration of the app with this label.
    App(Rc<str>),
    /// `receiver(signals, **keywords)` before it gets its function.
    ReceiverDecorator(Rc<Args>),
}

/// A function with what it closes over.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Closure {
    /// The function.
    pub function: FunctionId,
    /// Variables of enclosing functions.
    pub captured: Rc<[(NameId, Value)]>,
}

/// A bound method.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Bound {
    /// The first argument.
    pub receiver: Value,
    /// The function.
    pub function: Value,
}

/// How a wrapped function behaves as an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "named after Python's built-ins")]
pub enum DescriptorKind {
    Static,
    Class,
    Property,
}

/// `functools.partial`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Partial {
    /// What is called.
    pub callee: Value,
    /// The arguments given.
    pub args: Args,
}

/// An instance.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Object {
    /// Its class.
    pub class: ClassId,
    /// Attributes that differ from those of the class, sorted by name.
    pub attrs: Vec<(Rc<str>, Value)>,
    /// Whether it is the row whose write is being followed.
    pub is_subject: bool,
    /// Whether it was taken from several rows, so that which rows there are matters.
    pub one_of_many: bool,
}

impl Object {
    /// A plain instance of a class.
    pub fn new(class: ClassId) -> Object {
        Object { class, attrs: Vec::new(), is_subject: false, one_of_many: false }
    }
}

/// A manager or queryset.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Rows {
    /// Its classes, methods being looked up in the first one first.
    pub classes: Vec<Value>,
    /// The model of the rows.
    pub model: Option<ClassId>,
    /// Whether it was shaped into columns: `values()`, `count()`.
    pub keys_only: bool,
}

/// A dict with the entries that are known.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Dict {
    /// Known entries in order.
    pub items: Vec<(Value, Value)>,
    /// Whether there may be more.
    pub open: bool,
}

/// A cache of a known kind.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StoreRef {
    /// Its kind.
    pub kind: StoreId,
    /// Which one of the kind, where that is known.
    pub alias: Option<Rc<str>>,
}

impl StoreRef {
    /// Some cache of a kind.
    pub fn of(kind: StoreId) -> StoreRef {
        StoreRef { kind, alias: None }
    }

    /// The cache of a kind that has a name.
    pub fn named(kind: StoreId, alias: &str) -> StoreRef {
        StoreRef { kind, alias: Some(alias.into()) }
    }

    /// Whether two may be the same cache.
    pub fn may_be(&self, other: &StoreRef) -> bool {
        let same_alias = match (&self.alias, &other.alias) {
            (Some(own), Some(other)) => own == other,
            _ => true,
        };
        self.kind == other.kind && same_alias
    }
}

impl Dict {
    /// Whether a key that is not among the known entries may still be in the dict.
    pub fn may_hold(&self, key: &Value) -> bool {
        let definite = |value: &Value| match value {
            Value::Text(text) => text.known().is_some(),
            Value::Class(_) | Value::Through(_) | Value::External(_) => true,
            Value::Int(_) | Value::Bool(_) | Value::None => true,
            _ => false,
        };
        self.open || !definite(key) || !self.items.iter().all(|(known, _)| definite(known))
    }
}

/// A signal object, identified by where it is made.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SignalValue {
    /// The call that makes it.
    pub site: Location,
    /// Whether it resolves string senders.
    pub resolves_labels: bool,
}

/// Where rows come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowSource {
    /// The model, where it is known.
    pub model: Option<ClassId>,
    /// Whether nothing but primary keys was taken.
    pub keys_only: bool,
    /// Whether it is one row that was looked up and must be there.
    pub single: bool,
}

/// The rows a value was computed from.
pub type Taint = BTreeSet<RowSource>;

/// The arguments of a call.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Args {
    /// By position.
    pub positional: Vec<Value>,
    /// By name.
    pub keywords: Vec<(Rc<str>, Value)>,
    /// Whether there may be more, from `*args` or `**kwargs` that are not known.
    pub open: bool,
}

impl Args {
    /// Only arguments by position.
    pub fn positional(values: impl IntoIterator<Item = Value>) -> Args {
        Args { positional: values.into_iter().collect(), ..Args::default() }
    }

    /// Arguments of which nothing is known.
    pub fn unknown() -> Args {
        Args { open: true, ..Args::default() }
    }

    /// The argument of a parameter, by position or name.
    pub fn get(&self, position: usize, name: &str) -> Option<&Value> {
        self.positional.get(position).or_else(|| self.keyword(name))
    }

    /// The argument of a name.
    pub fn keyword(&self, name: &str) -> Option<&Value> {
        self.keywords.iter().find(|(known, _)| &**known == name).map(|(_, value)| value)
    }

    /// Every value that is passed.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.positional.iter().chain(self.keywords.iter().map(|(_, value)| value))
    }
}

impl Value {
    /// A known string.
    pub fn text(text: &str) -> Value {
        Value::Text(Rc::new(Template::text(text)))
    }

    /// The string, where all of it is known.
    pub fn known_text(&self) -> Option<&str> {
        match self {
            Value::Text(template) => template.known(),
            _ => None,
        }
    }

    /// A plain instance of a class.
    pub fn instance(class: ClassId) -> Value {
        Value::Object(Rc::new(Object::new(class)))
    }

    /// An instance taken from several rows.
    pub fn one_of_many(class: ClassId) -> Value {
        Value::Object(Rc::new(Object { one_of_many: true, ..Object::new(class) }))
    }

    /// A sequence of known elements.
    pub fn sequence(values: Vec<Value>) -> Value {
        Value::Sequence(Rc::new(values))
    }

    /// Something computed from rows; nothing is known where there are none.
    pub fn derived(taint: Taint) -> Value {
        if taint.is_empty() { Value::Unknown } else { Value::Derived(Rc::new(taint)) }
    }

    /// Either of two values.
    pub fn either(self, other: Value) -> Value {
        if self == other {
            return self;
        }
        let mut all = self.alternatives();
        for value in other.alternatives() {
            if !all.contains(&value) {
                all.push(value);
            }
        }
        // Beyond a handful of cases nothing can be told apart any more.
        if all.len() > 16 {
            let mut taint = Taint::new();
            for value in &all {
                value.collect_taint(&mut taint);
            }
            return Value::derived(taint);
        }
        Value::Union(Rc::new(all))
    }

    /// The cases of a union, or the value itself.
    pub fn alternatives(self) -> Vec<Value> {
        match self {
            Value::Union(all) => all.to_vec(),
            other => vec![other],
        }
    }

    /// Whether it is true as a condition, where that is known.
    pub fn truth(&self) -> Option<bool> {
        match self {
            Value::None | Value::Gone => Some(false),
            Value::Bool(value) => Some(*value),
            Value::Int(value) => Some(*value != 0),
            Value::Sequence(items) => Some(!items.is_empty()),
            Value::Dict(dict) if !dict.items.is_empty() => Some(true),
            Value::Dict(dict) if !dict.open => Some(false),
            Value::Text(template) => template.known().map(|text| !text.is_empty()),
            Value::Union(all) => {
                let first = all.first()?.truth()?;
                all.iter().all(|value| value.truth() == Some(first)).then_some(first)
            }
            Value::Truthy
            | Value::Module(_)
            | Value::Class(_)
            | Value::Function(_)
            | Value::Bound(_)
            | Value::Object(_)
            | Value::Signal(_) => Some(true),
            _ => None,
        }
    }

    /// Whether it is `None`, where that is known.
    pub fn is_none(&self) -> Option<bool> {
        match self {
            Value::None | Value::Gone => Some(true),
            Value::Unknown
            | Value::Derived(_)
            | Value::External(_)
            | Value::Returned(_)
            | Value::Unbound(_)
            | Value::FromStore(_) => None,
            Value::Union(all) => {
                let first = all.first()?.is_none()?;
                all.iter().all(|value| value.is_none() == Some(first)).then_some(first)
            }
            _ => Some(false),
        }
    }

    /// Whether it can be called and what happens then is known to the program.
    pub fn is_callable(&self) -> bool {
        match self {
            Value::Function(_) | Value::Bound(_) | Value::Partial(_) => true,
            Value::Union(all) => all.iter().any(Value::is_callable),
            _ => false,
        }
    }

    /// Adds the rows it was computed from.
    pub fn collect_taint(&self, taint: &mut Taint) {
        match self {
            Value::Derived(own) => taint.extend(own.iter().copied()),
            Value::Rows(rows) => {
                taint.insert(RowSource {
                    model: rows.model,
                    keys_only: rows.keys_only,
                    single: false,
                });
            }
            Value::Object(object) => {
                taint.insert(RowSource {
                    model: Some(object.class),
                    keys_only: false,
                    single: !object.one_of_many,
                });
                for (_, value) in &object.attrs {
                    value.collect_taint(taint);
                }
            }
            Value::Sequence(items) | Value::Union(items) => {
                for item in items.iter() {
                    item.collect_taint(taint);
                }
            }
            Value::Dict(dict) => {
                for (key, value) in &dict.items {
                    key.collect_taint(taint);
                    value.collect_taint(taint);
                }
            }
            Value::Each(element) => element.collect_taint(taint),
            Value::Bound(bound) => bound.receiver.collect_taint(taint),
            Value::Native(native) => native.0.collect_taint(taint),
            _ => {}
        }
    }

    /// The rows it was computed from.
    pub fn taint(&self) -> Taint {
        let mut taint = Taint::new();
        self.collect_taint(&mut taint);
        taint
    }
}
