//! What the interpreter knows of a value at run time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::effect::Timeout;
use super::ids::{ClassId, FunctionId};
use super::key::{Origin, RowRef, Template};
use super::listing::Listing;
use crate::facts::NameId;
use crate::frameworks::{Role, StoreId};
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
    Derived(Arc<Taint>),
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

impl Closure {
    /// A function that closes over nothing.
    pub fn plain(function: FunctionId) -> Closure {
        Closure { function, captured: [].into(), attrs: Vec::new() }
    }

    /// What an attribute holds that code gave the function.
    pub fn attribute(&self, name: &str) -> Option<&Value> {
        let at = self.attrs.binary_search_by(|(known, _)| (**known).cmp(name)).ok()?;
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

/// An instance.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Object {
    /// Its class.
    pub class: ClassId,
    /// Attributes that differ from those of the class, sorted by name.
    pub attrs: Vec<(Arc<str>, Value)>,
    /// Whether it is the row whose write is being followed.
    pub is_subject: bool,
    /// Whether it is that row as the database has it before the write.
    pub is_stored: bool,
    /// Whether it was taken from several rows, so that which rows there are matters.
    pub one_of_many: bool,
    /// Whether it was made by its constructor and not loaded.
    pub is_new: bool,
    /// The query it was loaded by, where that is known.
    pub query: Arc<Query>,
}

impl Object {
    /// The columns that hold known values in a new row: those that it was made with and that were not
    /// assigned since.
    pub fn columns_when_new(&self) -> Vec<Filter> {
        let is_assigned = |column: &str| {
            let names = self.attrs.iter().map(|(name, _)| &**name);
            names.into_iter().any(|name| name == column || name.strip_suffix("_id") == Some(column))
        };
        let filters = self.query.filters.iter();
        filters.filter(|own| self.is_new && !is_assigned(&own.column)).cloned().collect()
    }

    /// A plain instance of a class.
    pub fn new(class: ClassId) -> Object {
        Object {
            class,
            attrs: Vec::new(),
            is_subject: false,
            is_stored: false,
            one_of_many: false,
            is_new: false,
            query: Arc::default(),
        }
    }

    /// A row of a model that names alone tell.
    pub fn supposed(model: ClassId) -> Object {
        let query = Query { is_supposed: true, ..Query::default() };
        Object { query: Arc::new(query), ..Object::new(model) }
    }

    /// A row of a model, as a migration sees it or as the program does.
    pub fn row(model: ClassId, is_historical: bool) -> Object {
        Object { query: Arc::new(Query::all(is_historical)), ..Object::new(model) }
    }

    /// The instance that two are, where they differ in no more than their attributes.
    fn merged(&self, other: &Object) -> Option<Object> {
        let bare = |object: &Object| Object { attrs: Vec::new(), ..object.clone() };
        if bare(self) != bare(other) {
            return None;
        }
        let mut attrs: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        for (name, value) in self.attrs.iter().chain(&other.attrs) {
            let has = |object: &Object| object.attrs.iter().any(|(known, _)| known == name);
            let value = match attrs.remove(name) {
                Some(earlier) => earlier.either(value.clone()),
                None if has(self) && has(other) => value.clone(),
                None => value.clone().either(Value::Unknown),
            };
            attrs.insert(name.clone(), value);
        }
        Some(Object { attrs: attrs.into_iter().collect(), ..bare(self) })
    }

    /// The row of a model whose write is being followed.
    pub fn subject(model: ClassId) -> Object {
        Object { is_subject: true, ..Object::new(model) }
    }

    /// A column of this row, by its field's name or `pk`, as where something comes from.
    pub fn origin(&self, column: Arc<str>) -> Origin {
        Origin::Column { model: self.class, column, row: self.row_ref() }
    }

    /// Which row it is to the one whose write is followed.
    pub fn row_ref(&self) -> RowRef {
        match (self.is_subject, self.is_stored) {
            (true, _) => RowRef::Subject,
            (_, true) => RowRef::Stored,
            _ => self.query.beside.unwrap_or(RowRef::Other),
        }
    }

    /// What a part of this row is.
    pub fn source(&self, part: RowPart) -> RowSource {
        RowSource {
            model: Some(self.class),
            part,
            single: !self.one_of_many,
            via: self.query.via.clone(),
            filters: self.query.filters.clone(),
        }
    }
}

/// A manager or queryset.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Rows {
    /// Its classes, methods being looked up in the first one first.
    pub classes: Vec<Value>,
    /// The model of the rows.
    pub model: Option<ClassId>,
    /// Which parts of the rows are taken.
    pub shape: Shape,
    /// How the rows are chosen.
    pub query: Arc<Query>,
}

/// Which parts of the rows a queryset takes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum Shape {
    /// Whole rows.
    #[default]
    Whole,
    /// Nothing but primary keys.
    Keys,
    /// Some columns, already as sources.
    Columns(Arc<Taint>),
    /// One column of the row whose write is followed, as it stands before the write.
    Stored(Arc<Column>),
}

/// How rows are chosen, and what else is loaded with them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Query {
    /// What decides which rows there are: columns of conditions and orders, links, other rows.
    pub deciding: Taint,
    /// Conditions that confine the rows by equality.
    pub filters: Vec<Filter>,
    /// The relation by which they were reached from other rows.
    pub via: Option<Arc<Via>>,
    /// Which row it is that a foreign key of the row led to whose write is followed.
    pub beside: Option<RowRef>,
    /// Whole related rows that are loaded with each row.
    pub related: Taint,
    /// The columns that are loaded, where not all are.
    pub loaded: Option<Arc<[Arc<str>]>>,
    /// Names of computed columns.
    pub annotations: Vec<Arc<str>>,
    /// Whether the rows are the far side of a relation, so that `add()` and its kin link rows.
    pub manages: Option<Arc<Via>>,
    /// The many-to-many field whose automatic through rows these are.
    pub links_of: Option<Arc<Via>>,
    /// Whether the model is one as a migration sees it: with columns and relations, but without methods,
    /// and another class for those who wait for its signals.
    pub is_historical: bool,
    /// Whether names alone tell the model.
    pub is_supposed: bool,
}

impl Query {
    /// All rows of a model, as a migration sees them or as the program does.
    pub fn all(is_historical: bool) -> Query {
        Query { is_historical, ..Query::default() }
    }
}

impl Query {
    /// Adds what a row holds that is loaded by it, besides its related rows.
    fn collect_loaded(&self, taint: &mut Taint, source: impl Fn(RowPart) -> RowSource) {
        let Some(loaded) = &self.loaded else {
            taint.insert(source(RowPart::Whole));
            return;
        };
        let columns = loaded.iter().filter(|column| &***column != "pk");
        taint.extend(columns.cloned().map(RowPart::Column).map(&source));
        let is_key = loaded.iter().all(|column| &**column == "pk");
        taint.insert(source(if is_key { RowPart::Keys } else { RowPart::Presence }));
    }

    /// Whether no row fits: none has no primary key.
    pub fn finds_nothing(&self) -> bool {
        self.filters.iter().any(Filter::is_nothing)
    }
}

/// A relation that was followed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Via {
    /// The model that declares the field.
    pub owner: ClassId,
    /// The field.
    pub field: Arc<str>,
    /// Its kind.
    pub role: Role,
    /// Whether it was followed from the rows of `owner`.
    pub forward: bool,
}

/// A condition that a column equals something.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Filter {
    /// The column by its field's name; `pk` for the primary key.
    pub column: Arc<str>,
    /// What it equals.
    pub value: FilterValue,
}

impl Filter {
    /// What no row fits: a primary key of `None`.
    pub fn nothing() -> Filter {
        Filter { column: "pk".into(), value: FilterValue::Known("None".into()) }
    }

    fn is_nothing(&self) -> bool {
        match &self.value {
            FilterValue::Known(value) => &*self.column == "pk" && &**value == "None",
            _ => false,
        }
    }
}

/// What a column is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FilterValue {
    /// Something that is spelled out.
    Known(Arc<str>),
    /// Anything but what is spelled out.
    Not(Arc<str>),
    /// Something of which the origin is known.
    From(Origin),
    /// Anything else.
    Unknown,
}

/// A column of a row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Column {
    /// Where it stands.
    pub origin: Origin,
    /// Whether it surely is neither `None` nor empty.
    pub is_set: bool,
    /// What reading it feeds.
    pub taint: Taint,
}

impl Rows {
    /// What a part of these rows is.
    pub fn source(&self, part: RowPart) -> RowSource {
        RowSource {
            model: self.model,
            part,
            single: false,
            via: self.query.via.clone(),
            filters: self.query.filters.clone(),
        }
    }

    /// Adds what the rows are, and what decides which there are.
    pub fn collect_taint(&self, taint: &mut Taint) {
        taint.extend(self.query.deciding.iter().cloned());
        match &self.shape {
            Shape::Whole => {
                taint.extend(self.query.related.iter().cloned());
                self.query.collect_loaded(taint, |part| self.source(part));
            }
            Shape::Keys => {
                taint.insert(self.source(RowPart::Keys));
            }
            Shape::Columns(columns) => {
                taint.extend(columns.iter().cloned());
                taint.insert(self.source(RowPart::Presence));
            }
            Shape::Stored(column) => taint.extend(column.taint.iter().cloned()),
        }
    }
}

/// A dict with the entries that are known.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Dict {
    /// Known entries in order.
    pub items: Vec<(Value, Value)>,
    /// Whether there may be more.
    pub open: bool,
    /// The variable that keeps it between calls, where one does.
    pub held: Option<Arc<Held>>,
}

/// A variable of a module or a class that functions change, or a part of what it holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Held {
    /// The variable, as a store.
    pub store: StoreRef,
    /// How reports write it, with the keys that lead to the part.
    pub key: Template,
}

/// A cache of a known kind.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StoreRef {
    /// Its kind.
    pub kind: StoreId,
    /// Which one of the kind, where that is known.
    pub alias: Option<Arc<str>>,
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

    /// Whether it keeps what one function returned or one variable holds, and nothing else.
    pub fn is_of_one(&self) -> bool {
        matches!(self.kind, StoreId::PROCESS | StoreId::SHARED_RESULTS | StoreId::VARIABLES)
    }

    /// Whether it is a variable of a module or a class.
    pub fn is_variable(&self) -> bool {
        self.kind == StoreId::VARIABLES
    }

    /// Whether each process has one of its own.
    pub fn is_process_local(&self) -> bool {
        matches!(self.kind, StoreId::PROCESS | StoreId::VARIABLES)
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

/// Something of the database that reaches a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowSource {
    /// The model, where it is known.
    pub model: Option<ClassId>,
    /// What of its rows.
    pub part: RowPart,
    /// Whether it is one row that was looked up and must be there.
    pub single: bool,
    /// The relation by which the rows were reached, where they are not those that were queried.
    pub via: Option<Arc<Via>>,
    /// Conditions that confine the rows by equality.
    pub filters: Vec<Filter>,
}

/// What of rows reaches a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RowPart {
    /// All columns.
    Whole,
    /// What something out of sight made of whole rows; any column may matter.
    Untold,
    /// Primary keys, to be looked up again.
    Keys,
    /// One column, by its field's name.
    Column(Arc<str>),
    /// A column that decides which rows, or in which order.
    Deciding(Arc<str>),
    /// Which rows there are.
    Presence,
    /// Which rows a many-to-many field links.
    Links(Arc<str>),
    /// Nothing that is known: what a parameter of the function that the run starts at holds.
    Given,
}

impl RowSource {
    /// What a part is of rows that are not those that were queried: `via` tells how they were reached.
    pub fn reached(model: ClassId, part: RowPart, via: Option<Arc<Via>>) -> RowSource {
        RowSource { model: Some(model), part, single: false, via, filters: Vec::new() }
    }

    /// What a parameter holds of the function that a run starts at.
    pub fn given() -> RowSource {
        RowSource {
            model: None,
            part: RowPart::Given,
            single: true,
            via: None,
            filters: Vec::new(),
        }
    }
}

/// The rows a value was computed from.
pub type Taint = BTreeSet<RowSource>;

/// The arguments of a call.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Args {
    /// By position.
    pub positional: Vec<Value>,
    /// By name.
    pub keywords: Vec<(Arc<str>, Value)>,
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
        Value::Text(Arc::new(Template::text(text)))
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
        Value::Object(Arc::new(Object::new(class)))
    }

    /// A sequence of known elements.
    pub fn sequence(values: Vec<Value>) -> Value {
        Value::Sequence(Arc::new(values))
    }

    /// Something computed from rows; nothing is known where there are none.
    pub fn derived(taint: Taint) -> Value {
        if taint.is_empty() { Value::Unknown } else { Value::Derived(Arc::new(taint)) }
    }

    /// What something out of sight made of values with this taint.
    pub fn made_of(taint: Taint) -> Value {
        let untold = |source: RowSource| match source.part {
            RowPart::Whole => RowSource { part: RowPart::Untold, ..source },
            _ => source,
        };
        Value::derived(taint.into_iter().map(untold).collect())
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

    /// Adds the rows it was computed from.
    pub fn collect_taint(&self, taint: &mut Taint) {
        match self {
            Value::Derived(own) => taint.extend(own.iter().cloned()),
            Value::Text(text) => taint.extend(text.taint.iter().cloned()),
            Value::Symbol(..) => {
                taint.insert(RowSource::given());
            }
            Value::Column(column) => taint.extend(column.taint.iter().cloned()),
            Value::Rows(rows) => rows.collect_taint(taint),
            Value::Object(object) => {
                taint.extend(object.query.deciding.iter().cloned());
                taint.extend(object.query.related.iter().cloned());
                object.query.collect_loaded(taint, |part| object.source(part));
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

    /// Adds what a condition on it depends on: of rows only their keys are compared, which do not change.
    pub fn collect_compared(&self, taint: &mut Taint) {
        match self {
            Value::Object(object) => {
                let is_key = |source: &&RowSource| matches!(&source.part, RowPart::Deciding(column) if &**column == "pk");
                let deciding = object.query.deciding.iter().filter(|source| !is_key(source));
                taint.extend(deciding.cloned());
                if object.one_of_many {
                    taint.insert(object.source(RowPart::Presence));
                }
            }
            Value::Rows(rows) if rows.shape == Shape::Whole => {
                taint.extend(rows.query.deciding.iter().cloned());
                taint.insert(rows.source(RowPart::Presence));
            }
            Value::Sequence(items) | Value::Union(items) => {
                for item in items.iter() {
                    item.collect_compared(taint);
                }
            }
            Value::Each(element) => element.collect_compared(taint),
            other => other.collect_taint(taint),
        }
    }

    /// The rows it was computed from.
    pub fn taint(&self) -> Taint {
        let mut taint = Taint::new();
        self.collect_taint(&mut taint);
        taint
    }
}
