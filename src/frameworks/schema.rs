//! The schema of a framework file.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::roles::{Event, Role};
use crate::source::Language;

/// What every framework file says of itself.
#[derive(Debug, Deserialize)]
pub struct Head {
    /// The language that it is about; Python where it does not say.
    pub language: Option<Language>,
}

/// One TOML file in `rules/`, or one of the project's own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FrameworkFile {
    #[allow(dead_code, reason = "required so that a file says what it describes")]
    name: String,
    #[allow(dead_code, reason = "read by itself, before the rest")]
    language: Option<Language>,
    #[serde(default)]
    pub names: BTreeMap<Role, Vec<String>>,
    #[serde(default)]
    pub signals: BTreeMap<String, Event>,
    /// The signals that are sent before the write.
    #[serde(default)]
    pub sent_before_write: Vec<String>,
    #[serde(default)]
    pub queryset: QuerySetMethods,
    #[serde(default)]
    pub model: ModelMethods,
    #[serde(default)]
    pub store: Vec<Store>,
    #[serde(default)]
    pub task_methods: BTreeMap<String, TaskArguments>,
    /// Of these, the ones that start the task when the transaction is committed.
    #[serde(default)]
    pub tasks_on_commit: Vec<String>,
    #[serde(default)]
    pub named_tasks: NamedTasks,
    #[serde(default)]
    pub hook_decorator: Vec<HookDecorator>,
    #[serde(default)]
    pub writer: Vec<Writer>,
    #[serde(default)]
    pub lazy_object: Vec<LazyObject>,
    #[serde(default)]
    pub memoizer: Vec<Memoizer>,
    #[serde(default)]
    pub key: Vec<KeyBuilder>,
    #[serde(default)]
    pub records: Records,
    #[serde(default)]
    pub view_method: Vec<ViewMethod>,
    #[serde(default)]
    pub view_action: Vec<ViewAction>,
    #[serde(default)]
    pub views: Views,
    #[serde(default)]
    pub sql: Sql,
    #[serde(default)]
    pub startup: Startup,
    #[serde(default)]
    pub invalidation: Invalidation,
    #[serde(default)]
    pub conventions: Conventions,
    pub code: Option<Code>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct QuerySetMethods {
    pub rows: Vec<String>,
    /// Methods that return a dict of the rows by a column.
    pub mappings: Vec<String>,
    /// Methods of managers that make their querysets.
    pub makers: Vec<String>,
    pub conditions: Vec<String>,
    /// Methods that read rows by an SQL text.
    pub sql: Vec<String>,
    pub exclusions: Vec<String>,
    pub orders: Vec<String>,
    pub related: Vec<String>,
    pub loads_only: Vec<String>,
    pub loads_all_but: Vec<String>,
    pub columns: Vec<String>,
    pub figures: Vec<String>,
    pub row: Vec<String>,
    pub unique: Vec<String>,
    pub creates: Vec<String>,
    pub creates_or_updates: Vec<String>,
    pub deletes: Vec<String>,
    pub raw_deletes: Vec<String>,
    pub updates: Vec<String>,
    pub bulk_creates: Vec<String>,
    pub bulk_updates: Vec<String>,
    /// Methods among these that drop what listing memoizers computed from the rows.
    pub drops_listed: Vec<String>,
    /// Methods that write through `update()` of the rows, which may be overridden; of relations, those
    /// of the far side of a foreign key.
    pub through_update: Vec<String>,
    /// Methods of the far side of a relation, with the actions of the signal they send.
    pub links: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ModelMethods {
    /// Methods that do their work through another one, which may be overridden.
    pub inner: BTreeMap<String, String>,
    pub saves: Vec<String>,
    pub deletes: Vec<String>,
    /// Keywords by which a method of the same name, of a form, is told not to write yet.
    pub put_off_by: Vec<String>,
    /// Class methods that make an instance of a row that was read.
    pub loads: Vec<String>,
    /// What every instance has besides.
    pub members: Vec<String>,
}

/// A kind of cache.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Store {
    /// What reports call it; files may add to a store of another file by its name.
    pub name: String,
    /// Dotted names of ready-made instances.
    #[serde(default)]
    pub instances: Vec<String>,
    /// Dotted names of mappings whose items are instances.
    #[serde(default)]
    pub items_of: Vec<String>,
    /// Dotted names of callables that return an instance.
    #[serde(default)]
    pub returned_by: Vec<String>,
    /// Dotted names of the classes of instances.
    #[serde(default)]
    pub types: Vec<String>,
    /// Modules whose instances have methods that must be awaited.
    #[serde(default)]
    pub awaited: Vec<String>,
    /// Whether what is stored without a timeout stays until it is dropped.
    #[serde(default)]
    pub keeps_forever: bool,
    /// The methods that matter.
    #[serde(default)]
    pub methods: Vec<StoreMethod>,
}

/// A method of a store.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StoreMethod {
    /// Its name.
    pub name: String,
    /// What it does to an entry.
    pub does: MethodEffect,
    /// Its parameters in order, by part: `key`, `keys`, `*keys`, `pattern`, `items` (a dict of keys
    /// and values), `value`, `default` (a value, or a callable that makes it), `field`, `timeout`.
    pub params: Vec<String>,
}

/// What a method of a store does to an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MethodEffect {
    /// Stores a value.
    Fill,
    /// Stores a value where there is none.
    FillMissing,
    /// Adds to what is there, which stays.
    Add,
    /// Returns the value.
    Read,
    /// Deletes, replaces or version-bumps it; without a key parameter, all of the store.
    Drop,
    /// Counts it up or down, which bumps what has it for a version.
    Count,
    /// Gives an entry a timeout.
    Expire,
    /// Returns the keys that fit a pattern.
    Keys,
    /// Returns an object with the same methods.
    #[serde(rename = "self")]
    Same,
}

/// How a method of a task passes arguments to the task's function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaskArguments {
    /// As they are.
    Own,
    /// As a list in the first parameter, or `args`.
    List,
}

/// What runs tasks that it knows by their names.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct NamedTasks {
    /// Methods that run one, with lists of its arguments behind the name.
    pub senders: Vec<String>,
    /// Dotted names of what makes a signature of one, in the same way.
    pub signatures: Vec<String>,
}

/// Classes whose methods write rows that they are given.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Writer {
    /// Dotted names of the classes.
    pub types: Vec<String>,
    /// The methods.
    pub methods: Vec<WriterMethod>,
}

/// A method that writes what it is given.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WriterMethod {
    /// Its name.
    pub name: String,
    /// The position and the name of the parameter that is written.
    pub given: (usize, String),
    /// The method of that which it calls.
    pub calls: String,
    /// The method of the class that makes what it is given.
    #[serde(default)]
    pub of: Option<String>,
    /// Whether that is one for a new row.
    #[serde(default)]
    pub new: bool,
}

/// Functions that views list for a framework to call with their rows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ViewAction {
    /// Dotted names of the views.
    pub types: Vec<String>,
    /// The attribute that lists functions, and methods of the view by their names.
    pub listed: String,
    /// The position of the parameter that is given the rows; the view itself is given first.
    pub given: usize,
    /// The method of the view that gives them.
    pub of: String,
}

/// A decorator that makes a method run on writes of its model.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct HookDecorator {
    /// Its dotted names.
    pub names: Vec<String>,
    /// The package whose upper-case constants stand for the moments below.
    pub constants: String,
    /// The keywords that narrow it to changes of some columns.
    pub columns: Vec<String>,
    /// Moments of a delete at which the row has lost its primary key.
    pub late_delete: Vec<String>,
    /// Moments of every save.
    pub save: Vec<String>,
    /// Moments of a save that creates.
    pub create: Vec<String>,
    /// Moments of a save that updates.
    pub update: Vec<String>,
    /// Moments of a delete.
    pub delete: Vec<String>,
}

/// A class whose instances stand for what a method of theirs makes when it is first needed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LazyObject {
    /// Its dotted names.
    pub names: Vec<String>,
    /// The method that makes it.
    pub setup: String,
    /// The attribute of the instance that the method puts it into.
    pub wrapped: String,
}

/// A decorator that makes a function remember what it returned.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Memoizer {
    /// Its dotted names.
    pub names: Vec<String>,
    /// Methods of the decorated function that forget everything, or the result for some arguments.
    #[serde(default)]
    pub forgets: Vec<String>,
    /// Whether each process remembers for itself.
    #[serde(default)]
    pub process_local: bool,
    /// The keyword that says how long; where it lists no rows, the first argument does as well.
    #[serde(default)]
    pub timeout: Option<String>,
    /// Whether results run out where nothing says how long they are kept.
    #[serde(default)]
    pub runs_out: bool,
    /// The keyword, or the first argument, that is the mapping to keep results in: they run out where it is one
    /// that no framework file lists.
    #[serde(default)]
    pub mapping: Option<String>,
    /// Whether its arguments are models, querysets and rows: the library drops the results by itself on
    /// writes with signals of the tables that these name, at the end of the transaction.
    #[serde(default)]
    pub lists_rows: bool,
    /// Where what it remembers is the response of a view, kept in a store that code may use as well: how.
    #[serde(default)]
    pub response: Option<KeptResponse>,
}

/// How responses of views are kept in a store.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct KeptResponse {
    /// The name of the kind of store.
    pub store: String,
    /// The keyword that says which one of the kind.
    pub alias: String,
    /// The key; `{name}` stands for the keyword of this name, or for what is not known.
    pub key: String,
}

/// A function that builds keys of a store.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct KeyBuilder {
    /// Its dotted names.
    pub names: Vec<String>,
    /// Its parameters in order.
    pub params: Vec<String>,
    /// The key; `{name}` stands for the parameter of this name, or for what is not known.
    pub key: String,
}

/// How classes of records are used.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Records {
    /// Class methods that make a record of the attributes of something, by the names of its fields.
    pub loaders: Vec<String>,
}

/// A method that views inherit, by which code has what they are for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ViewMethod {
    /// Dotted names of the classes.
    pub types: Vec<String>,
    /// Its name.
    pub name: String,
    /// What it returns.
    pub gives: ViewGives,
    /// The attributes of the view that say what that is made of, the first one that there is; or a method.
    #[serde(default)]
    pub of: Vec<String>,
}

/// What a method of a view returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ViewGives {
    /// The rows of a queryset, or of a model.
    Rows,
    /// One of the rows that a method of the view returns.
    Row,
    /// An instance of a class, made with what the method is given.
    Instance,
    /// What it is given.
    Given,
}

/// How classes answer requests.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Views {
    /// Methods of classes that make a view of the class.
    pub makers: Vec<String>,
    /// Methods that are called for every request.
    pub dispatchers: Vec<String>,
    /// Methods that a dispatcher calls, and whose response may be kept.
    pub readers: Vec<String>,
    /// Parameters of methods of views that hold rows of the view.
    pub rows_parameters: Vec<String>,
    /// The method of a view that gives its rows.
    pub rows_method: Option<String>,
}

/// How SQL texts are run.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Sql {
    /// Methods that run the text in their first argument.
    pub methods: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Startup {
    pub app_modules: Vec<String>,
    pub modules: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Invalidation {
    pub names: Vec<String>,
}

/// Names that tell what something out of sight is.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Conventions {
    /// Variables that hold a store.
    pub stores: Vec<String>,
    /// Columns that change whenever their row does.
    pub versions: Vec<String>,
    /// Classes of managers and querysets.
    pub managers: Vec<String>,
    /// Variables that hold some row.
    pub rows: Vec<String>,
}

/// What fixes write.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Code {
    /// The decorator that connects a receiver.
    pub receiver: Imported,
    /// Defers a callable until the transaction commits.
    pub on_commit: Imported,
    /// Binds arguments to a callable.
    pub partial: Imported,
    /// Called without arguments, gives a number that no version of anything had before.
    pub new_version: Imported,
    /// The signals of writes.
    pub signals: CodeSignals,
    /// The texts.
    pub templates: CodeTemplates,
}

/// Something that code imports and uses.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Imported {
    /// The module.
    pub from: String,
    /// Its name there, and attributes behind it.
    pub name: String,
}

/// The signals that receivers are connected to.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CodeSignals {
    /// Behind a save.
    pub save: Imported,
    /// Before it.
    pub before_save: Imported,
    /// Behind a delete.
    pub delete: Imported,
    /// Before it.
    pub before_delete: Imported,
    /// Edits of many-to-many fields.
    pub links: Imported,
}

/// Texts with names in braces that are filled in.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[allow(missing_docs, reason = "named after what they are the text of")]
pub struct CodeTemplates {
    pub decorated: String,
    pub connected: String,
    pub connection: String,
    pub rows: String,
    pub links: String,
    pub links_of_rows: String,
    pub stub: String,
    pub query: String,
    pub columns: String,
    pub several_columns: String,
    pub through: String,
    pub import_module: String,
    pub ready: String,
    pub config: String,
}
