//! What the interpreter knows of a value at run time.

mod objects;
mod rows;
mod sources;
mod stores;
mod taint;

pub use objects::{Object, place_of_attribute};
pub use rows::{Column, Filter, FilterValue, Query, Rows, Shape, Via};
pub use sources::{RowPart, RowSource};
pub use stores::{Dict, Held, StoreRef};
pub use taint::Taint;

use std::sync::Arc;

use super::effect::Timeout;
use super::ids::{ClassId, FunctionId};
use super::key::Template;
use super::listing::Listing;
use crate::facts::NameId;
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
    Derived(Taint),
    /// A column of a row.
    Column(Arc<Column>),
    /// A parameter of the function that a run starts at; nothing is known of it but that.
    Symbol(FunctionId, NameId),
    /// Columns and relations that an expression of a query names, as lookup paths.
    Lookups(Arc<Vec<Arc<str>>>),
    /// `None`
    None,
    /// The primary key of a deleted row: `None`.
    Gone,
    /// `True` or `False`
    Bool(bool),
    /// Whether the call that stands here has made a row, where it may have found one and changed it.
    Made(Location),
    /// An integer.
    Int(i64),
    /// A string.
    Text(Arc<Template>),
    /// What stands behind a dotted name outside the program.
    External(Arc<str>),
    /// What a call of the thing behind a dotted name outside the program returned.
    Returned(Arc<str>),
    /// A name that nothing in sight defines, such as one of a star import from outside.
    Unbound(Arc<str>),
    /// A module of the program.
    Module(FileId),
    /// A folder without `__init__.py`.
    Namespace(Arc<str>),
    /// A class of the program.
    Class(ClassId),
    /// A manager class made from a manager class and a queryset class.
    FromQuerySet(Arc<(Value, Value)>),
    /// A function, with the variables of enclosing functions it uses.
    Function(Arc<Closure>),
    /// A function with a receiver for its first parameter.
    Bound(Arc<Bound>),
    /// A function wrapped by `staticmethod`, `classmethod` or `property`.
    Descriptor(Arc<(DescriptorKind, Value)>),
    /// A callable with some arguments given.
    Partial(Arc<Partial>),
    /// A function that remembers what it returned.
    Memoised(Arc<Memoised>),
    /// An instance of a class of the program.
    Object(Arc<Object>),
    /// A manager or queryset.
    Rows(Arc<Rows>),
    /// A list, tuple or set with known elements.
    Sequence(Arc<Vec<Value>>),
    /// A list, tuple or set of which only what any element looks like is known.
    Each(Arc<Value>),
    /// A dict.
    Dict(Arc<Dict>),
    /// One of several.
    Union(Arc<Vec<Value>>),
    /// A cache.
    Store(StoreRef),
    /// What was read from a cache under a key.
    FromStore(Arc<Template>),
    /// A signal that the program makes.
    Signal(Arc<SignalValue>),
    /// `super()`: the receiver, and the class behind which lookup starts.
    Super(Arc<(ClassId, Value)>),
    /// A method that the program does not define.
    Native(Arc<(Value, Arc<str>)>),
    /// `Model._meta`
    Meta(ClassId),
    /// A relation field as an attribute of its class.
    FieldOf(Arc<(ClassId, Arc<str>)>),
    /// The automatic through class of a many-to-many field.
    Through(Arc<(ClassId, Arc<str>)>),
    /// The configuration of the app with this label.
    App(Arc<str>),
    /// A context or decorator that keeps the receivers of signals from running.
    Muted(Arc<Vec<Value>>),
    /// The models as a migration sees them.
    HistoricalApps,
    /// A model as a migration sees it.
    Historical(ClassId),
    /// `receiver(signals, **keywords)` before it gets its function.
    ReceiverDecorator(Arc<Args>),
}

impl Value {
    /// A known string.
    pub fn text(text: &str) -> Value {
        Value::Text(Arc::new(Template::text(text)))
    }

    /// The string, where all of it is known.
    pub fn known_text(&self) -> Option<&str> {
        match self {
            Value::Text(template) => template.known(),
            _ => None,
        }
    }

    /// The key under which it was read from a store, where it was. A counter that starts at one where the store
    /// has none is still the counter.
    pub fn read_from(&self) -> Option<&Arc<Template>> {
        match self {
            Value::FromStore(key) => Some(key),
            Value::Union(all) => all.iter().find_map(|value| match value {
                Value::FromStore(key) => Some(key),
                _ => None,
            }),
            _ => None,
        }
    }

    /// The class of the program that it is.
    pub fn as_class(&self) -> Option<ClassId> {
        match self {
            Value::Class(class) => Some(*class),
            _ => None,
        }
    }

    /// A plain instance of a class.
    pub fn instance(class: ClassId) -> Value {
        Value::Object(Arc::new(Object::new(class)))
    }

    /// A sequence of known elements.
    pub fn sequence(values: Vec<Value>) -> Value {
        Value::Sequence(Arc::new(values))
    }

    /// Either of two values.
    pub fn either(self, other: Value) -> Value {
        if self == other {
            return self;
        }
        let mut all = self.alternatives();
        for value in other.alternatives() {
            match all.iter_mut().find_map(|known| Some((known.merged(&value)?, known))) {
                Some((merged, known)) => *known = merged,
                None => all.push(value),
            }
        }
        if let [only] = all.as_mut_slice() {
            return std::mem::take(only);
        }
        // Beyond a handful of cases nothing can be told apart any more.
        if all.len() > 16 {
            let mut taint = Taint::new();
            for value in &all {
                value.collect_taint(&mut taint);
            }
            return Value::derived(taint);
        }
        Value::Union(Arc::new(all))
    }

    /// What is either of two values, where that is one value: equal ones, or one instance with attributes
    /// that were set on one way and not on the other.
    fn merged(&self, other: &Value) -> Option<Value> {
        match (self, other) {
            _ if self == other => Some(self.clone()),
            (Value::Object(own), Value::Object(other)) => {
                own.merged(other).map(|object| Value::Object(object.into()))
            }
            _ => None,
        }
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
            Value::Column(column) if column.is_set => Some(true),
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
            Value::Column(column) if column.is_set => Some(false),
            Value::Unknown
            | Value::Column(_)
            | Value::Symbol(..)
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

    /// Whether it has more parts than `budget`, those that stand in it several times counted each time:
    /// comparing such a value takes as long.
    pub fn is_larger_than(&self, budget: usize) -> bool {
        let mut left = budget;
        !self.fits(&mut left)
    }

    fn fits(&self, left: &mut usize) -> bool {
        if *left == 0 {
            return false;
        }
        *left -= 1;
        match self {
            Value::Object(object) => object.attrs.iter().all(|(_, value)| value.fits(left)),
            Value::Sequence(items) | Value::Union(items) => {
                items.iter().all(|item| item.fits(left))
            }
            Value::Dict(dict) => {
                dict.items.iter().all(|(key, value)| key.fits(left) && value.fits(left))
            }
            Value::Each(element) => element.fits(left),
            Value::Bound(bound) => bound.receiver.fits(left) && bound.function.fits(left),
            Value::Function(closure) => {
                closure.captured.iter().all(|(_, value)| value.fits(left))
                    && closure.attrs.iter().all(|(_, value)| value.fits(left))
            }
            Value::Partial(partial) => {
                partial.callee.fits(left) && partial.args.values().all(|value| value.fits(left))
            }
            Value::Descriptor(descriptor) => descriptor.1.fits(left),
            Value::Memoised(memoised) => memoised.function.fits(left),
            Value::Native(native) => native.0.fits(left),
            Value::Super(pair) => pair.1.fits(left),
            Value::FromQuerySet(pair) => pair.0.fits(left) && pair.1.fits(left),
            _ => true,
        }
    }

    /// Whether it is a manager or queryset.
    pub fn is_rows(&self) -> bool {
        matches!(self, Value::Rows(_))
    }

    /// Whether it can be called and what happens then is known to the program.
    pub fn is_callable(&self) -> bool {
        match self {
            Value::Function(_) | Value::Bound(_) | Value::Partial(_) | Value::Memoised(_) => true,
            Value::Union(all) => all.iter().any(Value::is_callable),
            _ => false,
        }
    }
}

/// A function with what it closes over.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Closure {
    /// The function.
    pub function: FunctionId,
    /// What parameters are where they are not given, and variables of enclosing functions.
    pub captured: Arc<[(NameId, Value)]>,
    /// Attributes that code gave it, such as `wrapper.invalidate`, sorted by name.
    pub attrs: Vec<(Arc<str>, Value)>,
}

impl Value {
    /// The instance that it is.
    pub fn as_object(&self) -> Option<&Arc<Object>> {
        match self {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }

    /// Whether it is an instance, and not another one made of it.
    pub fn is_object(&self, object: &Arc<Object>) -> bool {
        self.as_object().is_some_and(|own| Arc::ptr_eq(own, object) || own == object)
    }
}

impl Closure {
    /// A function that closes over nothing.
    pub fn plain(function: FunctionId) -> Closure {
        Closure { function, captured: [].into(), attrs: Vec::new() }
    }

    /// The function with an attribute that code gives it.
    pub fn with_attribute(&self, name: &str, value: Value) -> Value {
        let mut closure = self.clone();
        match place_of_attribute(&closure.attrs, name) {
            Ok(at) => closure.attrs[at].1 = value,
            Err(at) => closure.attrs.insert(at, (name.into(), value)),
        }
        Value::Function(closure.into())
    }

    /// What an attribute holds that code gave the function.
    pub fn attribute(&self, name: &str) -> Option<&Value> {
        let at = place_of_attribute(&self.attrs, name).ok()?;
        Some(&self.attrs[at].1)
    }

    /// What a name holds that the function closes over.
    pub fn of(&self, name: NameId) -> Option<&Value> {
        self.captured.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }
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

/// A function that a decorator makes remember what it returned.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Memoised {
    /// The function without the decorator.
    pub function: Value,
    /// Where the results are kept.
    pub store: StoreRef,
    /// The decorator.
    pub decorator: Arc<str>,
    /// How long it is kept.
    pub timeout: Timeout,
    /// The rows and links whose writes drop it by themselves.
    pub listing: Option<Arc<Listing>>,
    /// The key under which it is kept, where that is the response of a view.
    pub response: Option<Arc<Template>>,
}

/// A signal object, identified by where it is made.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SignalValue {
    /// The call that makes it.
    pub site: Location,
    /// Whether it resolves string senders.
    pub resolves_labels: bool,
}

/// The arguments of a call.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Args {
    /// By position.
    pub positional: Vec<Value>,
    /// By name.
    pub keywords: Vec<(Arc<str>, Value)>,
    /// Whether there may be more, from `*args` or `**kwargs` that are not known.
    pub open: bool,
    /// What each is of those that `*args` adds, where that is all that may be more.
    pub each: Option<Arc<Value>>,
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
