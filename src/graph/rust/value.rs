//! What is known of the value of an expression while a function is run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::bindings::BindingId;
use super::sieves::Compared;
use super::tables::TableId;
use super::types::{Around, Ty};
use crate::facts::{NameId, StmtId};
use crate::frameworks::{StoreKind, Verb};
use crate::graph::ids::{ClassId, FunctionId};
use crate::graph::key::{Part, Template};
use crate::graph::sql_literals::Literals;
use crate::source::{FileId, Location};

/// What a row is called that a write returns: it has the values that were written.
pub const RETURNED: &str = "row";

/// What a part of a key is called that is another one at each call.
pub const RANDOM: &str = "random";

/// A value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Value {
    /// Its type.
    pub ty: Ty,
    /// What it is beyond that.
    pub what: What,
    /// The rows that it was computed from.
    pub rows: Rows,
    /// What it is as a part of a key, where it says something.
    pub text: Option<Arc<Template>>,
    /// The seconds that a builder of a store, or a duration, says.
    pub seconds: Option<Seconds>,
}

/// The rows that a value was computed from.
pub type Rows = BTreeSet<Source>;

/// Rows of a table.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Source {
    /// The table.
    pub table: TableId,
    /// The column that is read of them; all where there is none.
    pub column: Option<Arc<str>>,
    /// What they are read into, where that is known not to hold all columns.
    pub into: Option<Into>,
    /// Whether which rows there are matters, so that a new one does.
    pub lists: bool,
    /// What they have in some columns, where a text says it.
    pub having: Arc<Literals>,
}

/// What rows are read into that does not hold all of their columns.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Into {
    /// A struct, which has no more of them than it has fields.
    Struct(ClassId),
    /// These alone.
    Columns(Arc<BTreeSet<Arc<str>>>),
    /// These alone, in their order.
    Listed(Arc<[Arc<str>]>),
}

impl Source {
    /// All columns of rows of a table.
    pub fn of(table: TableId, lists: bool) -> Source {
        Source { table, column: None, into: None, lists, having: Arc::default() }
    }

    /// Of the same rows the column that a value names, or counts off where it is known in which order they are
    /// read.
    pub fn column_of(self, named: &Value) -> Source {
        if self.column.is_some() {
            return self;
        }
        let by_name = named.text.as_ref().and_then(|text| text.known()).map(Arc::from);
        let by_place = || match (&named.what, &self.into) {
            (What::Int(at), Some(Into::Listed(columns))) => {
                columns.get(usize::try_from(*at).ok()?).cloned()
            }
            _ => None,
        };
        match by_name.or_else(by_place) {
            Some(column) => self.only(column),
            None => self,
        }
    }

    /// Of the same rows no more than a column.
    pub fn only(self, column: Arc<str>) -> Source {
        Source { column: Some(column), into: None, ..self }
    }
}

/// A number of seconds that can be compared and hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Seconds(pub u64);

impl Seconds {
    /// A number of them that the source does not tell.
    pub const UNKNOWN: Seconds = Seconds(u64::MAX);

    /// So many units; none where there would be less.
    pub fn of(number: i64, unit: f64) -> Seconds {
        Seconds((number as f64 * unit).max(0.0) as u64)
    }
}

/// What a value is beyond its type.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum What {
    /// Nothing special.
    #[default]
    Plain,
    /// A store of entries.
    Store(Store),
    /// What a key stands for in a store.
    Place(Arc<Place>),
    /// A value where it is stored, to be changed.
    Held(Arc<Held>),
    /// A closure, or a block that runs when it is awaited.
    Closure(Arc<Closure>),
    /// A query or a write that no method has run yet.
    Query(Arc<Query>),
    /// A write of an SQL text that no method has run yet.
    Aimed(Arc<Aimed>),
    /// A row about to be written.
    Active(Arc<Active>),
    /// A command of a store that is being built.
    Command(Arc<Command>),
    /// A column by its name.
    Column(Arc<str>),
    /// A variant of an enum of the program.
    Variant(Arc<Variant>),
    /// A message of which the type is not known.
    Message,
    /// What becomes of rows that are there already where others are inserted: the columns that are changed, none
    /// where it is not known which; absent where they stay.
    Conflict(Option<Arc<BTreeSet<Arc<str>>>>),
    /// What an entry of a store, or a part of it, is compared with.
    Compared(Arc<Compared>),
    /// A truth value.
    Bool(bool),
    /// A number.
    Int(i64),
    /// What the fields of a struct were set to.
    Fields(Arc<BTreeMap<Arc<str>, Value>>),
    /// Several values, by position.
    Several(Arc<[Value]>),
}

/// A store.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Store {
    /// Its kind.
    pub kind: StoreKind,
    /// What holds it.
    pub owner: Owner,
}

/// What holds a store.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Owner {
    /// A static.
    Static(FileId, StmtId),
    /// A field of each value of a type, with the arguments of the type where it holds another store for others.
    Field(ClassId, Arc<str>, Arc<[Ty]>),
    /// All of its kind are one.
    One,
    /// A memoised function.
    Function(FunctionId),
    /// Whatever holds what is stored under keys of a type.
    Keyed(BindingId),
    /// Whoever is given what a call makes.
    Made(Location),
    /// It cannot be told: any of its kind.
    Any,
}

impl Store {
    /// Whether two may be the same.
    pub fn may_be(&self, other: &Store) -> bool {
        self.kind == other.kind
            && match (&self.owner, &other.owner) {
                (Owner::Any | Owner::Made(_), _) | (_, Owner::Any | Owner::Made(_)) => true,
                (Owner::Field(class, field, args), Owner::Field(of, name, others)) => {
                    let may_be = args.is_empty() || others.is_empty() || args == others;
                    class == of && field == name && may_be
                }
                (one, other) => one == other,
            }
    }
}

/// What a key stands for in a store.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The store.
    pub store: Store,
    /// Its type.
    pub ty: Ty,
    /// The key.
    pub key: Arc<Template>,
}

/// A value where it is stored.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Held {
    /// The call that lends it.
    pub site: Location,
}

/// A closure with what it uses of the function round it.
#[derive(Debug, PartialEq, Eq)]
pub struct Closure {
    /// It.
    pub function: FunctionId,
    /// The variables round it.
    pub captured: FxHashMap<NameId, Value>,
    /// What names of types stand for in it.
    pub around: Arc<Around>,
}

impl std::hash::Hash for Closure {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.function.hash(state);
    }
}

/// A query or a write that is being built.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Query {
    /// The table.
    pub table: TableId,
    /// Tables whose rows it takes in.
    pub joined: Vec<TableId>,
    /// Tables whose rows say which of these belong to which.
    pub linked: Vec<TableId>,
    /// Those of them whose rows stand beside its own, in a tuple.
    pub beside: Vec<TableId>,
    /// What its rows are read into, where that is known not to hold all columns.
    pub into: Option<Into>,
    /// The columns by which it chooses rows, where a text says them.
    pub chosen_by: BTreeSet<(TableId, Arc<str>)>,
    /// The columns of tables that it takes in which a text may read, where it does not read all.
    pub read_of: BTreeMap<TableId, Arc<BTreeSet<Arc<str>>>>,
    /// What the rows of its table have in some columns, where a text says it.
    pub having: Arc<Literals>,
    /// Whether a text makes one value of all rows.
    pub aggregates: bool,
    /// The columns that have the value of a parameter of a text, with its position.
    pub equals: Arc<[(TableId, Arc<str>, usize)]>,
    /// How many of its parameters have one.
    pub bound: usize,
    /// The columns that it reads; all where there are none.
    pub selected: Option<BTreeSet<(TableId, Arc<str>)>>,
    /// The columns by which it chooses rows, with the value that they have.
    pub aims: Vec<(Arc<str>, Arc<Template>)>,
    /// Whether it looks one row up.
    pub is_unique: bool,
    /// What it writes, where it is a write.
    pub writes: Option<Build>,
}

/// A write that is being built.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Build {
    /// What it does.
    pub verb: Verb,
    /// Whether it may write many rows.
    pub many: bool,
    /// The columns that it sets, as far as known.
    pub columns: Option<BTreeSet<Arc<str>>>,
}

impl Query {
    /// All rows of a table.
    pub fn of(table: TableId) -> Query {
        Query {
            table,
            joined: Vec::new(),
            linked: Vec::new(),
            beside: Vec::new(),
            into: None,
            chosen_by: BTreeSet::new(),
            read_of: BTreeMap::new(),
            having: Arc::default(),
            aggregates: false,
            equals: Arc::default(),
            bound: 0,
            selected: None,
            aims: Vec::new(),
            is_unique: false,
            writes: None,
        }
    }
}

/// A write of an SQL text, with the columns by which it chooses rows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Aimed {
    /// The table.
    pub table: TableId,
    /// The columns that have the value of a parameter, with its position.
    pub equals: Arc<[(Arc<str>, usize)]>,
    /// How many of its parameters have one.
    pub bound: usize,
}

/// A command of a store that is being built.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Command {
    /// The kind of store.
    pub kind: StoreKind,
    /// Its name, and its arguments.
    pub words: Vec<Value>,
}

/// A variant of an enum with what it holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Variant {
    /// The enum.
    pub class: ClassId,
    /// Its name.
    pub name: Arc<str>,
    /// What it holds, by name or position.
    pub fields: BTreeMap<Arc<str>, Value>,
}

/// A row about to be written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Active {
    /// The table.
    pub table: TableId,
    /// The columns that are set; all may be where it is not known.
    pub columns: Option<BTreeSet<Arc<str>>>,
}

/// What several values say as one key.
pub fn joined<'v>(values: impl IntoIterator<Item = &'v Value>) -> Template {
    let mut template = Template::default();
    for (at, value) in values.into_iter().enumerate() {
        if at > 0 {
            template.push_text(":");
        }
        template.append(&value.template());
    }
    template
}

impl Value {
    /// A value of a type.
    pub fn of(ty: Ty) -> Value {
        Value { ty, ..Value::default() }
    }

    /// A known text.
    pub fn text(text: &str) -> Value {
        Value { text: Some(Arc::new(Template::text(text))), ..Value::default() }
    }

    /// A value of which no more is known than what the source calls it.
    pub fn named(ty: Ty, label: &str) -> Value {
        Value { ty, text: Some(Arc::new(Template::hole(label))), ..Value::default() }
    }

    /// What it says as a key, or as a part of one.
    pub fn template(&self) -> Arc<Template> {
        if let Some(text) = &self.text {
            return text.clone();
        }
        match &self.what {
            What::Int(number) => Arc::new(Template::text(&number.to_string())),
            What::Bool(known) => Arc::new(Template::text(&known.to_string())),
            What::Several(parts) => Arc::new(joined(parts.iter())),
            _ => Arc::new(Template::hole("key")),
        }
    }

    /// The same rows, in a value of which nothing else is known.
    pub fn only_rows(rows: Rows) -> Value {
        Value { rows, ..Value::default() }
    }

    /// Either of two values.
    pub fn or(self, other: Value) -> Value {
        if self == other {
            return self;
        }
        // What a field holds cannot be told where the other has rows of its own.
        let is_hidden = |value: &Value| value.what == What::Plain && !value.rows.is_empty();
        let hides_fields = is_hidden(&self) || is_hidden(&other);
        let mut rows = self.rows;
        rows.extend(other.rows);
        let text = match (self.text, other.text) {
            (Some(one), Some(two)) if one == two => Some(one),
            (Some(one), Some(two)) => {
                // The one that leaves less open tells less of the other.
                Some(if one.can_equal(&two) {
                    one
                } else {
                    Arc::new(Template { parts: vec![Part::hole("key")], ..Template::default() })
                })
            }
            (one, two) => one.or(two),
        };
        let what = match (self.what, other.what) {
            (What::Plain, What::Fields(_)) | (What::Fields(_), What::Plain) if hides_fields => {
                What::Plain
            }
            (What::Bool(_) | What::Variant(_), What::Plain)
            | (What::Plain, What::Bool(_) | What::Variant(_)) => What::Plain,
            (What::Plain, what) | (what, What::Plain) => what,
            (one, two) if one == two => one,
            (What::Fields(one), What::Fields(two)) => {
                let mut fields = (*one).clone();
                for (name, value) in two.iter() {
                    let known = fields.remove(name).unwrap_or_default();
                    fields.insert(name.clone(), known.or(value.clone()));
                }
                What::Fields(Arc::new(fields))
            }
            (What::Bool(_) | What::Int(_) | What::Variant(_), _)
            | (_, What::Bool(_) | What::Int(_) | What::Variant(_)) => What::Plain,
            (one, _) => one,
        };
        let ty = if self.ty == Ty::default() { other.ty } else { self.ty };
        Value { ty, what, rows, text, seconds: self.seconds.or(other.seconds) }
    }
}
