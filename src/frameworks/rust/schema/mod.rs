//! The schema of a framework file for Rust.

mod hooks;
mod stores;

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::frameworks::schema::Invalidation;
use crate::source::Language;
pub use hooks::{HookMethod, ReceiverAttribute, TraitHook};
pub use stores::{Bound, RustStore, RustStoreMethod, StoreEffect};

/// One TOML file with `language = "rust"`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RustFile {
    #[allow(dead_code, reason = "required so that a file says what it describes")]
    name: String,
    #[allow(dead_code, reason = "read by itself, before the rest")]
    language: Language,
    #[serde(default)]
    pub wrappers: Wrappers,
    #[serde(default)]
    pub durations: BTreeMap<String, f64>,
    #[serde(default)]
    pub store: Vec<RustStore>,
    #[serde(default)]
    pub memoizer: Vec<RustMemoizer>,
    #[serde(default)]
    pub manager: Managers,
    #[serde(default)]
    pub entity: Vec<Entity>,
    #[serde(default)]
    pub query: Query,
    #[serde(default)]
    pub tables: Tables,
    #[serde(default)]
    pub schema: Option<SchemaCode>,
    #[serde(default)]
    pub sql: RustSql,
    #[serde(default)]
    pub transaction: Transaction,
    #[serde(default)]
    pub hook: Vec<TraitHook>,
    #[serde(default)]
    pub receiver: Vec<ReceiverAttribute>,
    #[serde(default)]
    pub channel: Vec<Channel>,
    #[serde(default)]
    pub conventions: RustConventions,
    #[serde(default)]
    pub invalidation: Invalidation,
}

/// Types and methods that stand for what they hold.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Wrappers {
    /// Types whose last generic argument they stand for, by their last segment.
    pub types: Vec<String>,
    /// Those among the types that share what they hold.
    pub locks: Vec<String>,
    /// Methods that return what they are called on.
    pub methods: Vec<String>,
    /// Functions and constructors that return what they are given.
    pub functions: Vec<String>,
    /// Constructors of what is returned where there is no value.
    pub failures: Vec<String>,
    /// Methods that call what they are given, with what they are called on.
    pub callers: Vec<String>,
    /// Those among them that return what they are called on, as far as it is let through.
    pub filters: Vec<String>,
    /// Methods that make one text of several, with what they are given between them.
    pub joins: Vec<String>,
    /// Methods that add to the end of a text.
    pub appends: Vec<String>,
    /// Methods that put what they are given into the collection that they are called on.
    pub collects: Vec<String>,
    /// Methods that put another value in the place of all that something holds.
    pub replaces: Vec<String>,
    /// Methods and functions that take the value out of what they are called on, or given, and leave nothing there.
    pub empties: Vec<String>,
    /// Types that hold a value or none, by their last segment.
    pub may_be_nothing: Vec<String>,
    /// Traits, by their last segment, by which a type is used in the place of another one, each with what it
    /// calls that.
    pub stands_for: BTreeMap<String, String>,
}

/// An attribute that makes a function remember what it returned.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RustMemoizer {
    /// Its paths or last segments.
    pub attributes: Vec<String>,
    /// The kind of store that keeps the results, by its name.
    pub store: String,
    /// The arguments that say for how many seconds, each with what one of its units has in seconds.
    #[serde(default)]
    pub timeouts: BTreeMap<String, f64>,
    /// The argument that names the static it keeps results in; else that is the function's name in upper
    /// case.
    #[serde(default)]
    pub name: Option<String>,
}

/// How types say that a manager caches their rows.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Managers {
    /// The argument of attributes that names the manager.
    pub attribute_argument: Option<String>,
}

/// Rows as structs that a derive makes an entity of.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Entity {
    /// Derives of the struct, by their last segments.
    #[serde(default)]
    pub derives: Vec<String>,
    /// Attributes of the struct.
    #[serde(default)]
    pub attributes: Vec<String>,
    /// The attribute that holds settings.
    pub settings: String,
    /// The setting that names the table.
    pub table: String,
    /// The setting of a field that makes it the primary key.
    #[serde(default)]
    pub primary_key: Option<String>,
    /// The setting of a field, or of a variant of the relations, that names the model it points to.
    #[serde(default)]
    pub belongs_to: Option<String>,
    /// How relations of many rows to many are declared.
    #[serde(default)]
    pub links: Option<Links>,
    /// The setting that says what happens when the target goes.
    #[serde(default)]
    pub on_delete: Option<String>,
    /// The actions that change or delete the row.
    #[serde(default)]
    pub silent_actions: Vec<String>,
    /// The derive of the enum of relations.
    #[serde(default)]
    pub relations: Option<String>,
    /// The names that the derive makes beside the struct, by what they are.
    #[serde(default)]
    pub generates: BTreeMap<String, Part>,
}

/// How a relation of many rows to many is declared, which rows of a third table make.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Links {
    /// The setting of a field that names the module of the third table's entity.
    pub setting: String,
    /// The trait that is implemented for an entity, with that of the others as its argument.
    #[serde(rename = "trait")]
    pub of_trait: String,
    /// The method of it that names a relation of the third table.
    pub method: String,
}

/// What a generated name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The table.
    Entity,
    /// A row about to be written, of which some columns are set.
    Active,
    /// The names of the columns.
    Columns,
}

/// Reads and writes by methods.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Query {
    /// Functions of a table, or methods of a row, that start a query of rows.
    pub starts: Vec<String>,
    /// Those among them that look one row up.
    pub unique: Vec<String>,
    /// Methods of a query that run it and return all of its rows.
    pub all: Vec<String>,
    /// Methods of a query that run it and return one row.
    pub one: Vec<String>,
    /// Methods of a query that run it and return how many rows there are.
    pub counts: Vec<String>,
    /// Methods of a query that take in the rows of the table they are given.
    pub joins: Vec<String>,
    /// Those among them after which the rows of that table stand beside the others, in a tuple.
    pub beside: Vec<String>,
    /// Methods of a query that name all of the columns it reads.
    pub selects: Vec<String>,
    /// Those after which it reads no column but those that are named behind them.
    pub selects_none: Vec<String>,
    /// Those that name some of these.
    pub selects_more: Vec<String>,
    /// Methods of a query that confine it.
    pub conditions: Vec<String>,
    /// Methods of a column that compare it with their argument.
    pub equals: Vec<String>,
    /// Methods of a condition that join it with others, all of which must hold.
    pub conjoins: Vec<String>,
    /// Those that join it with others of which it is not told that all must hold.
    pub disjoins: Vec<String>,
    /// Functions of a module that start a write of the table they are given.
    pub functions: BTreeMap<String, Verb>,
    /// Methods that run a write that was built before.
    pub runs: Vec<String>,
    /// Methods of a write that name what is set.
    pub sets: Vec<String>,
    /// Wrappers of values that columns are set to.
    pub set_values: Vec<String>,
    /// Methods of a row that was read which make one about to be written of it.
    pub to_active: Vec<String>,
    /// Methods of a query whose generic argument is the struct that its rows are read into.
    pub reads_into: Vec<String>,
    /// Methods of a row that give the column which their argument names.
    pub column_getters: Vec<String>,
    /// Methods of an insert after which it changes the rows that are there already.
    pub upserts: Vec<String>,
    /// What says what an insert does with rows that are there already.
    pub conflict: Vec<Conflict>,
    /// Functions of the type of rows that start a query of them, or read them by a statement they are given.
    pub of_row_type: Vec<String>,
    /// Functions that make a row about to be written of which nothing is set.
    pub empty: Vec<String>,
    /// What a method writes.
    pub write: Vec<WriteMethod>,
}

/// What says what an insert does with rows that are there already.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Conflict {
    /// The type that says it, by its last segment.
    pub of_type: String,
    /// Methods of it after which these rows are changed, in the columns that they are given.
    pub updates: Vec<String>,
    /// Methods of an insert that are given one.
    pub given_to: Vec<String>,
}

/// A method that writes rows.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WriteMethod {
    /// What it is called on.
    pub on: Receiver,
    /// Its name; a `*` stands for any characters.
    pub method: String,
    /// What it does.
    pub writes: Verb,
    /// Whether hooks run.
    #[serde(default)]
    pub hooks: bool,
    /// Whether it deletes the rows that link the row to others as well, without hooks.
    #[serde(default)]
    pub links: bool,
    /// Whether it may write many rows.
    #[serde(default)]
    pub many: bool,
    /// Whether another method runs it.
    #[serde(default)]
    pub built: bool,
}

/// What a writing method is called on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Receiver {
    /// The table.
    Entity,
    /// A row about to be written.
    Active,
    /// A row that was read.
    Row,
}

/// What a write does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    /// Inserts rows.
    Insert,
    /// Changes rows.
    Update,
    /// Inserts or changes a row.
    Save,
    /// Deletes rows.
    Delete,
}

/// Tables that macros declare, and structs that name theirs.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Tables {
    /// Macros that declare a table, by their last segments.
    pub macros: Vec<String>,
    /// Derives of structs that rows are read into.
    pub row_derives: Vec<String>,
    /// Attributes of structs that name the table of their rows, each with the argument that does.
    pub attributes: BTreeMap<String, String>,
}

/// How migrations in code declare foreign keys.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SchemaCode {
    /// Functions that undo a migration.
    pub undo: Vec<String>,
    /// Functions that start a foreign key, by the end of their paths.
    pub foreign_keys: Vec<String>,
    /// Methods that are given its name.
    pub name: Vec<String>,
    /// Methods that are given its table and its column.
    pub from: Vec<String>,
    /// Methods that are given its table.
    pub from_table: Vec<String>,
    /// Methods that are given its column.
    pub from_column: Vec<String>,
    /// Methods that are given the table it points to first.
    pub to: Vec<String>,
    /// Methods that are given what happens when the target goes.
    pub on_delete: Vec<String>,
    /// What deletes the row then.
    pub deletes: Vec<String>,
    /// What sets the column.
    pub sets: Vec<String>,
    /// The variant of an enum of names that stands for the table.
    pub table_variant: String,
    /// Attributes of such an enum, and of its variants, that give another name, with their argument; none
    /// where the attribute itself has the value.
    pub renames: BTreeMap<String, String>,
}

/// How SQL texts are run.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct RustSql {
    /// Functions and macros (with `!`) whose first argument, or the one behind a type, is a text.
    pub calls: Vec<String>,
    /// Methods that run their first argument as a text.
    pub methods: Vec<String>,
    /// Methods that return the rows which their first argument reads as a text, or the text that they are
    /// called on.
    pub reads: Vec<String>,
    /// Methods that return their first argument ready to be run.
    pub prepares: Vec<String>,
    /// Methods of a text that give the next of its parameters a value.
    pub binds: Vec<String>,
    /// Macros (with `!`) that are given the path of a file with a text, below the package, in the place of the text.
    pub files: Vec<String>,
    /// Macros (with `!`), by their last segments, that stand for the text of a file beside the source.
    pub includes: Vec<String>,
}

/// How transactions begin and end.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Transaction {
    /// Methods that begin one.
    pub begins: Vec<String>,
    /// Methods that end it, with what was written.
    pub commits: Vec<String>,
    /// Methods that run what they are given in one.
    pub wraps: Vec<String>,
}

/// Names that tell what something out of sight is.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct RustConventions {
    /// Columns and constants that change with the row or the code; a `*` stands for any characters.
    pub versions: Vec<String>,
    /// Attributes, by their last segments, that call nothing of what they stand on.
    pub inert: Vec<String>,
    /// Functions and macros (with `!`) that make another value at each call, by their paths.
    pub random: Vec<String>,
}

/// What carries messages from those who send them to those who receive them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Channel {
    /// Paths of the types of its ends; the first generic argument is the message.
    pub types: Vec<String>,
    /// Paths of the functions that make both ends.
    #[serde(default)]
    pub makes: Vec<String>,
    /// Methods that send their first argument.
    pub send: Vec<String>,
    /// Methods that wait for a message, whatever they are called on.
    pub receive: Vec<String>,
    /// Methods that do where they are called on an end.
    #[serde(default)]
    pub iterates: Vec<String>,
    /// Methods that make an end of another one.
    #[serde(default)]
    pub same: Vec<String>,
}
