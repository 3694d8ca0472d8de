//! What names of a framework mean, and what signals and methods tell of.

use serde::Deserialize;

/// The part a dotted name plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// An abstract base of models.
    Model,
    /// A model with a table of its own.
    ConcreteModel,
    /// A manager class.
    Manager,
    /// A queryset class.
    #[serde(rename = "queryset")]
    QuerySet,
    /// A many-to-one field.
    ForeignKey,
    /// A one-to-one field.
    OneToOne,
    /// A many-to-many field.
    ManyToMany,
    /// An attribute that gives the rows which name an instance by a column of its own: no field of the table.
    GenericRelation,
    /// A field that holds a value of its own.
    Column,
    /// A field that holds a whole number.
    NumberColumn,
    /// A field that holds a UUID.
    UuidColumn,
    /// The decorator that connects a receiver.
    Receiver,
    /// The class of plain signals.
    SignalClass,
    /// The class of signals that resolve string senders.
    ModelSignalClass,
    /// Defers a callable until the transaction commits.
    OnCommit,
    /// A class of dicts.
    Mapping,
    /// Tells the time.
    Clock,
    /// The base class of commands, each of which is a process of its own.
    Command,
    /// A class of which each request makes an instance of its own.
    PerRequest,
    /// Makes a value that nothing else comes to, such as a random token.
    Once,
    /// What speaks to another machine: what it returns comes from there, whatever it is given.
    Remote,
    /// Makes a decorator of functions one of methods.
    MethodDecorator,
    /// Binds arguments to a callable.
    Partial,
    /// A class, or a decorator of one, whose constructor keeps what it is given under the same names.
    Record,
    /// Makes a digest, which is another one for any other text.
    Digest,
    /// A class whose attributes are its instances, with what they were set to for their value.
    Enumeration,
    /// A class whose attributes are texts or numbers that were written with a label.
    Choices,
    /// Makes a dict of the columns of a row, of all or of those that it is told.
    RowToDict,
    /// A function that returns the function it is given, to be called the other way: awaited or not.
    Adapter,
    /// A function that calls the first of its arguments with the others.
    Caller,
    /// Makes a wrapper look like what it wraps.
    Wraps,
    /// Returns the model of a label.
    GetModel,
    /// Returns the label of a model, which a project may have put another one in the place of.
    ModelLabel,
    /// Returns all models.
    GetModels,
    /// Returns the configuration of an app.
    GetAppConfig,
    /// Returns the user model.
    UserModel,
    /// A model that user models inherit from.
    UserBase,
    /// The settings object.
    Settings,
    /// The base class of app configurations.
    AppConfig,
    /// Imports a module by name.
    ImportModule,
    /// Imports a member of a module by its dotted name.
    ImportString,
    /// Imports modules of given names from every app.
    Autodiscover,
    /// The decorator that makes a function choose by the type of its first argument.
    SingleDispatch,
    /// True for type checkers only.
    TypeChecking,
    /// A decorator that makes a method an attribute.
    Property,
    /// Names columns and relations in a query.
    Expression,
    /// Looks up the one row there is, or raises.
    GetObject,
    /// What a foreign key says to change its rows without a signal when its target is deleted.
    SilentOnDelete,
    /// What a foreign key says to delete its rows, with signals, when its target is deleted.
    CascadeOnDelete,
    /// What a foreign key does when the row it points to is deleted: nothing.
    LeftOnDelete,
    /// Opens a transaction, as a context or a decorator.
    Atomic,
    /// A class that makes plain values of rows.
    Serializer,
    /// A class of forms that save rows.
    ModelForm,
    /// Binds a class of views to the model that it is given.
    RegistersView,
    /// The field of a serializer that is what a method of it returns.
    SerializerMethod,
    /// The field of a serializer that holds a column of related rows.
    SerializedColumn,
    /// Keeps the receivers of signals from running, as a context or a decorator.
    MuteSignals,
    /// Keeps libraries from dropping what lists the rows that are written, as a context or a decorator.
    MuteLibraries,
    /// The operation of a migration that runs a function on historical models.
    RunPython,
    /// The operation of a migration that runs SQL.
    #[serde(rename = "run-sql")]
    RunSql,
    /// The operation of a migration that makes the table of a model.
    CreateModel,
    /// The operation of a migration that adds a column.
    AddField,
    /// Drops what listing memoizers computed from the row it is given.
    InvalidateRow,
    /// Drops what listing memoizers computed from the rows of the model it is given.
    InvalidateModel,
    /// Drops queries that a library caches by itself, and nothing that the program stores.
    InvalidateQueries,
}

impl Role {
    /// Whether it is the part of a field.
    pub fn is_field(self) -> bool {
        self.is_column() || matches!(self, Role::ForeignKey | Role::OneToOne | Role::ManyToMany)
    }

    /// Whether it is the part of a field that holds a value of its own.
    pub fn is_column(self) -> bool {
        matches!(self, Role::Column | Role::NumberColumn | Role::UuidColumn)
    }
}

/// Which write sends a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// An instance is saved.
    Save,
    /// An instance is deleted.
    Delete,
    /// A many-to-many relation is edited; the sender is the through class.
    M2m,
    /// A model class is complete.
    ClassPrepared,
    /// Migrations have run.
    Migrated,
    /// Nothing that changes a row.
    Other,
}
